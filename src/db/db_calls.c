/* SPDX-License-Identifier: Apache-2.0 */
/* db_calls.c - passes the calls of db.h to the driver; contains small helpers */
#include "cflyway/db/driver.h"

#include "sql_template.h"

#include "cflyway/base/buf.h"

#include <stdarg.h>

const char *db_name(const struct db *db)
{
	return db->driver->name;
}

const struct dialect *db_dialect(const struct db *db)
{
	return db->driver->dialect;
}

bool db_has_transactional_lock(const struct db *db)
{
	return db->driver->has_transactional_lock;
}

bool db_failure_ends_transaction(const struct db *db)
{
	return db->driver->failure_ends_transaction;
}

bool db_has_atomic_batches(const struct db *db)
{
	return db->driver->has_atomic_batches;
}

void db_describe_batch(struct db *db, struct arena *arena, const struct batch_entry *entry,
                       struct sql_failure *sql, const char **cause)
{
	db->driver->script.describe_batch(arena, entry, sql, cause);
}

bool db_can_queue_commit(const struct db *db)
{
	return db->driver->durability.can_queue_commit && !db->history_has_triggers;
}

bool db_check_product(struct db *db, struct error *err)
{
	return db->driver->connection.check_product(db, err);
}

bool db_describe(struct db *db, const char *default_schema, const char *table,
                 struct db_description *description, struct error *err)
{
	return db->driver->connection.describe(db, default_schema, table, description, err);
}

bool db_query(struct db *db, const char *sql, const char *const *args, size_t n, db_row_fn *row,
              void *ctx, struct error *err)
{
	return db->driver->connection.query(db, sql, args, n, row, ctx, err);
}

void db_cancel(struct db *db)
{
	db->driver->connection.cancel(db);
}

enum db_status db_begin_guarded(struct db *db, const struct db_guard *guard, bool lock,
                                struct error *err)
{
	return db->driver->script.begin_guarded(db, guard, lock, err);
}

enum db_status db_prepare_guarded(struct db *db, const struct db_guard *guard, struct error *err)
{
	return db->driver->script.prepare_guarded(db, guard, err);
}

enum db_status db_send(struct db *db, const struct statement *statement, struct error *err)
{
	return db->driver->script.send(db, statement, err);
}

enum db_status db_copy(struct db *db, const struct statement *statement, struct splitter *rows,
                       struct error *err)
{
	return db->driver->script.copy(db, statement, rows, err);
}

enum db_status db_sync(struct db *db, struct error *err)
{
	return db->driver->script.sync(db, err);
}

struct db_conflict db_find_conflict(const struct db *db, const struct error *err)
{
	return err->sql != NULL ? db->driver->script.find_conflict(err->sql)
	                        : (struct db_conflict){NULL, NULL};
}

bool db_set_limits(struct db *db, const struct db_limits *limits, struct error *err)
{
	return db->driver->script.set_limits(db, limits, err);
}

bool db_lift_limits(struct db *db, struct error *err)
{
	return db->driver->script.lift_limits(db, err);
}

bool db_find_leftovers(struct db *db, struct str_list *sentences, struct error *err)
{
	return db->driver->script.find_leftovers(db, sentences, err);
}

bool db_begin(struct db *db, struct error *err)
{
	return db->driver->transaction.begin(db, err);
}

bool db_commit(struct db *db, struct error *err)
{
	return db->driver->transaction.commit(db, err);
}

void db_rollback(struct db *db)
{
	db->driver->transaction.rollback(db);
}

enum tx_status db_tx_status(struct db *db)
{
	return db->driver->transaction.status(db);
}

bool db_ensure_writable(struct db *db, bool *committed, struct error *err)
{
	return db->driver->transaction.ensure_writable(db, committed, err);
}

bool db_restore_role(struct db *db, struct error *err)
{
	return db->driver->transaction.restore_role(db, err);
}

bool db_try_lock(struct db *db, enum lock_kind kind, const char *name, bool *taken,
                 struct error *err)
{
	return db->driver->lock.try(db, kind, name, taken, err);
}

bool db_unlock(struct db *db, const char *name, bool *held, struct error *err)
{
	return db->driver->lock.release(db, name, held, err);
}

bool db_has_lock(struct db *db, const char *name, bool *held, struct error *err)
{
	return db->driver->lock.is_held(db, name, held, err);
}

