/* SPDX-License-Identifier: Apache-2.0 */
/* test_execute.c - scripts of every kind, whatever happens to them */
#include "suites.h"

#include "scenario.h"

#include "../../src/core/script_listener.h"

#include "cflyway/migration/checksum.h"

#include <inttypes.h>
#include <unistd.h>

static struct scenarios scenarios;
static struct run_fixture fixture;

START_TEST(does_what_is_recorded)
{
	scenario_check(&scenarios, (size_t)_i, &command_migrate);
}
END_TEST

/* --- any call fails ------------------------------------------------------------------------ */

/* What the result lists as there to stay is there; versions are there once. */
static void look(struct run_fixture *broken, const char *fault)
{
	const struct migrate_result *result = &broken->result.migrate;
	const char *rows = fake_db_rows(&broken->fake);

	for (size_t i = 0; i < result->executed; i++) {
		const struct migration *migration = result->migrations[i].file;
		const char *row = arena_printf(&broken->arena, " %s ok\n", migration->script);
		const char *found = strstr(rows, row);
		bool is_twice = found != NULL && migration_is_versioned(migration) &&
		                strstr(found + 1, row) != NULL;

		ck_assert_msg(found != NULL && !is_twice, "%s: %s is not once in\n%s", fault, row,
		              rows);
	}
}

static const char *const broken[] = {
	"a plain script",
	"a script with BEGIN and COMMIT",
	"a script that ends in COMMIT",
	"outside of a transaction",
	"outside of a transaction, begun and left open",
	"outside of a transaction, the lock is busy",
	"the lock is not dropped",
	"a mixed script",
	"a script that sets the role",
	"a program",
	"a repeatable that was changed",
	"the rows of a COPY",
	"a group",
	"a group of a script with COMMIT",
	"the lock is busy",
	"the history has changed",
	"rows that wait",
	"rows that wait and need not be on disk",
	"rows without scripts",
	"rows without scripts, with events between",
	"a batch outside of a transaction ends before an unbalanced statement",
	"rows and notices of a batch",
	"a batch between callbacks",
	"a group with a program that fails",
};

START_TEST(tells_the_truth_whatever_call_fails)
{
	scenario_break(scenario_find(&scenarios, broken[_i]), &command_migrate, look);
}
END_TEST

/* --- what needs more than a text ----------------------------------------------------------- */

static void setup(void)
{
	run_fixture_open(&fixture);
	run_fixture_add_table(&fixture);
}

static void teardown(void)
{
	run_fixture_close(&fixture);
}

/* Another program takes the rank, with this script and this checksum. */
struct rival {
	const char *call; /* when it does */
	const char *script, *checksum;
};

static void write_row(void *ctx, const char *call)
{
	const struct rival *rival = ctx;

	if (strcmp(call, rival->call) == 0)
		fake_db_add_row(&fixture.fake, "1", "a", rival->script, rival->checksum);
}

static const struct {
	const char *script, *checksum, *note;
} rivals[] = {
	{"V1__a.sql", "822304876", "The migration has been applied: its row is"},
	{"V1__b.sql", "822304876", "The migration has not been applied: its row is not"},
	{"V1__a.sql", "4711", "The migration has not been applied: its row is not"},
};

START_TEST(knows_its_row_after_a_lost_commit)
{
	struct rival rival = {"2: OPEN", rivals[_i].script, rivals[_i].checksum};

	run_fixture_write(&fixture, "V1__a.sql", "create table a;");
	fake_db_add_fault(&fixture.fake, FAKE_LOSES, "COMMIT", 1);
	fixture.fake.on_call = write_row;
	fixture.fake.ctx = &rival;
	ck_assert(!run_fixture_run(&fixture, &command_migrate));
	ck_assert_uint_gt(fixture.err.notes.n, 0);
	ck_assert_msg(strstr(fixture.err.notes.items[0].text, rivals[_i].note) != NULL, "%s",
	              fixture.err.notes.items[0].text);
}
END_TEST

/* Does not fit into the memory between check and run: it is read twice. */
static void write_large(const char *name, const char *end)
{
	struct buf text = BUF_EMPTY(1 << 20);

	while (text.len < 100000)
		buf_printf(&text, "-- a comment of a line\n");
	buf_add(&text, end);
	run_fixture_write(&fixture, name, text.ptr);
	buf_release(&text);
}

