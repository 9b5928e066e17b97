/* SPDX-License-Identifier: Apache-2.0 */
/* clean.c - drops all objects in the managed schemas */
#include "cflyway/commands/command.h"
#include "cflyway/core/callbacks.h"
#include "cflyway/core/outcome.h"
#include "cflyway/core/session.h"

#include <inttypes.h>

struct cleaner {
	const struct run *run;
	struct str_list existing;  /* managed schemas that exist */
	struct str_list created;   /* by Flyway: they are dropped at the end */
	struct str_list uncleaned; /* those among them that the second pass could not clean */
	struct clean_result *result;
	int64_t limit;       /* how many locks the server has room for; 0: any number */
	int64_t max_locks;   /* of one transaction; 0: any number, a schema is one transaction */
	size_t transactions; /* committed with such a limit */
	bool has_history;    /* the history table is still there */
};

static const char *since(const struct run *run, int64_t started_ms)
{
	return clock_format_duration(run->arena, run->clock->monotonic_ms(run->clock) - started_ms);
}

/* --- one transaction or several ------------------------------------------------------------ */

/* Half of the room is left to other sessions. */
static void split(struct cleaner *cleaner, const char *schema, const char *reason)
{
	if (cleaner->run->outcome != NULL)
		cleaner->run->outcome->doing_left = NULL;
	cleaner->max_locks = cleaner->limit / 2;
	log_cflyway(cleaner->run->log,
	            "schema %s %s: clean takes several transactions. If it is interrupted, run it "
	            "again.",
	            db_quote_identifier(cleaner->run->arena, schema), reason);
}

static void split_large(struct cleaner *cleaner, const char *schema,
                        const struct db_clean_size *size)
{
	cleaner->limit = size->limit;
	const int64_t hundreds = size->locks / 100 + (size->locks % 100 > 0);

	if (size->locks > size->limit)
		split(cleaner, schema,
		      arena_printf(cleaner->run->arena,
		                   "needs about %" PRId64 " locks, and the server has room for "
		                   "%" PRId64 " (max_locks_per_transaction)",
		                   hundreds * 100, size->limit));
}

/* After a failure: is it worth trying once more, with fewer locks? */
static bool split_further(struct cleaner *cleaner, const char *schema,
                          const struct db_clean_part *part, struct error *err)
{
	const struct run *run = cleaner->run;

	if (!part->is_too_large || cleaner->limit == 0 || cleaner->max_locks == 1 ||
	    db_tx_status(run->db) != TX_IDLE)
		return false;

	struct str message = str_of(err->sql->message);

	if (cleaner->max_locks > 0)
		cleaner->max_locks /= 2;
	else
		split(cleaner, schema,
		      arena_printf(run->arena, "cannot be cleaned at once (%s)",
		                   str_dup(run->arena, str_cut(&message, '\n'))));
	error_clear(err);
	return true;
}

static void note_committed(const struct cleaner *cleaner, bool is_unknown, struct error *err)
{
	size_t n = cleaner->transactions;

	if (cleaner->max_locks == 0 || (n == 0 && !is_unknown))
		return;
	if (n == 1)
		error_explain(err, NOTE_OUTCOME, "what the first transaction dropped is gone");
	else if (n > 1)
		error_explain(err, NOTE_OUTCOME, "what the first %zu transactions dropped is gone",
		              n);
	if (is_unknown)
		error_explain(err, NOTE_OUTCOME,
		              "it is unknown whether the last transaction was committed");
	error_explain(err, NOTE_NEXT, "run clean again before any other command%s",
	              cleaner->has_history && !is_unknown
	                      ? ": the schema history table still lists what is gone"
	                      : "");
}

static bool is_default(const struct cleaner *cleaner, const char *schema)
{
	return str_same(schema, cleaner->run->session->default_schema);
}

/* The history table stays until the second pass: it says which schemas were created. */
static const char *table_to_keep(const struct cleaner *cleaner, const char *schema, bool is_second)
{
	return !is_second && cleaner->max_locks > 0 && is_default(cleaner, schema)
	               ? cleaner->run->session->history.table
	               : NULL;
}

static bool clean_part(const struct run *run, const char *schema, struct db_clean_part *part,
                       bool *is_unknown, struct error *err)
{
	struct db *db = run->db;

	*is_unknown = false;
	if (!db_begin(db, err))
		return false;
	if (db_clean_schema(db, schema, part, err)) {
		if (db_commit(db, err))
			return true;
		*is_unknown = db_tx_status(db) == TX_LOST;
	}
	db_rollback(db);
	return false;
}

