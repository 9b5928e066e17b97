/* SPDX-License-Identifier: Apache-2.0 */
/* test_trial_output.c - a dry run that executes as text, as JSON, and in the page of a report */
#include "scratch.h"
#include "suites.h"

#include "../../src/output/report_trial.h"

#include "cflyway/output/trial_output.h"

static struct scratch scratch;

static void setup(void)
{
	scratch_open(&scratch);
}

static void teardown(void)
{
	scratch_close(&scratch);
}

static const struct migration first = {.file_name = "V1__a.sql", .absolute_path = "/sql/V1__a.sql"};
static const struct migration second = {.file_name = "V2__b.sql",
                                        .absolute_path = "/sql/V2__b.sql"};
static const struct migration callback = {.file_name = "afterMigrate.sql",
                                          .absolute_path = "/sql/afterMigrate.sql"};

static struct trial_session reader = {
	.pid = "4713",
	.user = "app",
	.application = "<shop>",
	.state = "active",
	.query = "select 2",
	.relation = "public.t",
	.mode = "ACCESS SHARE",
	.is_granted = true,
	.open_ms = 12,
};

static struct trial_lock locks[] = {
	{
		.relation = "public.t",
		.kind = "table",
		.mode = "ACCESS EXCLUSIVE",
		.blocks = "reads and writes",
		.size_bytes = (int64_t)11 * 1024 * 1024,
		.rows = 1234567,
		.taken_ms = 100,
		.reads = 1310,
		.writes = 1,
		.conflicts = {&reader, 1},
	},
	{
		.relation = "public.u",
		.kind = "table",
		.mode = "ROW EXCLUSIVE",
		.size_bytes = 1023,
		.rows = -1,
		.taken_ms = 100,
		.reads = -1,
	},
	{
		.relation = "public.v",
		.kind = "view",
		.mode = "SHARE",
		.blocks = "writes",
		.taken_ms = 100,
		.reads = -1,
		.held_by = "V0__z.sql",
	},
	{
		.relation = "public.w",
		.kind = "table",
		.mode = "SHARE",
		.blocks = "writes",
		.taken_ms = 1340,
		.writes = 45,
	},
	{
		.relation = "public.x",
		.kind = "table",
		.mode = "SHARE",
		.blocks = "writes",
		.taken_ms = 1340,
	},
};

static struct trial_change changes[] = {
	{"public.t", {1, 0, 1000}, true},
	{"public.u", {0}, true},
};

static struct trial_session holders[] = {
	{"4711", "app", "billing", "idle in transaction", "select 1", "public.t", "ACCESS SHARE",
         192000, false},
	{"4712", NULL, "", NULL, NULL, NULL, NULL, 0, false},
};

static const char *const rewritten[] = {"public.t"};

static struct trial_statement statements[] = {
	{
		.line = 3,
		.text = "alter table <t> add column c int",
		.elapsed_ms = 1240,
		.rows = -1,
		.wal_bytes = 1536,
		.locks = locks,
		.locks_n = COUNT(locks),
		.rewritten = {(const char **)(uintptr_t)rewritten, 1},
		.changes = changes,
		.changes_n = COUNT(changes),
		.blockers = {holders, 2},
	},
	{
		.line = 14,
		.text = "update t",
		.elapsed_ms = 7,
		.rows = 1,
		.wal_bytes = 0,
		.has_failed = true,
		.waiters = {holders, 1},
	},
};

static struct trial_lock by_rule[] = {
	{
		.relation = "public.t",
		.kind = "table",
		.mode = "SHARE UPDATE EXCLUSIVE",
		.blocks = "DDL and VACUUM",
		.size_bytes = 8192,
		.rows = 10,
		.taken_ms = -1,
		.reads = -1,
		.conflicts = {&reader, 1},
	},
};

static struct trial_statement untried[] = {
	{
		.line = 2,
		.text = "create index concurrently i on t",
		.rows = -1,
		.wal_bytes = -1,
		.is_by_rule = true,
		.locks = by_rule,
		.locks_n = 1,
	},
};

