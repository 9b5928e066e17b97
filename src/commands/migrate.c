/*
 * migrate - applies what is pending
 *
 * Reads like the manual: validate, create schemas, create (or baseline) the history table, then
 * plan and apply until nothing is pending. The plan is made once; every migration is sent with a
 * guard that proves that the history has not changed since, and only if that fails is it made
 * again.
 */
#include "cflyway/base/about.h"
#include "cflyway/commands/command.h"
#include "cflyway/core/callbacks.h"
#include "cflyway/core/execute.h"
#include "cflyway/core/schemas.h"
#include "cflyway/core/session.h"
#include "cflyway/core/validate.h"

enum { MAX_FUTILE_PLANS = 3 };

/* What each iteration of a plan warns of; looked up once. */
struct outlook {
	const struct info_entry *future; /* a version above the files; NULL: none */
	const struct migration *last;    /* the last file in display order that has a version */
	bool has_files;
	const struct info_entry *failed; /* the first failed migration; NULL: none */
	size_t failed_count;
};

struct migrate {
	struct run *run;
	struct migration_list migrations;
	bool has_resolved; /* migrations is filled */
	bool has_read;     /* applied is, too */
	struct migrate_result *result;
	struct applied applied;
	struct info info;
	struct outlook outlook;
	struct executor executor;
	bool said_current_version;
	bool fired_after_versioned, fired_before_repeatables;
	int futile_plans; /* made one after the other from the same history */
	bool has_failed;  /* at a migration: JSON shows what has been done before */
	int64_t started_ms;
};

static const char *quoted_schema(const struct run *run)
{
	return db_quote_identifier(run->arena, run->session->default_schema);
}

/* --- before the loop ----------------------------------------------------------------------- */

#define NO_CREATE_SCHEMAS                                                                          \
	"The configuration option 'createSchemas' is false.\n"                                     \
	"However, the schema history table still needs a schema to reside in.\n"                   \
	"You must manually create a schema for the schema history table to reside in.\n"           \
	"See " FLYWAY_LINK "flyway-concepts/migrations"

static bool create_schemas(struct run *run, bool *created, struct error *err)
{
	if (!run->settings->create_schemas && !run->session->about.default_schema_exists)
		log_warn(run->log, NO_CREATE_SCHEMAS);
	return schemas_create_missing(run, NULL, created, err);
}

static bool baseline(struct run *run, struct error *err)
{
	struct history_row row;

	if (!callbacks_run(run, EVENT_BEFORE_BASELINE, err))
		return false;
	if (!schemas_baseline_row(run, &row, err) || !schemas_create_history(run, &row, NULL, err))
		return callbacks_after_failure(run, EVENT_AFTER_BASELINE_ERROR, err);
	return callbacks_run(run, EVENT_AFTER_BASELINE, err);
}

#define ALL_EMPTY                                                                                  \
	"All configured schemas are empty; a baseline marker will not be added to Flyway's "       \
	"schema history table. A baseline or migration script with a lower version than the "      \
	"baseline version may execute if available. Check the Schemas parameter if this is not "   \
	"intended. See " FLYWAY_LINK "baseline-on-migrate for more info"

/* What fills the schema may be another migrate that began at the same time. */
static bool refuse_non_empty(const struct run *run, const char *schemas, struct error *err)
{
	const struct history *history = &run->session->history;
	bool exists = false;

	if (!run->db->driver->catalog->table_exists(run->db, history->schema, history->table,
	                                            &exists, err))
		return false;
	if (exists)
		return true;
	return error_set(err, ERROR_NON_EMPTY_SCHEMA_WITHOUT_SCHEMA_HISTORY_TABLE,
	                 "Found non-empty schema(s) %s but no schema history table. Use baseline() "
	                 "or set baselineOnMigrate to true to initialize the schema history table.",
	                 schemas);
}

