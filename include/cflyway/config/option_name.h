/* SPDX-License-Identifier: Apache-2.0 */
/*
 * option_name.h - what an option is called in the files
 */
#ifndef CFLYWAY_CONFIG_OPTION_NAME_H
#define CFLYWAY_CONFIG_OPTION_NAME_H

#include "cflyway/base/arena.h"
#include "cflyway/config/options.h"

/* "url, in [environments.NAME]"; for a file that allows the option. */
const char *option_toml_name(struct arena *arena, const struct option_spec *spec);

/* "flyway.url"; the same. */
const char *option_conf_name(struct arena *arena, const struct option_spec *spec);

#endif
