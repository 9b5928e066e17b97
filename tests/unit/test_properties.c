/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_properties.c - Flyway's dialect of Java properties
 *
 * Texts and results measured with Flyway 12.4.0. In the results "|" ends a pair.
 */
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/base/buf.h"
#include "cflyway/config/properties.h"

static struct arena arena;

static void setup(void)
{
	arena_init(&arena);
}

static void teardown(void)
{
	arena_release(&arena);
}

static const struct {
	const char *name, *value;
} variables[] = {
	{"HOME", "/home/u"},
	{"K", "flyway.k"},
	{"SLASH", "a\\b"},
	{"ESCAPES", "a\\tb\\\\c"},
	{"UNICODE", "\\u0041\\ud83d\\ude00"},
	{"BAD_UNICODE", "\\u00g1"},
	{"LINES", "p\nflyway.q=r"},
	{"TEXT", "flyway.a=v6\n  # c\n"},
	{"END", "x\\"},
	{"NESTED", "${HOME}"},
	{"AZaz09_", "name"},
	{"BREAKS", "a\\nb\\rc\\fd\\q\\"},
	{"CONTINUED", "x\\\r\n  y"},
	{"BLANKS", " \t\f"},
	{"PLANES", "\\ud800\\udc00\\udbff\\udfff"},
	{"HALVES", "\\udc00\\udfff\\ud83d\\udbff\\ud83d\\ue000\\ud7ff\\ud83dxde00\\ud83d\\xde00"},
	{"SHORT", "\\u004"},
};

static const char *get(const void *ctx, const char *name)
{
	(void)ctx;
	for (size_t i = 0; i < COUNT(variables); i++)
		if (strcmp(variables[i].name, name) == 0)
			return variables[i].value;
	return NULL;
}

static const struct environment environment = {.get = get};

