/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trial_watch.c - sees what a trial locks, rewrites and stops
 *
 * The worker can be asked between its statements only, and after an error its locks are gone. A
 * second connection looks at those who wait while a statement runs, and reads only system views.
 */
#include "trial_state.h"

#include "cflyway/base/ascii.h"
#include "cflyway/db/driver.h"

#include <stdlib.h>

enum {
	PAUSE_MS = 100,       /* between two looks: pg_blocking_pids is not for free */
	MAX_WAITING_MS = 500, /* how long anybody may wait for the trial */
};

/* --- modes --------------------------------------------------------------------------------- */

static const struct {
	const char *name, *words, *blocks;
} modes[] = {
	{NULL, NULL, NULL},
	{"AccessShareLock", "ACCESS SHARE", NULL},
	{"RowShareLock", "ROW SHARE", NULL},
	{"RowExclusiveLock", "ROW EXCLUSIVE", NULL},
	{"ShareUpdateExclusiveLock", "SHARE UPDATE EXCLUSIVE", "DDL and VACUUM"},
	{"ShareLock", "SHARE", "writes"},
	{"ShareRowExclusiveLock", "SHARE ROW EXCLUSIVE", "writes"},
	{"ExclusiveLock", "EXCLUSIVE", "writes"},
	{"AccessExclusiveLock", "ACCESS EXCLUSIVE", "reads and writes"},
};

static size_t mode_level(struct str name)
{
	size_t level = COUNT(modes) - 1;

	while (level > 0 && !str_eq(name, str_of(modes[level].name)))
		level--;
	return level;
}

static const char *mode_words(const char *name)
{
	size_t level = name != NULL ? mode_level(str_of(name)) : 0;

	return level > 0 ? modes[level].words : name;
}

static const char *kind_words(const char *relkind)
{
	switch (relkind[0]) {
	case 'r':
		return "table";
	case 'p':
		return "partitioned table";
	case 'm':
		return "materialized view";
	case 'v':
		return "view";
	case 'f':
		return "foreign table";
	case 'S':
		return "sequence";
	default:
		return "index";
	}
}

/* --- the relations ------------------------------------------------------------------------- */

static int64_t number(const char *text)
{
	return text != NULL ? strtoll(text, NULL, 10) : 0;
}

static bool read_relation(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	struct trial *trial = ctx;
	struct arena *arena = trial->run->arena;

	(void)columns;
	(void)err;
	trial->relations =
		arena_grow(arena, trial->relations, trial->relations_n, sizeof(*trial->relations));
	trial->relations[trial->relations_n++] = (struct trial_relation){
		.oid = number(values[0]),
		.name = arena_strdup(arena, values[1]),
		.kind = kind_words(values[2]),
		.filenode = number(values[3]),
		.size_bytes = number(values[4]),
		.rows = number(values[5]),
	};
	return true;
}

static int compare_oids(const void *a, const void *b)
{
	const struct trial_relation *left = a, *right = b;

	return (left->oid > right->oid) - (left->oid < right->oid);
}

/* NULL: it was not there before the trial. */
static struct trial_relation *find_relation(const struct trial *trial, int64_t oid)
{
	const struct trial_relation key = {.oid = oid};

	if (trial->relations_n == 0)
		return NULL;
	return bsearch(&key, trial->relations, trial->relations_n, sizeof(key), compare_oids);
}

static bool read_pid(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	struct trial *trial = ctx;

	(void)columns;
	trial->pid = arena_strdup(err->arena, values[0]);
	return true;
}

/* --- sequences ----------------------------------------------------------------------------- */

static bool read_sequence(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	struct trial_result *result = ctx;
	struct arena *arena = err->arena;

	(void)columns;
	result->sequences = arena_grow(arena, result->sequences, result->sequences_n,
	                               sizeof(*result->sequences));
	result->sequences[result->sequences_n++] = (struct trial_sequence){
		.name = arena_strdup(arena, values[0]),
		.before = values[1] != NULL ? arena_strdup(arena, values[1]) : NULL,
	};
	return true;
}

static bool read_sequence_again(void *ctx, size_t columns, const char *const *values,
                                struct error *err)
{
	struct trial_result *result = ctx;