static bool create_history(struct run *run, struct error *err)
{
	const struct settings *settings = run->settings;
	const char *non_empty = "";

	if (!schemas_find_non_empty(run, &non_empty, err))
		return false;
	bool is_empty = non_empty[0] == '\0';
	if (is_empty && settings->baseline_on_migrate)
		log_info(run->log, ALL_EMPTY);
	if (is_empty || settings->skip_executing_migrations)
		return schemas_create_history(run, NULL, NULL, err);
	return settings->baseline_on_migrate ? baseline(run, err)
	                                     : refuse_non_empty(run, non_empty, err);
}

static bool validate(struct migrate *m, struct error *err)
{
	struct run *run = m->run;
	struct validation validation = {0};

	if (!run->settings->validate_on_migrate)
		return true;
	if (!validate_begin(run, err) || !session_resolve(run, &m->migrations, err))
		return false;
	m->has_resolved = true;
	if (!validate_run(run, &m->migrations, true, &validation, err))
		return false;
	m->applied = validation.applied;
	m->has_read = validation.has_read;
	return true;
}

/* Until there is a history table, and all is ready for the first migration. */
static bool prepare(struct migrate *m, struct error *err)
{
	struct run *run = m->run;
	bool created = false;

	if (!validate(m, err) || !create_schemas(run, &created, err))
		return false;
	bool was_there = run->session->about.history_exists;
	if (created || !was_there)
		m->has_read = false; /* what is made now may hold some rows */
	return (created || was_there || create_history(run, err)) &&
	       callbacks_run(run, EVENT_BEFORE_MIGRATE, err);
}

/* Rows that were read for the validation stay, unless a callback may have changed them. */
static bool read_history(struct migrate *m, struct error *err)
{
	const struct run *run = m->run;

	if (!m->has_resolved && !session_resolve(run, &m->migrations, err))
		return false;
	if (m->has_read && !callbacks_have_run(run))
		return true;
	m->applied.rows = (struct history_rows){0};
	return history_read(run->arena, run->db, &run->session->history, &m->applied.rows, err);
}

/* --- what each iteration says -------------------------------------------------------------- */

static void say_current_version(struct migrate *m)
{
	const struct info_entry *current = info_current(&m->info);
	const char *version = "<< Empty Schema >>";

	if (m->said_current_version)
		return;
	m->said_current_version = true;
	if (current != NULL)
		version = info_entry_is_versioned(current) ? current->row->version.text : "null";
	if (current != NULL && info_entry_is_versioned(current))
		m->result->initial_schema_version = version;
	log_info(m->run->log, "Current version of schema %s: %s", quoted_schema(m->run), version);
	if (m->run->settings->out_of_order)
		result_warn(
			m->run, &m->result->warnings,
			"outOfOrder mode is active. Migration of schema %s may not be reproducible.",
			quoted_schema(m->run));
}

static struct outlook look_ahead(const struct info *info)
{
	struct outlook outlook = {0};

	for (size_t i = 0; i < info->n; i++) {
		const struct info_entry *entry = &info->entries[i];

		if ((entry->state == STATE_FUTURE_SUCCESS || entry->state == STATE_FUTURE_FAILED) &&
		    info_entry_is_versioned(entry))
			outlook.future = entry;
		if (state_spec(entry->state)->is_failed && outlook.failed_count++ == 0)
			outlook.failed = entry;
		if (entry->file == NULL)
			continue;
		outlook.has_files = true;
		if (migration_is_versioned(entry->file))
			outlook.last = entry->file;
	}
	return outlook;
}

static void warn_of_future(const struct migrate *m)
{
	const struct outlook *outlook = &m->outlook;

	if (outlook->future == NULL)
		return;
	if (!outlook->has_files)
		log_error(m->run->log,
		          "Schema %s has version %s, but no migration could be resolved in the "
		          "configured locations !",
		          quoted_schema(m->run), outlook->future->row->version.text);
	else if (outlook->last != NULL)
		log_warn(m->run->log,
		         "Schema %s has a version (%s) that is newer than the latest available "
		         "migration (%s) !",
		         quoted_schema(m->run), outlook->future->row->version.text,
		         outlook->last->version.text);
}

