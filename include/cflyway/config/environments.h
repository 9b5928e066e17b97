/* SPDX-License-Identifier: Apache-2.0 */
/*
 * environments.h - sections [environments.NAME]: the current one overrides [flyway]
 */
#ifndef CFLYWAY_CONFIG_ENVIRONMENTS_H
#define CFLYWAY_CONFIG_ENVIRONMENTS_H

#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/config/pairs.h"
#include "cflyway/config/resolvers.h"
#include "cflyway/config/settings.h"

#include <stdbool.h>

/* What the current environment says beside its settings. */
struct environment_facts {
	const char *name;
	bool exists;
	const char *provisioner; /* NULL if there is none */
	const char *resolver;    /* NULL, or the first one that it configures */
};

/*
 * Makes the settings of a run from those of all sources: connection settings of the current
 * environment become flyway.url and so on, its overrides become flyway.x; other environments do not
 * matter. Keys that may not be overridden stay as they are, "environments.NAME.flyway.x", for the
 * report of unknown keys. Errors: wrong forms of -environments.NAME.resolvers.x.
 */
MUST_USE bool environments_apply(const struct pairs *all, struct pairs *effective,
                                 struct environment_facts *facts, struct error *err);

/* Refuses what no environment can do here, such as provisioning, with Flyway's texts. */
MUST_USE bool environments_check(struct arena *arena, const struct environment_facts *facts,
                                 const struct settings *settings, const struct resolvers *resolvers,
                                 struct error *err);

#endif