static const struct {
	const char *text, *pairs;
} cases[] = {
	/* The references of executors stay: core/program_run.c replaces them. */
	{"cflyway.executor.x=a ${HOME}\nflyway.k=${HOME}",
         "cflyway.executor.x=a ${HOME}|flyway.k=/home/u|"},
	{"flyway.cflyway.executor.x = ${HOME} \\\n ${K}\na=${HOME}",
         "flyway.cflyway.executor.x=${HOME} ${K}|a=/home/u|"},
	{"cflyway.executor=${HOME}\nx cflyway.executor.x=${HOME}",
         "cflyway.executor=/home/u|x=cflyway.executor.x=/home/u|"},
	{"cflyway.executor.x=\\\n", "cflyway.executor.x=\\|"},
	{"cflyway.executor.x=a\\b ${K}", "cflyway.executor.x=a\\b ${K}|"},
	/* separators and blanks */
	{"flyway.a=b", "flyway.a=b|"},
	{"flyway.a = b", "flyway.a=b|"},
	{"  flyway.a=b   ", "flyway.a=b|"},
	{"\tflyway.a\t=\tb\t", "flyway.a=b|"},
	{"flyway.a: b", "flyway.a=b|"},
	{"flyway.a b", "flyway.a=b|"},
	{"flyway.a\tb", "flyway.a=b|"},
	{"flyway.url=jdbc:postgresql://h:5432/d?x=y&z=1",
         "flyway.url=jdbc:postgresql://h:5432/d?x=y&z=1|"},
	{"flyway.a=b=c", "flyway.a=b=c|"},
	{"flyway.a==b", "flyway.a==b|"},
	{"flyway.a = = b", "flyway.a== b|"},
	{"flyway.a : = b", "flyway.a== b|"},
	{"flyway.a", "flyway.a=|"},
	{"flyway.a=", "flyway.a=|"},
	{"=b", "=b|"},
	{"flyway.a=1\nflyway.a=2", "flyway.a=2|"},
	{"Flyway.A=1", "Flyway.A=1|"},
	{"[flyway]\na=b", "[flyway]=|a=b|"},
	{"", ""},
	{"\n\n", ""},
	/* comments, and what is none */
	{"# comment", ""},
	{"   # comment", ""},
	{"! comment", ""},
	{"; comment", ";=comment|"},
	{"#flyway.a=b\\\nflyway.b=c", "flyway.b=c|"},
	{"!x\\\nflyway.a=y", "flyway.a=y|"},
	{"flyway.a=b # not", "flyway.a=b # not|"},
	{"flyway.a=b ! x", "flyway.a=b ! x|"},
	{"flyway.a=b ; not", "flyway.a=b ; not|"},
	{"flyway.a=x;y;z", "flyway.a=x;y;z|"},
	{"flyway.a=\"q v\"", "flyway.a=\"q v\"|"},
	{"flyway.a='q'", "flyway.a='q'|"},
	/* backslashes are literal */
	{"flyway.a=C:\\path\\new\\table", "flyway.a=C:\\path\\new\\table|"},
	{"flyway.a=a\\tb", "flyway.a=a\\tb|"},
	{"flyway.a=a\\\\b", "flyway.a=a\\\\b|"},
	{"flyway.a=\\u0041", "flyway.a=\\u0041|"},
	{"flyway.a=\u00e9", "flyway.a=\u00e9|"},
	{"flyway.a\\:b=c", "flyway.a\\=b=c|"},
	{"flyway.a\\=b=c", "flyway.a\\=b=c|"},
	{"flyway.a\\ b=c", "flyway.a\\=b=c|"},
	/* but one at the end continues the line */
	{"flyway.a=x\\", "flyway.a=x\\|"},
	{"flyway.a=x\\\ny", "flyway.a=xy|"},
	{"flyway.a=x,\\\n   y,\\\n   z", "flyway.a=x,y,z|"},
	{"flyway.a=x\\\nflyway.b=y", "flyway.a=x\\|flyway.b=y|"},
	{"flyway.a=x\\\n  flyway.b=y", "flyway.a=x\\|flyway.b=y|"},
	{"flyway.a=x\\\nflyway.b y", "flyway.a=xflyway.b y|"},
	{"flyway.a=x\\\nflyway.\n", "flyway.a=xflyway.|"},
	{"flyway.a=x\\\nother.b=y", "flyway.a=xother.b=y|"},
	{"flyway.a=x\\\n\nflyway.b=y", "flyway.a=x\\|flyway.b=y|"},
	{"flyway.a=x\\\n\r\nflyway.b=y", "flyway.a=x\\|flyway.b=y|"},
	{"flyway.a=x\\\n   \nflyway.b=y", "flyway.a=x|flyway.b=y|"},
	{"flyway.a=x\\\n# comment\nflyway.b=y", "flyway.a=x# comment|flyway.b=y|"},
	{"flyway.a=x\\\\\nflyway.b=y", "flyway.a=x\\\\|flyway.b=y|"},
	{"flyway.a=x\\\\\ny", "flyway.a=x\\y|"},
	{"flyway.a=x\\\\\\\ny", "flyway.a=x\\\\y|"},
	{"flyway.a=x \\\ny", "flyway.a=x y|"},
	{"flyway.a=x \\  \ny", "flyway.a=x y|"},
	{"flyway.a=x\\\nflyway.b==y", "flyway.a=xflyway.b==y|"},
	{"flyway.a=x\\\nflyway.b!=y", "flyway.a=xflyway.b!=y|"},
	{"flyway.a=x\\\nflyway.b=y && z", "flyway.a=x\\|flyway.b=y && z|"},
	{"flyway.a=x\\\n\\\ny", "flyway.a=xy|"},
	{"flyway.a=x\\\n\n\n", "flyway.a=x\\|"},
	{"flyway.a=x\\\n \n", "flyway.a=x|"},
	{"fly\\\nway.a=x", "flyway.a=x|"},
	{"flyway.a\\\n=x", "flyway.a=x|"},
	{"\\\nflyway.a=x", "\\=|flyway.a=x|"},
	{"\\\n#flyway.a=x\nflyway.a=y", "flyway.a=y|"},
	/* line ends, marks, other blanks */
	{"flyway.a=b\r\nflyway.c=d\r\n", "flyway.a=b|flyway.c=d|"},
	{"flyway.a=b\rflyway.c=d", "flyway.a=b|flyway.c=d|"},
	{"flyway.a=x\\\r\n  y", "flyway.a=xy|"},
	{"flyway.a=x\\\ry", "flyway.a=x\\|y=|"},
	{"\xEF\xBB\xBF"
         "flyway.a=b",
         "flyway.a=b|"},
	{"\xEF\xBB\xBF\xEF\xBB\xBF"
         "a=b",
         "\xEF\xBB\xBF"
         "a=b|"},
	{"flyway.a=b\fc", "flyway.a=b\fc|"},
	{"\f\vflyway.a=b\v\f", "flyway.a=b|"},
	{"flyway.a\f=\fb", "flyway.a=b|"},
	{"flyway.a=\u00a0b\u00a0", "flyway.a=\u00a0b\u00a0|"},
	{"flyway.a=b\xC2\x85"
         "c",
         "flyway.a=b\xC2\x85"
         "c|"},
	/* variables */
	{"flyway.a=${HOME}", "flyway.a=/home/u|"},
	{"flyway.a=${NOPE}x", "flyway.a=x|"},
	{"flyway.a=$HOME", "flyway.a=$HOME|"},
	{"flyway.a=${CFG.X}", "flyway.a=${CFG.X}|"},
	{"flyway.a=${X:-d}", "flyway.a=${X:-d}|"},
	{"flyway.a=${flyway:user}", "flyway.a=${flyway:user}|"},
	{"flyway.a=\\${HOME}", "flyway.a=\\/home/u|"},
	{"flyway.a=$${HOME}", "flyway.a=$/home/u|"},
	{"flyway.a=${NESTED}", "flyway.a=${HOME}|"},
	{"flyway.a=${SLASH}", "flyway.a=ab|"},
	{"flyway.a=${ESCAPES}", "flyway.a=a\tb\\c|"},
	{"flyway.a=${UNICODE}z", "flyway.a=A\U0001F600z|"},
	{"flyway.a=${LINES}", "flyway.a=p|flyway.q=r|"},
	{"#x=${LINES}", "flyway.q=r|"},
	{"${TEXT}", "flyway.a=v6|"},
	{"${K}=v", "flyway.k=v|"},
	{"flyway.a=${END}", "flyway.a=x|"},
	{"flyway.a=${END}\nq", "flyway.a=xq|"},
	{"flyway.a=${END}\\\nq", "flyway.a=x\\|q=|"},
	{"flyway.placeholderPrefix=${", "flyway.placeholderPrefix=${|"},
	{"flyway.a=${AZaz09_}", "flyway.a=name|"},
	{"flyway.a=${A@}${A[}${A`}${A{}${A/}${A:}${}",
         "flyway.a=${A@}${A[}${A`}${A{}${A/}${A:}${}|"},
	{"flyway.a=${BREAKS}", "flyway.a=a\nb\rc\fdq|"},
	{"flyway.a=${CONTINUED}", "flyway.a=xy|"},
	{"\\\n  \n${BLANKS}flyway.a=x", "flyway.a=x|"},
	{"# c\n${BLANKS}flyway.a=x", "flyway.a=x|"},
	{"flyway.a${BLANKS}=${BLANKS}x", "flyway.a=x|"},
	{"flyway.a=${PLANES}", "flyway.a=\U00010000\U0010FFFF|"},
	{"flyway.a=${HALVES}", "flyway.a=?????\uE000\uD7FF?xde00?xde00|"},
};