/* A single failed migration above the files is only worth a warning. */
static bool is_harmless(const struct migrate *m)
{
	const struct outlook *outlook = &m->outlook;
	struct pattern_list patterns;
	struct error ignored = ERROR_INIT(m->run->arena);

	return outlook->failed_count == 1 && outlook->failed->state == STATE_FUTURE_FAILED &&
	       pattern_list_parse(m->run->arena, &m->run->settings->ignore_migration_patterns,
	                          &patterns, &ignored) &&
	       pattern_list_ignores(&patterns, PATTERN_FUTURE);
}

static bool check_failed(struct migrate *m, struct error *err)
{
	const struct info_entry *failed = m->outlook.failed;

	if (failed == NULL || is_harmless(m))
		return true;
	say_current_version(m);
	warn_of_future(m);
	m->has_failed = true;
	if (!info_entry_is_versioned(failed))
		return error_set(err, ERROR_FAILED_REPEATABLE_MIGRATION,
		                 "Schema %s contains a failed repeatable migration (\"%s\") !",
		                 quoted_schema(m->run), failed->row->description);
	return error_set(err, ERROR_FAILED_VERSIONED_MIGRATION,
	                 "Schema %s contains a failed migration to version %s !",
	                 quoted_schema(m->run), failed->row->version.text);
}

/* Called under the lock, before the first line of an iteration; Flyway repeats the warnings. */
static void begin_iteration(void *ctx)
{
	struct migrate *m = ctx;
	const struct info_entry *failed = m->outlook.failed;

	say_current_version(m);
	warn_of_future(m);
	if (failed != NULL)
		log_warn(m->run->log,
		         "Schema %s contains a failed future migration to version %s !",
		         quoted_schema(m->run), failed->row->version.text);
}

/* --- events between migrations ------------------------------------------------------------- */

static bool fire_after_versioned(struct migrate *m, struct error *err)
{
	if (m->fired_after_versioned)
		return true;
	m->fired_after_versioned = true;
	return callbacks_run(m->run, EVENT_AFTER_VERSIONED, err);
}

/* Once per run, before its first repeatable migration. */
static bool before_step(void *ctx, const struct step *step, struct error *err)
{
	struct migrate *m = ctx;

	if (migration_is_versioned(step->migration) || m->fired_before_repeatables)
		return true;
	m->fired_before_repeatables = true;
	return fire_after_versioned(m, err) && callbacks_run(m->run, EVENT_BEFORE_REPEATABLES, err);
}

static bool has_events_between(const struct run *run)
{
	return callbacks_has(run, EVENT_AFTER_VERSIONED) ||
	       callbacks_has(run, EVENT_BEFORE_REPEATABLES);
}

/* --- the loop ------------------------------------------------------------------------------ */

/* Everything that is pending, in order. */
static struct step *plan_steps(struct migrate *m, size_t *n)
{
	struct step *steps = arena_array(m->run->arena, m->info.n, sizeof *steps);
	const struct info_entry *current = info_current(&m->info);

	*n = 0;
	for (size_t i = 0; i < m->info.n; i++) {
		const struct info_entry *entry = &m->info.entries[i];

		if (entry->state != STATE_PENDING)
			continue;
		steps[(*n)++] = (struct step){
			.migration = entry->file,
			.is_out_of_order =
				current != NULL && migration_is_versioned(entry->file) &&
				version_compare(&entry->file->version, &current->row->version) < 0,
		};
	}
	return steps;
}

static void list_steps(struct migrate *m, const struct step *steps, size_t n)
{
	struct migrate_result *result = m->result;

	for (size_t i = 0; i < n; i++) {
		result->migrations = arena_grow(m->run->arena, result->migrations, result->n,
		                                sizeof *result->migrations);
		result->migrations[result->n++] =
			(struct migrated){steps[i].migration, steps[i].elapsed_ms};
		if (migration_is_versioned(steps[i].migration))
			result->target_schema_version = steps[i].migration->version.text;
	}
}

static bool is_interrupted(const struct migrate *m, struct error *err)
{
	if (!m->run->db->is_cancelled)
		return false;
	error_set(err, ERROR_ERROR, "Interrupted");
	return true;
}

