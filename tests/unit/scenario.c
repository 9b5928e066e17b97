/* SPDX-License-Identifier: Apache-2.0 */
/* scenario.c - a command on files and a history that fit on a few lines */
#include "scenario.h"

#include "cflyway/base/fs.h"
#include "cflyway/migration/checksum.h"
#include "cflyway/output/text.h"

#include <check.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

static struct run_fixture fixture;

static const struct {
	enum fake_fault_kind kind;
	const char *word, *name;
} faults[] = {
	{FAKE_FAILS, "fails", "fails"},
	{FAKE_LOSES, "loses", "loses the connection"},
	{FAKE_LOSES_ANSWER, "answer", "loses the answer"},
	{FAKE_CONFLICTS, "conflicts", "is in conflict"},
	{FAKE_CANCELS, "cancels", "is cancelled"},
};

void scenario_set_up(void)
{
	run_fixture_open(&fixture);
}

void scenario_tear_down(void)
{
	run_fixture_close(&fixture);
}

/* --- files and options --------------------------------------------------------------------- */

static const char *with_line_breaks(struct arena *arena, struct str text)
{
	return str_replace(arena, text, STR("\\n"), STR("\n"));
}

static void write_files(const struct scenario *scenario)
{
	struct arena *arena = &fixture.scratch.arena;

	for (size_t i = 0; i < scenario->files.n; i++) {
		struct str text = str_of(scenario->files.items[i]);
		struct str name = str_cut(&text, ':');

		run_fixture_write(&fixture, str_dup(arena, name),
		                  with_line_breaks(arena, str_sub(text, 1, text.len)));
	}
	for (size_t i = 0; i < scenario->options.n; i++) {
		struct str value = str_of(scenario->options.items[i]);
		struct str key = str_cut(&value, '=');

		run_fixture_set(&fixture, str_dup(arena, key), with_line_breaks(arena, value));
	}
}

/* --- the database -------------------------------------------------------------------------- */

static const char *checksum_of(const char *script)
{
	const char *path = arena_printf(&fixture.arena, "sql/%s", script);
	struct error err = ERROR_INIT(&fixture.arena);
	int32_t sum = 17;

	if (access(path, R_OK) == 0)
		ck_assert(checksum_file(path, "UTF-8", &sum, &err));
	return arena_printf(&fixture.arena, "%" PRId32, sum);
}

/* "V1__a.sql", "R__v.sql", with the checksum of summed */
static struct fake_row *add_script(struct str word, struct str summed)
{
	struct arena *arena = &fixture.arena;
	const char *script = str_dup(arena, word);
	size_t gap = str_find(word, STR("__"));
	const char *version = str_dup(arena, str_sub(word, 1, gap));
	struct fake_row *row = fake_db_add_row(
		&fixture.fake, *version != '\0' ? version : NULL,
		str_replace(arena, str_sub(word, gap + 2, word.len - strlen(".sql")), STR("_"),
	                    STR(" ")),
		script, checksum_of(str_dup(arena, summed)));

	if (*script == 'B')
		row->values[3] = "SQL_BASELINE";
	return row;
}

/* "BASELINE:1:text" */
static struct fake_row *add_other(struct str word)
{
	struct arena *arena = &fixture.arena;
	const char *type = str_dup(arena, str_cut(&word, ':'));
	const char *version = str_dup(arena, str_cut(&word, ':'));
	const char *text = str_replace(arena, word, STR("_"), STR(" "));
	bool is_schema = strcmp(type, "SCHEMA") == 0;
	struct fake_row *row =
		fake_db_add_row(&fixture.fake, is_schema || *version == '\0' ? NULL : version,
	                        is_schema ? "<< Flyway Schema Creation >>" : text,
	                        is_schema ? version : text, NULL);

	row->values[3] = type;
	if (is_schema && strcmp(row->values[0], "1") == 0)
		row->values[0] = "0";
	return row;
}

static void add_row(struct str word)
{
	struct str summed;
	char mark = word.ptr[word.len - 1];
	bool is_marked = strchr("!~0", mark) != NULL;
	struct fake_row *row;

	if (fake_db_view(&fixture.fake).table == NULL)
		run_fixture_add_table(&fixture);
	if (is_marked)
		word.len--;
	summed = word;
	word = str_cut(&summed, '=');
	if (str_find(word, STR("__")) == word.len)
		row = add_other(word);
	else
		row = add_script(word, summed.ptr != NULL ? summed : word);
	if (mark == '!')
		row->values[9] = "0";
	else if (mark == '~')
		row->values[5] = "4711";
	else if (is_marked)
		row->values[5] = NULL;
}

