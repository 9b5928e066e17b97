/* SPDX-License-Identifier: Apache-2.0 */
/* clean.c - drops all objects in the managed schemas */
#include "cflyway/commands/command.h"
#include "cflyway/core/callbacks.h"
#include "cflyway/core/session.h"

struct cleaner {
	const struct run *run;
	struct str_list existing; /* managed schemas that exist */
	struct clean_result *result;
};

static const char *since(const struct run *run, int64_t started_ms)
{
	return clock_format_duration(run->arena, run->clock->monotonic_ms(run->clock) - started_ms);
}

static bool clean_schema(const struct run *run, const char *schema, struct error *err)
{
	struct db *db = run->db;
	int64_t started_ms = run->clock->monotonic_ms(run->clock);

	if (!db_begin(db, err))
		return false;
	if (!db_clean_schema(db, schema, err) || !db_commit(db, err)) {
		db_rollback(db);
		return false;
	}
	log_info(run->log, "Successfully cleaned schema %s (execution time %s)",
	         db_quote_identifier(run->arena, schema), since(run, started_ms));
	return true;
}

/* A schema may contain objects that another one needs: two passes, the second in reverse. */
static bool clean_schemas(const struct cleaner *cleaner, struct error *err)
{
	const struct str_list *schemas = &cleaner->existing;

	for (size_t i = 0; i < schemas->n; i++)
		if (!clean_schema(cleaner->run, schemas->items[i], err))
			return false;
	for (size_t i = schemas->n; i > 0; i--)
		if (!clean_schema(cleaner->run, schemas->items[i - 1], err))
			return false;
	return true;
}

static bool find_existing(struct cleaner *cleaner, struct error *err)
{
	const struct run *run = cleaner->run;

	for (size_t i = 0; i < run->session->schemas.n; i++) {
		const char *name = run->session->schemas.items[i];
		bool exists = false;

		if (!db_schema_exists(run->db, name, &exists, err))
			return false;
		if (exists)
			str_list_add(run->arena, &cleaner->existing, name);
		else
			result_warn(run, &cleaner->result->warnings,
			            "Unable to clean unknown schema: %s",
			            db_quote_identifier(run->arena, name));
	}
	return true;
}

/* --- schemas that Flyway made --------------------------------------------------------------- */

/* Decodes one name from a SCHEMA row, where it is quoted, with doubled quotes. */
static const char *unquote(struct arena *arena, struct str name)
{
	if (name.len >= 2 && name.ptr[0] == '"' && name.ptr[name.len - 1] == '"')
		name = str_sub(name, 1, name.len - 1);
	return str_replace(arena, name, STR("\"\""), STR("\""));
}

static void collect_created(const struct run *run, const struct history_rows *rows,
                            struct str_list *created)
{
	for (size_t i = 0; i < rows->n; i++) {
		struct str rest = str_of(rows->items[i].script);

		if (rows->items[i].type != MIGRATION_SCHEMA)
			continue;
		while (rest.ptr != NULL) {
			const char *name = unquote(run->arena, str_cut(&rest, ','));

			if (str_list_has(&run->session->schemas, name))
				str_list_add(run->arena, created, name);
		}
	}
}

static bool drop_schema(struct cleaner *cleaner, const char *schema, struct error *err)
{
	const struct run *run = cleaner->run;
	struct db *db = run->db;
	int64_t started_ms = run->clock->monotonic_ms(run->clock);
	struct error failure = ERROR_INIT(run->arena);
	const char *quoted = db_quote_identifier(run->arena, schema);

	if (!db_begin(db, err))
		return false;
	if (!db_drop_schema(db, schema, &failure) || !db_commit(db, &failure)) {
		db_rollback(db);
		result_warn(run, &cleaner->result->warnings,
		            "Unable to drop schema %s. It was cleaned instead.", quoted);
		return true;
	}
	str_list_add(run->arena, &cleaner->result->dropped, schema);
	log_info(run->log, "Successfully dropped schema %s (execution time %s)", quoted,
	         since(run, started_ms));
	return true;
}

/* A dropped schema is not listed as cleaned. */
static void list_cleaned(struct cleaner *cleaner)
{
	for (size_t i = 0; i < cleaner->existing.n; i++)
		if (!str_list_has(&cleaner->result->dropped, cleaner->existing.items[i]))
			str_list_add(cleaner->run->arena, &cleaner->result->cleaned,
			             cleaner->existing.items[i]);
}

static bool clean(const struct run *run, struct clean_result *result, struct error *err)
{
	struct cleaner cleaner = {.run = run, .result = result};
	struct applied applied;
	struct str_list created = {0};
	int64_t started_ms = run->clock->monotonic_ms(run->clock);

	if (!applied_read(run, run->session->about.history_exists, &applied, err))
		return false;
	collect_created(run, &applied.rows, &created);
	/* cflyway drops nothing outside of schemas; Flyway prints the line nevertheless. */
	log_info(run->log,
	         "Successfully dropped pre-schema database level objects (execution time %s)",
	         since(run, started_ms));
	if (!find_existing(&cleaner, err) || !clean_schemas(&cleaner, err))
		return false;
	log_info(run->log,
	         "Successfully dropped post-schema database level objects (execution time %s)",
	         clock_format_duration(run->arena, 0));
	for (size_t i = 0; i < created.n; i++)
		if (!drop_schema(&cleaner, created.items[i], err))
			return false;
	list_cleaned(&cleaner);
	return true;
}

static bool run_clean(struct run *run, struct result *out, struct error *err)
{
	if (run->settings->clean_disabled)
		return error_set(err, ERROR_GENERAL,
		                 "Unable to execute clean as it has been disabled with the "
		                 "'flyway.cleanDisabled' property.");
	if (!callbacks_run(run, EVENT_BEFORE_CLEAN, err))
		return false;
	if (!clean(run, &out->clean, err))
		return callbacks_after_failure(run, EVENT_AFTER_CLEAN_ERROR, err);
	out->kind = RESULT_CLEAN;
	out->clean.database = run->session->about.database;
	return callbacks_run(run, EVENT_AFTER_CLEAN, err);
}

const struct command command_clean = {
	.name = "clean",
	.summary = "Drops all objects in the configured schemas",
	.description =
		"Drops all objects in the configured schemas, with all their data. Refused unless "
		"-cleanDisabled=false is given.",
	.options = GROUP_SCHEMAS | GROUP_SCRIPTS | GROUP_CLEAN,
	.flags = COMMAND_NEEDS_DB,
	.run = run_clean,
};
