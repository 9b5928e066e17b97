/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sql_object.h - what a database names as the object of a failure
 *
 * These are fields of their own, which no language of its messages changes.
 */
#ifndef CFLYWAY_BASE_SQL_OBJECT_H
#define CFLYWAY_BASE_SQL_OBJECT_H

#include "cflyway/base/arena.h"

#include <stdbool.h>

/* Strings; NULL: it names none. The name in this code, and in JSON. */
#define SQL_OBJECT_FIELDS(X)                                                                       \
	X(schema, "schema")                                                                        \
	X(table, "table")                                                                          \
	X(column, "tableColumn")                                                                   \
	X(constraint, "constraint")                                                                \
	X(datatype, "dataType")

struct sql_object {
#define SQL_OBJECT_FIELD(name, json) const char *name;
	SQL_OBJECT_FIELDS(SQL_OBJECT_FIELD)
#undef SQL_OBJECT_FIELD
};

/* Does the database name anything? */
bool sql_object_is_known(const struct sql_object *object);

/* With copies of the strings, in the arena. */
struct sql_object sql_object_copy(struct arena *arena, const struct sql_object *object);

#endif