/* Without group every migration is checked right before it runs, after those before it. */
static enum step_status apply_one(struct migrate *m, struct step *step, struct error *err)
{
	if (m->run->settings->skip_executing_migrations)
		return execute_skipped(&m->executor, step, err);
	if (!script_check(m->run, step->migration, &step->traits, err)) {
		begin_iteration(m);
		return STEP_FAILED;
	}
	return execute_steps(&m->executor, step, 1, err);
}

static enum step_status apply_singly(struct migrate *m, struct step *steps, size_t n,
                                     struct error *err)
{
	for (size_t i = 0; i < n; i++) {
		if (is_interrupted(m, err))
			return STEP_FAILED;
		enum step_status status = apply_one(m, &steps[i], err);

		if (status != STEP_DONE)
			return status;
		list_steps(m, &steps[i], 1);
		m->result->executed++;
		if (m->info.target_is_next)
			break;
	}
	return STEP_DONE;
}

static bool check_group(struct migrate *m, struct step *steps, size_t n, struct error *err)
{
	for (size_t i = 0; i < n; i++)
		if (!script_check(m->run, steps[i].migration, &steps[i].traits, err))
			return false;
	for (size_t i = 1; i < n && !m->run->settings->mixed; i++) {
		const struct migration *migration = steps[i].migration;
		bool versioned = migration_is_versioned(migration);

		if (steps[i].traits.runs_in_transaction == steps[0].traits.runs_in_transaction)
			continue;
		m->has_failed = true;
		return error_set(
			err,
			versioned ? ERROR_FAILED_VERSIONED_MIGRATION
				  : ERROR_FAILED_REPEATABLE_MIGRATION,
			"Detected both transactional and non-transactional migrations within "
			"the same migration group (even though mixed is false). First "
			"offending migration: \"%s%s%s\"%s",
			versioned ? migration->version.text : "",
			versioned && migration->description[0] != '\0' ? " " : "",
			migration->description,
			steps[i].traits.runs_in_transaction ? "" : " [non-transactional]");
	}
	return true;
}

static bool all_in_transaction(const struct step *steps, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!steps[i].traits.runs_in_transaction)
			return false;
	return true;
}

/* How many of the steps had been run when one failed: JSON lists them, though they are undone. */
static size_t steps_before(const struct step *steps, size_t n, const struct migration *failed)
{
	size_t i = 0;

	while (i < n && steps[i].migration != failed)
		i++;
	return failed != NULL ? i : 0;
}

static enum step_status apply_group(struct migrate *m, struct step *steps, size_t n,
                                    struct error *err)
{
	enum step_status status = STEP_DONE;
	size_t done = 0;

	if (!check_group(m, steps, n, err)) {
		begin_iteration(m);
		return STEP_FAILED;
	}
	if (all_in_transaction(steps, n)) {
		status = execute_steps(&m->executor, steps, n, err);
		done = status == STEP_DONE ? n : steps_before(steps, n, m->executor.failed);
	}
	/* Mixed: nothing holds the scripts together, so each runs by itself. */
	while (status == STEP_DONE && done < n) {
		status = execute_steps(&m->executor, &steps[done], 1, err);
		done += status == STEP_DONE;
	}
	list_steps(m, steps, done);
	/* Flyway counts none of a group that failed, though what was not in a transaction stays. */
	if (status != STEP_FAILED)
		m->result->executed += done;
	return status;
}

/* One plan, applied as far as it goes. STEP_STALE: plan again. */
static enum step_status apply_plan(struct migrate *m, struct error *err)
{
	struct info_options options = {m->run->settings->target, m->run->settings->out_of_order};
	enum step_status status = STEP_DONE;
	size_t n = 0;

