/* SPDX-License-Identifier: Apache-2.0 */
/* driver_defaults.c - provides methods for databases that lack a feature */
#include "cflyway/db/driver.h"

#include "sql_template.h"

#include <stdio.h>

bool db_default_check_version(struct db *db, struct error *err)
{
	(void)db;
	(void)err;
	return true;
}

bool db_default_check_product(struct db *db, struct error *err)
{
	(void)db;
	(void)err;
	return true;
}

bool db_default_find_pooler(struct db *db, struct error *err)
{
	(void)db;
	(void)err;
	return true;
}

/* Never called: nothing sets pools_transactions. */
bool db_default_set_locally(struct db *db, const struct statement *statement, struct error *err)
{
	return db_send(db, statement, err) == DB_OK && db_sync(db, err) == DB_OK;
}

enum db_status db_default_copy(struct db *db, const struct statement *statement,
                               struct splitter *rows, struct error *err)
{
	(void)rows;
	return db_send(db, statement, err);
}

bool db_default_find_leftovers(struct db *db, struct str_list *sentences, struct error *err)
{
	(void)db;
	(void)sentences;
	(void)err;
	return true;
}

bool db_default_ensure_writable(struct db *db, bool *committed, struct error *err)
{
	(void)db;
	(void)err;
	*committed = false;
	return true;
}

bool db_default_restore_role(struct db *db, struct error *err)
{
	(void)db;
	(void)err;
	return true;
}

bool db_default_measure_schema(struct db *db, const char *schema, struct db_clean_size *size,
                               struct error *err)
{
	*size = (struct db_clean_size){0};
	return db_schema_exists(db, schema, &size->exists, err);
}

void db_default_explain(struct db *db, struct error *err)
{
	(void)db, (void)err;
}

const char *db_default_lock_holder(struct db *db, const char *name, int64_t *process)
{
	(void)db;
	(void)name;
	*process = 0;
	return NULL;
}

static bool fail_not_stored(const char *sentence, struct error *err)
{
	const struct sql_failure failure = {
		.state = "02000", /* no data */
		.message = sentence,
	};

	return error_set_sql(err, ERROR_DB_CONNECTION, &failure, "%s", sentence);
}

bool db_insert_row(struct db *db, const char *sql, const char *const *args, size_t n,
                   struct error *err)
{
	return db_query(db, sql, args, n, NULL, NULL, err) &&
	       (db->affected != 0 ||
	        fail_not_stored("A trigger or a rule of the table has kept the row out of it.",
	                        err));
}

const char db_row_not_there[] =
	"A trigger, a rule or a policy of the table has kept the row out of it, or hides it.";

static bool note_row(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	bool *is_there = ctx;

	(void)columns, (void)values, (void)err;
	*is_there = true;
	return true;
}

bool db_look_for_row(struct db *db, const char *table, int rank, struct error *err)
{
	const struct sql_param blank = {'t', table};
	const char *sql =
		sql_template_expand(db->arena, db->driver->catalog->history_select, &blank, 1);
	char last_rank[16];
	const char *const args[] = {last_rank};
	bool is_there = false;

	snprintf(last_rank, sizeof(last_rank), "%d", rank - 1);
	return db_query(db, sql, args, COUNT(args), note_row, &is_there, err) &&
	       (is_there || fail_not_stored(db_row_not_there, err));
}

bool db_default_commit_row(struct db *db, const struct db_commit *commit, struct error *err)
{
	db->failed_part = DB_PART_ROW;
	if (!db_restore_role(db, err) ||
	    !db_insert_row(db, commit->sql, commit->args, commit->n, err) ||
	    !db_look_for_row(db, commit->table, commit->rank, err))
		return false;
	db->failed_part = DB_PART_COMMIT;
	return db_commit(db, err);
}

bool db_default_may_flush_later(struct db *db, bool *may, struct error *err)
{
	(void)db;
	(void)err;
	*may = false;
	return true;
}

bool db_default_flush(struct db *db, struct error *err)
{
	(void)db;
	(void)err;
	return true;
}

bool db_default_trial_note(struct db *db, const struct statement *statement, struct error *err)
{
	(void)db;
	(void)statement;
	(void)err;
	return true;
}