static void add_word(struct str word)
{
	struct fake_db *fake = &fixture.fake;
	struct str value = word;
	struct str key = str_cut(&value, '=');

	const char *text = str_dup(fake->arena, value);

	if (str_eq(word, STR("table"))) {
		run_fixture_add_table(&fixture);
	} else if (str_eq(word, STR("queues"))) {
		fake->driver.durability.can_queue_commit = true;
	} else if (str_eq(word, STR("atomic-batches"))) {
		fake->driver.has_atomic_batches = true;
	} else if (str_eq(word, STR("flushes-later"))) {
		fake->may_flush_later = true;
	} else if (str_eq(word, STR("pools-transactions"))) {
		fake->pools_transactions = true;
	} else if (str_eq(key, STR("standby-at"))) {
		fake->standby_at = strtoul(text, NULL, 10);
	} else if (str_eq(word, STR("keeps-rows"))) {
		fake->keeps_rows = true;
	} else if (str_eq(word, STR("swallows-rows"))) {
		fake->swallows_rows = true;
		fake->driver.durability.commit_row = db_default_commit_row;
	} else if (str_eq(word, STR("no-transactional-lock"))) {
		fake->driver.has_transactional_lock = false;
	} else if (str_eq(key, STR("busy"))) {
		fake->busy_tries = strtoul(text, NULL, 10);
	} else if (str_eq(key, STR("holder"))) {
		fake->lock_holder = text;
	} else if (str_eq(key, STR("stale"))) {
		fake->stale_checks_at = 1;
		fake->stale_checks = strtoul(text, NULL, 10);
	} else if (str_eq(key, STR("stale-at"))) {
		fake->stale_checks_at = strtoul(text, NULL, 10);
		fake->stale_checks = 1;
	} else if (str_eq(key, STR("started-ago"))) {
		fake->started_ago_ms = strtol(text, NULL, 10);
	} else if (str_eq(key, STR("busy-at"))) {
		fake->busy_at = strtoul(text, NULL, 10);
	} else if (str_eq(key, STR("locks"))) {
		fake->clean_locks = strtol(text, NULL, 10);
	} else if (str_eq(key, STR("limit"))) {
		fake->clean_limit = strtol(text, NULL, 10);
	} else if (str_eq(key, STR("room"))) {
		fake->clean_room = strtol(text, NULL, 10);
	} else if (str_eq(key, STR("unknown"))) {
		fake->unknown_tries = strtoul(text, NULL, 10);
	} else if (str_eq(word, STR("no-current-schema"))) {
		fake->current_schema = NULL;
	} else if (str_eq(word, STR("missing"))) {
		fake_db_drop_schema(fake, "public");
	} else if (str_eq(key, STR("schema"))) {
		fake_db_add_schema(fake, text);
	} else if (str_eq(key, STR("object"))) {
		const char *schema = str_dup(fake->arena, str_cut(&value, '.'));

		fake_db_add_object(fake, schema, str_dup(fake->arena, value));
	} else {
		add_row(word);
	}
}

/* "fails 2 COMMIT", "fails 2* COMMIT": also all that follow */
static void add_fault(const char *fault)
{
	struct str rest = str_of(fault);
	struct str word = str_cut(&rest, ' ');
	struct str at = str_cut(&rest, ' ');
	struct fake_db *fake = &fixture.fake;

	for (size_t i = 0; i < COUNT(faults); i++)
		if (str_eq(word, str_of(faults[i].word)))
			fake_db_add_fault(fake, faults[i].kind, rest.ptr,
			                  strtoul(at.ptr, NULL, 10));
	if (str_ends(at, STR("*")))
		fake->faults[fake->faults_n - 1].times = SIZE_MAX;
}

/* "create table a => notice 00000 text" */
static void add_reaction(const char *text)
{
	struct arena *arena = &fixture.scratch.arena;
	const struct str arrow = STR(" => ");
	struct str rest = str_of(text);
	size_t at = str_find(rest, arrow);
	struct fake_reaction reaction = {.statement = str_dup(arena, str_sub(rest, 0, at))};

	rest = str_sub(rest, at + arrow.len, rest.len);

	struct str word = str_cut(&rest, ' ');

	if (str_eq(word, STR("notice"))) {
		reaction.notice_state = str_dup(arena, str_cut(&rest, ' '));
		reaction.notice = rest.ptr;
	} else if (str_eq(word, STR("fails"))) {
		reaction.state = str_dup(arena, str_cut(&rest, ' '));
		reaction.failure = rest.ptr;
	} else if (str_eq(word, STR("rows"))) {
		reaction.titles = str_dup(arena, str_cut(&rest, '|'));
		reaction.rows = str_replace(arena, rest, STR("|"), STR("\n"));
	} else if (str_eq(word, STR("affects"))) {
		reaction.affected = strtol(rest.ptr, NULL, 10);
	} else if (str_eq(word, STR("takes"))) {
		reaction.takes_ms = strtol(rest.ptr, NULL, 10);
	} else if (str_eq(word, STR("unlocks"))) {
		reaction.drops_locks = true;
	} else {
		ck_assert_msg(str_eq(word, STR("readonly")), "which reaction is \"%s\"?", text);
		reaction.makes_read_only = true;
	}
	fake_db_add_reaction(&fixture.fake, reaction);
}

