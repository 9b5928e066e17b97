/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fresh.c - checks what would be lost before all is dropped and migrated again
 *
 * The verb fresh stands for this command, clean and migrate (aliases.c). This one changes nothing:
 * it makes sure that the other two may.
 */
#include "cflyway/commands/command.h"

#include "cflyway/base/fs.h"
#include "cflyway/core/pooler_plan.h"
#include "cflyway/core/resolve.h"
#include "cflyway/core/session.h"
#include "cflyway/db/schema_tables.h"

#include <stdio.h>
#include <unistd.h>

#define CONFIRMATION "DELETE ALL DATA"
#define UNCHANGED "Nothing was changed."

enum { ANSWER_SIZE = 80 };

/* --- what is there ------------------------------------------------------------------------- */

static bool has_migration(const struct migration_list *migrations)
{
	for (size_t i = 0; i < migrations->n; i++)
		if (!migration_is_undo(migrations->items[i]))
			return true;
	return false;
}

/* Behind a pooler, what clean has dropped must not be missing because migrate is refused. */
static bool check_pooler(const struct run *run, const struct migration_list *migrations,
                         struct error *err)
{
	const struct history_rows none = {0};

	return pooler_plan_check_callbacks(run, "clean", err) &&
	       pooler_plan_check_callbacks(run, "migrate", err) &&
	       pooler_plan_check(run, migrations, &none, err);
}

/* Without files nothing would be there again. */
static bool check_migrations(struct run *run, struct error *err)
{
	struct migration_list migrations;

	if (!resolve_session(run, &migrations, err))
		return false;
	if (!has_migration(&migrations))
		return error_set(
			err, ERROR_GENERAL,
			"fresh found no migration that could be applied again. " UNCHANGED);
	return check_pooler(run, &migrations, err);
}

/* The histories of others, in the schemas that clean would empty. */
static bool list_tables(const struct run *run, struct str_list *tables, struct str_list *others,
                        struct error *err)
{
	const struct history *own = &run->session->history;

	for (size_t i = 0; i < run->session->schemas.n; i++) {
		const char *schema = run->session->schemas.items[i];
		struct schema_tables found = {0};

		if (!schema_tables_add(run->arena, run->db, schema, &found, err))
			return false;
		for (size_t j = 0; j < found.names.n; j++)
			str_list_add(
				run->arena, tables,
				arena_printf(run->arena, "%s.%s", schema, found.names.items[j]));
		for (size_t j = 0; j < found.histories.n; j++)
			if (strcmp(schema, own->schema) != 0 ||
			    strcmp(found.histories.items[j], own->table) != 0)
				str_list_add(run->arena, others,
				             arena_printf(run->arena, "%s.%s", schema,
				                          found.histories.items[j]));
	}
	return true;
}

/* Refuses to drop what another history owns, or what none owns. */
static bool check_owner(const struct run *run, const struct str_list *tables,
                        const struct str_list *others, struct error *err)
{
	if (run->settings->fresh_shared)
		return true;
	if (others->n > 0) {
		error_set(
			err, ERROR_GENERAL,
			"fresh would also drop what belongs to another schema history: %s. " UNCHANGED,
			str_list_join(run->arena, others, ", "));
		error_note(err, "\"downgrade base\" and then \"up\" take back and apply only what "
		                "this history has, where there are undo migrations");
	} else if (!run->session->about.history_exists && tables->n > 0) {
		error_set(err, ERROR_GENERAL,
		          "fresh would drop tables that no schema history owns: there is no table "
		          "%s. " UNCHANGED,
		          run->session->history.quoted);
	} else {
		return true;
	}
	error_note(err, "-shared=true drops these tables: %s",
	           str_list_join(run->arena, tables, ", "));
	return false;
}

/* --- the question -------------------------------------------------------------------------- */

static bool can_ask(const struct run *run)
{
	return run->settings->output_type == OUTPUT_TEXT && isatty(STDIN_FILENO) != 0 &&
	       isatty(STDERR_FILENO) != 0;
}

static bool ask(void)
{
	char answer[ANSWER_SIZE];

	fprintf(stderr, "Type %s to go on: ", CONFIRMATION);
	fflush(stderr);
	return fgets(answer, sizeof(answer), stdin) != NULL &&
	       str_eq(str_trim(str_of(answer)), STR(CONFIRMATION));
}

static bool is_dry(const struct settings *settings)
{
	return settings_has(settings, &option_specs[ROW_dry_run_output]);
}

/* A dry run drops nothing, and needs no confirmation. */
static bool confirm(const struct run *run, struct error *err)
{
	const char *given = run->settings->fresh_confirm;

	if (is_dry(run->settings) || str_same(given, CONFIRMATION))
		return true;
	if (given != NULL)
		return error_set(err, ERROR_GENERAL,
		                 "fresh drops all data only with -confirm=\"" CONFIRMATION
		                 "\", in these words. " UNCHANGED);
	if (!can_ask(run))
		return error_set(
			err, ERROR_GENERAL,
			"fresh drops all data, and there is no terminal to ask on: confirm "
			"it with -confirm=\"" CONFIRMATION "\". " UNCHANGED);
	return ask() || error_set(err, ERROR_GENERAL, "fresh was not confirmed. " UNCHANGED);
}

static bool run_fresh(struct run *run, struct result *out, struct error *err)
{
	struct str_list tables = {0}, others = {0};

	(void)out;
	if (run->settings->clean_disabled)
		return error_set(err, ERROR_GENERAL,
		                 "Unable to execute fresh as clean has been disabled with the "
		                 "'flyway.cleanDisabled' property. " UNCHANGED);
	if (!check_migrations(run, err) || !list_tables(run, &tables, &others, err) ||
	    !check_owner(run, &tables, &others, err))
		return false;
	if (tables.n > 0)
		log_cflyway(run->log, "fresh drops all objects in %s, with these tables: %s",
		            str_list_join(run->arena, &run->session->schemas, ", "),
		            str_list_join(run->arena, &tables, ", "));
	return confirm(run, err);
}

/* DIFFERS: Flyway has no such command. */
const struct command command_fresh = {
	.name = "fresh",
	.summary = "Drops everything that the migrations made, and migrates again",
	.description =
		"Cleans the configured schemas and migrates, as \"clean migrate\" does, after asking "
		"for the words DELETE ALL DATA, or with -confirm=\"DELETE ALL DATA\" where there is "
		"no terminal. -cleanDisabled=false is not needed, but cleanDisabled=true in the "
		"configuration forbids it. Names the tables that will be lost. Refused where the "
		"schemas hold the tables of another schema history, or tables and no history at "
		"all, unless -shared=true is given. For development: all data is lost.",
	.options = GROUP_FRESH | GROUP_CLEAN | GROUP_SCHEMAS | GROUP_LOCATIONS | GROUP_SCRIPTS |
                   GROUP_NAMES | GROUP_DRY_RUN,
	.flags = COMMAND_NEEDS_DB | COMMAND_WRITES,
	.run = run_fresh,
};
