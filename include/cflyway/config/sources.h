/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sources.h - read all sources of configuration in order of precedence
 *
 * Flyway has two configuration managers that differ in many messages and details. A .conf file
 * selects the legacy manager; flyway.toml, or no file at all, selects the modern one.
 */
#ifndef CFLYWAY_CONFIG_SOURCES_H
#define CFLYWAY_CONFIG_SOURCES_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/base/log.h"
#include "cflyway/config/args.h"
#include "cflyway/config/pairs.h"
#include "cflyway/config/properties.h"
#include "cflyway/config/toml_file.h"

#include <stdbool.h>

struct sources {
	bool legacy;
	struct pairs pairs;            /* all sources, later ones have won; full keys */
	struct toml_findings toml;     /* other facts about flyway.toml */
	const char *installation;      /* directory that may hold conf/ and sql/ */
	const char *working_directory; /* as given, or NULL */
};

/*
 * Reads files, then variables, then arguments; later sources win. Arguments that are not
 * configuration (configFiles, outputFile, …) are left out. Errors: Flyway's messages.
 */
MUST_USE bool sources_read(struct arena *arena, const struct invocation *invocation,
                           const struct environment *environment, const struct log *log,
                           struct sources *sources, struct error *err);

/* Returns the path relative to the working directory, if one was given. */
const char *sources_path(struct arena *arena, const struct sources *sources, const char *path);

#endif
