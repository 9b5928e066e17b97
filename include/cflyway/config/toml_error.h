/* SPDX-License-Identifier: Apache-2.0 */
/*
 * toml_error.h - report in Flyway's form what is wrong with invalid TOML
 */
#ifndef CFLYWAY_CONFIG_TOML_ERROR_H
#define CFLYWAY_CONFIG_TOML_ERROR_H

#include "cflyway/base/arena.h"
#include "cflyway/base/str.h"
#include "cflyway/config/toml.h"

/*
 * "Error parsing config file at [line 2, column 9] caused by: Unknown token, syntax error shown by
 * ^: mixed = ^tru": Flyway's line and column are not always where our parser stopped. fault is the
 * error of toml_parse. *real_line is the line with the mistake: for a key that is defined twice,
 * Flyway shows the next line. Passwords in the line are masked.
 */
const char *toml_error_message(struct arena *arena, struct str text, const struct toml_error *fault,
                               size_t *real_line);

/*
 * Returns the first line where tables are nested deeper than 500; 0 if there is none. The parser
 * would follow them until memory ends.
 */
size_t toml_error_too_deep(struct str text);

#endif
