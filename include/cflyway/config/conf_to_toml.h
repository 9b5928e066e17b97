/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf_to_toml.h - write the settings of a .conf file as flyway.toml
 *
 * What cflyway and Flyway resolve from both files is the same, apart from what the notes name.
 */
#ifndef CFLYWAY_CONFIG_CONF_TO_TOML_H
#define CFLYWAY_CONFIG_CONF_TO_TOML_H

#include "cflyway/base/buf.h"
#include "cflyway/base/str.h"
#include "cflyway/config/properties.h"

/* What a reader of the new file has to know; no note has a value. */
struct conf_notes {
	struct str_list left_out; /* "flyway.x (flyway.conf:3): reason" */
	struct str_list replaced; /* keys whose variables became their present values */
	struct str_list needed;   /* variables that the new file asks for and that are not set */
};

/*
 * Appends the file to toml. text is the .conf file in UTF-8; path is for the notes. Everything
 * lives in the arena but toml. ${NAME} in a connection setting becomes ${env.NAME}; elsewhere
 * flyway.toml knows no variables, and the present value is written, unless it is a secret.
 */
void conf_to_toml(struct arena *arena, struct str text, const char *path,
                  const struct environment *environment, struct buf *toml,
                  struct conf_notes *notes);

/* Appends text as a TOML string, with its quotes. */
void toml_quote(struct buf *out, struct str text);

#endif
