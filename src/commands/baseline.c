/* SPDX-License-Identifier: Apache-2.0 */
/* baseline.c - puts an existing database under control at a version */
#include "cflyway/base/about.h"
#include "cflyway/commands/command.h"
#include "cflyway/core/callbacks.h"
#include "cflyway/core/schemas.h"
#include "cflyway/core/session.h"

#define NO_CREATE_SCHEMAS                                                                          \
	"The configuration option 'createSchemas' is false.\n"                                     \
	"Even though Flyway is configured not to create any schemas, the schema history table "    \
	"still needs a schema to reside in.\n"                                                     \
	"You must manually create a schema for the schema history table to reside in.\n"           \
	"See " FLYWAY_LINK "flyway-concepts/migrations"

#define RESET_BASELINE "Need to reset your baseline? Learn more: " FLYWAY_LINK "rebaselining"
#define DELETE_TABLE "Delete the schema history table, and run baseline again."

/* The facts about an existing table that matter to a baseline. */
struct prescan {
	const struct history_row *baseline; /* a BASELINE row among the first two */
	bool has_schema_row;
	bool has_migrations;
};

static struct prescan survey_rows(const struct history_rows *rows)
{
	struct prescan survey = {0};

	for (size_t i = 0; i < rows->n; i++) {
		const struct history_row *row = &rows->items[i];

		if (i < 2 && survey.baseline == NULL && row->type == MIGRATION_BASELINE)
			survey.baseline = row;
		survey.has_schema_row |= row->type == MIGRATION_SCHEMA;
		survey.has_migrations |= !migration_type_is_synthetic(row->type) &&
		                         !migration_type_is_undo(row->type);
	}
	return survey;
}

static bool baseline_again(const struct run *run, const struct history_row *wanted,
                           const struct history_row *found, struct error *err)
{
	const char *table = run->session->history.quoted;

	if (version_compare(&found->version, &wanted->version) == 0 &&
	    strcmp(found->description, wanted->description) == 0) {
		log_info(run->log,
		         "Schema history table %s already initialized with (%s,%s). Skipping.",
		         table, wanted->version.text, wanted->description);
		return true;
	}
	return error_set(
		err, ERROR_GENERAL,
		"Unable to baseline schema history table %s with (%s,%s) as it has already "
		"been baselined with (%s,%s)\n" RESET_BASELINE,
		table, wanted->version.text, wanted->description, found->version.text,
		found->description);
}

static bool is_zero(const struct version *version)
{
	return version->kind == VERSION_NUMBER && version->n == 0;
}

static bool baseline_existing(const struct run *run, const struct history_row *wanted,
                              struct error *err)
{
	const char *table = run->session->history.quoted;
	struct history_rows rows = {0};

	if (!history_read(run->arena, run->db, &run->session->history, &rows, err))
		return false;
	struct prescan survey = survey_rows(&rows);
	if (survey.baseline != NULL)
		return baseline_again(run, wanted, survey.baseline, err);
	if (survey.has_schema_row && is_zero(&wanted->version))
		return error_set(
			err, ERROR_GENERAL,
			"Unable to baseline schema history table %s with version 0 as this "
			"version was used for schema creation",
			table);
	if (survey.has_migrations)
		return error_set(
			err, ERROR_GENERAL,
			"Unable to baseline schema history table %s as it already contains "
			"migrations\n" RESET_BASELINE,
			table);
	if (rows.n == 0)
		return error_set(
			err, ERROR_GENERAL,
			"Unable to baseline schema history table %s as it already exists, and "
			"is empty.\n" DELETE_TABLE,
			table);
	return error_set(err, ERROR_GENERAL,
	                 "Unable to baseline schema history table %s as it already contains "
	                 "migrations.\n" DELETE_TABLE "\n" RESET_BASELINE,
	                 table);
}

/* created: this run has just created the schemas, and with them the table. */
static bool baseline(const struct run *run, const struct history_row *wanted, bool created,
                     struct error *err)
{
	bool exists = created || run->session->about.history_exists;

	if (!exists && !schemas_create_history(run, wanted, &created, err))
		return false;
	/* exists is also true if another program was faster. */
	return exists || !created ? baseline_existing(run, wanted, err) : true;
}

static bool run_baseline(struct run *run, struct result *out, struct error *err)
{
	struct history_row wanted;
	bool created = false;

	if (!schemas_baseline_row(run, &wanted, err))
		return false;
	out->kind = RESULT_BASELINE;
	out->baseline = (struct baseline_result){
		.version = wanted.version.text,
		.database = run->session->about.database,
	};
	if (!run->settings->create_schemas)
		log_warn(run->log, NO_CREATE_SCHEMAS);
	if (!schemas_create_missing(run, &wanted, &created, err) ||
	    !callbacks_run(run, EVENT_BEFORE_BASELINE, err))
		return false;
	if (!baseline(run, &wanted, created, err))
		return callbacks_after_failure(run, EVENT_AFTER_BASELINE_ERROR, err);
	return callbacks_run(run, EVENT_AFTER_BASELINE, err);
}

const struct command command_baseline = {
	.name = "baseline",
	.summary = "Baselines an existing database at the baselineVersion",
	.description =
		"Creates the history table and marks the database as being at baselineVersion, so "
		"that migrate begins after it. Fails if something has been applied already.",
	.options = GROUP_SCHEMAS | GROUP_LOCATIONS | GROUP_SCRIPTS | GROUP_HISTORY | GROUP_DRY_RUN,
	.flags = COMMAND_NEEDS_DB | COMMAND_TELLS_OUTCOME | COMMAND_CALLBACKS_ONLY | COMMAND_WRITES,
	.run = run_baseline,
};
