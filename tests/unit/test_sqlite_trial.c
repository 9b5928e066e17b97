/* SPDX-License-Identifier: Apache-2.0 */
/* test_sqlite_trial.c - a trial on SQLite, and the lines of a dry run's file that SQLite needs */
#include "suites.h"

#include "sqlite_fixture.h"

#include "cflyway/base/attr.h"
#include "cflyway/db/trial.h"

static struct db *db;
static const struct db_trial_limits limits = {.lock_timeout_ms = 1000};

static void set_up(void)
{
	sqlite_fixture_enter();
	db = sqlite_fixture_open("jdbc:sqlite:a.db");
}

static void tear_down(void)
{
	db_close(db);
	sqlite_fixture_leave();
}

static const char *tables(void)
{
	return sqlite_fixture_value(db, "select coalesce(group_concat(name, ' '), '') from (select "
	                                "name from sqlite_master where type = 'table' order by 1)");
}

static void begin(void)
{
	ck_assert_msg(db_trial_begin(db, &limits, &sqlite_scratch.err), "%s",
	              sqlite_scratch.err.message);
	ck_assert(db_begin(db, &sqlite_scratch.err));
}

/* --- the transaction ----------------------------------------------------------------------- */

START_TEST(keeps_migrations_until_its_end)
{
	begin();
	sqlite_fixture_run(db, "create table a (x int)");
	ck_assert(db_commit(db, &sqlite_scratch.err));
	ck_assert_int_eq(db_tx_status(db), TX_IDLE);
	ck_assert(db_begin(db, &sqlite_scratch.err));
	ck_assert_int_eq(db_tx_status(db), TX_ACTIVE);
	sqlite_fixture_run(db, "create table b (x int)");
	db_rollback(db);
	ck_assert_str_eq(tables(), "a");
	db_trial_end(db);
	ck_assert_str_eq(tables(), "");
	ck_assert_int_eq(db_tx_status(db), TX_IDLE);
}
END_TEST

/* Whatever it finds stays as it is until the trial is over. */
START_TEST(lets_nobody_else_write)
{
	struct db *other = sqlite_fixture_open("jdbc:sqlite:a.db?busy_timeout=0");
	struct error err = ERROR_INIT(&sqlite_scratch.arena);

	ck_assert(db_trial_begin(db, &limits, &sqlite_scratch.err));
	ck_assert_int_eq(sqlite_fixture_send(other, "create table o (x int)", &err), DB_FAILED);
	db_trial_end(db);
	sqlite_fixture_run(other, "create table o (x int)");
	db_close(other);
}
END_TEST

/* Where COMMIT would fail, so does the end of a migration; the next one goes on. */
START_TEST(checks_foreign_keys_that_wait_for_commit)
{
	struct error *err = &sqlite_scratch.err;

	sqlite_fixture_run(db, "pragma foreign_keys = on");
	begin();
	sqlite_fixture_run(db, "create table p (x int primary key)");
	sqlite_fixture_run(db, "create table c (x int references p deferrable initially deferred)");
	sqlite_fixture_run(db, "insert into c values (1)");
	ck_assert(!db_commit(db, err));
	ck_assert_int_eq(err->sql->code, SQLITE_CONSTRAINT);
	ck_assert_str_eq(err->sql->message,
	                 "[SQLITE_CONSTRAINT_FOREIGNKEY] A foreign key constraint failed (FOREIGN "
	                 "KEY constraint failed)");
	sqlite_fixture_run(db, "insert into p values (1)");
	error_clear(err);
	ck_assert(db_commit(db, err));
	ck_assert_str_eq(tables(), "c p");
}
END_TEST

/* --- the file of a dry run ----------------------------------------------------------------- */

static struct buf out;

static const char *written(void)
{
	const char *text = str_dup(&sqlite_scratch.arena, buf_str(&out));

	buf_release(&out);
	return text;
}

static const struct {
	const char *value, *literal;
} literals[] = {{"", "''"}, {"plain", "'plain'"}, {"it's", "'it''s'"}, {"a\\\"b", "'a\\\"b'"}};

START_TEST(writes_literals)
{
	out = (struct buf)BUF_EMPTY(1 << 20);
	db->driver->file->write_literal(literals[_i].value, &out);
	ck_assert_str_eq(written(), literals[_i].literal);
}
END_TEST

