/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lock.c - the advisory lock that cflyway shares with Flyway
 *
 * Transaction and session locks on one key exclude each other. SQL without parameters goes through
 * the simple protocol: an open portal would keep a snapshot, for which CREATE INDEX CONCURRENTLY in
 * another session would wait.
 */
#include "lock.h"

#include "errors.h"
#include "listener.h"
#include "pooler.h"
#include "query.h"
#include "session_words.h"

#include "cflyway/base/utf8.h"

#include <inttypes.h>

/* "Flyway" in ASCII, to which Flyway adds Java's hash of the table's name. */
static const int64_t lock_base = 0x466C79776179;

int64_t pg_lock_key(const char *name)
{
	struct str rest = str_of(name);
	uint32_t hash = 0;

	while (rest.len > 0) {
		uint32_t c = utf8_next(&rest);

		if (c >= 0x10000) {
			hash = hash * 31 + 0xD800 + ((c - 0x10000) >> 10);
			c = 0xDC00 + ((c - 0x10000) & 0x3FF);
		}
		hash = hash * 31 + c;
	}
	return lock_base + (int32_t)hash;
}

static const struct answer_shape lock_shape = {"the lock", "v", true};

/* NULL: another server has answered than the one that was described. */
static const struct answer_shape session_lock_shape = {"the lock", "n", true};

static bool read_bool(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	bool *value = ctx;

	(void)columns;
	(void)err;
	*value = str_same(values[0], "t");
	return true;
}

/* Runs SQL that gives one boolean. */
static bool ask_shaped(struct postgres *pg, const char *sql, const struct answer_shape *shape,
                       db_row_fn *read, bool *answer, struct error *err)
{
	struct checked_answer checked = {shape, read, answer, 0};
	PGresult *result = pg_exec(pg, sql);
	bool ok = false;

	if (pg->pq.result_status(result) == PGRES_TUPLES_OK)
		ok = pg_hand_over(pg, result, checked_answer_row, &checked, err) &&
		     checked_answer_end(&checked, err);
	else
		pg_fail(pg, result, err);
	if (!ok)
		*answer = false;
	pg->pq.clear(result);
	return ok;
}

static bool ask(struct postgres *pg, const char *sql, bool *answer, struct error *err)
{
	return ask_shaped(pg, sql, &lock_shape, read_bool, answer, err);
}

static bool read_session_lock(void *ctx, size_t columns, const char *const *values,
                              struct error *err)
{
	return values[0] != NULL ? read_bool(ctx, columns, values, err) : pg_fail_not_session(err);
}

bool pg_try_lock(struct db *db, enum lock_kind kind, const char *name, bool *taken,
                 struct error *err)
{
	struct postgres *pg = postgres_of(db);
	const int64_t key = pg_lock_key(name);
	char sql[96];

	if (kind == LOCK_SESSION)
		return ask_shaped(pg, pg_session_lock_sql(pg, key), &session_lock_shape,
		                  read_session_lock, taken, err);
	snprintf(sql, sizeof(sql), "SELECT pg_try_advisory_xact_lock(%" PRId64 ")", key);
	return ask(pg, sql, taken, err);
}

bool pg_unlock(struct db *db, const char *name, bool *held, struct error *err)
{
	char sql[96];

	snprintf(sql, sizeof(sql), "SELECT pg_advisory_unlock(%" PRId64 ")", pg_lock_key(name));
	return ask(postgres_of(db), sql, held, err);
}

static const char has_lock_sql[] =
#include "db/postgres/sql/has_lock.sql.h"
	;

static const char lock_holder_sql[] =
#include "db/postgres/sql/lock_holder.sql.h"
	;

/* The key as pg_locks shows it: its upper and its lower half. */
struct lock_halves {
	char class_id[16], object_id[16];
	const char *args[2];
};

static void halve(struct lock_halves *halves, const char *name)
{
	uint64_t key = (uint64_t)pg_lock_key(name);

	snprintf(halves->class_id, sizeof(halves->class_id), "%" PRIu32, (uint32_t)(key >> 32));
	snprintf(halves->object_id, sizeof(halves->object_id), "%" PRIu32, (uint32_t)key);
	halves->args[0] = halves->class_id;
	halves->args[1] = halves->object_id;
}

bool pg_has_lock(struct db *db, const char *name, bool *held, struct error *err)
{
	struct lock_halves halves = {0};

	halve(&halves, name);
	*held = false;
	return pg_query_shaped(db, has_lock_sql, halves.args, COUNT(halves.args), &lock_shape,
	                       read_bool, held, err);
}

struct holder {
	struct arena *arena;
	const char *text;
	int64_t process;
};

static bool read_holder(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	struct holder *holder = ctx;

	(void)columns;
	(void)err;
	holder->text = pg_session_words(holder->arena, values);
	holder->process = answer_number(values[0]);
	return true;
}

const char *pg_lock_holder(struct db *db, const char *name, int64_t *process)
{
	static const struct answer_shape shape = {"who holds the lock", PG_SESSION_SHAPE, false};
	struct holder holder = {.arena = db->arena};
	struct error ignored = ERROR_INIT(db->arena);
	struct lock_halves halves = {0};

	halve(&halves, name);
	if (!pg_query_shaped(db, lock_holder_sql, halves.args, COUNT(halves.args), &shape,
	                     read_holder, &holder, &ignored))
		return NULL;
	*process = holder.process;
	return holder.text;
}