	(void)columns;
	for (size_t i = 0; i < result->sequences_n; i++)
		if (strcmp(result->sequences[i].name, values[0]) == 0)
			result->sequences[i].after =
				values[1] != NULL ? arena_strdup(err->arena, values[1]) : NULL;
	return true;
}

void trial_watch_sequences(struct trial *trial)
{
	struct trial_result *result = trial->result;
	struct error ignored = ERROR_INIT(trial->run->arena);
	const struct db_trial_sql *sql;
	size_t kept = 0;

	if (trial->watcher.driver == NULL)
		return;
	sql = db_trial_sql(&trial->watcher);
	if (!db_query(&trial->watcher, sql->sequences, NULL, 0, read_sequence_again, result,
	              &ignored)) {
		result->sequences_n = 0;
		return;
	}
	for (size_t i = 0; i < result->sequences_n; i++)
		if (!str_same(result->sequences[i].before, result->sequences[i].after))
			result->sequences[kept++] = result->sequences[i];
	result->sequences_n = kept;
}

/* --- the second connection ----------------------------------------------------------------- */

static bool look_around(struct trial *trial, const struct db_trial_sql *sql, struct error *err)
{
	struct db *db = &trial->watcher;

	return db_query(trial->run->db, sql->session, NULL, 0, read_pid, trial, err) &&
	       db_query(db, sql->watching, NULL, 0, NULL, NULL, err) &&
	       db_query(db, sql->survey, NULL, 0, read_relation, trial, err) &&
	       db_query(db, sql->sequences, NULL, 0, read_sequence, trial->result, err);
}

void trial_watch_open(struct trial *trial)
{
	const struct run *run = trial->run;
	const struct db_trial_sql *sql = db_trial_sql(run->db);
	struct error err = ERROR_INIT(run->arena);

	if (sql == NULL)
		return;
	trial->result->is_watched =
		db_open_watcher(&trial->watcher, run->db, &err) && look_around(trial, sql, &err);
	if (trial->result->is_watched)
		return;
	db_close(&trial->watcher);
	log_cflyway(run->log,
	            "dry run: no second connection watches the locks, only lock_timeout: %s",
	            err.message);
}

void trial_watch_close(struct trial *trial)
{
	db_close(&trial->watcher);
}

/* --- what a statement did ------------------------------------------------------------------ */

struct reading {
	struct trial *trial;
	int64_t wal_bytes;
};

/* Locks on indexes tell a user something if they are of an index alone (DROP INDEX, REINDEX). */
static bool is_worth_showing(const struct trial_relation *relation, size_t level)
{
	return level >= TRIAL_LOCK_SHARE || strcmp(relation->kind, "index") != 0;
}

static void list_lock(struct trial *trial, const struct trial_relation *relation, size_t level,
                      const char *held_by)
{
	struct trial_statement *statement = trial->statement;

	if (!is_worth_showing(relation, level))
		return;
	statement->locks = arena_grow(trial->run->arena, statement->locks, statement->locks_n,
	                              sizeof(*statement->locks));
	statement->locks[statement->locks_n++] = (struct trial_lock){
		.relation = relation->name,
		.kind = relation->kind,
		.mode = modes[level].words,
		.blocks = modes[level].blocks,
		.level = (enum trial_lock_level)level,
		.size_bytes = relation->size_bytes,
		.rows = strcmp(relation->kind, "index") != 0 ? relation->rows : -1,
		.taken_ms = trial->statement_started_ms,
		.held_by = held_by,
	};
}

static void add_lock(struct trial *trial, struct trial_relation *relation, size_t level)
{
	relation->modes |= 1U << level;
	relation->locked_by = trial->script->file;
	if (level >= TRIAL_LOCK_SHARE && trial->held_since_ms < 0)
		trial->held_since_ms = trial->statement_started_ms;
	list_lock(trial, relation, level, NULL);
}

/* "my table" for "app"."my table". */
static struct str bare_name(const struct trial_relation *relation)
{
	struct str name = str_of(relation->name);
	const bool is_quoted = name.ptr[name.len - 1] == '"';
	size_t at = name.len - (is_quoted ? 2 : 1);

