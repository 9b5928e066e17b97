/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sources.h - where configuration comes from, and what wins
 *
 * Flyway has two configuration managers that differ in many texts and details. .conf files bring
 * the legacy one, flyway.toml the modern one, and so does having no file at all.
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
	struct pairs pairs;            /* all sources in one, later ones have won; full keys */
	struct toml_findings toml;     /* what flyway.toml holds beside settings */
	const char *installation;      /* directory that may hold conf/ and sql/ */
	const char *working_directory; /* as given; NULL if it was not */
};

/*
 * Files, then variables, then arguments: a later one wins. Arguments that are not configuration
 * (configFiles, outputFile, …) are left out. Errors: Flyway's texts.
 */
MUST_USE bool sources_read(struct arena *arena, const struct invocation *invocation,
                           const struct environment *environment, const struct log *log,
                           struct sources *sources, struct error *err);

/* The path as seen from the working directory, if one was given. */
const char *sources_path(struct arena *arena, const struct sources *sources, const char *path);

#endif
