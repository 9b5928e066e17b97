/* SPDX-License-Identifier: Apache-2.0 */
/* test_dry_run_history.c - the history as a dry run sees it after what it has "written" */
#include "suites.h"

#include "fake_db.h"
#include "scratch.h"

#include "cflyway/base/clock.h"
#include "cflyway/config/settings.h"
#include "cflyway/db/dry_run.h"
#include "cflyway/db/history.h"

static struct scratch scratch;
static struct fake_db fake;
static struct db_file_methods methods;
static struct settings settings;
static struct dry_run *dry_run;
static struct db db;
static struct history history;

/* The last guard that was written. */
static struct db_history_mark mark;
static size_t guards;

static void keep_mark(const struct db_history_mark *written, struct buf *out)
{
	(void)out;
	mark = *written;
	guards++;
}

static void set_up(void)
{
	scratch_open(&scratch);
	fake_db_init(&fake, &scratch.arena);
	methods = *fake.driver.file;
	methods.write_guard = keep_mark;
	fake.driver.file = &methods;
	guards = 0;
	settings = (struct settings){.url = "jdbc:fake:", .table = "h"};
	history_init(&scratch.arena, &history, "public", "h");
	fake_db_add_table(&fake, "public", "h");
	fake_db_add_row(&fake, "1", "a", "V1__a.sql", "5");
	fake_db_add_row(&fake, "2", "b", "V2__b.sql", "-9");
	fake_db_add_row(&fake, NULL, "r", "R__r.sql", NULL)->values[9] = "0";
	dry_run = dry_run_open("dry.sql", &fake.drivers, &clock_system, &scratch.err);
	ck_assert_ptr_nonnull(dry_run);
}

static void connect_it(void)
{
	struct db_description description;

	ck_assert(db_open(&db, dry_run_drivers(dry_run), &scratch.arena, &settings, &scratch.log,
	                  &scratch.err));
	ck_assert(db_describe(&db, "public", "h", &description, &scratch.err));
	ck_assert(description.history_exists);
}

static void tear_down(void)
{
	db_close(&db);
	dry_run_close(dry_run);
	scratch_close(&scratch);
}

/* "1 a 5; 2 b -9; 3 r NULL failed" */
static const char *rows(void)
{
	struct history_rows read = {0};
	const char *text = "";

	ck_assert_msg(history_read(&scratch.arena, &db, &history, &read, &scratch.err), "%s",
	              scratch.err.message);
	for (size_t i = 0; i < read.n; i++) {
		const struct history_row *row = &read.items[i];
		const char *sum = row->has_checksum
		                          ? arena_printf(&scratch.arena, "%d", row->checksum)
		                          : "NULL";

		text = arena_printf(&scratch.arena, "%s%s%d %s %s%s", text, i > 0 ? "; " : "",
		                    row->installed_rank, row->description, sum,
		                    row->success ? "" : " failed");
	}
	return text;
}

#define ALL "1 a 5; 2 b -9; 3 r NULL failed"

static struct history_row row_of(int rank, const char *version, const char *description)
{
	struct history_row row = {
		.installed_rank = rank,
		.type = MIGRATION_SQL,
		.description = description,
		.script = arena_printf(&scratch.arena, "V%s__%s.sql", version, description),
		.installed_by = "me",
		.checksum = 77,
		.has_checksum = true,
		.success = true,
	};

	ck_assert(version_parse(&scratch.arena, version, &row.version, &scratch.err));
	return row;
}

/* --- what it sees -------------------------------------------------------------------------- */

START_TEST(guards_the_history_that_was_read)
{
	connect_it();
	ck_assert_uint_eq(guards, 1);
	ck_assert(mark.exists);
	ck_assert_uint_eq(mark.rows, 3);
	ck_assert_int_eq(mark.last_rank, 3);
	ck_assert_int_eq(mark.checksums, -4);
	ck_assert_uint_eq(mark.successes, 2);
	ck_assert_str_eq(rows(), ALL);
	ck_assert_uint_eq(guards, 1);
}
END_TEST

/* What cannot be read when the command begins is read when it is needed. */
START_TEST(reads_the_history_later)
{
	fake_db_add_fault(&fake, FAKE_FAILS, "SELECT", 1);
	connect_it();
	ck_assert_uint_eq(guards, 0);
	ck_assert_str_eq(rows(), ALL);
	ck_assert_uint_eq(guards, 1);
	ck_assert_uint_eq(mark.rows, 3);
}
END_TEST