static struct trial_script scripts[] = {
	{.file = &first,
         .state = TRIAL_FAILED,
         .elapsed_ms = 1247,
         .end_ms = 1347,
         .statements = statements,
         .n = 2,
         .unlisted = 1000},
	{.file = &second, .state = TRIAL_NOT_TRIED, .reason = "it is a program"},
	{.file = &second,
         .state = TRIAL_NOT_TRIED,
         .reason = "it cannot run in a transaction",
         .statements = untried,
         .n = 1},
	{.file = &callback, .event = "afterMigrate", .elapsed_ms = 2},
};

static struct trial_sequence sequences[] = {{"public.s", NULL, "7"}};

static const struct trial_result result = {
	.lock_timeout_ms = 1000,
	.max_hold_ms = 5000,
	.is_watched = true,
	.elapsed_ms = 2113,
	.scripts = scripts,
	.n = COUNT(scripts),
	.sequences = sequences,
	.sequences_n = 1,
	.stopped = "it took <too> long",
};

START_TEST(shows_all_of_it_as_text)
{
	static const char expected[] =
		"INFO \n"
		"V1__a.sql                                1.247 s  FAILED\n"
		"  line 3     1.240 s alter table <t> add column c int\n"
		"             at most 1.5 kB of WAL\n"
		"             ACCESS EXCLUSIVE on table public.t (11.0 MB, about 1,234,567 rows): "
		"blocks reads and writes for 1.247 s, about 1,310 reads and 1 write would wait\n"
		"               in conflict with process 4713 of user app (<shop>), active, "
		"transaction open for 0.012 s, holds ACCESS SHARE on public.t: select 2\n"
		"             ROW EXCLUSIVE on table public.u (1023 bytes)\n"
		"             SHARE on view public.v: held since V0__z.sql, which hides what this "
		"one takes (-target)\n"
		"             SHARE on table public.w: blocks writes for 0.007 s, about 45 writes "
		"would wait\n"
		"             SHARE on table public.x: blocks writes for 0.007 s\n"
		"             new file for public.t\n"
		"             public.t: 1 row inserted, 1,000 rows deleted, read from end to end\n"
		"             public.u: read from end to end\n"
		"             blocked by process 4711 of user app (billing), idle in transaction, "
		"transaction open for 192.000 s, waits for ACCESS SHARE on public.t: select 1\n"
		"             blocked by process 4712 of user ?, transaction open for 0.000 s\n"
		"  line 14    0.007 s update t  FAILED\n"
		"             1 row\n"
		"             blocks process 4711 of user app (billing), idle in transaction, "
		"transaction open for 192.000 s, waits for ACCESS SHARE on public.t: select 1\n"
		"  1,000 more statements without a lock that is new\n"
		"V2__b.sql                                not tried: it is a program\n"
		"V2__b.sql                                not tried: it cannot run in a "
		"transaction\n"
		"  line 2     by rule create index concurrently i on t\n"
		"             SHARE UPDATE EXCLUSIVE on table public.t (8.0 kB, about 10 rows): "
		"blocks DDL and VACUUM\n"
		"               in conflict with process 4713 of user app (<shop>), active, "
		"transaction open for 0.012 s, holds ACCESS SHARE on public.t: select 2\n"
		"afterMigrate: afterMigrate.sql 0.002 s\n"
		"Sequences that moved, which no rollback takes back:\n"
		"  public.s: unused -> 7\n"
		"The dry run was stopped: it took <too> long.\n"
		"Dry run: rolled back after 2.113 s.\n";

	trial_text_print(&scratch.arena, &result, &scratch.log);
	ck_assert_str_eq(scratch_lines(&scratch), expected);
}
END_TEST

