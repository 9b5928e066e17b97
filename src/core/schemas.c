/* SPDX-License-Identifier: Apache-2.0 */
/* schemas.c - makes what migrations need: missing schemas and the history table */
#include "cflyway/core/schemas.h"

#include "cflyway/core/callbacks.h"
#include "cflyway/core/commit_outcome.h"
#include "cflyway/core/history_lock.h"
#include "cflyway/core/outcome.h"
#include "cflyway/core/session.h"
#include "cflyway/core/standby.h"

enum {
	TRIES = 10,
	PAUSE_MS = 1000,
};

/* Runs in a transaction, and may be tried again as a whole. */
typedef bool attempt_fn(const struct run *run, void *ctx, struct error *err);

/*
 * DIFFERS: Flyway tries to create the table ten times in each of ten attempts to create a schema,
 * and reports what fails only because the schema was rolled back.
 */
static bool try_again(const struct run *run, attempt_fn *attempt, void *ctx, struct error *err)
{
	for (int i = 1;; i++) {
		if (attempt(run, ctx, err))
			return true;
		db_rollback(run->db);
		/* Only an error of the database may be gone next time. */
		if (i == TRIES || err->sql == NULL || run->db->is_cancelled ||
		    db_tx_status(run->db) == TX_LOST)
			return false;
		error_clear(err);
		run->clock->sleep_ms(run->clock, PAUSE_MS);
	}
}

bool schemas_baseline_row(const struct run *run, struct history_row *row, struct error *err)
{
	*row = (struct history_row){
		.installed_rank = 1,
		.description = run->settings->baseline_description,
		.type = MIGRATION_BASELINE,
		.script = run->settings->baseline_description,
		.installed_by = run->session->installed_by,
		.success = true,
	};
	return version_parse(run->arena, run->settings->baseline_version, &row->version, err);
}

bool schemas_foresee_baseline(const struct run *run, struct history_rows *rows, struct error *err)
{
	const struct settings *settings = run->settings;
	const char *non_empty = "";
	struct history_row *row;

	if (run->session->about.history_exists || !settings->baseline_on_migrate ||
	    settings->skip_executing_migrations)
		return true;
	if (!schemas_find_non_empty(run, &non_empty, err))
		return false;
	if (non_empty[0] == '\0')
		return true;
	row = arena_alloc(run->arena, sizeof(*row));
	*rows = (struct history_rows){row, 1};
	return schemas_baseline_row(run, row, err);
}

/* --- the history table --------------------------------------------------------------------- */

struct creation {
	const struct history_row *baseline;
	bool announced;
};

/* In a transaction that holds the lock. */
static bool create_table(const struct run *run, struct creation *creation, struct error *err)
{
	const struct history *history = &run->session->history;
	bool exists = false;

	if (!db_table_exists(run->db, history->schema, history->table, &exists, err))
		return false;
	if (exists)
		return true;
	if (!creation->announced)
		log_info(run->log, "Creating Schema History table %s%s ...", history->quoted,
		         creation->baseline != NULL ? " with baseline" : "");
	creation->announced = true;
	return history_create(run->db, history, run->settings->tablespace, creation->baseline,
	                      err) ||
	       session_operation_failed(run);
}

static bool has_row(const struct history_rows *rows, enum migration_type type, const char *script)
{
	for (size_t i = 0; rows != NULL && i < rows->n; i++)
		if (rows->items[i].type == type && strcmp(rows->items[i].script, script) == 0)
			return true;
	return false;
}

static bool has_table(const void *ctx, const struct history_rows *rows)
{
	const struct creation *creation = ctx;
	const struct history_row *baseline = creation->baseline;

	return rows != NULL &&
	       (baseline == NULL || has_row(rows, MIGRATION_BASELINE, baseline->script));
}

static void record_history(const struct run *run, const struct history_row *baseline)
{
	outcome_done(run, "kept: the new schema history table %s%s%s", run->session->history.quoted,
	             baseline != NULL ? " with the baseline " : "",
	             baseline != NULL ? baseline->version.text : "");
}

