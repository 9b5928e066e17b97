/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pipeline.h - commands that are sent without waiting in between
 *
 * What is added between two calls of pg_pipeline_finish is a batch: the first command that fails
 * makes the server skip the rest of it.
 *
 *     pg_pipeline_add(pg, begin, "BEGIN", NULL, 0, err);
 *     pg_pipeline_add(pg, lock, "SELECT …", NULL, 0, err);
 *     status = pg_pipeline_finish(pg, err);
 */
#ifndef CFLYWAY_DB_POSTGRES_PIPELINE_H
#define CFLYWAY_DB_POSTGRES_PIPELINE_H

#include "postgres.h"

/* What a command is, and so what its failure means. */
enum pg_command_kind {
	PG_OWN,       /* SQL of our own */
	PG_QUERY,     /* the same; pg_pipeline_take_result has its rows */
	PG_BEGIN,     /* what begins a migration: BEGIN, SET ROLE, search_path, … */
	PG_LOCK,      /* fails with PG_GUARD_FAILED if another session holds the lock */
	PG_HISTORY,   /* fails with PG_GUARD_FAILED if the history has changed */
	PG_STATEMENT, /* of a script */
	PG_ROW,       /* the history row, and what precedes it */
	PG_ROW_CHECK, /* fails with PG_GUARD_FAILED if that row is not in the table */
	PG_COMMIT,    /* of the transaction that ends with that row */
	PG_SYNC,      /* the end of a batch */
};

/*
 * Nothing can branch inside a pipeline, so a guard is a query that fails: "cflyway: …" is no
 * number, and the server's log says so in these words. The condition is never known when the query
 * is planned, so that the server cannot fold the failure into the plan.
 */
#define PG_GUARD(condition, otherwise)                                                             \
	"SELECT CASE WHEN " condition " THEN '1' ELSE 'cflyway: " otherwise "' END::int"

/* SQLSTATE of a guard that has not passed: "invalid input syntax for type integer". */
#define PG_GUARD_FAILED "22P02"

struct pg_command {
	enum pg_command_kind kind;
	bool starts;       /* the last guard: once it has passed, the script counts as started */
	size_t index;      /* PG_STATEMENT: which one, for the listener and db->failed_index */
	size_t size_bytes; /* set by pg_pipeline_add */
};

/* Called once, when the connection has been made. */
void pg_pipeline_init(struct postgres *pg);

/* Has a batch been begun that is not finished? */
bool pg_pipeline_is_on(const struct postgres *pg);

/*
 * Sends one command, whose parameters are $1 to $n; an arg may be NULL. Errors: the connection is
 * lost; the batch has ended then.
 */
MUST_USE bool pg_pipeline_add(struct postgres *pg, struct pg_command command, const char *sql,
                              const char *const *args, size_t n, struct error *err);

/*
 * Reads the results that are there. Waits only while there are too many bytes or commands that the
 * server has not answered. After a failure the batch has ended: see pg_pipeline_finish.
 */
MUST_USE enum db_status pg_pipeline_advance(struct postgres *pg, struct error *err);

/*
 * Waits for all results and ends the batch; DB_OK if there is none. DB_FAILED sets
 * db->failed_index, and db->failed_part if the row or COMMIT has failed; what the role is now is
 * unknown then.
 */
MUST_USE enum db_status pg_pipeline_finish(struct postgres *pg, struct error *err);

/* The result of the PG_QUERY of the last batch, to be cleared by the caller; NULL: none. */
PGresult *pg_pipeline_take_result(struct postgres *pg);

#endif
