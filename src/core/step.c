/* SPDX-License-Identifier: Apache-2.0 */
/* step.c - how log lines and errors name a migration that runs */
#include "cflyway/core/step.h"

#include "cflyway/core/session.h"

const char *step_doing(const struct step *step)
{
	return step->undoes != NULL ? "Undoing migration of" : "Migrating";
}

const char *step_name(const struct step *step)
{
	return step->undoes != NULL ? "Undo of migration" : "Migration";
}

const char *step_describe(const struct run *run, const struct step *step)
{
	const struct migration *migration = step->migration;
	const char *schema = run->session->quoted_schema;
	const char *suffix = step->traits.runs_in_transaction ? "" : " [non-transactional]";

	if (!migration_is_versioned(migration))
		return arena_printf(run->arena, "schema %s with repeatable migration \"%s\"%s",
		                    schema, migration->description, suffix);
	return arena_printf(run->arena, "schema %s to version \"%s%s%s\"%s%s", schema,
	                    migration->version.text, migration->description[0] != '\0' ? " - " : "",
	                    migration->description, step->is_out_of_order ? " [out of order]" : "",
	                    suffix);
}

enum error_code step_failure_code(const struct step *step)
{
	const struct migration *migration = step->migration;

	if (!migration_is_versioned(migration))
		return ERROR_FAILED_REPEATABLE_MIGRATION;
	return migration_type_is_baseline(migration->type) ? ERROR_FAILED_BASELINE_MIGRATION
	                                                   : ERROR_FAILED_VERSIONED_MIGRATION;
}
