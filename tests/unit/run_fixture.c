/* SPDX-License-Identifier: Apache-2.0 */
/* run_fixture.c - a command on the fake database, with migrations in a scratch folder */
#include "run_fixture.h"

#include "cflyway/config/options.h"
#include "cflyway/core/callbacks.h"
#include "cflyway/core/pooler_plan.h"
#include "cflyway/core/trial.h"
#include "cflyway/db/dry_run.h"

#include <check.h>

static struct timespec now(const struct clock *clock)
{
	(void)clock;
	return (struct timespec){.tv_sec = 1767323045}; /* 2026-01-02 03:04:05 UTC */
}

static int64_t monotonic_ms(const struct clock *clock)
{
	return ((const struct run_fixture *)clock->ctx)->now_ms;
}

static void sleep_ms(const struct clock *clock, int64_t ms)
{
	struct run_fixture *fixture = clock->ctx;

	fixture->now_ms += ms;
	fixture->paused_ms += ms;
}

static void begin(struct run_fixture *fixture)
{
	arena_init(&fixture->arena);
	fake_db_init(&fixture->fake, &fixture->arena);
	error_init(&fixture->err, &fixture->arena);
	fixture->result = (struct result){0};
	fixture->db = (struct db){0};
	fixture->now_ms = 1000000;
	fixture->paused_ms = 0;
	fixture->clock = (struct clock){
		.now = now,
		.monotonic_ms = monotonic_ms,
		.sleep_ms = sleep_ms,
		.ctx = fixture,
	};
	scratch_lines(&fixture->scratch);
}

void run_fixture_open(struct run_fixture *fixture)
{
	*fixture = (struct run_fixture){0};
	scratch_open(&fixture->scratch);
	begin(fixture);
	pairs_init(&fixture->options, &fixture->scratch.arena);
	run_fixture_set(fixture, "url", "jdbc:fake:");
	run_fixture_set(fixture, "locations", "filesystem:sql");
	scratch_write("sql/.keep", "");
}

void run_fixture_close(struct run_fixture *fixture)
{
	arena_release(&fixture->arena);
	scratch_close(&fixture->scratch);
}

void run_fixture_reset(struct run_fixture *fixture)
{
	arena_release(&fixture->arena);
	begin(fixture);
}

void run_fixture_set(struct run_fixture *fixture, const char *key, const char *value)
{
	const char *full = arena_printf(&fixture->scratch.arena, "flyway.%s", key);

	pairs_set(&fixture->options, str_of(full), str_of(value), "test");
}

void run_fixture_write(struct run_fixture *fixture, const char *name, const char *text)
{
	scratch_write(arena_printf(&fixture->arena, "sql/%s", name), text);
}

void run_fixture_add_table(struct run_fixture *fixture)
{
	fake_db_add_table(&fixture->fake, "public", "flyway_schema_history");
}

static const char *name_of(const struct pair *pair)
{
	return pair->key + strlen("flyway.");
}

static bool is_argument(const struct pair *pair)
{
	const struct option_spec *spec = option_find(name_of(pair));

	return spec == NULL || spec->place == OPTION_COMMAND_LINE;
}

/* Options that only arguments may set come after all others, as in settings_load. */
static void make_settings(struct run_fixture *fixture)
{
	struct arena *arena = &fixture->arena;
	struct settings *settings = &fixture->settings;
	struct error *err = &fixture->err;
	const struct log silence = {0};
	struct pairs pairs;

	pairs_init(&pairs, arena);
	for (size_t i = 0; i < fixture->options.n; i++) {
		const struct pair *pair = &fixture->options.items[i];

		if (!is_argument(pair))
			pairs_copy(&pairs, pair->key, pair);
	}
	ck_assert_msg(settings_from_pairs(arena, &pairs, false, &silence, settings, err), "%s",
	              err->message);
	for (size_t i = 0; i < fixture->options.n; i++) {
		const struct pair *pair = &fixture->options.items[i];

		if (is_argument(pair))
			ck_assert(settings_set(arena, name_of(pair), pair, settings, err));
	}
	settings->environment_name =
		settings->environment != NULL ? settings->environment : "default";
	settings->migration_ids = pairs_find(&fixture->options, "flyway.migrationIds") != NULL;
	settings->says_progress = settings->output_progress || fixture->shows_progress;
	settings->locations_configured = !fixture->has_default_locations;
	fixture->scratch.log.debug |= pairs_find(&fixture->options, "flyway.debug") != NULL;
}

