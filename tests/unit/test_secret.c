/* SPDX-License-Identifier: Apache-2.0 */
/* test_secret.c - what messages show of values and URLs that hold a secret */
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/config/secret.h"

static struct arena memory;

static void set_up(void)
{
	arena_init(&memory);
}

static void tear_down(void)
{
	arena_release(&memory);
}

#define MASK SECRET_MASK

static const struct {
	const char *url, *shown;
} urls[] = {
	{"jdbc:postgresql://h:1/d", "jdbc:postgresql://h:1/d"},
	{"jdbc:postgresql://h/d?user=u&password=s", "jdbc:postgresql://h/d?user=u&password=" MASK},
	{"jdbc:postgresql://h/d?password=s&user=u",
         "jdbc:postgresql://h/d?password=" MASK "&user=u"},
	{"jdbc:postgresql://h/d?pasword=s", "jdbc:postgresql://h/d?pasword=" MASK},
	{"jdbc:postgresql://h/d?Passwrod=s", "jdbc:postgresql://h/d?Passwrod=" MASK},
	{"jdbc:postgresql://h/d?passwort=s", "jdbc:postgresql://h/d?passwort=" MASK},
	{"jdbc:postgresql://h/d?pwd=s&pass=s", "jdbc:postgresql://h/d?pwd=" MASK "&pass=" MASK},
	{"jdbc:postgresql://h/d?password = s", "jdbc:postgresql://h/d?password =" MASK},
	{"jdbc:postgresql://h/d?API_KEY=s", "jdbc:postgresql://h/d?API_KEY=" MASK},
	/* a piece of a password with '&' */
	{"jdbc:postgresql://h/d?password=s&ecret", "jdbc:postgresql://h/d?password=" MASK "&" MASK},
	{"jdbc:postgresql://h/d?a&password=s", "jdbc:postgresql://h/d?a&password=" MASK},
	{"jdbc:postgresql://h/d?options=-c%20my.password%3Ds&a=b",
         "jdbc:postgresql://h/d?options=-c%20my.password%3D" MASK "&a=b"},
	{"jdbc:postgresql://h/d?sslkey=k.der", "jdbc:postgresql://h/d?sslkey=k.der"},
	{"jdbc:postgresql:d;password=s;a=b", "jdbc:postgresql:d;password=" MASK ";a=b"},
	{"postgres:u:s@h/d", "postgres:u:" MASK "@h/d"},
	{"postgres:u:s@h:1/d", "postgres:u:" MASK "@h:1/d"},
	{"u:s@h/d", "u:" MASK "@h/d"},
	{"jdbc:oracle:thin:u/s@h:1:d", "jdbc:oracle:thin:" MASK "@h:1:d"},
	{"jdbc:sqlite:a:b@c.db", "jdbc:sqlite:a:b@c.db"},
	{"sqlite:a:b@c.db", "sqlite:a:b@c.db"},
};

START_TEST(masks_passwords_in_urls)
{
	ck_assert_str_eq(secret_mask_url(&memory, urls[_i].url), urls[_i].shown);
}
END_TEST

static const struct {
	const char *key, *value, *shown;
} values[] = {
	{"flyway.password", "s", MASK},
	{"flyway.pasword", "s", MASK},
	{"flyway.password2", "s", MASK},
	{"flyway.user.password", "s", MASK},
	{"flyway.placeholders.client_secret", "s", MASK},
	{"flyway.placeholders.apiKey", "s", MASK},
	{"flyway.placeholders.api-key", "s", MASK},
	{"flyway.placeholders.dbPass", "s", MASK},
	{"flyway.placeholders.credentials", "s", MASK},
	{"flyway.email", "s", MASK},
	{"flyway.user", "s", "s"},
	{"flyway.placeholders.passenger", "s", "s"},
	{"flyway.placeholders.key", "s", "s"},
	{"flyway.initSql", "set a.password = 's'", "set a.password = '" MASK},
	{"flyway.initSql", "create role r password 's'", "create role r password '" MASK},
	{"flyway.initSql", "select password from t", "select password " MASK},
	{"flyway.cflyway.executor.cql", "run --password=s -f", "run --password=" MASK},
	{"flyway.cflyway.executor.cql", "run --user=u -f", "run --user=u -f"},
	{"flyway.locations", "filesystem:passwords", "filesystem:passwords"},
	{"flyway.locations", "filesystem:token/a", "filesystem:token/a"},
	{"flyway.url", "postgres:u:s@h", "postgres:u:" MASK "@h"},
	{"flyway.placeholders.service", "https://u:s@h/", "https://u:" MASK "@h/"},
};

START_TEST(masks_values_by_key_and_form)
{
	ck_assert_str_eq(secret_mask(&memory, values[_i].key, values[_i].value), values[_i].shown);
}
END_TEST

static const struct {
	const char *line, *shown; /* up to the place from which on it is hidden */
} lines[] = {
	{"password = \"s", "password = "},
	{"pasword = s", "pasword = "},
	{"passwrd = \"s", "passwrd = "},
	{"dbPassword: s", "dbPassword: "},
	{"url = \"postgres://u:s@h", "url = \"postgres://"},
	{"passes = 1", "passes = 1"},
	{"key = 1", "key = 1"},
};

START_TEST(finds_secrets_in_lines)
{
	struct str line = str_of(lines[_i].line);

	ck_assert_str_eq(str_dup(&memory, str_sub(line, 0, secret_find(line))), lines[_i].shown);
}
END_TEST

START_TEST(notices_parameters_that_are_misplaced)
{
	ck_assert(secret_is_misplaced(STR("d;password=s")));
	ck_assert(secret_is_misplaced(STR("u?password=s")));
	ck_assert(secret_is_misplaced(STR("u?pasword=s")));
	ck_assert(!secret_is_misplaced(STR("d;a=b")));
	ck_assert(!secret_is_misplaced(STR("d?")));
	ck_assert(!secret_is_misplaced(STR("password=s")));
}
END_TEST

Suite *secret_suite(void)
{
	Suite *suite = suite_create("secret");
	TCase *tc = tcase_create("secret");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, masks_passwords_in_urls, 0, COUNT(urls));
	tcase_add_loop_test(tc, masks_values_by_key_and_form, 0, COUNT(values));
	tcase_add_loop_test(tc, finds_secrets_in_lines, 0, COUNT(lines));
	tcase_add_test(tc, notices_parameters_that_are_misplaced);
	suite_add_tcase(suite, tc);
	return suite;
}