/*
 * DIFFERS: Flyway's one transaction fails with "out of shared memory" where there are more objects
 * than the server can lock at once.
 */
static bool clean_schema(struct cleaner *cleaner, const char *schema, bool is_second,
                         struct error *err)
{
	const struct run *run = cleaner->run;
	int64_t started_ms = run->clock->monotonic_ms(run->clock);
	struct db_clean_part part = {.step = 0};
	bool is_unknown;

	outcome_doing(run,
	              arena_printf(run->arena, "cleaning schema %s",
	                           db_quote_identifier(run->arena, schema)),
	              is_second || cleaner->max_locks > 0 ? NULL : "nothing of it was dropped");
	while (!part.is_last) {
		const size_t step = part.step;
		const bool is_split = cleaner->max_locks > 0;

		part = (struct db_clean_part){
			.max_locks = cleaner->max_locks,
			.kept_table = table_to_keep(cleaner, schema, is_second),
			.step = step,
		};
		if (clean_part(run, schema, &part, &is_unknown, err)) {
			cleaner->transactions += is_split;
		} else if (split_further(cleaner, schema, &part, err)) {
			part = (struct db_clean_part){.step = is_split ? step : 0};
		} else {
			note_committed(cleaner, is_unknown, err);
			return false;
		}
	}
	outcome_doing(run, NULL, NULL);
	if (!is_second)
		outcome_done(run, "cleaned: schema %s", db_quote_identifier(run->arena, schema));
	if (part.kept_table == NULL && is_default(cleaner, schema))
		cleaner->has_history = false;
	log_info(run->log, "Successfully cleaned schema %s (execution time %s)",
	         db_quote_identifier(run->arena, schema), since(run, started_ms));
	return true;
}

/* What Flyway has created goes with DROP SCHEMA … CASCADE, whether it can be cleaned or not. */
static bool tolerates(struct cleaner *cleaner, const char *schema, bool is_second,
                      struct error *err)
{
	struct db *db = cleaner->run->db;

	if (!str_list_has(&cleaner->created, schema) || db->is_cancelled ||
	    db_tx_status(db) != TX_IDLE)
		return false;
	error_clear(err);
	if (is_second)
		str_list_add(cleaner->run->arena, &cleaner->uncleaned, schema);
	return true;
}

static bool clean_one(struct cleaner *cleaner, const char *schema, bool is_second,
                      struct error *err)
{
	if (!clean_schema(cleaner, schema, is_second, err))
		return tolerates(cleaner, schema, is_second, err);
	if (!is_second && !str_list_has(&cleaner->created, schema))
		str_list_add(cleaner->run->arena, &cleaner->result->cleaned, schema);
	return true;
}

/* A schema may contain objects that another one needs: two passes, the second in reverse. */
static bool clean_schemas(struct cleaner *cleaner, struct error *err)
{
	const struct str_list *schemas = &cleaner->existing;

	for (size_t i = 0; i < schemas->n; i++)
		if (!clean_one(cleaner, schemas->items[i], false, err))
			return false;
	for (size_t i = schemas->n; i > 0; i--)
		if (!clean_one(cleaner, schemas->items[i - 1], true, err))
			return false;
	if (cleaner->transactions > 0)
		log_cflyway(cleaner->run->log, "clean took %zu transaction%s",
		            cleaner->transactions, cleaner->transactions == 1 ? "" : "s");
	return true;
}

static bool find_existing(struct cleaner *cleaner, struct error *err)
{
	const struct run *run = cleaner->run;

	for (size_t i = 0; i < run->session->schemas.n; i++) {
		const char *name = run->session->schemas.items[i];
		struct db_clean_size size;

		if (!db_measure_schema(run->db, name, &size, err))
			return false;
		if (size.exists) {
			str_list_add(run->arena, &cleaner->existing, name);
			split_large(cleaner, name, &size);
		} else {
			result_warn(run, &cleaner->result->warnings,
			            "Unable to clean unknown schema: %s",
			            db_quote_identifier(run->arena, name));
		}
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

			str_list_add(run->arena, created, name);
		}
	}
}

/* DIFFERS: Flyway goes on without connection, or with a file that is locked or no database. */
static bool can_go_on(const struct run *run)
{
	const struct db_description *about = &run->session->about;

	return !run->db->is_cancelled && db_tx_status(run->db) != TX_LOST &&
	       (!about->schema_unknown || about->schema_missing);
}

static const char *first_line(struct arena *arena, const char *text)
{
	struct str rest = str_of(text);

	return str_dup(arena, str_cut(&rest, '\n'));
}

