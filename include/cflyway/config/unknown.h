/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unknown.h - what the user is told about keys that no option has
 */
#ifndef CFLYWAY_CONFIG_UNKNOWN_H
#define CFLYWAY_CONFIG_UNKNOWN_H

#include "cflyway/base/arena.h"
#include "cflyway/base/error.h"
#include "cflyway/base/str.h"

#include <stdbool.h>

/*
 * Always returns false, with Flyway's text. keys are without "flyway.", but those of an environment
 * are complete: "environments.dev.flyway.x". In modern mode, missing_environment names one that does
 * not exist, or is NULL; then there is at least one key.
 */
bool unknown_keys(struct arena *arena, const struct str_list *keys, bool legacy,
                  const char *missing_environment, struct error *err);

#endif
