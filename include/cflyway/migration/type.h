/* SPDX-License-Identifier: Apache-2.0 */
/*
 * type.h - the types of migrations, as the history table names them
 */
#ifndef CFLYWAY_MIGRATION_TYPE_H
#define CFLYWAY_MIGRATION_TYPE_H

#include "cflyway/base/str.h"

#include <stdbool.h>

/*        name           synthetic undo   baseline */
#define MIGRATION_TYPES(X)                                                                         \
	X(SCHEMA, true, false, false)                                                              \
	X(BASELINE, true, false, true)                                                             \
	X(DELETE, true, false, false)                                                              \
	X(SQL, false, false, false)                                                                \
	X(JDBC, false, false, false)                                                               \
	X(SCRIPT, false, false, false)                                                             \
	X(CUSTOM, false, false, false)                                                             \
	X(SQL_BASELINE, false, false, true)                                                        \
	X(JDBC_BASELINE, false, false, true)                                                       \
	X(SCRIPT_BASELINE, false, false, true)                                                     \
	X(UNDO_SQL, false, true, false)                                                            \
	X(UNDO_SCRIPT, false, true, false)

enum migration_type {
#define MIGRATION_TYPE_ENUM(name, synthetic, undo, baseline) MIGRATION_##name,
	MIGRATION_TYPES(MIGRATION_TYPE_ENUM)
#undef MIGRATION_TYPE_ENUM
};

const char *migration_type_name(enum migration_type type);
bool migration_type_parse(const char *name, enum migration_type *type);
bool migration_type_is_synthetic(enum migration_type type);
bool migration_type_is_undo(enum migration_type type);
bool migration_type_is_baseline(enum migration_type type);

#endif
