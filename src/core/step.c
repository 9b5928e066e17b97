/*
 * How a migration is named in "Migrating …" and "Migration of … failed!"
 */
#include "cflyway/core/execute.h"

#include "cflyway/core/session.h"

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