static bool attempt_history(const struct run *run, void *ctx, struct error *err)
{
	const struct creation *creation = ctx;
	const struct commit_question question = {
		.has_succeeded = has_table,
		.ctx = creation,
		.is_locked = true,
		.succeeded = "The server has created",
		.failed = "The server has not created",
		.missing = "Its outcome is not known yet: the server has not created",
		.unknown = "Whether the schema history table is there is shown by info.",
	};

	if (!history_lock_begin(run, err) || !create_table(run, ctx, err))
		return false;
	if (db_commit(run->db, err))
		return true;
	if (creation->announced && commit_outcome_note(run, &question, err) == COMMIT_SUCCEEDED)
		record_history(run, creation->baseline);
	return false;
}

bool schemas_create_history(const struct run *run, const struct history_row *baseline,
                            bool *created, struct error *err)
{
	struct creation creation = {.baseline = baseline};

	if (!standby_check(run, err) || !try_again(run, attempt_history, &creation, err))
		return false;
	if (created != NULL)
		*created = creation.announced;
	if (creation.announced)
		record_history(run, baseline);
	if (creation.announced && baseline != NULL)
		log_info(run->log, "Successfully baselined schema with version: %s",
		         baseline->version.text);
	return true;
}

/* --- schemas ------------------------------------------------------------------------------- */

struct schema_creation {
	struct creation table;
	struct str_list missing; /* before the lock was taken */
	struct str_list created; /* by this program */
};

/* The managed schemas that do not exist. The default schema is known since connecting. */
static bool find_missing(const struct run *run, struct str_list *missing, struct error *err)
{
	const struct session *session = run->session;

	for (size_t i = 0; i < session->schemas.n; i++) {
		const char *name = session->schemas.items[i];
		bool exists = session->about.default_schema_exists;

		if (strcmp(name, session->default_schema) != 0 &&
		    !db_schema_exists(run->db, name, &exists, err))
			return false;
		if (!exists)
			str_list_add(run->arena, missing, name);
	}
	return true;
}

static const char *quote_all(struct arena *arena, const struct str_list *names,
                             const char *separator)
{
	struct str_list quoted = {0};

	for (size_t i = 0; i < names->n; i++)
		str_list_add(arena, &quoted, db_quote_identifier(arena, names->items[i]));
	return str_list_join(arena, &quoted, separator);
}

/* The row that tells clean which schemas were made here: rank 0 in a table without rows. */
static bool insert_schema_row(const struct run *run, const struct str_list *created,
                              struct error *err)
{
	const struct history *history = &run->session->history;
	struct history_rows rows = {0};

	if (!history_read(run->arena, run->db, history, &rows, err))
		return false;
	struct history_row row = {
		.installed_rank = history_last_rank(&rows) + 1,
		.version = version_empty(),
		.description = "<< Flyway Schema Creation >>",
		.type = MIGRATION_SCHEMA,
		.script = quote_all(run->arena, created, ","),
		.installed_by = run->session->installed_by,
		.success = true,
	};
	return history_insert(run->db, history, &row, err);
}

/* With executeInTransaction=false it stays, even if the next one cannot be made. */
static bool keep_schema(const struct run *run, const char *name, struct error *err)
{
	const char *quoted = db_quote_identifier(run->arena, name);
	const bool is_kept = db_tx_status(run->db) == TX_IDLE;

	if (is_kept || db_commit(run->db, err)) {
		if (db_makes_schemas(run->db))
			outcome_done(run, "kept: the new schema %s", quoted);
		return is_kept || history_lock_begin(run, err);
	}
	if (db_tx_status(run->db) == TX_LOST)
		error_explain(
			err, NOTE_OUTCOME,
			"the connection was lost during COMMIT. It is not known whether schema "
			"%s has been created.",
			quoted);
	return false;
}

/* Under the lock: another program may have made some of them meanwhile. */
static bool create_still_missing(const struct run *run, struct schema_creation *creation,
                                 struct error *err)
{
	creation->created = (struct str_list){0};
	for (size_t i = 0; i < creation->missing.n; i++) {
		const char *name = creation->missing.items[i];
		bool exists = false;

		if (!db_schema_exists(run->db, name, &exists, err))
			return false;
		if (exists)
			continue;
		log_info(run->log, "Creating schema %s ...", db_quote_identifier(run->arena, name));
		if (!db_create_schema(run->db, name, err) ||
		    (!run->settings->execute_in_transaction && !keep_schema(run, name, err)))
			return false;
		str_list_add(run->arena, &creation->created, name);
	}
	return true;
}

