/* SPDX-License-Identifier: Apache-2.0 */
/*
 * toml_error.h - what is wrong with a text that is no TOML, in Flyway's form
 */
#ifndef CFLYWAY_CONFIG_TOML_ERROR_H
#define CFLYWAY_CONFIG_TOML_ERROR_H

#include "cflyway/base/arena.h"
#include "cflyway/base/str.h"
#include "cflyway/config/toml.h"

/*
 * "Error parsing config file at [line 2, column 9] caused by: Unknown token, syntax error shown by
 * ^: mixed = ^tru": line and column are those that Flyway names, which is not always where our
 * parser stopped. fault is what toml_parse made of text. *real_line is the line that is wrong: for
 * a key that is defined twice, Flyway shows the next one. Passwords in the line are masked.
 */
const char *toml_error_message(struct arena *arena, struct str text, const struct toml_error *fault,
                               size_t *real_line);

/*
 * The first line in which tables lie in tables deeper than 500; 0 if there is none. The parser
 * would follow them until memory ends.
 */
size_t toml_error_too_deep(struct str text);

#endif
