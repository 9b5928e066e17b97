/* SPDX-License-Identifier: Apache-2.0 */
/*
 * option_nearest.h - finds the option, variable or word that a misspelt one probably means
 */
#ifndef CFLYWAY_CONFIG_OPTION_NEAREST_H
#define CFLYWAY_CONFIG_OPTION_NEAREST_H

#include "cflyway/base/arena.h"
#include "cflyway/base/error.h"
#include "cflyway/base/nearest.h"
#include "cflyway/base/str.h"
#include "cflyway/config/options.h"

#include <stdbool.h>

/* Considers the key of an option and its last part: "durability" is nearly cflyway.durability. */
void option_consider(const struct option_spec *spec, struct nearest *nearest);

/*
 * Returns the key that is closest to an unknown one, as it is written: "flyway.locations" for
 * "locatons", "flyway.placeholders.x" for "placeholdrs.x", "-fresh.confirm" for "confrim". key is
 * without prefix; the prefix is "flyway." or "environments.NAME.flyway.". The result is in the
 * arena; NULL if no key is near.
 */
const char *option_nearest_key(struct arena *arena, const char *prefix, const char *key,
                               bool legacy);

/*
 * Does the same for a key of [environments.NAME]; prefix is "environments.NAME.". An option of
 * [flyway] is found as well: "environments.dev.flyway.locations" for "locations".
 */
const char *option_nearest_connection(struct arena *arena, const char *prefix, const char *key);

/*
 * Returns the variable that is closest to one that sets nothing: "FLYWAY_LOCATIONS" for
 * "FLYWAY_LOCATONS", "FLYWAY_PLACEHOLDERS_X" for "FLYWAY_PLACEHOLDER_X". NULL if none is near, or
 * if it is the variable of an option.
 */
const char *option_nearest_variable(struct arena *arena, struct str name);

/* Considers the words that an option may have. */
void option_consider_choices(const struct option_spec *spec, struct nearest *nearest);

/* Adds a note that names the choice closest to a word that is none of them. */
void option_note_choice(const struct option_spec *spec, const char *word, struct error *err);

#endif
