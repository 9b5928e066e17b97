/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trial_watch.c - the second connection of a trial, and what it sees before and after
 *
 * The worker can be asked between its statements only, and after an error its locks are gone. The
 * second connection reads only system views.
 */
#include "trial_state.h"

#include "cflyway/db/answer_shape.h"
#include "cflyway/db/driver.h"

/* --- the relations ------------------------------------------------------------------------- */

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

static bool read_relation(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	struct trial *trial = ctx;
	struct arena *arena = trial->run->arena;

	(void)columns;
	(void)err;
	trial->relations =
		arena_grow(arena, trial->relations, trial->relations_n, sizeof(*trial->relations));
	trial->relations[trial->relations_n++] = (struct trial_relation){
		.oid = answer_number(values[0]),
		.name = arena_strdup(arena, values[1]),
		.kind = kind_words(values[2]),
		.filenode = answer_number(values[3]),
		.size_bytes = answer_number(values[4]),
		.rows = answer_number(values[5]),
		.table_oid = answer_number(values[6]),
	};
	return true;
}

static int compare_oids(const void *a, const void *b)
{
	const struct trial_relation *left = a, *right = b;

	return (left->oid > right->oid) - (left->oid < right->oid);
}

struct trial_relation *trial_find_relation(const struct trial *trial, int64_t oid)
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

static const struct answer_shape sequence_shape = {"the sequences", "vn", false};

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
	if (!db_query_shaped(&trial->watcher, sql->sequences, NULL, 0, &sequence_shape,
	                     read_sequence_again, result, &ignored)) {
		result->sequences_n = 0;
		return;
	}
	for (size_t i = 0; i < result->sequences_n; i++)
		if (!str_same(result->sequences[i].before, result->sequences[i].after))
			result->sequences[kept++] = result->sequences[i];
	result->sequences_n = kept;
}

/* --- the second connection ----------------------------------------------------------------- */

static const struct answer_shape pid_shape = {"the number of its process", "v", true};
static const struct answer_shape survey_shape = {"tables and indexes", "vvvnnnn", false};

static bool look_around(struct trial *trial, const struct db_trial_sql *sql, struct error *err)
{
	struct db *db = &trial->watcher;

	return db_query_shaped(trial->run->db, sql->session, NULL, 0, &pid_shape, read_pid, trial,
	                       err) &&
	       db_query(db, sql->watching, NULL, 0, NULL, NULL, err) &&
	       db_query_shaped(db, sql->survey, NULL, 0, &survey_shape, read_relation, trial,
	                       err) &&
	       db_query_shaped(db, sql->sequences, NULL, 0, &sequence_shape, read_sequence,
	                       trial->result, err);
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