/*
 * Flyway takes a locked file for one without schemas, and says with every try that it makes them.
 * What is missing while another program holds the file proves nothing: the lock comes after.
 */
static bool wait_for_file(const struct run *run, struct schema_creation *creation,
                          struct error *err)
{
	const struct history *history = &run->session->history;
	bool exists;

	if (!run->session->about.schema_unknown)
		return true;
	return create_still_missing(run, creation, err) &&
	       (creation->created.n == 0 ||
	        db_table_exists(run->db, history->schema, history->table, &exists, err));
}

static bool has_schema_row(const void *ctx, const struct history_rows *rows)
{
	return has_row(rows, MIGRATION_SCHEMA, ctx);
}

static void record_schemas(const struct run *run, const struct schema_creation *creation)
{
	/* Without a transaction, each was kept by itself. */
	if (run->settings->execute_in_transaction && db_makes_schemas(run->db))
		outcome_done(run, "kept: the new schema%s %s", creation->created.n == 1 ? "" : "s",
		             quote_all(run->arena, &creation->created, ", "));
	if (creation->table.announced)
		record_history(run, creation->table.baseline);
}

static bool commit_schemas(const struct run *run, const struct schema_creation *creation,
                           struct error *err)
{
	const struct str_list *created = &creation->created;
	const struct commit_question question = {
		.has_succeeded = has_schema_row,
		.ctx = quote_all(run->arena, created, ","),
		.is_locked = true,
		.succeeded = "The schemas have been created: their row is in",
		.failed = "The schemas have not been created: their row is not in",
		.missing = "Its outcome is not known yet: the row of the schemas is not in",
		.unknown = "Whether the schemas have been created is shown by info.",
	};

	if (db_commit(run->db, err))
		return true;
	if (created->n > 0 && commit_outcome_note(run, &question, err) == COMMIT_SUCCEEDED)
		record_schemas(run, creation);
	return false;
}

static bool attempt_schemas(const struct run *run, void *ctx, struct error *err)
{
	struct schema_creation *creation = ctx;

	if (!wait_for_file(run, creation, err))
		return session_operation_failed(run);
	if (!history_lock_begin(run, err))
		return false;
	if (!create_still_missing(run, creation, err) ||
	    (creation->created.n > 0 && (!create_table(run, &creation->table, err) ||
	                                 !insert_schema_row(run, &creation->created, err))))
		return session_operation_failed(run);
	return commit_schemas(run, creation, err);
}

bool schemas_create_missing(struct run *run, const struct history_row *baseline, bool *created,
                            struct error *err)
{
	struct schema_creation creation = {.table = {.baseline = baseline}};

	*created = false;
	if (!run->settings->create_schemas)
		return !run->session->about.schema_unknown || session_refresh(run, err);
	if (!callbacks_run(run, EVENT_CREATE_SCHEMA, err) ||
	    !callbacks_run(run, EVENT_BEFORE_CREATE_SCHEMA, err) ||
	    !find_missing(run, &creation.missing, err))
		return false;
	if (creation.missing.n == 0)
		return true;
	if (!standby_check(run, err) || !try_again(run, attempt_schemas, &creation, err))
		return false;
	*created = creation.created.n > 0;
	if (*created)
		record_schemas(run, &creation);
	/* What could not be asked when the command began can be asked now. */
	return !run->session->about.schema_unknown || session_refresh(run, err);
}

bool schemas_find_non_empty(const struct run *run, const char **quoted, struct error *err)
{
	struct str_list full = {0};

	for (size_t i = 0; i < run->session->schemas.n; i++) {
		const char *name = run->session->schemas.items[i];
		bool exists = false, empty = true;

		if (!db_schema_exists(run->db, name, &exists, err) ||
		    (exists && !db_schema_empty(run->db, name, &empty, err)))
			return false;
		if (exists && !empty)
			str_list_add(run->arena, &full, name);
	}
	*quoted = quote_all(run->arena, &full, ", ");
	return true;
}