static const char *checksum_of(const char *path)
{
	int32_t sum = 0;

	ck_assert(checksum_file(path, "UTF-8", &sum, &fixture.err));
	return arena_printf(&fixture.arena, "%" PRId32, sum);
}

static const struct {
	const char *end, *statements;
} large[] = {
	{"create table a;\ninsert into a;", "create table a\ninsert into a"},
	{"create table a;\ncommit;\ninsert into a;", "create table a\ncommit\ninsert into a"},
	{"vacuum;\nvacuum full;", "vacuum\nvacuum full"},
};

START_TEST(runs_large_scripts)
{
	write_large("V1__a.sql", large[_i].end);
	ck_assert_msg(run_fixture_run(&fixture, &command_migrate), "%s", fixture.err.message);
	const char *statements = fake_db_statements(&fixture.fake);
	const char *end = strstr(statements, "create table a");
	if (end == NULL)
		end = strstr(statements, "vacuum");
	ck_assert_str_eq(end != NULL ? end : statements, large[_i].statements);
	ck_assert_str_eq(fake_db_view(&fixture.fake).rows[0].values[5],
	                 checksum_of("sql/V1__a.sql"));
}
END_TEST

static void change_file(void *ctx, const char *call)
{
	const char *end = ctx;

	if (str_starts(str_of(call), STR("CHECK")))
		write_large("V1__a.sql", end);
}

static const struct {
	const char *end, *changed;
} changes[] = {
	{"create table a;", "create table b;"},
	{"create table a;\ncommit;", "create table b;\ncommit;"},
	{"vacuum;", "vacuum full;"},
};

START_TEST(runs_no_large_script_that_has_changed)
{
	write_large("V1__a.sql", changes[_i].end);
	fixture.fake.on_call = change_file;
	fixture.fake.ctx = (void *)(uintptr_t)changes[_i].changed;
	ck_assert(!run_fixture_run(&fixture, &command_migrate));
	ck_assert_str_eq(fixture.err.message,
	                 "sql/V1__a.sql has changed since its checksum was computed. Run migrate "
	                 "again when the file is complete.");
	ck_assert_str_eq(fake_db_statements(&fixture.fake), "");
	ck_assert_str_eq(fake_db_rows(&fixture.fake), "");
}
END_TEST

/* ctx: the greatest number of statements that the listener has known at once. */
static void count_in_flight(void *ctx, const char *call)
{
	const struct db_listener *base = fixture.db.listener;
	size_t *most = ctx;

	(void)call;
	if (base == NULL)
		return;
	const struct script_listener *listener = base->ctx;
	if (listener->n > *most)
		*most = listener->n;
}

/* Nor does memory grow, however long the lock is held. */
START_TEST(forgets_what_was_sent_while_the_lock_was_busy)
{
	size_t most = 0;

	run_fixture_write(&fixture, "V1__a.sql", "create table a;\ncreate table b;");
	fixture.fake.driver.durability.can_queue_commit = true;
	fixture.fake.busy_tries = 3;
	fixture.fake.on_call = count_in_flight;
	fixture.fake.ctx = &most;
	ck_assert_msg(run_fixture_run(&fixture, &command_migrate), "%s", fixture.err.message);
	ck_assert_str_eq(fake_db_statements(&fixture.fake), "create table a\ncreate table b");
	ck_assert_uint_eq(most, 2);
}
END_TEST

/* A signal that comes while no call waits. */
static void cancel(void *ctx, const char *call)
{
	if (strcmp(call, ctx) == 0)
		fixture.db.is_cancelled = 1;
}

static const struct {
	const char *call, *rows, *message, *cause;
} signals[] = {
	{"COMMIT", "1 1 a SQL V1__a.sql ok\n", "Interrupted",
         "interrupted between two migrations: those before it stay, and no other has begun"},
	{"CHECK -1", "", "Interrupted",
         "interrupted in V1, before statement 1, line 1: rolled back"},
	{"SYNC", "1 1 a SQL V1__a.sql ok\n", "Interrupted",
         "interrupted between two migrations: those before it stay, and no other has begun"},
};

