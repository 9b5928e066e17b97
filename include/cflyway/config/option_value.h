/* SPDX-License-Identifier: Apache-2.0 */
/*
 * option_value.h - parse the values of options
 *
 * Functions that return false leave the value as it was.
 */
#ifndef CFLYWAY_CONFIG_OPTION_VALUE_H
#define CFLYWAY_CONFIG_OPTION_VALUE_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/str.h"
#include "cflyway/config/options.h"

#include <stdbool.h>
#include <stddef.h>

/* Parses "true" or "false" in any letter case. */
MUST_USE bool option_parse_bool(const char *text, bool *value);

/* Parses a decimal number, with or without a sign. */
MUST_USE bool option_parse_int(const char *text, int *value);

/*
 * Parses "64MB". Units are powers of 1024, in any letter case. The range is 1 byte to 1 GB, which
 * is more than any statement.
 */
MUST_USE bool option_parse_size(const char *text, size_t *value);

/*
 * Parses "500ms", "5s", "2min" or "1h" to milliseconds, at most 24 days; 0 needs no unit, and every
 * other number does: PostgreSQL would take it for milliseconds, Flyway for seconds. A choice of the
 * option is its enumerator.
 */
MUST_USE bool option_parse_duration(const struct option_spec *spec, const char *text, int *value);

/* What option_parse_duration takes, for messages: "a time such as 500ms, 5s or 2min, or server". */
const char *option_durations_list(struct arena *arena, const struct option_spec *spec);

/*
 * Splits as Java does: empty items at the end do not count, an empty string is one empty item.
 * DIFFERS: items are always trimmed; Flyway trims them only when .conf files decide.
 */
struct str_list option_parse_list(struct arena *arena, const char *text);

/* Sets *value to the enumerator for the word. Returns false if it is none of the choices. */
MUST_USE bool option_parse_choice(const struct option_spec *spec, const char *text, int *value);

/* Returns the word for an enumerator; NULL if there is none. */
const char *option_choice_text(const struct option_spec *spec, int value);

/* Returns the choices for a sentence, each in quotes: "'a', 'b', or 'c'"; quote may be "". */
const char *option_choices_list(struct arena *arena, const struct option_spec *spec,
                                const char *quote);

#endif
