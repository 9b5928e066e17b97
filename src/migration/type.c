/* SPDX-License-Identifier: Apache-2.0 */
/* type.c - the types of migrations, as the history table names them */
#include "cflyway/migration/type.h"

#include "cflyway/base/attr.h"

#include <string.h>

static const struct {
	const char *name;
	bool is_synthetic, is_undo, is_baseline;
} types[] = {
#define MIGRATION_TYPE_ROW(name, synthetic, undo, baseline)                                        \
	[MIGRATION_##name] = {#name, synthetic, undo, baseline},
	MIGRATION_TYPES(MIGRATION_TYPE_ROW)
#undef MIGRATION_TYPE_ROW
};

const char *migration_type_name(enum migration_type type)
{
	return types[type].name;
}

bool migration_type_parse(const char *name, enum migration_type *type)
{
	for (size_t i = 0; i < COUNT(types); i++) {
		if (strcmp(types[i].name, name) == 0) {
			*type = (enum migration_type)i;
			return true;
		}
	}
	return false;
}

bool migration_type_is_synthetic(enum migration_type type)
{
	return types[type].is_synthetic;
}

bool migration_type_is_undo(enum migration_type type)
{
	return types[type].is_undo;
}

bool migration_type_is_baseline(enum migration_type type)
{
	return types[type].is_baseline;
}