static bool open_dry_run(struct run_fixture *fixture, struct error *err)
{
	const char *path = fixture->settings.dry_run_output;

	fixture->dry_run = NULL;
	if (path == NULL)
		return true;
	fixture->dry_run = dry_run_open(path, &fixture->fake.drivers, &fixture->clock, err);
	return fixture->dry_run != NULL;
}

/* As main/run_commands.c does. */
bool run_fixture_connect(struct run_fixture *fixture, const struct command *command)
{
	struct run *run = &fixture->run;
	struct error *err = &fixture->err;

	make_settings(fixture);
	fixture->locations = (struct locations){
		.arena = &fixture->arena,
		.settings = &fixture->settings,
	};
	if (!open_dry_run(fixture, err))
		return false;
	*run = (struct run){
		.arena = &fixture->arena,
		.settings = &fixture->settings,
		.log = &fixture->scratch.log,
		.clock = &fixture->clock,
		.drivers = fixture->dry_run != NULL ? dry_run_drivers(fixture->dry_run)
	                                            : &fixture->fake.drivers,
		.db = &fixture->db,
		.locations = &fixture->locations,
		.is_migrate = (command->flags & COMMAND_MIGRATES) != 0,
		.needs_callbacks_only = (command->flags & COMMAND_CALLBACKS_ONLY) != 0,
		.is_undo = (command->flags & COMMAND_UNDOES) != 0,
		.outcome = (command->flags & COMMAND_TELLS_OUTCOME) != 0 ? &fixture->outcome : NULL,
	};
	fixture->outcome = (struct outcome){.arena = &fixture->arena, .verb = command->name};
	if ((command->flags & COMMAND_NEEDS_DB) == 0)
		return true;
	return db_open(run->db, run->drivers, run->arena, run->settings, run->log, err) &&
	       ((command->flags & COMMAND_CONNECTS_ONLY) != 0 ||
	        (session_open(run, err) && callbacks_open(run, err) &&
	         pooler_plan_check_callbacks(run, command->name, err) &&
	         (run->settings->dry_run_kind != DRY_RUN_EXECUTE || trial_open(run, err)) &&
	         callbacks_run(run, EVENT_AFTER_CONNECT, err)));
}

void run_fixture_disconnect(struct run_fixture *fixture)
{
	fixture->result.trial = trial_close(&fixture->run);
	callbacks_close(&fixture->run);
	db_close(&fixture->db);
	ck_assert_msg(fixture->fake.opened == fixture->fake.closed,
	              "%zu connections have been opened, %zu have been closed",
	              fixture->fake.opened, fixture->fake.closed);
}

bool run_fixture_run(struct run_fixture *fixture, const struct command *command)
{
	size_t open_before = scratch_open_files();
	bool ok = run_fixture_connect(fixture, command) &&
	          command->run(&fixture->run, &fixture->result, &fixture->err);

	if (!ok)
		outcome_note(&fixture->run, &fixture->err);
	run_fixture_disconnect(fixture);
	if (ok && fixture->dry_run != NULL)
		ok = dry_run_finish(fixture->dry_run, &fixture->err);
	dry_run_close(fixture->dry_run);
	fixture->dry_run = NULL;
	ck_assert_msg(scratch_open_files() == open_before, "files are left open");
	ck_assert_msg(ok == !fixture->err.is_set, "the command %s, but the error is %s",
	              ok ? "succeeds" : "fails",
	              fixture->err.is_set ? fixture->err.message : "not set");
	return ok;
}

static void compare(const char *what, const char *got, const char *expected)
{
	ck_assert_msg(strcmp(got, expected) == 0, "%s:\n%s\n--- instead of\n%s", what, got,
	              expected);
}

void run_fixture_expect(struct run_fixture *fixture, const char *what, const char *expected)
{
	struct arena *arena = &fixture->scratch.arena;
	const struct error *err = &fixture->err;
	const char *got = scratch_lines(&fixture->scratch);

	if (err->is_set)
		got = arena_printf(arena, "%serror: %s%s\n", got,
		                   err->prefix != NULL ? err->prefix : "", err->message);
	for (size_t i = 0; i < err->notes.n; i++)
		got = arena_printf(arena, "%snote: %s\n", got, err->notes.items[i].text);
	compare(what, scratch_shorten(&fixture->scratch, got), expected);
}

void run_fixture_expect_calls(struct run_fixture *fixture, const char *what, const char *expected)
{
	compare(what, fake_db_calls(&fixture->fake), expected);
}