const char *db_lock_holder(struct db *db, const char *name, int64_t *process)
{
	return db->driver->lock.holder(db, name, process);
}

bool db_commit_row(struct db *db, const struct db_commit *commit, struct error *err)
{
	return db->driver->durability.commit_row(db, commit, err);
}

bool db_may_flush_later(struct db *db, bool *may, struct error *err)
{
	return db->driver->durability.may_flush_later(db, may, err);
}

bool db_flush(struct db *db, struct error *err)
{
	return db->driver->durability.flush(db, err);
}

bool db_schema_exists(struct db *db, const char *schema, bool *exists, struct error *err)
{
	return db->driver->catalog->schema_exists(db, schema, exists, err);
}

bool db_schema_empty(struct db *db, const char *schema, bool *empty, struct error *err)
{
	return db->driver->catalog->schema_empty(db, schema, empty, err);
}

bool db_makes_schemas(const struct db *db)
{
	return db->driver->makes_schemas;
}

bool db_create_schema(struct db *db, const char *schema, struct error *err)
{
	return db->driver->catalog->create_schema(db, schema, err);
}

bool db_drop_schema(struct db *db, const char *schema, struct error *err)
{
	return db->driver->catalog->drop_schema(db, schema, err);
}

bool db_measure_schema(struct db *db, const char *schema, struct db_clean_size *size,
                       struct error *err)
{
	return db->driver->catalog->measure_schema(db, schema, size, err);
}

bool db_clean_schema(struct db *db, const char *schema, struct db_clean_part *part,
                     struct error *err)
{
	part->is_last = true;
	part->is_too_large = false;
	return db->driver->catalog->clean_schema(db, schema, part, err);
}

bool db_table_exists(struct db *db, const char *schema, const char *table, bool *exists,
                     struct error *err)
{
	return db->driver->catalog->table_exists(db, schema, table, exists, err);
}

bool db_title(struct error *err, enum error_code code, const char *format, ...)
{
	va_list args;

	if (err->sql == NULL)
		return false;
	va_start(args, format);
	err->message = arena_vprintf(err->arena, format, args);
	va_end(args);
	err->code = code;
	return false;
}

bool db_fail_script(const struct db *db, enum error_code code, const struct sql_failure *failure,
                    const char *file_name, struct error *err)
{
	const char *environment = db->settings->environment_name;
	bool is_named = environment != NULL && strcmp(environment, "default") != 0;

	return error_set_sql(err, code, failure, "Failed to execute script %s%s%s%s", file_name,
	                     is_named ? " against " : "", is_named ? environment : "",
	                     is_named ? " environment" : "");
}

static size_t count_steps(const struct error *err)
{
	size_t n = 0;

	for (size_t i = 0; i < err->notes.n; i++)
		n += err->notes.items[i].kind == NOTE_NEXT;
	return n;
}

bool db_explain(struct db *db, struct error *err)
{
	const size_t before = count_steps(err);

	if (db->driver == NULL || err->sql == NULL || db->is_cancelled)
		return false;
	db_rollback(db);
	db->driver->connection.explain(db, err);
	return count_steps(err) > before;
}

const char *db_quote_identifier(struct arena *arena, const char *name)
{
	return arena_printf(arena, "\"%s\"",
	                    str_replace(arena, str_of(name), STR("\""), STR("\"\"")));
}

const char *sql_template_expand(struct arena *arena, const char *text,
                                const struct sql_param *params, size_t n)
{
	struct buf out = BUF_EMPTY(SIZE_MAX);

	for (const char *c = text; *c;) {
		size_t plain = strcspn(c, "%"), i = 0;

		buf_append(&out, c, plain);
		c += plain;
		while (*c && i < n && c[1] != params[i].letter)
			i++;
		if (*c && i < n) {
			buf_add(&out, params[i].value);
			c += 2;
		} else if (*c) {
			buf_putc(&out, *c++);
		}
	}

	const char *filled = str_dup(arena, str_trim_right(buf_str(&out)));

	buf_release(&out);
	return filled;
}

int64_t db_wait_look_due_ms(size_t n)
{
	static const int64_t due_ms[] = {1000, 10000, 60000, 300000};
	const size_t last = COUNT(due_ms) - 1;

	return n <= last ? due_ms[n] : due_ms[last] * (int64_t)(n - last + 1);
}
