/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolvers.h - replace ${env.X} and ${placeholder.x} in connection settings
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
 * Replaces all references in *value and strips the blanks around it. !{TEXT} becomes TEXT
 * unchanged, and $${env.X} becomes ${env.X}. *value may be NULL. key decides whether messages may
 * show the value. Errors: Flyway's messages for unknown or unset references.
 */
MUST_USE bool resolvers_apply(struct arena *arena, const struct resolvers *resolvers,
                              const char *key, const char **value, struct error *err);

#endif
