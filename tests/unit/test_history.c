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
	ck_assert_str_eq(history_abbreviate_description(&memory, repeated("é", 201)),
	                 arena_printf(&memory, "%s...", repeated("é", 197)));
	ck_assert_str_eq(history_abbreviate_script(&memory, repeated("é", 1000)),
	                 repeated("é", 1000));
	ck_assert_str_eq(history_abbreviate_script(&memory, repeated("é", 1001)),
	                 arena_printf(&memory, "...%s", repeated("é", 997)));
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

/* Row after row; NULL: the column is empty. */
static const struct {
	const char *rank, *checksum, *by, *on, *time_ms, *success;
	int expected_rank, expected_checksum, expected_time_ms;
	bool expected_success;
} odd_rows[] = {
	{"1", "2147483647", "me", "2026-01-02", "0", "1", 1, INT32_MAX, 0, true},
	{"2", "2147483648", "you", "2026-01-02", "-5", "t", 2, INT32_MAX, -5, true},
	{"3", "-2147483649", "you", "2026-01-03", "99999999999", "0", 3, INT32_MIN, INT32_MAX,
         false},
	{"5", "0", "me", "2026-01-03", "1", NULL, 5, 0, 1, false},
	{"2147483647", NULL, NULL, NULL, NULL, "f", INT32_MAX, 0, 0, false},
};

START_TEST(reads_whatever_a_row_holds)
{
	struct error err = ERROR_INIT(&memory);
	struct history_rows rows = {0};

	fake_db_add_table(&fake, "s\"1", "history");
	for (size_t i = 0; i < COUNT(odd_rows); i++) {
		struct fake_row *row = fake_db_add_row(&fake, "1", "x", "x", odd_rows[i].checksum);

		row->values[0] = odd_rows[i].rank;
		row->values[6] = odd_rows[i].on;
		row->values[7] = odd_rows[i].by;
		row->values[8] = odd_rows[i].time_ms;
		row->values[9] = odd_rows[i].success;
	}
	ck_assert(history_read(&memory, &db, &history, &rows, &err));
	ck_assert_uint_eq(rows.n, COUNT(odd_rows));
	for (size_t i = 0; i < rows.n; i++) {
		const struct history_row *row = &rows.items[i];

		ck_assert_int_eq(row->installed_rank, odd_rows[i].expected_rank);
		ck_assert_int_eq(row->has_checksum, odd_rows[i].checksum != NULL);
		ck_assert_int_eq(row->checksum, odd_rows[i].expected_checksum);
		ck_assert_str_eq(row->installed_by, odd_rows[i].by != NULL ? odd_rows[i].by : "");
		ck_assert_str_eq(row->installed_on, odd_rows[i].on != NULL ? odd_rows[i].on : "");
		ck_assert_int_eq(row->execution_time, odd_rows[i].expected_time_ms);
		ck_assert_int_eq(row->success, odd_rows[i].expected_success);
	}
}
END_TEST

/* Other structures point to rows that have been read: they stay where they are. */
START_TEST(reads_many_rows)
{
	enum { MANY = 1000 };
	struct error err = ERROR_INIT(&memory);
	struct history_rows rows = {0};

	fake_db_add_table(&fake, "s\"1", "history");
	for (int i = 1; i <= MANY; i++)
		fake_db_add_row(&fake, arena_printf(&memory, "%d", i), "x", "x", NULL);
	ck_assert(history_read(&memory, &db, &history, &rows, &err));
	ck_assert_uint_eq(rows.n, MANY);
	for (int i = 1; i <= MANY; i++) {
		ck_assert_int_eq(rows.items[i - 1].installed_rank, i);
		ck_assert_str_eq(rows.items[i - 1].version.text, arena_printf(&memory, "%d", i));
	}
}
END_TEST

#define TABLE "Schema History table \"s\"\"1\".\"history\""

START_TEST(refuses_a_version_that_is_none)
{
	struct error err = ERROR_INIT(&memory);
	struct history_rows rows = {0};

	fake_db_add_table(&fake, "s\"1", "history");
	fake_db_add_row(&fake, "1.x", "x", "x", NULL);
	ck_assert(!history_read(&memory, &db, &history, &rows, &err));
	ck_assert_uint_eq(rows.n, 0);
	ck_assert_ptr_nonnull(strstr(err.message, "1.x"));
}
END_TEST

