/* SPDX-License-Identifier: Apache-2.0 */
/*
 * option_value.h - the value of an option: from text to its type
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

/* "true" or "false" in any letter case. */
MUST_USE bool option_parse_bool(const char *text, bool *value);

/* Decimal, with or without a sign. */
MUST_USE bool option_parse_int(const char *text, int *value);

/* "64MB": units are powers of 1024, in any letter case; 1 byte to 1 GB, more than any statement. */
MUST_USE bool option_parse_size(const char *text, size_t *value);

/*
 * As Java splits: empty items at the end do not count, an empty text is one empty item. DIFFERS:
 * items are trimmed always; Flyway does so only when .conf files decide.
 */
struct str_list option_parse_list(struct arena *arena, const char *text);

/* Sets *value to the enumerator that the text stands for. false if it is none of the choices. */
MUST_USE bool option_parse_choice(const struct option_spec *spec, const char *text, int *value);

/* The word that an enumerator is written as; NULL if there is none. */
const char *option_choice_text(const struct option_spec *spec, int value);

/* The choices for a sentence, each in quote marks: "'a', 'b', or 'c'"; quote may be "". */
const char *option_choices_list(struct arena *arena, const struct option_spec *spec,
                                const char *quote);

#endif
