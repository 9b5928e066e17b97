/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secret.h - mask passwords in values and in URLs
 */
#ifndef CFLYWAY_CONFIG_SECRET_H
#define CFLYWAY_CONFIG_SECRET_H

#include "cflyway/base/arena.h"
#include "cflyway/base/str.h"

#include <stdbool.h>

#define SECRET_MASK "********" /* replaces secrets, as in Flyway */

/*
 * Returns the URL with "********" in place of passwords: the value of password after '?', '&' or
 * ';', and TEXT in x://user:TEXT@host and in name=user:TEXT@host.
 */
const char *secret_mask_url(struct arena *arena, const char *url);

/* Masks TEXT in a part of a URL, such as a host, that may be "user:TEXT@host". */
const char *secret_mask_login(struct arena *arena, struct str text);

/*
 * Returns the place where a secret may begin in text that cannot be parsed: after a word such as
 * password, or where a URL has user and password. text.len if there is none.
 */
size_t secret_find(struct str text);

/*
 * Returns a value as messages may show it. The key tells secrets, the form tells URLs; in other
 * text, what follows a word such as "password=" is masked.
 */
const char *secret_mask(struct arena *arena, const char *key, const char *value);

/*
 * Returns an argument that is not understood as a message may show it. before is the argument
 * before it, or NULL: a secret may follow "-password" and "-password=" as a word of its own.
 */
const char *secret_mask_word(struct arena *arena, const char *before, const char *word);

/* The length of the name of a secret before '=' or ':'; word.len if word has no such form. */
size_t secret_key_length(struct str word);

/*
 * Does the text hold "?password=" or ";password=" in a place where no parameter can be? It would
 * be sent to the server as part of a name.
 */
bool secret_is_misplaced(struct str text);

#endif