START_TEST(says_what_it_could_not_do)
{
	struct error err = ERROR_INIT(&memory);
	struct history_rows rows = {0};
	struct history_row row = {
		.type = MIGRATION_SQL, .description = "d", .script = "s", .installed_by = "me"};

	/* there is no table */
	row.version = version_empty();
	ck_assert(!history_read(&memory, &db, &history, &rows, &err));
	ck_assert_str_eq(err.message,
	                 "Error while retrieving the list of applied migrations from " TABLE);
	error_clear(&err);
	ck_assert(!history_insert(&db, &history, &row, &err));
	ck_assert_str_eq(err.message, "Unable to insert row for version 'null' in " TABLE);
	error_clear(&err);
	ck_assert(!history_update(&db, &history, &row, &err));
	ck_assert_str_eq(err.message, "Unable to repair " TABLE " for version null");
	error_clear(&err);
	ck_assert(!history_delete_failed(&db, &history, &row, &err));
	ck_assert_str_eq(err.message, "Unable to repair " TABLE);
	error_clear(&err);
	ck_assert(version_parse(&memory, "1.5", &row.version, &err));
	ck_assert(!history_insert(&db, &history, &row, &err));
	ck_assert_str_eq(err.message, "Unable to insert row for version '1.5' in " TABLE);
	error_clear(&err);
	ck_assert(!history_update(&db, &history, &row, &err));
	ck_assert_str_eq(err.message, "Unable to repair " TABLE " for version 1.5");
	error_clear(&err);
	ck_assert(!history_delete(&db, &history, &row, &err));
	ck_assert_str_eq(err.message, "Unable to delete row for version '1.5' from " TABLE);
}
END_TEST

START_TEST(deletes_a_row)
{
	struct error err = ERROR_INIT(&memory);
	struct history_rows rows = {0};

	fake_db_add_table(&fake, "s\"1", "history");
	fake_db_add_row(&fake, "1", "one", "V1__one.sql", "5");
	fake_db_add_row(&fake, "2", "two", "V2__two.sql", "6");
	ck_assert(history_read(&memory, &db, &history, &rows, &err));
	ck_assert(history_delete(&db, &history, &rows.items[1], &err));
	ck_assert_str_eq(fake_db_rows(&fake), "1 1 one SQL V1__one.sql ok\n");
	ck_assert(!history_delete(&db, &history, &rows.items[1], &err));
	ck_assert_str_eq(err.message, "Unable to delete row for version '2' from " TABLE
	                              ": the row is not there, or something keeps it");
}
END_TEST

static const struct {
	const char *fails;
	bool has_baseline;
	size_t line;
} creations[] = {
	{"CREATE TABLE", false, 1}, {"CREATE TABLE", true, 1}, {"INSERT", true, 2},
	{"CREATE INDEX", false, 2}, {"CREATE INDEX", true, 3},
};

/* As if the statements were a script without a name. */
START_TEST(says_which_line_of_the_creation_failed)
{
	struct error err = ERROR_INIT(&memory);
	struct history_row row = {.installed_rank = 1,
	                          .type = MIGRATION_BASELINE,
	                          .description = "d",
	                          .script = "s",
	                          .installed_by = "me"};

	row.version = version_empty();
	fake_db_add_fault(&fake, FAKE_FAILS, creations[_i].fails, 1);
	ck_assert(!history_create(&db, &history, NULL, creations[_i].has_baseline ? &row : NULL,
	                          &err));
	ck_assert_str_eq(err.message, "Failed to execute script ");
	ck_assert_str_eq(err.sql->path, "");
	ck_assert_str_eq(err.sql->absolute_path, "");
	ck_assert_uint_eq(err.sql->line, creations[_i].line);
}
END_TEST

START_TEST(tells_a_row_from_its_commit)
{
	struct error err = ERROR_INIT(&memory);
	struct history_row row = {
		.type = MIGRATION_SQL, .description = "d", .script = "s", .installed_by = "me"};

	row.version = version_empty();
	fake_db_add_table(&fake, "s\"1", "history");
	fake_db_add_fault(&fake, FAKE_FAILS, _i == 0 ? "INSERT" : "COMMIT", 1);
	ck_assert(db_begin(&db, &err));
	ck_assert(!history_commit(&db, &history, &row, false, DB_FLUSH_AS_SET, &err));
	ck_assert_str_eq(err.message, _i == 0 ? "Unable to insert row for version 'null' in " TABLE
	                                      : "Unable to commit transaction");
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
	tcase_add_test(tc, reads_whatever_a_row_holds);
	tcase_add_test(tc, reads_many_rows);
	tcase_add_test(tc, refuses_a_version_that_is_none);
	tcase_add_test(tc, says_what_it_could_not_do);
	tcase_add_test(tc, deletes_a_row);
	tcase_add_loop_test(tc, says_which_line_of_the_creation_failed, 0, COUNT(creations));
	tcase_add_loop_test(tc, tells_a_row_from_its_commit, 0, 2);
	tcase_add_test(tc, refuses_unknown_types);
	tcase_add_test(tc, writes_what_it_reads);
	tcase_add_test(tc, repairs_rows);
	suite_add_tcase(suite, tc);
	return suite;
}
