/* SPDX-License-Identifier: Apache-2.0 */
/* test_read_ahead.c - which scripts are read before their turn, and that nothing else shows it */
#include "run_fixture.h"
#include "suites.h"

#include "cflyway/core/script_prescan.h"
#include "cflyway/migration/checksum.h"

#include <inttypes.h>
#include <unistd.h>

static struct run_fixture fixture;

static void setup(void)
{
	run_fixture_open(&fixture);
	run_fixture_add_table(&fixture);
}

static void teardown(void)
{
	run_fixture_close(&fixture);
}

/* Comments of that many bytes, and then the end. */
static void write_script(const char *name, size_t bytes, const char *end)
{
	struct buf text = BUF_EMPTY(1 << 20);

	while (text.len + strlen("-- a comment of a line\n") <= bytes)
		buf_add(&text, "-- a comment of a line\n");
	buf_repeat(&text, '\n', bytes - text.len);
	buf_add(&text, end);
	run_fixture_write(&fixture, name, text.ptr);
	buf_release(&text);
}

/* --- large scripts ------------------------------------------------------------------------- */

enum { LARGE = 100000, SMALL = 1000 };

static void add_row(const char *version, const char *script)
{
	const char *path = arena_printf(&fixture.arena, "sql/%s", script);
	int32_t sum = 0;

	ck_assert(checksum_file(path, "UTF-8", &sum, &fixture.err));
	fake_db_add_row(&fixture.fake, version, "a", script,
	                arena_printf(&fixture.arena, "%" PRId32, sum));
}

static const struct {
	const char *what, *name;
	size_t bytes;
	const char *end, *option, *fault;
	bool is_applied, is_info;
	size_t prescans; /* scripts that were read once for their checksum and their check */
	const char *rows, *message;
} scripts[] = {
	{.what = "a large script that is pending",
         .name = "V1__a.sql",
         .bytes = LARGE,
         .end = "create table a;",
         .prescans = 1,
         .rows = "1 1 a SQL V1__a.sql ok\n"},
	{.what = "a small script",
         .name = "V1__a.sql",
         .bytes = SMALL,
         .end = "create table a;",
         .rows = "1 1 a SQL V1__a.sql ok\n"},
	{.what = "a script that has been applied",
         .name = "V1__a.sql",
         .bytes = LARGE,
         .end = "create table a;",
         .is_applied = true,
         .rows = "1 1 a SQL V1__a.sql ok\n"},
	{.what = "a repeatable, whose checksum alone cannot tell",
         .name = "R__a.sql",
         .bytes = LARGE,
         .end = "create table a;",
         .rows = "1 NULL a SQL R__a.sql ok\n"},
	{.what = "an undo migration",
         .name = "U1__a.sql",
         .bytes = LARGE,
         .end = "drop table a;",
         .rows = ""},
	{.what = "info runs nothing",
         .name = "V1__a.sql",
         .bytes = LARGE,
         .end = "create table a;",
         .is_info = true,
         .rows = ""},
	{.what = "the log of a debug run has its order",
         .name = "V1__a.sql",
         .bytes = LARGE,
         .end = "create table a;",
         .option = "debug",
         .rows = "1 1 a SQL V1__a.sql ok\n"},
	{.what = "a script that cannot be parsed is reported when its turn comes",
         .name = "V1__a.sql",
         .bytes = LARGE,
         .end = "select ${nope};",
         .rows = "",
         .message = "Unable to parse statement in sql/V1__a.sql at line 4340 col 1. See "
                    "https://help.red-gate.com/help/flyway-cli12/help_4.aspx?topic="
                    "learn-more-about-flyway/troubleshooting/known-parser-limitations for "
                    "more information. No value provided for placeholder: ${nope}.  Check "
                    "your configuration!"},
	{.what = "without the rows nothing is known to be pending",
         .name = "V1__a.sql",
         .bytes = LARGE,
         .end = "create table a;",
         .fault = "SELECT",
         .rows = "1 1 a SQL V1__a.sql ok\n"},
};

START_TEST(reads_large_scripts_once)
{
	const struct command *command = scripts[_i].is_info ? &command_info : &command_migrate;

	write_script(scripts[_i].name, scripts[_i].bytes, scripts[_i].end);
	if (scripts[_i].is_applied)
		add_row("1", scripts[_i].name);
	if (scripts[_i].option != NULL)
		run_fixture_set(&fixture, scripts[_i].option, "true");
	if (scripts[_i].fault != NULL)
		fake_db_add_fault(&fixture.fake, FAKE_FAILS, scripts[_i].fault, 1);
	bool ok = run_fixture_run(&fixture, command);
	const char *message = ok ? NULL : fixture.err.message;

	ck_assert_msg(str_same(message, scripts[_i].message), "%s: %s", scripts[_i].what, message);
	ck_assert_uint_eq(fixture.run.prescans->n, scripts[_i].prescans);
	ck_assert_str_eq(fake_db_rows(&fixture.fake), scripts[_i].rows);
}
END_TEST

static void write_again(void *ctx, const char *call)
{
	if (str_starts(str_of(call), STR("CHECK")))
		write_script("V2__b.sql", LARGE, ctx);
}