static const char *parse(struct str text)
{
	struct pairs pairs;
	struct buf out = BUF_EMPTY(100000);
	const char *copy;

	pairs_init(&pairs, &arena);
	properties_parse(text, "a.conf", &environment, &pairs);
	for (size_t i = 0; i < pairs.n; i++)
		buf_printf(&out, "%s=%s|", pairs.items[i].key, pairs.items[i].value);
	copy = str_dup(&arena, buf_str(&out));
	buf_release(&out);
	return copy;
}

START_TEST(reads_as_flyway)
{
	ck_assert_msg(strcmp(parse(str_of(cases[_i].text)), cases[_i].pairs) == 0,
	              "%s\ngives %s\nnot %s", cases[_i].text, parse(str_of(cases[_i].text)),
	              cases[_i].pairs);
}
END_TEST

START_TEST(reads_long_lines)
{
	struct buf text = BUF_EMPTY(100000);

	buf_add(&text, "flyway.locations=");
	buf_repeat(&text, 'x', 50000);
	ck_assert_uint_eq(strlen(parse(buf_str(&text))), 50000 + strlen("flyway.locations=|"));
	buf_release(&text);
}
END_TEST

/* Flyway stops here with the message of a Java exception; nobody can rely on that. */
START_TEST(takes_malformed_unicode_of_a_variable_as_it_is)
{
	ck_assert_str_eq(parse(STR("flyway.a=${BAD_UNICODE}")), "flyway.a=u00g1|");
	ck_assert_str_eq(parse(STR("flyway.a=${SHORT}")), "flyway.a=u004|");
}
END_TEST