static const char *const shown[] = {
	"<h2>Dry run</h2>",
	"<p class=\"bad\">Stopped: it took &lt;too&gt; long</p>",
	"<h3>V1__a.sql</h3>\n<p class=\"bad\">Failed</p>",
	"<td>alter table &lt;t&gt; add column c int</td>",
	"<td class=\"bad\">update t</td>",
	"blocks reads and writes for 1247 ms, about 1310 reads and 1 writes would wait",
	"held since V0__z.sql",
	"<p>new file for public.t</p>",
	"<p>public.t: 1 inserted 1000 deleted read from end to end</p>",
	"<p class=\"bad\">in conflict with process 4713 of app, holds ACCESS SHARE on public.t",
	"<p class=\"bad\">blocked by process 4711 of app, waits for ACCESS SHARE on public.t",
	"<p class=\"bad\">blocked by process 4712 of &ndash;: &ndash;</p>",
	"<p class=\"bad\">blocks process 4711 of app, waits for ACCESS SHARE on public.t",
	"ACCESS SHARE on public.t: select 1</p>",
	"<p class=\"open\">Not tried: it is a program</p>",
	"<td class=\"n\">2</td><td class=\"n\">by rule</td>",
	"<span class=\"open\">blocks DDL and VACUUM</span>",
	"<h3>afterMigrate: afterMigrate.sql</h3>",
	"<li>public.s: &ndash; &rarr; 7</li>",
};

/* The page is made of the document: both are seen here. */
START_TEST(shows_all_of_it_in_the_page)
{
	struct error err = ERROR_INIT(&scratch.arena);
	struct buf html = BUF_EMPTY(1 << 20);
	const struct page page = {&scratch.arena, &html};
	struct json_value document;
	struct json json;

	json_init(&json);
	json_open_object(&json);
	trial_json(&json, &result);
	json_close_object(&json);
	ck_assert(json_parse(&scratch.arena, buf_str(&json.text), &document, &err));
	report_trial_put(&page, report_trial_of(&document));
	for (size_t i = 0; i < COUNT(shown); i++)
		ck_assert_msg(strstr(buf_str(&html).ptr, shown[i]) != NULL, "%s is not in\n%s",
		              shown[i], buf_str(&html).ptr);
	json_release(&json);
	buf_release(&html);
}
END_TEST

/* The keys of scripts and their values, in order. */
START_TEST(names_each_script_in_the_document)
{
	struct migration versioned = {.absolute_path = "/sql/V2__b.sql"};
	struct trial_script script = {.file = &versioned, .elapsed_ms = 3, .unlisted = 4};
	const struct trial_result tried = {.scripts = &script,
	                                   .n = 1,
	                                   .lock_timeout_ms = 5,
	                                   .max_hold_ms = 6,
	                                   .elapsed_ms = 7};
	struct json json;

	ck_assert(version_parse(&scratch.arena, "2", &versioned.version, &scratch.err));
	json_init(&json);
	json_open_object(&json);
	trial_json(&json, &tried);
	json_close_object(&json);
	const char *text = str_dup(&scratch.arena, buf_str(&json.text));

	json_release(&json);
	ck_assert_str_eq(text, "{\n"
	                       "  \"dryRun\" : {\n"
	                       "    \"executionTime\" : 7,\n"
	                       "    \"lockTimeout\" : 5,\n"
	                       "    \"maxHold\" : 6,\n"
	                       "    \"scripts\" : [ {\n"
	                       "      \"event\" : null,\n"
	                       "      \"executionTime\" : 3,\n"
	                       "      \"filepath\" : \"/sql/V2__b.sql\",\n"
	                       "      \"reason\" : null,\n"
	                       "      \"state\" : \"ok\",\n"
	                       "      \"statements\" : [ ],\n"
	                       "      \"unlisted\" : 4,\n"
	                       "      \"version\" : \"2\"\n"
	                       "    } ],\n"
	                       "    \"sequences\" : [ ],\n"
	                       "    \"stopped\" : null,\n"
	                       "    \"watched\" : false\n"
	                       "  }\n"
	                       "}");
}
END_TEST

Suite *trial_output_suite(void)
{
	Suite *suite = suite_create("trial_output");
	TCase *tc = tcase_create("trial_output");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, shows_all_of_it_as_text);
	tcase_add_test(tc, shows_all_of_it_in_the_page);
	tcase_add_test(tc, names_each_script_in_the_document);
	suite_add_tcase(suite, tc);
	return suite;
}
