/* SPDX-License-Identifier: Apache-2.0 */
/*
 * migrate.c - applies pending migrations
 *
 * The steps follow the manual: validate, create schemas, create (or baseline) the history table,
 * apply pending migrations.
 */
#include "cflyway/base/about.h"
#include "cflyway/commands/command.h"
#include "cflyway/core/apply.h"
#include "cflyway/core/callbacks.h"
#include "cflyway/core/info_make.h"
#include "cflyway/core/info_picks.h"
#include "cflyway/core/pooler_plan.h"
#include "cflyway/core/resolve.h"
#include "cflyway/core/schemas.h"
#include "cflyway/core/session.h"
#include "cflyway/core/trial.h"
#include "cflyway/core/validate.h"

struct migrate {
	struct run *run;
	struct migration_list migrations;
	bool has_resolved; /* migrations is filled */
	struct applied applied;
	bool has_read; /* applied is filled */
	struct migrate_result *result;
	int64_t started_ms;
};

/* --- before the first migration ------------------------------------------------------------ */

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

/* Another migrate that started at the same time may have filled the schema. */
static bool refuse_non_empty(const struct run *run, const char *schemas, struct error *err)
{
	const struct history *history = &run->session->history;
	bool exists = false;

	if (!db_table_exists(run->db, history->schema, history->table, &exists, err))
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

/* Without a validation, nothing else would look at the picks before the first write. */
static bool check_picks(struct migrate *m, struct error *err)
{
	struct run *run = m->run;
	const struct info_options options = info_options_from(run->arena, run->settings);

	if (options.picks.n == 0)
		return true;
	m->applied.rows = (struct history_rows){0};
	if (!info_check_target(run->arena, options.target, err) ||
	    !resolve_session(run, &m->migrations, err) ||
	    !session_find_history(run, &m->has_read, err) ||
	    (m->has_read &&
	     !history_read(run->arena, run->db, &run->session->history, &m->applied.rows, err)))
		return false;
	m->has_resolved = true;
	return info_check_picks(&options, &m->migrations, &m->applied.rows, err);
}

static bool validate(struct migrate *m, struct error *err)
{
	struct run *run = m->run;
	struct validation validation = {0};

	if (!run->settings->validate_on_migrate)
		return check_picks(m, err);
	if (!validate_run(run, &m->migrations, true, &validation, err))
		return false;
	m->has_resolved = true;
	m->applied = validation.applied;
	m->has_read = validation.has_read;
	m->result->warnings = validation.changes;
	return true;
}

static bool resolve(struct migrate *m, struct error *err)
{
	struct run *run = m->run;

	if (m->has_resolved)
		return true;
	m->has_resolved = info_check_target(run->arena, run->settings->target, err) &&
	                  resolve_session(run, &m->migrations, err);
	return m->has_resolved;
}

static bool read_rows(struct migrate *m, struct error *err)
{
	struct run *run = m->run;

	m->applied.rows = (struct history_rows){0};
	return history_read(run->arena, run->db, &run->session->history, &m->applied.rows, err);
}

/* Behind a pooler: refuses what cannot run there before anything is changed. */
static bool check_pooler(struct migrate *m, struct error *err)
{
	struct run *run = m->run;
	bool exists = run->session->about.history_exists;
	struct history_rows rows;

	if (!run->db->pools_transactions)
		return true;
	if (!resolve(m, err))
		return false;
	if (exists && !m->has_read) {
		if (!read_rows(m, err))
			return false;
		m->has_read = true;
	}
	rows = m->applied.rows;
	return schemas_foresee_baseline(run, &rows, err) &&
	       pooler_plan_check(run, &m->migrations, &rows, err);
}

/* Runs until the history table exists and the first migration can start. */
static bool prepare(struct migrate *m, struct error *err)
{
	struct run *run = m->run;
	bool created = false;

	bool was_blind = run->session->about.schema_unknown;
	if (!validate(m, err) || !check_pooler(m, err) || !create_schemas(run, &created, err))
		return false;
	/* DIFFERS: Flyway does not compare files and history if it had to wait for the file. */
	if (was_blind && !validate(m, err))
		return false;
	bool was_there = run->session->about.history_exists;
	if (created || !was_there)
		m->has_read = false; /* a table created now may contain rows */
	return (created || was_there || create_history(run, err)) &&
	       callbacks_run(run, EVENT_BEFORE_MIGRATE, err);
}

/* Keeps the rows read during validation, unless a callback may have changed them. */
static bool read_history(struct migrate *m, struct error *err)
{
	if (!resolve(m, err))
		return false;
	return (m->has_read && !callbacks_have_run(m->run)) || read_rows(m, err);
}

/* ------------------------------------------------------------------------------------------- */

static void summarize(const struct migrate *m)
{
	const struct run *run = m->run;
	int64_t elapsed_ms = run->clock->monotonic_ms(run->clock) - m->started_ms;
	size_t n = m->result->executed;
	const char *version = m->result->target_schema_version;

	if (n == 0 && run->trial != NULL && trial_has_untried(run->trial))
		return;
	if (n == 0) {
		log_info(run->log, "Schema %s is up to date. No migration necessary.",
		         run->session->quoted_schema);
		return;
	}
	log_info(run->log,
	         "Successfully applied %zu migration%s to schema %s%s%s (execution time %s)", n,
	         n == 1 ? "" : "s", run->session->quoted_schema,
	         version != NULL ? ", now at version v" : "", version != NULL ? version : "",
	         clock_format_duration(run->arena, elapsed_ms));
}

/* For those whose runner has said so, and who look for it: never in a project of Flyway's. */
static void count(const struct migrate *m, bool ok)
{
	const struct settings *settings = m->run->settings;
	const struct migrate_result *result = m->result;

	bool is_wanted =
		settings->seeds != SEEDS_NONE || settings->on_changed_file != ON_CHANGED_FILE_ERROR;

	if (!is_wanted || (!ok && result->failed == NULL))
		return;
	log_cflyway(m->run->log, "%zu applied, %zu skipped, %d failed", result->executed,
	            result->skipped, result->failed != NULL);
}

static void describe_run(const struct run *run, struct migrate_result *result)
{
	*result = (struct migrate_result){
		.database = run->session->about.database,
		.database_type = db_name(run->db),
		.schema_name = result_schema_name(run),
		.timestamp = run->clock->now(run->clock),
	};
}

static bool run_migrate(struct run *run, struct result *out, struct error *err)
{
	struct migrate m = {.run = run, .result = &out->migrate};

	describe_run(run, m.result);
	if (!prepare(&m, err))
		return false;
	m.started_ms = run->clock->monotonic_ms(run->clock);
	bool ok = read_history(&m, err) &&
	          apply_pending(run, &m.migrations, &m.applied.rows, m.result, err);
	if (m.result->has_attempted)
		out->kind = RESULT_MIGRATE;
	if (ok)
		summarize(&m);
	count(&m, ok);
	if (!ok)
		return callbacks_after_failure(run, EVENT_AFTER_MIGRATE_ERROR, err);
	return (m.result->executed == 0 || callbacks_run(run, EVENT_AFTER_MIGRATE_APPLIED, err)) &&
	       callbacks_run(run, EVENT_AFTER_MIGRATE, err) &&
	       callbacks_run(run, EVENT_AFTER_MIGRATE_OPERATION_FINISH, err);
}

const struct command command_migrate = {
	.name = "migrate",
	.summary = "Migrates the database",
	.description =
		"Validates what has been applied, then applies what is pending: versioned "
		"migrations in the order of their versions, then repeatable ones that are new or "
		"changed. -cherryPick applies only what it names, in its "
		"order. Creates the schemas and the history table if they are missing. A "
		"migration that fails is rolled back, if it runs in a transaction.",
	.options = GROUP_SCHEMAS | GROUP_LOCATIONS | GROUP_SCRIPTS | GROUP_NAMES | GROUP_PLAN |
                   GROUP_CHECKS | GROUP_EXECUTION | GROUP_HISTORY | GROUP_REPORT | GROUP_PICK |
                   GROUP_DRY_RUN | GROUP_TRIAL,
	.flags = COMMAND_NEEDS_DB | COMMAND_TELLS_OUTCOME | COMMAND_MIGRATES | COMMAND_WRITES,
	.on_failure = ON_FAILURE_ERROR_IN_RESULT,
	.run = run_migrate,
};