	while (at > 0 && name.ptr[at] != (is_quoted ? '"' : '.'))
		at--;
	return str_sub(name, at + 1, name.len - (is_quoted ? 1 : 0));
}

static bool names(struct str sql, struct str name)
{
	for (size_t at = 0; at + name.len <= sql.len; at++)
		if (str_starts_nocase(str_sub(sql, at, sql.len), name) &&
		    (at == 0 || !ascii_is_name(sql.ptr[at - 1])) &&
		    (at + name.len == sql.len || !ascii_is_name(sql.ptr[at + name.len])))
			return true;
	return false;
}

/* Locks of earlier migrations hide those of this one, which a real run takes anew. */
static void note_hidden(struct trial *trial, struct trial_relation *relation)
{
	const struct migration *file = trial->script->file;
	size_t strongest = COUNT(modes) - 1;

	if (relation->locked_by == NULL || relation->locked_by == file ||
	    relation->named_by == file || !names(trial->sql, bare_name(relation)))
		return;
	while ((relation->modes & 1U << strongest) == 0)
		strongest--;
	relation->named_by = file;
	list_lock(trial, relation, strongest, relation->locked_by->file_name);
}

/* The strongest of the modes that are new says what others have to wait for. */
static void take_modes(struct trial *trial, struct trial_relation *relation, struct str names)
{
	size_t strongest = 0;

	while (names.len > 0) {
		size_t level = mode_level(str_cut(&names, ','));

		if ((relation->modes & 1U << level) != 0)
			continue;
		relation->modes |= 1U << level;
		if (level > strongest)
			strongest = level;
	}
	if (strongest > 0)
		add_lock(trial, relation, strongest);
}

static void take_rows(struct trial *trial, struct trial_relation *relation,
                      const char *const *values)
{
	struct trial_statement *statement = trial->statement;
	const int64_t inserted = number(values[0]), updated = number(values[1]);
	const int64_t deleted = number(values[2]), returned = number(values[3]);
	const struct trial_change change = {
		.relation = relation->name,
		.inserted = inserted - relation->inserted,
		.updated = updated - relation->updated,
		.deleted = deleted - relation->deleted,
		.is_scanned = returned > relation->returned && strcmp(relation->kind, "index") != 0,
	};

	relation->inserted = inserted;
	relation->updated = updated;
	relation->deleted = deleted;
	relation->returned = returned;
	if (change.inserted == 0 && change.updated == 0 && change.deleted == 0 &&
	    !change.is_scanned)
		return;
	statement->changes = arena_grow(trial->run->arena, statement->changes, statement->changes_n,
	                                sizeof(*statement->changes));
	statement->changes[statement->changes_n++] = change;
}

static bool read_change(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	struct reading *reading = ctx;
	struct trial *trial = reading->trial;
	struct trial_relation *relation = find_relation(trial, number(values[2]));

	(void)columns;
	(void)err;
	reading->wal_bytes = number(values[1]);
	if (relation == NULL)
		return true;
	note_hidden(trial, relation);
	take_modes(trial, relation, str_of(values[3]));
	if (values[4] != NULL && relation->filenode != number(values[4])) {
		str_list_add(trial->run->arena, &trial->statement->rewritten, relation->name);
		relation->filenode = number(values[4]);
	}
	take_rows(trial, relation, values + 5);
	return true;
}

bool trial_watch_changes(struct trial *trial, struct error *err)
{
	const struct db_trial_sql *sql = db_trial_sql(trial->run->db);
	struct reading reading = {.trial = trial};
	char limit[16];
	const char *args[] = {limit};

	if (sql == NULL || db_tx_status(trial->run->db) == TX_FAILED)
		return true;
	snprintf(limit, sizeof(limit), "%d", trial->result->lock_timeout_ms);
	if (!db_query(trial->run->db, sql->changes, args, COUNT(args), read_change, &reading, err))
		return false;
	if (trial->wal_bytes >= 0)
		trial->statement->wal_bytes = reading.wal_bytes - trial->wal_bytes;
	trial->wal_bytes = reading.wal_bytes;
	return true;
}