START_TEST(says_that_the_history_cannot_be_read)
{
	struct history_rows read = {0};

	fake_db_add_fault(&fake, FAKE_FAILS, "SELECT", 1);
	fake_db_add_fault(&fake, FAKE_FAILS, "SELECT", 2);
	connect_it();
	ck_assert(!history_read(&scratch.arena, &db, &history, &read, &scratch.err));
	ck_assert_uint_eq(guards, 0);
}
END_TEST

START_TEST(sees_what_it_has_written)
{
	const struct history_row added = row_of(4, "4", "d");
	struct history_row changed = row_of(2, "2", "new");
	struct history_row failed = {.description = "r", .type = MIGRATION_SQL};

	connect_it();
	ck_assert(history_insert(&db, &history, &added, &scratch.err));
	ck_assert_str_eq(rows(), ALL "; 4 d 77");
	ck_assert(history_update(&db, &history, &changed, &scratch.err));
	ck_assert(history_delete_failed(&db, &history, &failed, &scratch.err));
	ck_assert_str_eq(rows(), "1 a 5; 2 new 77; 4 d 77");
	changed.script = "V2__b.sql";
	ck_assert(history_delete(&db, &history, &changed, &scratch.err));
	ck_assert_str_eq(rows(), "1 a 5; 4 d 77");
	ck_assert_uint_eq(fake_db_view(&fake).n, 3);
}
END_TEST

START_TEST(goes_back_to_what_it_was)
{
	const struct history_row added = row_of(4, "4", "d");
	struct history_row changed = row_of(2, "2", "new");

	connect_it();
	ck_assert(db_begin(&db, &scratch.err));
	ck_assert(history_insert(&db, &history, &added, &scratch.err));
	ck_assert(db_commit(&db, &scratch.err));
	ck_assert(db_begin(&db, &scratch.err));
	ck_assert(history_update(&db, &history, &changed, &scratch.err));
	changed.description = "newer";
	ck_assert(history_update(&db, &history, &changed, &scratch.err));
	changed.script = "V2__b.sql";
	ck_assert(history_delete(&db, &history, &changed, &scratch.err));
	ck_assert_str_eq(rows(), "1 a 5; 3 r NULL failed; 4 d 77");
	db_rollback(&db);
	ck_assert_str_eq(rows(), ALL "; 4 d 77");
}
END_TEST

/* --- clean --------------------------------------------------------------------------------- */

START_TEST(sees_no_history_after_clean)
{
	struct db_clean_part part = {0};
	bool exists = true, empty = false;

	connect_it();
	ck_assert(db_begin(&db, &scratch.err));
	ck_assert(db_clean_schema(&db, "public", &part, &scratch.err));
	ck_assert(db_table_exists(&db, "public", "h", &exists, &scratch.err));
	ck_assert(!exists);
	ck_assert(db_schema_empty(&db, "public", &empty, &scratch.err));
	ck_assert(empty);
	ck_assert_str_eq(rows(), "");
	fake_db_calls(&fake);
	ck_assert(db_clean_schema(&db, "public", &part, &scratch.err));
	ck_assert_str_eq(fake_db_calls(&fake), ""); /* nothing is left to drop */
	db_rollback(&db);
	ck_assert_str_eq(rows(), ALL);
	ck_assert(db_table_exists(&db, "public", "h", &exists, &scratch.err));
	ck_assert(exists);
}
END_TEST

/* --- the rest ------------------------------------------------------------------------------ */

START_TEST(makes_a_transaction_writable_once)
{
	const struct statement statement = {.text = "set transaction read only", .len = 25};
	bool committed = false;

	connect_it();
	ck_assert(db_begin(&db, &scratch.err));
	ck_assert_int_eq(db_send(&db, &statement, &scratch.err), DB_OK);
	ck_assert(db_ensure_writable(&db, &committed, &scratch.err));
	ck_assert(committed);
	ck_assert_int_eq(db_tx_status(&db), TX_ACTIVE);
	ck_assert(db_ensure_writable(&db, &committed, &scratch.err));
	ck_assert(!committed);
}
END_TEST

Suite *dry_run_history_suite(void)
{
	Suite *suite = suite_create("dry_run_history");
	TCase *tc = tcase_create("history");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, guards_the_history_that_was_read);
	tcase_add_test(tc, reads_the_history_later);
	tcase_add_test(tc, says_that_the_history_cannot_be_read);
	tcase_add_test(tc, sees_what_it_has_written);
	tcase_add_test(tc, goes_back_to_what_it_was);
	tcase_add_test(tc, sees_no_history_after_clean);
	tcase_add_test(tc, makes_a_transaction_writable_once);
	suite_add_tcase(suite, tc);
	return suite;
}
