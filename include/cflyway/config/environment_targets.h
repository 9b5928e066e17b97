/* SPDX-License-Identifier: Apache-2.0 */
/*
 * environment_targets.h - the environments of flyway.toml as targets (-environments)
 */
#ifndef CFLYWAY_CONFIG_ENVIRONMENT_TARGETS_H
#define CFLYWAY_CONFIG_ENVIRONMENT_TARGETS_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/config/args.h"
#include "cflyway/config/properties.h"
#include "cflyway/config/targets.h"

/*
 * Makes a target of each environment that is named, in this order. "all" alone means every one that
 * the configuration has, in the order of their names. Errors: those of sources_read;
 * ERROR_CONFIGURATION if .conf files decide, which know no environments, for a name given twice,
 * and if there are none. Whether a named one exists is found when its settings are loaded.
 */
MUST_USE bool environment_targets(struct arena *arena, const struct str_list *names,
                                  const struct invocation *invocation,
                                  const struct environment *environment, struct targets *targets,
                                  struct error *err);

#endif
