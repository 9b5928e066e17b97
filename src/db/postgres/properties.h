/* SPDX-License-Identifier: Apache-2.0 */
/* properties.h - the properties of a connection as pgjdbc reads them */
#ifndef CFLYWAY_DB_POSTGRES_PROPERTIES_H
#define CFLYWAY_DB_POSTGRES_PROPERTIES_H

#include "cflyway/base/arena.h"
#include "cflyway/base/error.h"
#include "cflyway/config/pairs.h"
#include "cflyway/config/settings.h"

struct pg_source {
	struct arena *arena;
	const struct settings *settings;
	struct pairs url, service;
};

/* The value of a property, NULL if it is not there. */
const char *pg_property(const struct pg_source *source, const char *name);

/*
 * Leaves *value as it is if the property is not there. Errors: ERROR_DB_CONNECTION with SQL state
 * 22023 "NAME parameter value must be an integer but was: VALUE".
 */
MUST_USE bool pg_property_number(const struct pg_source *source, const char *name, int *value,
                                 struct error *err);

/* What pgjdbc says when a value makes it stumble in Java. Always false. */
bool pg_property_fail(const struct pg_source *source, const char *name, struct error *err);

/*
 * Checks the properties that have no meaning here, or that libpq checks in other words, as pgjdbc
 * reads them.
 */
MUST_USE bool pg_properties_check(const struct pg_source *source, struct error *err);

#endif