START_TEST(writes_the_pragmas_of_the_url)
{
	struct db *other =
		sqlite_fixture_open("jdbc:sqlite:b.db?recursive_triggers=true&foreign_keys=on");

	out = (struct buf)BUF_EMPTY(1 << 20);
	ck_assert(other->driver->file->write_settings(other, &out, &sqlite_scratch.err));
	ck_assert_str_eq(written(),
	                 "PRAGMA foreign_keys = on;\nPRAGMA recursive_triggers = true;\n");
	db_close(other);
}
END_TEST

#define HISTORY "create table \"the h\" (installed_rank int, checksum int, success boolean)"

/* What has changed in the history since the dry run. */
static const struct {
	const char *name, *change;
	bool exists, passes;
} changes[] = {
	{"nothing", "select 1", true, true},
	{"a row", "insert into \"the h\" values (9, 1, 1)", true, false},
	{"a rank", "update \"the h\" set installed_rank = 8 where installed_rank = 2", true, false},
	{"a checksum", "update \"the h\" set checksum = 3 where installed_rank = 1", true, false},
	{"a failure", "update \"the h\" set success = 0", true, false},
	{"all rows are gone", "delete from \"the h\"", true, false},
	{"there is no table yet", "drop table \"the h\"", false, true},
	{"there is a table", "select 1", false, false},
};

/* sqlite3 runs the file and stops at the first error: so do we. */
static bool passes(const char *text)
{
	struct error err = ERROR_INIT(&sqlite_scratch.arena);
	struct str rest = str_of(text);
	bool ok = true;

	while (ok && rest.len > 0) {
		const char *line = str_dup(&sqlite_scratch.arena, str_cut(&rest, '\n'));

		ok = sqlite_fixture_send(db, line, &err) == DB_OK;
	}
	if (!ok)
		ck_assert_msg(strstr(err.sql->message, "cflyway: the schema history has changed "
		                                       "since this dry run") != NULL,
		              "%s", err.sql->message);
	return ok;
}

START_TEST(guards_the_history)
{
	const struct db_history_mark mark = {
		.schema = "main",
		.table = "the h",
		.quoted = "\"main\".\"the h\"",
		.exists = changes[_i].exists,
		.rows = 2,
		.last_rank = 2,
		.checksums = -7,
		.successes = 1,
	};

	sqlite_fixture_run(db, HISTORY);
	sqlite_fixture_run(db, "insert into \"the h\" values (1, -7, 1)");
	sqlite_fixture_run(db, "insert into \"the h\" values (2, null, 0)");
	sqlite_fixture_run(db, changes[_i].change);
	out = (struct buf)BUF_EMPTY(1 << 20);
	db->driver->file->write_guard(&mark, &out);
	ck_assert_msg(passes(written()) == changes[_i].passes, "%s", changes[_i].name);
	if (changes[_i].passes)
		ck_assert_ptr_null(
			sqlite_fixture_value(db, "select max(name) from temp.sqlite_master"));
}
END_TEST

START_TEST(guards_a_history_without_rows)
{
	const struct db_history_mark mark = {.schema = "main",
	                                     .table = "the h",
	                                     .quoted = "\"the h\"",
	                                     .exists = true,
	                                     .last_rank = -1};

	sqlite_fixture_run(db, HISTORY);
	out = (struct buf)BUF_EMPTY(1 << 20);
	db->driver->file->write_guard(&mark, &out);
	ck_assert(passes(written()));
}
END_TEST

START_TEST(has_no_search_path_and_no_roles)
{
	out = (struct buf)BUF_EMPTY(1 << 20);
	db->driver->file->write_path(db, "main", &out);
	db->driver->file->write_role(db, true, &out);
	ck_assert_str_eq(written(), "");
}
END_TEST

Suite *sqlite_trial_suite(void)
{
	Suite *suite = suite_create("sqlite_trial");
	TCase *trial = tcase_create("trial"), *file = tcase_create("file");

	tcase_add_checked_fixture(trial, set_up, tear_down);
	tcase_add_test(trial, keeps_migrations_until_its_end);
	tcase_add_test(trial, lets_nobody_else_write);
	tcase_add_test(trial, checks_foreign_keys_that_wait_for_commit);
	suite_add_tcase(suite, trial);
	tcase_add_checked_fixture(file, set_up, tear_down);
	tcase_add_loop_test(file, writes_literals, 0, COUNT(literals));
	tcase_add_test(file, writes_the_pragmas_of_the_url);
	tcase_add_loop_test(file, guards_the_history, 0, COUNT(changes));
	tcase_add_test(file, guards_a_history_without_rows);
	tcase_add_test(file, has_no_search_path_and_no_roles);
	suite_add_tcase(suite, file);
	return suite;
}
