/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ignored_keys.h - says which keys Flyway ignores in silence although they are nearly right
 */
#ifndef CFLYWAY_CONFIG_IGNORED_KEYS_H
#define CFLYWAY_CONFIG_IGNORED_KEYS_H

#include "cflyway/base/log.h"
#include "cflyway/config/pairs.h"
#include "cflyway/config/toml_file.h"

/*
 * Logs a line for each misspelt key of [environments.NAME], from a file, a variable or an argument,
 * and for each section of flyway.toml that is nearly one of Flyway's. No value is shown.
 */
void ignored_keys_log(struct arena *arena, const struct pairs *pairs,
                      const struct toml_findings *findings, const struct log *log);

#endif
