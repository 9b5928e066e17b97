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
	{"PL/pgSQL-Funktion f() Zeile 2 bei RAISE", ""},
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