/* Statements that take time are the only ones that do. */
static void pass_time(void *ctx, int64_t ms)
{
	((struct run_fixture *)ctx)->now_ms += ms;
}

static void fill_database(const struct scenario *scenario)
{
	fixture.fake.on_time = pass_time;
	fixture.fake.ctx = &fixture;
	for (size_t i = 0; i < scenario->database.n; i++) {
		struct str rest = str_of(scenario->database.items[i]);

		while (rest.len > 0)
			add_word(str_cut(&rest, ' '));
	}
	for (size_t i = 0; i < scenario->reactions.n; i++)
		add_reaction(scenario->reactions.items[i]);
	for (size_t i = 0; i < scenario->faults.n; i++)
		add_fault(scenario->faults.items[i]);
}

/* --- the text ------------------------------------------------------------------------------ */

static void put_list(struct buf *text, const char *what, const struct str_list *items)
{
	for (size_t i = 0; i < items->n; i++)
		buf_printf(text, "%s%s\n", what, items->items[i]);
}

static void put_row(struct buf *text, const char *const *values)
{
	buf_printf(text, "row %s %s %s %s %s %s by %s %s ms %s\n", values[0],
	           values[1] != NULL ? values[1] : "NULL", values[2], values[3], values[4],
	           values[5] != NULL ? values[5] : "NULL", values[7], values[8],
	           values[9][0] == '1' ? "ok" : "failed");
}

static const char *describe_database(void)
{
	const struct fake_view view = fake_db_view(&fixture.fake);
	struct arena *arena = fixture.fake.arena;
	struct buf text = BUF_EMPTY(1 << 20);

	if (!str_list_has(&view.schemas, "public"))
		buf_printf(&text, "no schema public\n");
	for (size_t i = 0; i < view.schemas.n; i++)
		if (strcmp(view.schemas.items[i], "public") != 0)
			buf_printf(&text, "schema %s\n", view.schemas.items[i]);
	put_list(&text, "object ", &view.objects);
	if (view.table != NULL && view.n == 0)
		buf_printf(&text, "empty %s\n", view.table);
	for (size_t i = 0; i < view.n; i++)
		put_row(&text, view.rows[i].values);
	put_list(&text, "did ", &view.statements);

	const char *all = arena_strdup(arena, buf_str(&text).ptr != NULL ? buf_str(&text).ptr : "");

	buf_release(&text);
	return all;
}

static const char *without_database_line(const char *lines)
{
	const struct str line = STR("INFO Database: jdbc:fake: (Fake 1.0)\n");

	return str_starts(str_of(lines), line) ? lines + line.len : lines;
}

static void put_error(struct buf *text, const struct error *err)
{
	struct str reason = str_of(err->sql != NULL ? err->sql->message : "");

	if (err->is_set)
		buf_printf(text, "error %s: %s%s\n", error_code_name(err->code),
		           err->prefix != NULL ? err->prefix : "", err->message);
	if (err->cause != NULL && !err->is_cause_logged)
		buf_printf(text, "cause: %s\n", err->cause);
	if (err->root_cause != NULL)
		buf_printf(text, "root cause: %s\n", err->root_cause);
	reason = str_cut(&reason, '\n');
	if (reason.len > 0 && !str_eq(reason, str_of(err->message)))
		buf_printf(text, "caused by: %.*s\n", (int)reason.len, reason.ptr);
	if (err->sql != NULL && err->sql->path != NULL)
		buf_printf(text, "at %s line %zu%s%s\n", err->sql->path, err->sql->line,
		           err->sql->statement != NULL ? ": " : "",
		           err->sql->statement != NULL ? err->sql->statement : "");
	put_list(text, "note: ", scratch_texts(&fixture.arena, &err->notes));
}

