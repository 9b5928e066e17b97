/* SPDX-License-Identifier: Apache-2.0 */
/*
 * foreign_table.h - reads a table that another program has made
 */
#ifndef CFLYWAY_DB_FOREIGN_TABLE_H
#define CFLYWAY_DB_FOREIGN_TABLE_H

#include "cflyway/base/attr.h"
#include "cflyway/db/db.h"

#include <stdbool.h>
#include <stddef.h>

/* Lists the columns of a table, in their order; none if there is no such table. */
MUST_USE bool foreign_table_columns(struct arena *arena, struct db *db, const char *schema,
                                    const char *table, struct str_list *columns, struct error *err);

struct foreign_column {
	const char *name; /* as the table has it; NULL: the value is always NULL */
	bool is_time;     /* its value is in the form of installed_on, or NULL */
};

struct foreign_query {
	const char *schema, *table; /* unquoted */
	const struct foreign_column *columns;
	size_t n;
	const char *order; /* the column that decides about the order of rows; NULL: any order */
	bool has_utc_times;
};

/* Calls row for each row of the table, with the values of these columns as text. */
MUST_USE bool foreign_table_read(struct arena *arena, struct db *db,
                                 const struct foreign_query *query, db_row_fn *row, void *ctx,
                                 struct error *err);

#endif
