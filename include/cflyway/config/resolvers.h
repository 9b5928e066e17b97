/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolvers.h - ${env.X} and ${placeholder.x} in the settings of a connection
 */
#ifndef CFLYWAY_CONFIG_RESOLVERS_H
#define CFLYWAY_CONFIG_RESOLVERS_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/config/pairs.h"
#include "cflyway/config/properties.h"

#include <stdbool.h>

struct resolvers {
	const struct environment *environment;
	const struct pairs *placeholders; /* keys without "placeholders." */
	const char *environment_name;     /* for messages: "default" */
};

/*
 * Replaces all references in *value and strips blanks around it; !{TEXT} is TEXT as it stands, and
 * $${env.X} is ${env.X}. *value may be NULL. key tells whether messages may show the value. Errors:
 * Flyway's texts for what is unknown or unset.
 */
MUST_USE bool resolvers_apply(struct arena *arena, const struct resolvers *resolvers,
                              const char *key, const char **value, struct error *err);

#endif
