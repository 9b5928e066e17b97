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

/* db_query, whose answer must have this shape. */
MUST_USE bool db_query_shaped(struct db *db, const char *sql, const char *const *args, size_t n,
                              const struct answer_shape *shape, db_row_fn *row, void *ctx,
                              struct error *err);

#endif