/* The file of a dry run, whose lines that are made of dashes are short here. */
static void put_file(struct buf *text, const char *path)
{
	struct buf bytes = BUF_EMPTY(1 << 20);
	struct error err = ERROR_INIT(&fixture.arena);

	if (path == NULL)
		return;
	if (!fs_read_all(path, &bytes, &err)) {
		buf_printf(text, "no file\n");
		return;
	}
	struct str rest = buf_str(&bytes);

	while (rest.len > 0) {
		struct str line = str_cut(&rest, '\n');
		bool is_rule = str_starts(line, STR("-- ---")) || str_starts(line, STR("-- -==="));

		if (line.len > 0 && !is_rule)
			buf_printf(text, "| %.*s\n", (int)line.len, line.ptr);
	}
	buf_release(&bytes);
}

static const char *describe_all(void)
{
	struct buf text = BUF_EMPTY(1 << 20);

	buf_printf(&text, "%s", without_database_line(scratch_lines(&fixture.scratch)));
	put_error(&text, &fixture.err);
	scenario_put_result(&text, &fixture.result);
	if (fixture.paused_ms > 0)
		buf_printf(&text, "paused %" PRId64 " ms\n", fixture.paused_ms);
	buf_printf(&text, "%s", describe_database());
	put_file(&text, fixture.settings.dry_run_output);
	if (fixture.shows_calls)
		put_list(&text, "call ", &fixture.fake.calls);

	const char *all = arena_strdup(&fixture.arena, buf_str(&text).ptr);

	buf_release(&text);
	return scratch_shorten(&fixture.scratch, all);
}

static void show(const struct str_list *shows)
{
	fixture.shows_calls = str_list_has(shows, "calls");
	fixture.shows_progress = str_list_has(shows, "progress");
	fixture.scratch.log.debug = str_list_has(shows, "debug");
	if (fixture.shows_progress)
		scratch_keep_progress(&fixture.scratch);
}

/* As the program does, into the log; ids would go to the standard output. */
static void print_result(void)
{
	const struct result *result = &fixture.result;

	if (result->kind != RESULT_INFO || !result->info.ids_only)
		text_print(&fixture.arena, result, &fixture.scratch.log);
}

void scenario_check(const struct scenarios *scenarios, size_t i, const struct command *command)
{
	const struct scenario *scenario = &scenarios->items[i];
	const char *text;

	write_files(scenario);
	fill_database(scenario);
	show(&scenario->shows);
	if (run_fixture_run(&fixture, command))
		print_result();
	text = describe_all();
	if (getenv("UNIT_RECORD") != NULL)
		scenario_record(scenarios, scenario, fixture.scratch.previous, text);
	else
		ck_assert_msg(strcmp(text, scenario->expected) == 0, "%s:\n%s--- instead of\n%s",
		              scenario->name, text, scenario->expected);
}

/* --- faults -------------------------------------------------------------------------------- */

/* With a fault at the n-th call. False if there was no such call any more. */
static bool break_at(const struct scenario *scenario, const struct command *command, size_t fault,
                     size_t n, const char *good_database,
                     void (*look)(struct run_fixture *fixture, const char *fault))
{
	const char *what;

	run_fixture_reset(&fixture);
	fill_database(scenario);
	fake_db_add_fault(&fixture.fake, faults[fault].kind, NULL, n);
	bool ok = run_fixture_run(&fixture, command);
	if (n > fixture.fake.calls.n)
		return false;
	what = arena_printf(&fixture.arena, "%s: call %zu (%s) %s", scenario->name, n,
	                    fixture.fake.calls.items[n - 1], faults[fault].name);
	const char *lines = scratch_lines(&fixture.scratch);
	bool has_warned = strstr(lines, "WARN ") != NULL || strstr(lines, "ERROR ") != NULL;

	ck_assert_msg(!ok || has_warned || strcmp(describe_database(), good_database) == 0,
	              "%s, and success is reported of\n%s--- instead of\n%s", what,
	              describe_database(), good_database);
	ck_assert_msg(ok || fixture.err.message[0] != '\0', "%s: no message", what);
	if (look != NULL)
		look(&fixture, what);
	return true;
}

void scenario_break(const struct scenario *scenario, const struct command *command,
                    void (*look)(struct run_fixture *fixture, const char *fault))
{
	const char *good_database;

	write_files(scenario);
	fill_database(scenario);
	(void)!run_fixture_run(&fixture, command);
	good_database = arena_strdup(&fixture.scratch.arena, describe_database());
	for (size_t fault = 0; fault < COUNT(faults); fault++)
		for (size_t n = 1; break_at(scenario, command, fault, n, good_database, look); n++)
			;
}
