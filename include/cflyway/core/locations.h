/* SPDX-License-Identifier: Apache-2.0 */
/*
 * locations.h - the configured locations, parsed once for all commands of a call
 *
 * Flyway parses them in several places and gives its warnings in each. Here the warnings are kept
 * with the list, and each of these places logs them (location_list_warn).
 */
#ifndef CFLYWAY_CORE_LOCATIONS_H
#define CFLYWAY_CORE_LOCATIONS_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/config/settings.h"
#include "cflyway/migration/location.h"

#include <stdbool.h>

struct locations {
	struct arena *arena; /* outlives the commands */
	const struct settings *settings;
	bool knows_scripts, knows_callbacks; /* the list has been parsed */
	struct location_list scripts;        /* locations, also if they are the default */
	struct location_list callbacks;      /* callbackLocations */
};

/* Each does nothing after it has succeeded once. Errors: those of location_list_parse. */
MUST_USE bool locations_parse_scripts(struct locations *locations, struct error *err);
MUST_USE bool locations_parse_callbacks(struct locations *locations, struct error *err);

#endif
