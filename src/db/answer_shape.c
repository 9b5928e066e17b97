/* SPDX-License-Identifier: Apache-2.0 */
/* answer_shape.c - what a query of cflyway's own is answered with, checked before it is read */
#include "cflyway/db/answer_shape.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static bool fail(const struct answer_shape *shape, const char *what, struct error *err)
{
	const struct sql_failure failure = {
		.state = "08P01", /* protocol violation */
		.message = arena_printf(err->arena,
	                                "The database was asked for %s and has answered with %s.",
	                                shape->what, what),
	};

	return error_set_sql(err, ERROR_DB_CONNECTION, &failure, "%s", failure.message);
}

bool checked_answer_row(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	struct checked_answer *answer = ctx;
	const struct answer_shape *shape = answer->shape;
	const size_t wanted = strlen(shape->columns);

	if (columns < wanted)
		return fail(shape,
		            arena_printf(err->arena, "%zu columns instead of %zu", columns, wanted),
		            err);
	for (size_t i = 0; i < wanted; i++)
		if (shape->columns[i] == 'v' && values[i] == NULL)
			return fail(shape, arena_printf(err->arena, "NULL in column %zu", i + 1),
			            err);
	answer->rows++;
	return answer->row(answer->ctx, columns, values, err);
}

bool checked_answer_end(const struct checked_answer *answer, struct error *err)
{
	if (!answer->shape->is_one_row || answer->rows == 1)
		return true;
	return fail(answer->shape, arena_printf(err->arena, "%zu rows instead of 1", answer->rows),
	            err);
}

bool db_query_shaped(struct db *db, const char *sql, const char *const *args, size_t n,
                     const struct answer_shape *shape, db_row_fn *row, void *ctx, struct error *err)
{
	struct checked_answer answer = {shape, row, ctx, 0};

	return db_query(db, sql, args, n, checked_answer_row, &answer, err) &&
	       checked_answer_end(&answer, err);
}

int64_t answer_number(const char *text)
{
	const int64_t most = INT64_C(1) << 50;
	int64_t number = text != NULL ? strtoll(text, NULL, 10) : 0;

	return number > most ? most : number < -most ? -most : number;
}

int answer_int(const char *text)
{
	int64_t number = answer_number(text);

	return number > INT_MAX ? INT_MAX : number < INT_MIN ? INT_MIN : (int)number;
}

static bool read_bool(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	bool *value = ctx;

	(void)columns;
	(void)err;
	*value = strcmp(values[0], "t") == 0 || strcmp(values[0], "1") == 0;
	return true;
}

bool db_query_bool(struct db *db, const char *sql, const char *const *args, size_t n, bool *value,
                   struct error *err)
{
	static const struct answer_shape shape = {"a yes or no", "v", true};

	*value = false;
	return db_query_shaped(db, sql, args, n, &shape, read_bool, value, err);
}
