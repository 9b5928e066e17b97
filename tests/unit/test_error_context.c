/* SPDX-License-Identifier: Apache-2.0 */
/* test_error_context.c - lines and functions in what PostgreSQL says about the place of an error */
#include "suites.h"

#include "cflyway/base/arena.h"
#include "cflyway/sql/error_context.h"

static struct arena arena;

static void setup(void)
{
	arena_init(&arena);
}

static void teardown(void)
{
	arena_release(&arena);
}

static const char *shown(const char *context)
{
	static const char *const kinds[] = {
		[FRAME_COPY] = "copy",
		[FRAME_BLOCK] = "block",
		[FRAME_FUNCTION] = "function",
		[FRAME_SQL] = "sql",
	};
	struct str rest = str_of(context);
	struct error_frame frame;
	const char *all = "";

	while (error_context_next(&rest, &frame))
		all = arena_printf(
			&arena, "%s%s <%.*s> %zu %zu [%.*s] [%.*s]\n", all, kinds[frame.kind],
			(int)frame.name.len, frame.name.ptr, frame.line, frame.statement,
			(int)frame.detail.len, frame.detail.len > 0 ? frame.detail.ptr : "",
			(int)frame.value.len, frame.value.len > 0 ? frame.value.ptr : "");
	return all;
}

static const struct {
	const char *context, *shown;
} contexts[] = {
	{"COPY t, line 3, column b: \"x\"", "copy <t> 3 0 [column b: \"x\"] [x]\n"},
	{"COPY t, line 3, column b: null input", "copy <t> 3 0 [column b: null input] []\n"},
	{"COPY t, line 3: \"1, column x\"", "copy <t> 3 0 [] []\n"},
	{"COPY a, b, line 12", "copy <a, b> 12 0 [] []\n"},
	{"COPY t, line x", ""},
	{"COPY t", ""},
	{"PL/pgSQL function inline_code_block line 6 at RAISE",
         "block <inline_code_block> 6 0 [] []\n"},
	{"SQL statement \"select\n 1\"\nPL/pgSQL function s.f(integer,text) line 2 at EXECUTE\n"
         "PL/pgSQL function g() line 10 during statement block local variable initialization",
         "function <s.f(integer,text)> 2 0 [] []\nfunction <g()> 10 0 [] []\n"},
	{"PL/pgSQL function f() while storing call arguments into local variables", ""},
	{"PL/pgSQL function f() line 99999999999 at RAISE", ""},
	{"SQL function \"f\" statement 2", "sql <f> 0 2 [] []\n"},
	{"SQL function \"f\" during startup", "sql <f> 0 0 [] []\n"},
	{"SQL function \"f", ""},
	/* other languages */
	{"PL/pgSQL-Funktion f() Zeile 2 bei RAISE", "function <f()> 2 0 [] []\n"},
	{"fonction PL/pgSQL s.f2(integer,text), ligne 12 à EXECUTE",
         "function <s.f2(integer,text)> 12 0 [] []\n"},
	{"PL/pgSQL関数inline_code_blockの6行目 - RAISE", "block <inline_code_block> 6 0 [] []\n"},
	{"PL/pgSQL関数f2(integer)の6行目 - RAISE", "function <f2(integer)> 6 0 [] []\n"},
	{"PL/pgSQL 함수 \"\"a b\".größe()\" 의 3번째 줄 x",
         "function <\"a b\".größe()> 3 0 [] []\n"},
	{"在RAISE的第12行的PL/pgSQL函数f()", "function <f()> 12 0 [] []\n"},
	{"f() PL/pgSQL fonksiyonu, 12. satır, RAISE içinde", "function <f()> 12 0 [] []\n"},
	{"функция PL/pgSQL f(), строка 6, оператор RAISE", "function <f()> 6 0 [] []\n"},
	{"PL/pgSQL-Funktion f() bei RAISE", ""},
	{"PL/pgSQL-Funktion f Zeile 2", ""},
	{"PL/pgSQL-Funktion f( Zeile 2", ""},
	{"SQL-Funktion »f« Anweisung 2", "sql <f> 0 2 [] []\n"},
	{"fonction SQL «\xc2\xa0"
         "f\xc2\xa0», instruction 2",
         "sql <f> 0 2 [] []\n"},
	{"SQL関数\"f\"の行番号 2", "sql <f> 0 2 [] []\n"},
	{"SQL-Anweisung »select 1 as a«", ""},
	{"SQL-Funktion »f« beim Start", ""},
	{"SQL-Funktion »f", ""},
	{"COPY t2, Zeile 3, Spalte b: »x«", "copy <t2> 3 0 [Spalte b: »x«] [x]\n"},
	{"t2のCOPY、行 3、列 b: \"x\"", "copy <t2> 3 0 [列 b: \"x\"] [x]\n"},
	{"t2 복사, 3번째 줄, b 열: \"x\"", "copy <t2> 3 0 [b 열: \"x\"] [x]\n"},
	{"COPY t2, строка 3: \"1, 2\"", "copy <t2> 3 0 [] []\n"},
	{"COPY t2, Zeile 3, Spalte b: NULL Eingabe", "copy <t2> 3 0 [Spalte b: NULL Eingabe] []\n"},
	{"COPY t2, Zeile", ""},
	{"", ""},
};

START_TEST(reads_frames)
{
	ck_assert_str_eq(shown(contexts[_i].context), contexts[_i].shown);
}
END_TEST

Suite *error_context_suite(void)
{
	Suite *suite = suite_create("error_context");
	TCase *tc = tcase_create("frames");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, reads_frames, 0, COUNT(contexts));
	suite_add_tcase(suite, tc);
	return suite;
}
