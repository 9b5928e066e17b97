/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secret.h - what must never be shown: passwords in values and in URLs
 */
#ifndef CFLYWAY_CONFIG_SECRET_H
#define CFLYWAY_CONFIG_SECRET_H

#include "cflyway/base/arena.h"
#include "cflyway/base/str.h"

#define SECRET_MASK "********" /* what is shown instead, as Flyway does */

/*
 * The URL with passwords replaced by "********": the value of password after '?', '&' or ';', and
 * the text between ':' and '@' in x://user:TEXT@host and in name=user:TEXT@host.
 */
const char *secret_mask_url(struct arena *arena, const char *url);

/* A part of a URL, such as a host, that may be "user:TEXT@host": the text becomes "********". */
const char *secret_mask_login(struct arena *arena, struct str text);

/*
 * Where something secret may begin in text that cannot be parsed: behind a word such as password,
 * or where a URL names user and password. text.len if nowhere.
 */
size_t secret_find(struct str text);

/* A value as a message may show it: by its key a secret, by its form a URL, or as it is. */
const char *secret_mask(struct arena *arena, const char *key, const char *value);

#endif
