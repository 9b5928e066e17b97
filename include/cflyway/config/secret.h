/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secret.h - mask passwords in values and in URLs
 */
#ifndef CFLYWAY_CONFIG_SECRET_H
#define CFLYWAY_CONFIG_SECRET_H

#include "cflyway/base/arena.h"
#include "cflyway/base/str.h"

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

/* Returns a value as messages may show it. The key tells secrets, the form tells URLs. */
const char *secret_mask(struct arena *arena, const char *key, const char *value);

#endif
