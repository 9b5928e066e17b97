/* SPDX-License-Identifier: Apache-2.0 */
/* test_hidden_arguments.c - secrets in the arguments that other users see */
#include "suites.h"

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/str.h"
#include "cflyway/config/hidden_arguments.h"

enum { WORDS_MAX = 4 };

static struct arena arena;

static void set_up(void)
{
	arena_init(&arena);
}

static void tear_down(void)
{
	arena_release(&arena);
}

static const struct {
	const char *given[WORDS_MAX], *shown[WORDS_MAX];
} cases[] = {
	{{"migrate"}, {"migrate"}},
	{{"-url=jdbc:postgresql://h/d", "-user=me"}, {"-url=jdbc:postgresql://h/d", "-user=me"}},
	{{"-password=secret", "info"}, {"-password=xxxxxx", "info"}},
	{{"--password=secret"}, {"--password=xxxxxx"}},
	{{"-password=a"}, {"-password=x"}},
	{{"-password=", "-user=me"}, {"-password=", "-user=me"}},
	{{"-password=", "secret", "info"}, {"-password=", "xxxxxx", "info"}},
	{{"-password=", "", "secret", "info"}, {"-password=", "", "xxxxxx", "info"}},
	{{"-password=one", "two"}, {"-password=xxx", "two"}},
	{{"-password=a=b&c"}, {"-password=xxxxx"}},
	{{"-passwordFile=/run/secrets/db"}, {"-passwordFile=/run/secrets/db"}},
	{{"-environments.dev.password=secret"}, {"-environments.dev.password=xxxxxx"}},
	{{"-jdbcProperties.sslpassword=secret"}, {"-jdbcProperties.sslpassword=xxxxxx"}},
	{{"-placeholders.api_token=secret"}, {"-placeholders.api_token=xxxxxx"}},
	{{"-token=secret", "-licenseKey=FL01"}, {"-token=xxxxxx", "-licenseKey=xxxx"}},
	{{"-url=jdbc:postgresql://h/d?user=me&password=secret&ssl=true"},
         {"-url=jdbc:postgresql://h/d?user=me&password=xxxxxx&ssl=true"}},
	{{"-url=jdbc:postgresql://h/d?password=secret&sslpassword=other&ssl=true"},
         {"-url=jdbc:postgresql://h/d?password=xxxxxxxxxxxxxxxxxxxxxxxx&ssl=true"}},
	{{"-url=postgres://me:secret@h:5432/d"}, {"-url=postgres://me:xxxxxx@h:5432/d"}},
	{{"-environments.dev.url=jdbc:sqlserver://h;user=me;password=secret;x=y"},
         {"-environments.dev.url=jdbc:sqlserver://h;user=me;password=xxxxxx;x=y"}},
	/* a word that is no option */
	{{"postgres://me:secret@h/d", "info"}, {"postgres://me:xxxxxx@h/d", "info"}},
	/* the mask itself gives nothing away */
	{{"-password=********", "-password=*a*"}, {"-password=********", "-password=*x*"}},
};

START_TEST(hides_secrets)
{
	char *argv[WORDS_MAX + 2] = {arena_strdup(&arena, "cflyway?password=me")};
	char *const *copies;
	int argc = 1;

	for (int i = 0; i < WORDS_MAX && cases[_i].given[i] != NULL; i++)
		argv[argc++] = arena_strdup(&arena, cases[_i].given[i]);
	copies = arguments_hide(&arena, argc, argv);
	ck_assert_str_eq(argv[0], "cflyway?password=me");
	ck_assert_str_eq(copies[0], argv[0]);
	for (int i = 1; i < argc; i++) {
		ck_assert_str_eq(copies[i], cases[_i].given[i - 1]);
		ck_assert_str_eq(argv[i], cases[_i].shown[i - 1]);
	}
	ck_assert_ptr_null(copies[argc]);
}
END_TEST

START_TEST(takes_no_arguments)
{
	char *none[] = {NULL};

	ck_assert_ptr_null(arguments_hide(&arena, 0, none)[0]);
}
END_TEST

Suite *hidden_arguments_suite(void)
{
	Suite *suite = suite_create("hidden_arguments");
	TCase *tc = tcase_create("hidden arguments");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, hides_secrets, 0, COUNT(cases));
	tcase_add_test(tc, takes_no_arguments);
	suite_add_tcase(suite, tc);
	return suite;
}