/* --- who waits ----------------------------------------------------------------------------- */

static void stop(struct trial *trial, const char *reason)
{
	if (trial->result->stopped != NULL)
		return;
	trial->result->stopped = reason;
	db_cancel(trial->run->db);
}

static void add_session(struct trial *trial, struct trial_sessions *sessions,
                        const char *const *values)
{
	struct arena *arena = trial->run->arena;
	const struct trial_relation *relation = find_relation(trial, number(values[5]));

	for (size_t i = 0; i < sessions->n; i++)
		if (strcmp(sessions->items[i].pid, values[1]) == 0)
			return;
	sessions->items = arena_grow(arena, sessions->items, sessions->n, sizeof(*sessions->items));
	sessions->items[sessions->n++] = (struct trial_session){
		.pid = arena_strdup(arena, values[1]),
		.user = values[2] != NULL ? arena_strdup(arena, values[2]) : NULL,
		.application = values[3] != NULL ? arena_strdup(arena, values[3]) : NULL,
		.state = values[4] != NULL ? arena_strdup(arena, values[4]) : NULL,
		.relation = relation != NULL ? relation->name : NULL,
		.mode = values[6] != NULL ? mode_words(arena_strdup(arena, values[6])) : NULL,
		.open_ms = number(values[8]),
		.query = values[9] != NULL ? arena_strdup(arena, values[9]) : NULL,
	};
}

/* The longest wait counts from when it was first seen: its statement may have begun before. */
static void take_waiter(struct trial *trial, const char *const *values)
{
	int64_t pid = number(values[1]), now_ms = trial_now_ms(trial);
	size_t i = 0;

	add_session(trial, &trial->statement->waiters, values);
	while (i < trial->waiters_n && trial->waiters[i].pid != pid)
		i++;
	if (i == trial->waiters_n) {
		trial->waiters = arena_grow(trial->run->arena, trial->waiters, trial->waiters_n,
		                            sizeof(*trial->waiters));
		trial->waiters[trial->waiters_n++] = (struct trial_waiter){pid, now_ms};
	}
	if (now_ms - trial->waiters[i].first_seen_ms >= MAX_WAITING_MS)
		stop(trial,
		     arena_printf(trial->run->arena, "process %s of user %s had to wait for it",
		                  values[1], values[2] != NULL ? values[2] : "?"));
}

/* The lock that the worker itself waits for: after its failure nobody could tell. */
static void take_own(struct trial *trial, const char *const *values)
{
	struct trial_relation *relation = find_relation(trial, number(values[5]));
	size_t level = values[6] != NULL ? mode_level(str_of(values[6])) : 0;

	if (relation != NULL && level > 0 && (relation->modes & 1U << level) == 0)
		add_lock(trial, relation, level);
}

static bool read_wait(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	struct trial *trial = ctx;

	(void)columns;
	(void)err;
	if (strcmp(values[0], "self") == 0)
		take_own(trial, values);
	else if (strcmp(values[0], "blocker") == 0)
		add_session(trial, &trial->statement->blockers, values);
	else
		take_waiter(trial, values);
	return true;
}

static void check_hold(struct trial *trial)
{
	const int max_ms = trial->result->max_hold_ms;

	if (max_ms > 0 && trial->held_since_ms >= 0 &&
	    trial_now_ms(trial) - trial->held_since_ms > max_ms)
		stop(trial, arena_printf(trial->run->arena,
		                         "it has kept others from writing for %d ms "
		                         "(cflyway.dryRunMaxHold)",
		                         max_ms));
}

void trial_watch_waits(struct trial *trial)
{
	struct error ignored = ERROR_INIT(trial->run->arena);
	const char *args[] = {trial->pid};
	int64_t now_ms = trial_now_ms(trial);

	if (trial->watcher.driver == NULL || now_ms - trial->watched_ms < PAUSE_MS)
		return;
	trial->watched_ms = now_ms;
	(void)!db_query(&trial->watcher, db_trial_sql(&trial->watcher)->waits, args, COUNT(args),
	                read_wait, trial, &ignored);
	check_hold(trial);
}
