/* SPDX-License-Identifier: Apache-2.0 */
/*
 * environments.h - apply the current [environments.NAME], which overrides [flyway]
 */
#ifndef CFLYWAY_CONFIG_ENVIRONMENTS_H
#define CFLYWAY_CONFIG_ENVIRONMENTS_H

#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/config/pairs.h"
#include "cflyway/config/resolvers.h"
#include "cflyway/config/settings.h"

#include <stdbool.h>

/* Facts about the current environment, besides its settings. */
struct environment_facts {
	const char *name;
	bool exists;
	const char *provisioner; /* NULL if there is none */
	const char *resolver;    /* the first one that it configures, or NULL */
};

/*
 * Makes the settings of a run from those of all sources: connection settings of the current
 * environment become flyway.url and so on, its overrides become flyway.x; other environments do not
 * matter. Keys that must not be overridden keep their names, "environments.NAME.flyway.x", for the
 * report of unknown keys. Errors: wrong forms of -environments.NAME.resolvers.x.
 */
MUST_USE bool environments_apply(const struct pairs *all, struct pairs *effective,
                                 struct environment_facts *facts, struct error *err);

/* Refuses features that environments lack here, such as provisioning, in Flyway's words. */
MUST_USE bool environments_check(struct arena *arena, const struct environment_facts *facts,
                                 const struct settings *settings, const struct resolvers *resolvers,
                                 struct error *err);

/* Returns the names in the keys "environments.NAME.x", in their order. */
struct str_list environments_names(struct arena *arena, const struct pairs *pairs);

#endif
