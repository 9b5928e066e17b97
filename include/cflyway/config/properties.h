/* SPDX-License-Identifier: Apache-2.0 */
/*
 * properties.h - Flyway's dialect of Java properties (flyway.conf, V1__a.sql.conf)
 *
 * Backslashes are literal, lines continue by Flyway's rules, and environment variables replace
 * ${NAME} everywhere, even in comments. tests/unit/test_properties.c has the measured cases.
 */
#ifndef CFLYWAY_CONFIG_PROPERTIES_H
#define CFLYWAY_CONFIG_PROPERTIES_H

#include "cflyway/base/arena.h"
#include "cflyway/base/str.h"
#include "cflyway/config/pairs.h"

#include <stddef.h>

/* The variables of the process, or of a test. */
struct environment {
	const char *(*get)(const void *ctx, const char *name); /* NULL for an unset variable */
	const char *(*at)(const void *ctx, size_t i); /* "NAME=value", NULL after the last one */
	const void *ctx;
};

extern const struct environment environment_process; /* getenv, environ */

/*
 * Adds all pairs of a file to pairs, with keys as written. text is UTF-8 (already decoded); path is
 * for the origins. Never fails: every string is a valid file of this format.
 */
void properties_parse(struct str text, const char *path, const struct environment *environment,
                      struct pairs *pairs);

#endif
