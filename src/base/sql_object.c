/* SPDX-License-Identifier: Apache-2.0 */
/* sql_object.c - what a database names as the object of a failure */
#include "cflyway/base/sql_object.h"

bool sql_object_is_known(const struct sql_object *object)
{
#define FIELD_IS_KNOWN(name, json) || object->name != NULL
	return false SQL_OBJECT_FIELDS(FIELD_IS_KNOWN);
#undef FIELD_IS_KNOWN
}

struct sql_object sql_object_copy(struct arena *arena, const struct sql_object *object)
{
	struct sql_object copy;

#define COPY_FIELD(name, json)                                                                     \
	copy.name = object->name != NULL ? arena_strdup(arena, object->name) : NULL;
	SQL_OBJECT_FIELDS(COPY_FIELD)
#undef COPY_FIELD
	return copy;
}
