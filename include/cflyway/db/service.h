/* SPDX-License-Identifier: Apache-2.0 */
/*
 * service.h - reads the service file: named sets of connection parameters for PostgreSQL
 *
 * cflyway reads it as the driver of Flyway 12.4.0 does (pgjdbc 42.7.7), which is stricter than
 * libpq: the names are the driver's, "=" has no blanks around it, and an invalid line makes the
 * whole section useless.
 */
#ifndef CFLYWAY_DB_SERVICE_H
#define CFLYWAY_DB_SERVICE_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/base/str.h"
#include "cflyway/config/pairs.h"

#include <stdbool.h>
#include <stddef.h>

enum service_result {
	SERVICE_FOUND,
	SERVICE_MISSING,  /* no such section */
	SERVICE_BAD_LINE, /* a line in the section is invalid */
};

/* Reads the section of a service as properties; *line is the line where reading ended, from 1. */
enum service_result service_parse(struct str text, const char *service, struct pairs *properties,
                                  size_t *line);

/*
 * The path of a service file that may be given as "file:PATH", a URL with escapes. NULL: it is on
 * another machine, or an escape is invalid.
 */
const char *service_path(struct arena *arena, const char *name);

/*
 * Reads the section from $PGSERVICEFILE, ~/.pg_service.conf or $PGSYSCONFDIR/pg_service.conf,
 * the first that exists. properties are initialised. False: there is no such section, and *why is a
 * sentence that says so.
 */
MUST_USE bool service_load(struct arena *arena, const char *service, struct pairs *properties,
                           const char **why);

#endif