/* Another time of the file proves nothing: then its checksum decides. */
START_TEST(runs_large_scripts_that_were_written_again)
{
	static const char *const ends[] = {"create table b;", "create table c;"};
	bool is_same = _i == 0;

	write_script("V1__a.sql", LARGE, "create table a;");
	write_script("V2__b.sql", LARGE, ends[0]);
	write_script("V3__c.sql", LARGE, "vacuum;");
	fixture.fake.on_call = write_again;
	fixture.fake.ctx = (void *)(uintptr_t)ends[_i];
	ck_assert(run_fixture_run(&fixture, &command_migrate) == is_same);
	ck_assert_uint_eq(fixture.run.prescans->n, 3);
	ck_assert_str_eq(fake_db_rows(&fixture.fake),
	                 is_same ? "1 1 a SQL V1__a.sql ok\n2 2 b SQL V2__b.sql ok\n"
	                           "3 3 c SQL V3__c.sql ok\n"
	                         : "1 1 a SQL V1__a.sql ok\n");
}
END_TEST

/* --- small scripts ------------------------------------------------------------------------- */

static void remove_scripts(void *ctx, const char *call)
{
	size_t n = *(const size_t *)ctx;

	if (!str_starts(str_of(call), STR("SEND")))
		return;
	for (size_t i = 1; i <= n; i++)
		unlink(arena_printf(&fixture.arena, "sql/V%zu__a.sql", i));
}

static const struct {
	const char *what;
	size_t n, bytes; /* scripts, and bytes of each */
	size_t applied;  /* the first one, and those that had been read when it was sent */
} ahead[] = {
	{"as many as there are", 5, 100, 5},
	{"as many as are read at a time", 33, 100, 33},
	{"more than are read at a time", 40, 100, 33},
	{"a quarter of a megabyte", 10, 60000, 1 + 5},
	{"exactly a quarter of a megabyte", 10, 64 * 1024 - 20, 1 + 5},
	{"more than is kept of one script", 3, 64 * 1024 + 1, 1},
};

START_TEST(reads_some_scripts_ahead)
{
	size_t n = ahead[_i].n;

	for (size_t i = 1; i <= n; i++)
		write_script(arena_printf(&fixture.arena, "V%zu__a.sql", i), ahead[_i].bytes,
		             "create table a;");
	fixture.fake.on_call = remove_scripts;
	fixture.fake.ctx = &n;
	bool ok = run_fixture_run(&fixture, &command_migrate);
	ck_assert_msg(fake_db_view(&fixture.fake).n == ahead[_i].applied, "%s: %zu, %s",
	              ahead[_i].what, fake_db_view(&fixture.fake).n, ok ? "" : fixture.err.message);
	ck_assert(ok == (ahead[_i].applied == n));
}
END_TEST

/* --- scripts that change ------------------------------------------------------------------- */

#define CHANGED(name)                                                                              \
	"sql/" name " has changed since its checksum was computed. Run migrate again when the "    \
	"file is complete."

static const struct {
	const char *what, *name;
	const char *call;  /* when the script changes: its checksum is known before SELECT */
	const char *group; /* option */
	const char *done;  /* what has been done then */
	const char *message;
} changes[] = {
	{"before it is checked", "V1__a.sql", "SELECT", "false", "", CHANGED("V1__a.sql")},
	{"a repeatable", "R__a.sql", "SELECT", "false", "", CHANGED("R__a.sql")},
	{"a group", "V1__a.sql", "SELECT", "true", "", CHANGED("V1__a.sql")},
	{"after it was checked", "V1__a.sql", "LOCK", "false", "create table a", NULL},
	{"a repeatable, after it was checked", "R__a.sql", "LOCK", "false", "create table a", NULL},
	{"a group, which is read again", "V1__a.sql", "LOCK", "true", "", CHANGED("V1__a.sql")},
	{"after it has run", "V1__a.sql", "COMMIT", "true", "create table a", NULL},
};

static void change_script(void *ctx, const char *call)
{
	size_t i = *(const size_t *)ctx;

	if (str_starts(str_of(call), str_of(changes[i].call)))
		run_fixture_write(&fixture, changes[i].name, "create table b;");
}

START_TEST(runs_no_script_that_has_changed)
{
	size_t i = (size_t)_i;

	run_fixture_write(&fixture, changes[i].name, "create table a;");
	run_fixture_set(&fixture, "group", changes[i].group);
	fixture.fake.on_call = change_script;
	fixture.fake.ctx = &i;
	bool ok = run_fixture_run(&fixture, &command_migrate);
	const char *message = ok ? NULL : fixture.err.message;

	ck_assert_msg(str_same(message, changes[i].message), "%s: %s", changes[i].what, message);
	ck_assert_msg(strcmp(fake_db_statements(&fixture.fake), changes[i].done) == 0, "%s: %s",
	              changes[i].what, fake_db_statements(&fixture.fake));
	/* Nobody has to wait for a script that cannot run. */
	bool is_known_early = strcmp(changes[i].call, "SELECT") == 0;
	ck_assert_msg(str_list_has(&fixture.fake.calls, "LOCK") != is_known_early, "%s",
	              changes[i].what);
}
END_TEST

Suite *read_ahead_suite(void)
{
	Suite *suite = suite_create("read_ahead");
	TCase *tc = tcase_create("read_ahead");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, reads_large_scripts_once, 0, COUNT(scripts));
	tcase_add_loop_test(tc, runs_large_scripts_that_were_written_again, 0, 2);
	tcase_add_loop_test(tc, reads_some_scripts_ahead, 0, COUNT(ahead));
	tcase_add_loop_test(tc, runs_no_script_that_has_changed, 0, COUNT(changes));
	suite_add_tcase(suite, tc);
	return suite;
}