START_TEST(stops_between_steps_after_a_signal)
{
	run_fixture_write(&fixture, "V1__a.sql", "create table a;");
	run_fixture_write(&fixture, "V2__b.sql", "create table b;");
	fixture.fake.on_call = cancel;
	fixture.fake.ctx = (void *)(uintptr_t)signals[_i].call;
	ck_assert(!run_fixture_run(&fixture, &command_migrate));
	ck_assert_str_eq(fixture.err.message, signals[_i].message);
	ck_assert_uint_gt(fixture.err.notes.n, 0);
	ck_assert_str_eq(fixture.err.notes.items[0].text, signals[_i].cause);
	ck_assert_str_eq(fake_db_rows(&fixture.fake), signals[_i].rows);
}
END_TEST

/* Statements that an atomic batch has sent stay; those that hooks hold back are never sent. */
static const struct {
	const char *callback, *call, *statements, *note, *cause;
} batch_signals[] = {
	{NULL, "SEND insert into b", "insert into a\ninsert into b",
         "2 of 3 statements of sql/V1__a.sql have been applied and stay.",
         "interrupted in V1, before statement 3, line 3: 2 of its 3 statements have been applied and "
         "stay"},
	{"beforeEachMigrateStatement.sql", "SEND select 1", "select 1",
         "0 of 3 statements of sql/V1__a.sql have been applied and stay.",
         "interrupted in V1, before statement 2, line 2: 0 of its 3 statements have been applied and "
         "stay"},
};

START_TEST(counts_the_batch_that_a_signal_ends)
{
	run_fixture_write(&fixture, "V1__a.sql", "insert into a;\ninsert into b;\ninsert into c;");
	if (batch_signals[_i].callback != NULL)
		run_fixture_write(&fixture, batch_signals[_i].callback, "select 1;");
	run_fixture_set(&fixture, "batch", "true");
	run_fixture_set(&fixture, "executeInTransaction", "false");
	fixture.fake.driver.has_atomic_batches = true;
	fixture.fake.on_call = cancel;
	fixture.fake.ctx = (void *)(uintptr_t)batch_signals[_i].call;
	ck_assert(!run_fixture_run(&fixture, &command_migrate));
	ck_assert_str_eq(fixture.err.message, "Interrupted");
	ck_assert_uint_gt(fixture.err.notes.n, 1);
	ck_assert_str_eq(fixture.err.notes.items[0].text, batch_signals[_i].cause);
	ck_assert_str_eq(fixture.err.notes.items[1].text, batch_signals[_i].note);
	ck_assert_str_eq(fake_db_statements(&fixture.fake), batch_signals[_i].statements);
}
END_TEST

/* --- what a script leaves behind ----------------------------------------------------------- */

static bool find_a_leftover(struct db *db, struct str_list *sentences, struct error *err)
{
	(void)err;
	str_list_add(db->arena, sentences, "an index is invalid");
	return true;
}

static const struct {
	const char *script;
	bool fails;
	const char *said; /* among the lines and notes */
} leftovers[] = {
	{"vacuum;", false, "INFO cflyway: an index is invalid\n"},
	{"vacuum;", true, "note: an index is invalid\n"},
	{"create table a;", false, NULL},
};

START_TEST(names_what_is_left_behind)
{
	run_fixture_write(&fixture, "V1__a.sql", leftovers[_i].script);
	fixture.fake.driver.script.find_leftovers = find_a_leftover;
	if (leftovers[_i].fails)
		fake_db_add_fault(&fixture.fake, FAKE_FAILS, "SEND", 1);
	ck_assert(run_fixture_run(&fixture, &command_migrate) == !leftovers[_i].fails);
	const char *said = scratch_lines(&fixture.scratch);
	for (size_t i = 0; i < fixture.err.notes.n; i++)
		said = arena_printf(&fixture.arena, "%snote: %s\n", said,
		                    fixture.err.notes.items[i].text);
	if (leftovers[_i].said != NULL)
		ck_assert_msg(strstr(said, leftovers[_i].said) != NULL, "%s", said);
	else
		ck_assert_msg(strstr(said, "invalid") == NULL, "%s", said);
}
END_TEST

static void drop_the_schema(void *ctx, const char *call)
{
	if (strcmp(call, ctx) == 0)
		fake_db_drop_schema(&fixture.fake, "public");
}