/* A history that cannot be read drops no schema, and its table is cleaned like any other. */
static bool find_created(const struct run *run, struct str_list *created, struct error *err)
{
	struct applied applied;

	if (applied_read(run, run->session->about.history_exists, &applied, err)) {
		collect_created(run, &applied.rows, created);
		return true;
	}
	if (!can_go_on(run))
		return false;
	log_error(run->log, "Error while checking whether the schemas should be dropped. Schemas "
	                    "will not be dropped");
	log_cflyway(run->log, "%s", first_line(run->arena, err->message));
	if (err->sql != NULL)
		log_cflyway(run->log, "%s", first_line(run->arena, err->sql->message));
	error_clear(err);
	return true;
}

/*
 * DIFFERS: Flyway warns that the schema was cleaned instead, and succeeds, also where the schema
 * was not cleaned, and where the command cannot go on.
 */
static bool fail_to_drop(struct cleaner *cleaner, const char *schema, bool has_dropped,
                         struct error *err)
{
	const struct run *run = cleaner->run;
	const char *quoted = db_quote_identifier(run->arena, schema);
	const bool is_cleaned = !str_list_has(&cleaner->uncleaned, schema);
	const bool is_lost = db_tx_status(run->db) == TX_LOST;

	db_rollback(run->db);
	if (is_cleaned && !is_lost && !run->db->is_cancelled) {
		error_clear(err);
		result_warn(run, &cleaner->result->warnings,
		            "Unable to drop schema %s. It was cleaned instead.", quoted);
		str_list_add(run->arena, &cleaner->result->cleaned, schema);
		return true;
	}
	if (has_dropped && is_lost)
		error_explain(err, NOTE_OUTCOME, "it is unknown whether schema %s was dropped",
		              quoted);
	else
		error_explain(err, NOTE_OUTCOME, "schema %s was %s dropped", quoted,
		              is_cleaned ? "cleaned, but not" : "neither cleaned nor");
	if (!is_cleaned)
		note_committed(cleaner, false, err);
	return db_title(err, ERROR_DB_CONNECTION, "Unable to drop schema %s", quoted);
}

static bool drop_schema(struct cleaner *cleaner, const char *schema, struct error *err)
{
	const struct run *run = cleaner->run;
	struct db *db = run->db;
	int64_t started_ms = run->clock->monotonic_ms(run->clock);
	const char *quoted = db_quote_identifier(run->arena, schema);
	bool has_dropped;

	outcome_doing(run, arena_printf(run->arena, "dropping schema %s", quoted), NULL);
	if (!db_begin(db, err))
		return false;
	has_dropped = db_drop_schema(db, schema, err);
	if (!has_dropped || !db_commit(db, err))
		return fail_to_drop(cleaner, schema, has_dropped, err);
	str_list_add(run->arena, &cleaner->result->dropped, schema);
	outcome_doing(run, NULL, NULL);
	outcome_done(run, "dropped: schema %s", quoted);
	log_info(run->log, "Successfully dropped schema %s (execution time %s)", quoted,
	         since(run, started_ms));
	return true;
}

static bool drop_created(struct cleaner *cleaner, struct error *err)
{
	const struct str_list *schemas = &cleaner->run->session->schemas;

	for (size_t i = 0; i < schemas->n; i++)
		if (str_list_has(&cleaner->created, schemas->items[i]) &&
		    !drop_schema(cleaner, schemas->items[i], err))
			return false;
	return true;
}

static bool clean(const struct run *run, struct clean_result *result, struct error *err)
{
	struct cleaner cleaner = {
		.run = run,
		.result = result,
		.has_history = run->session->about.history_exists,
	};
	int64_t started_ms = run->clock->monotonic_ms(run->clock);

	if (!find_created(run, &cleaner.created, err))
		return false;
	/* cflyway drops nothing outside of schemas; Flyway prints the line nevertheless. */
	log_info(run->log,
	         "Successfully dropped pre-schema database level objects (execution time %s)",
	         since(run, started_ms));
	if (!find_existing(&cleaner, err) || !clean_schemas(&cleaner, err))
		return false;
	log_info(run->log,
	         "Successfully dropped post-schema database level objects (execution time %s)",
	         clock_format_duration(run->arena, 0));
	return drop_created(&cleaner, err);
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
	.options = GROUP_SCHEMAS | GROUP_LOCATIONS | GROUP_SCRIPTS | GROUP_CLEAN | GROUP_DRY_RUN,
	.flags = COMMAND_NEEDS_DB | COMMAND_TELLS_OUTCOME | COMMAND_CALLBACKS_ONLY | COMMAND_WRITES,
	.run = run_clean,
};
