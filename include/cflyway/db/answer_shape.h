/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer_shape.h - what a query of cflyway's own is answered with, checked before it is read
 *
 * A server, or what poses as one, may answer anything: fewer columns, NULL, no row.
 */
#ifndef CFLYWAY_DB_ANSWER_SHAPE_H
#define CFLYWAY_DB_ANSWER_SHAPE_H

#include "cflyway/base/attr.h"
#include "cflyway/db/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct answer_shape {
	const char *what; /* what is asked, for the error: "the history" */
	const char
		*columns; /* a letter for each: 'v' has a value, 'n' may be NULL; more may follow */
	bool is_one_row;  /* otherwise any number */
};

/* Checks each row and hands it on. */
struct checked_answer {
	const struct answer_shape *shape;
	db_row_fn *row;
	void *ctx;
	size_t rows;
};

/* A db_row_fn; ctx is a struct checked_answer. Errors: ERROR_DB_CONNECTION, 08P01. */
bool checked_answer_row(void *ctx, size_t columns, const char *const *values, struct error *err);

/* After the last row. */
MUST_USE bool checked_answer_end(const struct checked_answer *answer, struct error *err);

/*
 * Reads a number of an answer; 0 for NULL and for what is none. Whatever the server says, the
 * result is between -2^50 and 2^50: a sum, a difference or a hundredfold of it is no overflow.
 */
int64_t answer_number(const char *text);

/* The same between INT_MIN and INT_MAX. */
int answer_int(const char *text);

/* db_query, whose answer must have this shape. */
MUST_USE bool db_query_shaped(struct db *db, const char *sql, const char *const *args, size_t n,
                              const struct answer_shape *shape, db_row_fn *row, void *ctx,
                              struct error *err);

/* Runs a query that gives one boolean ("t" or "1" is true); *value is false without rows. */
MUST_USE bool db_query_bool(struct db *db, const char *sql, const char *const *args, size_t n,
                            bool *value, struct error *err);

#endif