	if (!info_make(m->run->arena, &m->migrations, &m->applied.rows, &options, &m->info, err))
		return STEP_FAILED;
	m->outlook = look_ahead(&m->info);
	if (!check_failed(m, err))
		return STEP_FAILED;
	m->executor.last_rank = history_last_rank(&m->applied.rows);
	struct step *steps = plan_steps(m, &n);
	if (n > 0 && m->run->settings->group && !m->run->settings->skip_executing_migrations)
		status = apply_group(m, steps, n, err);
	else
		status = apply_singly(m, steps, n, err);
	if (status == STEP_DONE && (n == 0 || !m->info.target_is_next))
		begin_iteration(m); /* Flyway looks once more and finds nothing pending */
	return status;
}

static void summarize(const struct migrate *m)
{
	const struct run *run = m->run;
	int64_t elapsed_ms = run->clock->monotonic_ms(run->clock) - m->started_ms;
	size_t n = m->result->executed;
	const char *version = m->result->target_schema_version;

	if (n == 0) {
		log_info(run->log, "Schema %s is up to date. No migration necessary.",
		         quoted_schema(run));
		return;
	}
	log_info(run->log,
	         "Successfully applied %zu migration%s to schema %s%s%s (execution time %s)", n,
	         n == 1 ? "" : "s", quoted_schema(run), version != NULL ? ", now at version v" : "",
	         version != NULL ? version : "", clock_format_duration(run->arena, elapsed_ms));
}

/*
 * The history is read anew as a whole: rows may also have gone. If it then still is what the plan
 * was made from, the guard can never pass (ranks below 0, for instance).
 */
static bool read_again(struct migrate *m, struct error *err)
{
	const struct run *run = m->run;
	const struct history *history = &run->session->history;
	int planned_from = m->executor.last_rank;

	m->applied.rows = (struct history_rows){0};
	if (is_interrupted(m, err) ||
	    !history_read(run->arena, run->db, history, &m->applied.rows, err))
		return false;
	m->futile_plans =
		history_last_rank(&m->applied.rows) == planned_from ? m->futile_plans + 1 : 0;
	if (m->futile_plans < MAX_FUTILE_PLANS)
		return true;
	return error_set(err, ERROR_ERROR,
	                 "The rows of Schema History table %s cannot be put in order: is there an "
	                 "installed_rank below 0?",
	                 history->quoted);
}

static void describe_run(const struct run *run, struct migrate_result *result)
{
	*result = (struct migrate_result){
		.database = run->session->about.database,
		.database_type = run->db->driver->name,
		.schema_name = result_schema_name(run),
		.timestamp = run->clock->now(run->clock),
	};
}

/* Plans and applies until nothing is pending. */
static bool apply(struct migrate *m, struct error *err)
{
	if (!read_history(m, err))
		return false;
	for (;;) {
		switch (apply_plan(m, err)) {
		case STEP_FAILED:
			return false;
		case STEP_STALE:
			if (!read_again(m, err))
				return false;
			break;
		case STEP_DONE:
			return fire_after_versioned(m, err);
		}
	}
}

static bool run_migrate(struct run *run, struct result *out, struct error *err)
{
	struct migrate m = {.run = run, .result = &out->migrate};

	describe_run(run, m.result);
	m.executor = (struct executor){
		.run = run,
		.starting = begin_iteration,
		.before = has_events_between(run) ? before_step : NULL,
		.ctx = &m,
	};
	if (!prepare(&m, err))
		return false;
	m.started_ms = run->clock->monotonic_ms(run->clock);
	bool ok = apply(&m, err);
	m.result->failed = m.executor.failed;
	if (ok || m.has_failed || m.executor.failed != NULL)
		out->kind = RESULT_MIGRATE;
	if (!ok)
		return callbacks_after_failure(run, EVENT_AFTER_MIGRATE_ERROR, err);
	summarize(&m);
	return (m.result->executed == 0 || callbacks_run(run, EVENT_AFTER_MIGRATE_APPLIED, err)) &&
	       callbacks_run(run, EVENT_AFTER_MIGRATE, err) &&
	       callbacks_run(run, EVENT_AFTER_MIGRATE_OPERATION_FINISH, err);
}

const struct command command_migrate = {
	.name = "migrate",
	.summary = "Migrates the database",
	.flags = COMMAND_NEEDS_DB | COMMAND_MIGRATES,
	.run = run_migrate,
};
