/* SPDX-License-Identifier: Apache-2.0 */
/* test_db_open.c - URLs that lead nowhere, and names in SQL */
#include "suites.h"

#include "../../src/db/sql_template.h"

#include "cflyway/db/driver.h"

static struct arena memory;
static const struct log silence = {0};

static void set_up(void)
{
	arena_init(&memory);
}

static void tear_down(void)
{
	arena_release(&memory);
}

#define NO_PLUGIN "No Flyway database plugin found to handle "
#define NO_DRIVER "No JDBC driver found to handle "
#define SEE                                                                                        \
	". See https://help.red-gate.com/help/flyway-cli12/help_4.aspx?topic=reference/usage/"     \
	"database-troubleshooting for troubleshooting"

static const struct {
	const char *url;
	enum error_code code;
	const char *message;
} refused[] = {
	{NULL, ERROR_CONFIGURATION,
         "Unable to connect to the database. Configure the url, user and password!"},
	{"", ERROR_CONFIGURATION,
         "Unable to connect to the database. Configure the url, user and password!"},
	{"jdbc:foo://x/y", ERROR_GENERAL, NO_PLUGIN "jdbc:foo://x/y" SEE},
	{"foo", ERROR_GENERAL, NO_PLUGIN "foo" SEE},
	{"JDBC:sqlite:x", ERROR_GENERAL, NO_PLUGIN "JDBC:sqlite:x" SEE},
	{"postgresql://h/d", ERROR_GENERAL, NO_PLUGIN "postgresql://h/d" SEE},
	{"jdbc:p6spy:postgresql://h/d", ERROR_GENERAL, NO_DRIVER "jdbc:p6spy:postgresql://h/d" SEE},
	{"jdbc:mysql://h/d", ERROR_GENERAL, NO_DRIVER "jdbc:mysql://h/d" SEE},
};

START_TEST(refuses)
{
	const struct settings settings = {.url = refused[_i].url};
	struct error err = ERROR_INIT(&memory);
	struct db db;

	ck_assert(!db_open(&db, &db_drivers, &memory, &settings, &silence, &err));
	ck_assert_int_eq(err.code, refused[_i].code);
	ck_assert_str_eq(err.message, refused[_i].message);
	db_close(&db);
}
END_TEST

#define NO_CLASS(name)                                                                             \
	"Unable to instantiate JDBC driver: " name " => Check whether the jar file is present"

static const struct {
	const char *url, *class, *message; /* NULL: fine */
} classes[] = {
	{"jdbc:postgresql://h/d", NULL, NULL},
	{"jdbc:postgresql://h/d", "", NULL},
	{"jdbc:postgresql://h/d", "org.postgresql.Driver", NULL},
	{"jdbc:postgresql://h/d", "org.sqlite.JDBC", NULL}, /* it can be loaded */
	{"jdbc:postgresql://h/d", "org.postgresql.driver", NO_CLASS("org.postgresql.driver")},
	{"jdbc:sqlite:f", "com.example.Driver", NO_CLASS("com.example.Driver")},
	{"jdbc:foo:f", "com.example.Driver", NULL},
	{NULL, "com.example.Driver", NULL},
};

START_TEST(knows_classes)
{
	const struct settings settings = {
		.url = classes[_i].url,
		.driver = classes[_i].class,
	};
	struct error err = ERROR_INIT(&memory);
	bool ok = db_check_driver(&db_drivers, &settings, &err);

	ck_assert_int_eq(ok, classes[_i].message == NULL);
	if (ok)
		return;
	ck_assert_int_eq(err.code, ERROR_JDBC_DRIVER);
	ck_assert_str_eq(err.message, classes[_i].message);
}
END_TEST

START_TEST(class_must_fit_the_url)
{
	const struct settings settings = {
		.url = "jdbc:sqlite::memory:",
		.driver = "org.postgresql.Driver",
	};
	struct error err = ERROR_INIT(&memory);
	struct db db;

	ck_assert(!db_open(&db, &db_drivers, &memory, &settings, &silence, &err));
	ck_assert_int_eq(err.code, ERROR_GENERAL);
	ck_assert_str_eq(err.message, "Unable to connect to jdbc:sqlite::memory:");
	db_close(&db);
}
END_TEST

static const struct {
	const char *name, *quoted;
} names[] = {
	{"public", "\"public\""},
	{"My Schema", "\"My Schema\""},
	{"a\"b", "\"a\"\"b\""},
	{"", "\"\""},
};

START_TEST(quotes_names)
{
	ck_assert_str_eq(db_quote_identifier(&memory, names[_i].name), names[_i].quoted);
}
END_TEST

START_TEST(fills_blanks_once)
{
	const struct sql_param blanks[] = {{'t', "\"a%k\""}, {'k', "K"}};

	ck_assert_str_eq(
		sql_template_expand(&memory, "X %t %k 100%% '%Y-%m' %\n\n", blanks, COUNT(blanks)),
		"X \"a%k\" K 100%% '%Y-%m' %");
}
END_TEST

Suite *db_open_suite(void)
{
	Suite *suite = suite_create("db_open");
	TCase *tc = tcase_create("open");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, refuses, 0, COUNT(refused));
	tcase_add_loop_test(tc, knows_classes, 0, COUNT(classes));
	tcase_add_test(tc, class_must_fit_the_url);
	tcase_add_loop_test(tc, quotes_names, 0, COUNT(names));
	tcase_add_test(tc, fills_blanks_once);
	suite_add_tcase(suite, tc);
	return suite;
}
