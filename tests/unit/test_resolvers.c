/* SPDX-License-Identifier: Apache-2.0 */
/* test_resolvers.c - references in connection settings, and what only looks like one */
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/config/resolvers.h"

static struct arena arena;
static struct pairs placeholders;

static const char *get(const void *ctx, const char *name)
{
	(void)ctx;
	if (strcmp(name, "X") == 0)
		return "x";
	if (strcmp(name, "MIXED") == 0)
		return " aZ09-\u00e9 ";
	return NULL;
}

static const struct environment environment = {.get = get};

static void set_up(void)
{
	arena_init(&arena);
	pairs_init(&placeholders, &arena);
	pairs_set(&placeholders, STR("p"), STR("from p"), "test");
}

static void tear_down(void)
{
	arena_release(&arena);
}

/* The value, or the message. */
static const char *apply(const char *key, const char *text)
{
	const struct resolvers resolvers = {&environment, &placeholders, "dev"};
	struct error err = ERROR_INIT(&arena);
	const char *value = text;

	return resolvers_apply(&arena, &resolvers, key, &value, &err) ? value : err.message;
}

#define NESTED "Resolvers cannot be nested: "

static const struct {
	const char *text, *result;
} cases[] = {
	{"plain", "plain"},
	{"  blanks\t", "blanks"},
	{"", ""},
	{"${env.X}", "x"},
	{"a${env.X}b${placeholder.p}c", "axbfrom pc"},
	{"${ ENV . X }${Placeholder.p}", "xfrom p"},
	/* filters: which characters pass */
	{"${env.MIXED}", "aZ09-\u00e9"},
	{"${env.MIXED:D}", "09"},
	{"${env.MIXED:d}", "09"},
	{"${env.MIXED:a}", "aZ"},
	{"${env.MIXED:A}", "aZ\u00e9"},
	{"${env.MIXED: aD }", "aZ09"},
	{"${env.MIXED:x}", ""},
	{"${env.MIXED:}", ""},
	/* no references */
	{"${env}", "${env}"},
	{"${env.a.b}", "${env.a.b}"},
	{"${.X}", "${.X}"},
	{"${env.}", "${env.}"},
	{"${env.X", "${env.X"},
	{"$env.X}", "$env.X}"},
	{"$${env.X}", "${env.X}"},
	{"$${env.X}${env.X}", "${env.X}x"},
	{"!{ ${env.X} }", " ${env.X} "},
	{"!{${env.X}", "${env.X"},
	{"!{${env.X}y", "!{xy"},
	{"a!{${env.X}}", "a!{x}"},
	/* nested */
	{"${a ${env.X}}", NESTED "${a ${env.X}}"},
	{"${env.X}{${env.X}", "x{x"},
	{"{${env.X}}", "{x}"},
	{"a{${env.X}}", "a{x}"},
	{"$${${env.X}}", "${${env.X}}"},
	{"${a.b ${env.X}}", NESTED "${a.b ${env.X}}"},
	{"a$${a.b ${env.X}", "a$${a.b x"},
	{"$${a.b ${env.X}", "$${a.b x"},
	/* failures */
	{"${env.NOPE}", "Unable to resolve environment variable: 'NOPE'"},
	{"${placeholder.nope}", "Unable to resolve placeholder: 'nope'"},
	{"${placeholder.flyway:x}",
         "Only user defined placeholders are supported, but detected attempt to use a default "
         "placeholder."},
	{"${vault.x}", "Unknown resolver 'vault' for environment dev"},
};

START_TEST(replaces_references)
{
	ck_assert_str_eq(apply("url", cases[_i].text), cases[_i].result);
}
END_TEST

START_TEST(looks_at_the_value_alone)
{
	/* what is before it in memory is not part of it */
	static const char brace[] = "${${env.X}", nested[] = "$${a ${env.X}}";

	ck_assert_str_eq(apply("url", &brace[1]), "{x");
	ck_assert_str_eq(apply("url", &nested[1]), NESTED "${a ${env.X}}");
}
END_TEST

START_TEST(hides_passwords)
{
	ck_assert_str_eq(apply("password", "${a ${env.X}}"), NESTED "********");
}
END_TEST

START_TEST(leaves_what_is_not_there)
{
	ck_assert_ptr_null(apply("url", NULL));
}
END_TEST

Suite *resolvers_suite(void)
{
	Suite *suite = suite_create("resolvers");
	TCase *tc = tcase_create("resolvers");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, replaces_references, 0, COUNT(cases));
	tcase_add_test(tc, looks_at_the_value_alone);
	tcase_add_test(tc, hides_passwords);
	tcase_add_test(tc, leaves_what_is_not_there);
	suite_add_tcase(suite, tc);
	return suite;
}