START_TEST(knows_where_a_pair_began)
{
	struct pairs pairs;

	pairs_init(&pairs, &arena);
	properties_parse(STR("# c\n\na=1\nb=x,\\\n  y\n  c 3"), "a.conf", &environment, &pairs);
	ck_assert_uint_eq(pairs.n, 3);
	ck_assert_str_eq(pairs.items[0].origin, "a.conf:3");
	ck_assert_str_eq(pairs.items[1].origin, "a.conf:4");
	ck_assert_str_eq(pairs.items[2].origin, "a.conf:6");
}
END_TEST

START_TEST(reads_variables_of_the_process)
{
	struct pairs pairs;

	pairs_init(&pairs, &arena);
	ck_assert_int_eq(setenv("CFLYWAY_TEST_VARIABLE", "yes", 1), 0);
	properties_parse(STR("a=${CFLYWAY_TEST_VARIABLE}"), "a.conf", &environment_process, &pairs);
	unsetenv("CFLYWAY_TEST_VARIABLE");
	ck_assert_str_eq(pairs_find(&pairs, "a")->value, "yes");
	ck_assert_ptr_null(pairs_find(&pairs, "b"));
}
END_TEST

START_TEST(lists_variables_of_the_process)
{
	const struct environment *process = &environment_process;
	size_t found = 0;

	ck_assert_int_eq(setenv("CFLYWAY_TEST_VARIABLE", "yes", 1), 0);
	for (size_t i = 0; process->at(process->ctx, i) != NULL; i++)
		if (strcmp(process->at(process->ctx, i), "CFLYWAY_TEST_VARIABLE=yes") == 0)
			found++;
	unsetenv("CFLYWAY_TEST_VARIABLE");
	ck_assert_uint_eq(found, 1);
}
END_TEST

Suite *properties_suite(void)
{
	Suite *suite = suite_create("properties");
	TCase *tc = tcase_create("properties");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, reads_as_flyway, 0, COUNT(cases));
	tcase_add_test(tc, reads_long_lines);
	tcase_add_test(tc, takes_malformed_unicode_of_a_variable_as_it_is);
	tcase_add_test(tc, knows_where_a_pair_began);
	tcase_add_test(tc, reads_variables_of_the_process);
	tcase_add_test(tc, lists_variables_of_the_process);
	suite_add_tcase(suite, tc);
	return suite;
}
