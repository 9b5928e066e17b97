/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lock_failure.c - says who was in the way of a statement that failed for it
 *
 * The server has forgotten by then what the statement waited for. What a table is called that
 * others have locked, and the text of the statement, tell it most of the time.
 */
#include "lock_failure.h"

#include "listener.h"
#include "lock_wait.h"
#include "probe.h"
#include "session_words.h"

#include "cflyway/base/ascii.h"
#include "cflyway/db/answer_shape.h"

static const char lock_failure_sql[] =
#include "db/postgres/sql/lock_failure.sql.h"
	;

static const char deadlock_sql[] =
#include "db/postgres/sql/deadlock.sql.h"
	;

void pg_lock_failure_init(struct postgres *pg)
{
	if (pg->probed == NULL)
		pg->lock_wait.explain = pg_lock_failure_explain;
}

struct explained {
	const struct pg_probe *probe;
	struct error *err;
	bool has_shown_own; /* statement of a deadlock */
};

/* --- no lock in time ----------------------------------------------------------------------- */

enum lock_column { HELD_PID, HELD_ADDRESS, HELD_MODE, HELD_RELATION, HELD_MORE, HELD_SESSION };

static const struct answer_shape lock_shape = {"who holds the lock", "vnvvv" PG_SESSION_SHAPE,
                                               false};

static bool read_lock(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	const struct explained *explained = ctx;
	struct arena *arena = explained->err->arena;

	(void)columns;
	(void)err;
	if (pg_probe_is_same(explained->probe, values[HELD_PID], values[HELD_ADDRESS]))
		error_explain(explained->err, NOTE_CAUSE, "the lock %s on %s is held by %s%s",
		              values[HELD_MODE], values[HELD_RELATION],
		              pg_others_words(arena, answer_int(values[HELD_MORE])),
		              pg_session_words(arena, &values[HELD_SESSION]));
	return true;
}

/* --- a deadlock ---------------------------------------------------------------------------- */

enum deadlock_column { DEAD_PID, DEAD_ADDRESS, DEAD_OWN_PID, DEAD_OWN_QUERY, DEAD_SESSION };

static const struct answer_shape deadlock_shape = {"the deadlock", "vnvn" PG_SESSION_SHAPE, false};

static bool read_deadlock(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	struct explained *explained = ctx;
	struct arena *arena = explained->err->arena;

	(void)columns;
	(void)err;
	if (!pg_probe_is_same(explained->probe, values[DEAD_PID], values[DEAD_ADDRESS]))
		return true;
	if (!explained->has_shown_own && values[DEAD_OWN_QUERY] != NULL)
		error_explain(explained->err, NOTE_CAUSE, "this session, process %s, ran: %s",
		              values[DEAD_OWN_PID], pg_query_words(arena, values[DEAD_OWN_QUERY]));
	explained->has_shown_own = true;
	error_explain(explained->err, NOTE_CAUSE, "the deadlock was with %s",
	              pg_session_words(arena, &values[DEAD_SESSION]));
	return true;
}

/*
 * "4711,4712", in a detail with lines such as "Process 7 waits for …; blocked by process 4711.", in
 * any language: who blocks is the last number of each; or "".
 */
static const char *find_processes(struct arena *arena, const char *detail)
{
	struct str rest = str_of(detail != NULL ? detail : "");
	const char *found = "";

	while (rest.ptr != NULL && rest.len > 0) {
		struct str line = str_cut(&rest, '\n');
		size_t end = line.len, digits = 0;

		while (end > 0 && !ascii_is_digit(line.ptr[end - 1]))
			end--;
		while (digits < end && ascii_is_digit(line.ptr[end - digits - 1]))
			digits++;
		if (digits > 0 && digits < 10) /* what fits into an int */
			found = arena_printf(arena, "%s%s%.*s", found, *found != '\0' ? "," : "",
			                     (int)digits, line.ptr + end - digits);
	}
	return found;
}

/* ------------------------------------------------------------------------------------------- */

void pg_lock_failure_explain(struct postgres *pg, const char *sqlstate, const char *detail,
                             struct error *err)
{
	const bool is_deadlock = strcmp(sqlstate, "40P01") == 0;
	struct error ignored = ERROR_INIT(err->arena);
	struct pg_probe probe;
	struct explained explained = {.probe = &probe, .err = err};
	struct checked_answer answer = {
		is_deadlock ? &deadlock_shape : &lock_shape,
		is_deadlock ? read_deadlock : read_lock,
		&explained,
		0,
	};
	const char *sql = lock_failure_sql;

	if ((!is_deadlock && strcmp(sqlstate, "55P03") != 0) || !pg_lock_wait_may_look(pg))
		return;
	if (is_deadlock)
		sql = str_replace(err->arena, str_of(deadlock_sql), STR("$2"),
		                  str_of(find_processes(err->arena, detail)));
	pg_lock_wait_ask(pg, sql, false, &probe);
	if (probe.result != NULL)
		(void)!pg_hand_over(&probe.pg, probe.result, checked_answer_row, &answer, &ignored);
	pg_probe_close(&probe);
}
