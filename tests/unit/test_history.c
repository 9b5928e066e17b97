/* SPDX-License-Identifier: Apache-2.0 */
/* test_history.c - the rows of the history table */
#include "suites.h"

#include "fake_db.h"

#include "cflyway/db/history.h"

static struct arena memory;
static const struct log silence = {0};
static const struct settings settings = {.url = "jdbc:fake:"};
static struct fake_db fake;
static struct db db;
static struct history history;

static void set_up(void)
{
	arena_init(&memory);
	fake_db_init(&fake, &memory);
	fake_db_add_schema(&fake, "s\"1");
	fake_db_connect(&fake, &db, &settings, &silence);
	history_init(&memory, &history, "s\"1", "history");
}

static void tear_down(void)
{
	db_close(&db);
	arena_release(&memory);
}

START_TEST(quotes_its_name)
{
	ck_assert_str_eq(history.quoted, "\"s\"\"1\".\"history\"");
}
END_TEST

static char *repeated(const char *text, size_t n)
{
	struct str_list list = {0};

	for (size_t i = 0; i < n; i++)
		str_list_add(&memory, &list, text);
	return str_list_join(&memory, &list, "");
}

START_TEST(abbreviates_long_descriptions)
{
	const char *fits = repeated("x", 200);

	ck_assert_str_eq(history_abbreviate_description(&memory, fits), fits);
	ck_assert_str_eq(history_abbreviate_description(&memory, repeated("x", 201)),
	                 arena_printf(&memory, "%s...", repeated("x", 197)));
	ck_assert_str_eq(history_abbreviate_description(&memory, repeated("é", 200)),
	                 repeated("é", 200));
}
END_TEST

START_TEST(abbreviates_long_scripts)
{
	const char *fits = repeated("x", 1000);
	const char *longer = arena_printf(&memory, "abcd%se", repeated("x", 1000));

	ck_assert_str_eq(history_abbreviate_script(&memory, fits), fits);
	ck_assert_str_eq(history_abbreviate_script(&memory, longer),
	                 arena_printf(&memory, "...d%s", repeated("x", 996)));
}
END_TEST

START_TEST(reads_only_new_rows)
{
	struct error err = ERROR_INIT(&memory);
	struct history_rows rows = {0};

	ck_assert_int_eq(history_last_rank(&rows), -1);
	fake_db_add_table(&fake, "s\"1", "history");
	fake_db_add_row(&fake, "1.2", "first", "V1_2__first.sql", "-17");
	ck_assert(history_read(&memory, &db, &history, &rows, &err));
	fake_db_add_row(&fake, NULL, "again", "R__again.sql", NULL);
	ck_assert(history_read(&memory, &db, &history, &rows, &err));
	ck_assert_uint_eq(rows.n, 2);
	ck_assert_int_eq(history_last_rank(&rows), 2);

	const struct history_row *first = &rows.items[0], *second = &rows.items[1];

	ck_assert_str_eq(first->version.text, "1.2");
	ck_assert_str_eq(first->description, "first");
	ck_assert_int_eq(first->type, MIGRATION_SQL);
	ck_assert_str_eq(first->script, "V1_2__first.sql");
	ck_assert(first->has_checksum);
	ck_assert_int_eq(first->checksum, -17);
	ck_assert_str_eq(first->installed_by, "me");
	ck_assert_str_eq(first->installed_on, "2026-01-02 03:04:05.678");
	ck_assert_int_eq(first->execution_time, 7);
	ck_assert(first->success);
	ck_assert(!version_is_set(&second->version));
	ck_assert(!second->has_checksum);
	ck_assert_str_eq(fake_db_calls(&fake), "SELECT -1\nSELECT 1");
}
END_TEST

START_TEST(refuses_unknown_types)
{
	struct error err = ERROR_INIT(&memory);
	struct history_rows rows = {0};

	fake_db_add_table(&fake, "s\"1", "history");
	fake_db_add_row(&fake, "1", "x", "x", NULL)->values[3] = "WEIRD";
	ck_assert(!history_read(&memory, &db, &history, &rows, &err));
	ck_assert_str_eq(err.message,
	                 "Unknown migration type 'WEIRD' found in schema history.\n"
	                 "You might be missing a required extension JAR on the classpath.");
}
END_TEST

START_TEST(writes_what_it_reads)
{
	struct error err = ERROR_INIT(&memory);
	struct history_rows rows = {0};
	struct history_row row = {
		.installed_rank = 1,
		.description = "a'b",
		.type = MIGRATION_SQL_BASELINE,
		.script = "B1__x.sql",
		.has_checksum = true,
		.checksum = INT32_MIN,
		.installed_by = "",
		.execution_time = 12,
	};

	ck_assert(version_parse(&memory, "1_0", &row.version, &err));
	ck_assert(history_create(&db, &history, NULL, &row, &err));
	ck_assert(history_read(&memory, &db, &history, &rows, &err));
	ck_assert_uint_eq(rows.n, 1);
	ck_assert_str_eq(rows.items[0].version.text, "1.0");
	ck_assert_str_eq(rows.items[0].description, "a'b");
	ck_assert_int_eq(rows.items[0].type, MIGRATION_SQL_BASELINE);
	ck_assert_int_eq(rows.items[0].checksum, INT32_MIN);
	ck_assert_int_eq(rows.items[0].execution_time, 12);
	ck_assert(!rows.items[0].success);
}
END_TEST

START_TEST(repairs_rows)
{
	struct error err = ERROR_INIT(&memory);
	struct history_rows rows = {0};
	struct history_row row;

	fake_db_add_table(&fake, "s\"1", "history");
	fake_db_add_row(&fake, "1", "old", "V1__old.sql", "5");
	fake_db_add_row(&fake, "2", "failed", "V2__failed.sql", "6")->values[9] = "0";
	fake_db_add_row(&fake, NULL, "failed too", "R__failed_too.sql", "7")->values[9] = "0";
	ck_assert(history_read(&memory, &db, &history, &rows, &err));
	row = rows.items[0];
	row.description = "new";
	row.checksum = 8;
	ck_assert(history_update(&db, &history, &row, &err));
	ck_assert(history_delete_failed(&db, &history, &rows.items[1], &err));
	ck_assert(history_delete_failed(&db, &history, &rows.items[2], &err));
	rows = (struct history_rows){0};
	ck_assert(history_read(&memory, &db, &history, &rows, &err));
	ck_assert_uint_eq(rows.n, 1);
	ck_assert_str_eq(rows.items[0].description, "new");
	ck_assert_int_eq(rows.items[0].checksum, 8);
}
END_TEST

Suite *history_suite(void)
{
	Suite *suite = suite_create("history");
	TCase *tc = tcase_create("history");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, quotes_its_name);
	tcase_add_test(tc, abbreviates_long_descriptions);
	tcase_add_test(tc, abbreviates_long_scripts);
	tcase_add_test(tc, reads_only_new_rows);
	tcase_add_test(tc, refuses_unknown_types);
	tcase_add_test(tc, writes_what_it_reads);
	tcase_add_test(tc, repairs_rows);
	suite_add_tcase(suite, tc);
	return suite;
}