START_TEST(says_that_the_history_is_gone)
{
	static const char *const scripts[] = {"vacuum;", "create table a;"};

	run_fixture_write(&fixture, "V1__a.sql", scripts[_i]);
	fixture.fake.on_call = drop_the_schema;
	fixture.fake.ctx = (void *)(uintptr_t) "ROLE";
	ck_assert(!run_fixture_run(&fixture, &command_migrate));
	const char *lines = scratch_lines(&fixture.scratch);
	bool is_said = strstr(lines, "Schema history table \"public\".\"flyway_schema_history\" "
	                             "does not exist") != NULL;
	ck_assert_msg(is_said, "%s\n%s", lines, fixture.err.message);
}
END_TEST

/* --- a row that waits ----------------------------------------------------------------------- */

static void remove_the_next(void *ctx, const char *call)
{
	(void)ctx;
	if (str_starts(str_of(call), STR("SEND")))
		unlink("sql/V2__b.sql");
}

/* Nothing has come back from the server when the file cannot be read. */
START_TEST(counts_a_row_that_waits_when_the_next_script_is_gone)
{
	write_large("V1__a.sql", "create table a;");
	write_large("V2__b.sql", "create table b;");
	fixture.fake.driver.durability.can_queue_commit = true;
	fixture.fake.on_call = remove_the_next;
	ck_assert(!run_fixture_run(&fixture, &command_migrate));
	ck_assert_str_eq(fake_db_rows(&fixture.fake), "1 1 a SQL V1__a.sql ok\n");
	ck_assert_uint_eq(fixture.result.migrate.executed, 1);
	ck_assert_msg(strstr(fixture.err.message, "V2__b.sql") != NULL, "%s", fixture.err.message);
}
END_TEST

/* --- memory --------------------------------------------------------------------------------- */

/* Texts are kept for messages with debug output: not more than a megabyte of them. */
static const struct {
	const char *option;
	size_t n, bytes; /* statements, and bytes of each */
	size_t syncs;
} texts[] = {
	{"debug", 4, 200000, 1},
	{"debug", 8, 200000, 2},
	{"debug", 12, 200000, 3},
	{"outOfOrder", 12, 200000, 1},
};

START_TEST(keeps_a_megabyte_of_statements)
{
	struct buf script = BUF_EMPTY(1 << 24);
	size_t syncs = 0;

	for (size_t i = 0; i < texts[_i].n; i++) {
		buf_add(&script, "select '");
		buf_repeat(&script, 'x', texts[_i].bytes);
		buf_add(&script, "';\n");
	}
	run_fixture_write(&fixture, "V1__a.sql", script.ptr);
	buf_release(&script);
	run_fixture_set(&fixture, texts[_i].option, "true");
	ck_assert_msg(run_fixture_run(&fixture, &command_migrate), "%s", fixture.err.message);
	for (size_t i = 0; i < fixture.fake.calls.n; i++)
		syncs += strcmp(fixture.fake.calls.items[i], "SYNC") == 0;
	ck_assert_uint_eq(syncs, texts[_i].syncs);
}
END_TEST

Suite *execute_suite(void)
{
	Suite *suite = suite_create("execute");
	TCase *tc = tcase_create("scenarios"), *more = tcase_create("execute");

	scenarios_load(&scenarios, "execute");
	tcase_add_checked_fixture(tc, scenario_set_up, scenario_tear_down);
	tcase_add_loop_test(tc, does_what_is_recorded, 0, (int)scenarios.n);
	tcase_add_loop_test(tc, tells_the_truth_whatever_call_fails, 0, COUNT(broken));
	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(more, setup, teardown);
	tcase_add_loop_test(more, knows_its_row_after_a_lost_commit, 0, COUNT(rivals));
	tcase_add_loop_test(more, runs_large_scripts, 0, COUNT(large));
	tcase_add_loop_test(more, runs_no_large_script_that_has_changed, 0, COUNT(changes));
	tcase_add_test(more, forgets_what_was_sent_while_the_lock_was_busy);
	tcase_add_loop_test(more, stops_between_steps_after_a_signal, 0, COUNT(signals));
	tcase_add_loop_test(more, counts_the_batch_that_a_signal_ends, 0, COUNT(batch_signals));
	tcase_add_loop_test(more, names_what_is_left_behind, 0, COUNT(leftovers));
	tcase_add_loop_test(more, says_that_the_history_is_gone, 0, 2);
	tcase_add_test(more, counts_a_row_that_waits_when_the_next_script_is_gone);
	tcase_add_loop_test(more, keeps_a_megabyte_of_statements, 0, COUNT(texts));
	suite_add_tcase(suite, more);
	return suite;
}
