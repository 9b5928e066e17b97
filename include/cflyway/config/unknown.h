/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unknown.h - report unknown keys, with Flyway's proposals
 */
#ifndef CFLYWAY_CONFIG_UNKNOWN_H
#define CFLYWAY_CONFIG_UNKNOWN_H

#include "cflyway/base/arena.h"
#include "cflyway/base/error.h"
#include "cflyway/base/log.h"
#include "cflyway/base/str.h"

#include <stdbool.h>

/*
 * Sets Flyway's message and always returns false. keys are without "flyway.", but keys of an
 * environment are complete: "environments.dev.flyway.x". In modern mode, missing_environment names
 * an environment that does not exist, or is NULL; if it is NULL, there is at least one key.
 */
bool unknown_keys(struct arena *arena, const struct str_list *keys, bool legacy,
                  const char *missing_environment, struct error *err);

/*
 * Logs a line about a key that Flyway ignores because flyway.toml also has keys of other programs.
 */
void unknown_key_log(struct arena *arena, const char *key, const struct log *log);

#endif
