/* SPDX-License-Identifier: Apache-2.0 */
/* cause_answer.h - makes facts about a failure of the rows of a query */
#ifndef CFLYWAY_DB_CAUSE_ANSWER_H
#define CFLYWAY_DB_CAUSE_ANSWER_H

#include "cause.h"

#include "cflyway/base/nearest.h"

struct cause_answer {
	struct arena *arena;
	struct cause_facts *facts;
	const char *letters; /* the facts that the columns of the first row become; or NULL */
	struct nearest
		*nearest; /* of the first column of all rows, as the last one shows it; or NULL */
	bool has_row;
};

/* A db_row_fn whose ctx is a struct cause_answer. */
bool cause_answer_row(void *ctx, size_t columns, const char *const *values, struct error *err);

/*
 * Makes %n the name that is nearest, if it is another one than wrong: the same name was there when
 * the statement failed, and was only hidden.
 */
bool cause_answer_take_nearest(struct cause_answer *answer, const char *wrong);

#endif
