/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connection_url.h - URLs of databases in the forms of other tools, as JDBC URLs
 *
 * postgres://user:password@host:port/database?sslmode=require and postgresql:// are read by the
 * rules of libpq: several hosts, percent-encoding, IPv6 addresses, socket directories. sqlite:path
 * is a path as it is written. DIFFERS: Flyway finds no plugin for them.
 */
#ifndef CFLYWAY_CONFIG_CONNECTION_URL_H
#define CFLYWAY_CONFIG_CONNECTION_URL_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"

#include <stdbool.h>

/* Strings live in the arena. */
struct connection_url {
	const char *jdbc;     /* without user and password, unless it is the text itself */
	const char *user;     /* NULL: the URL names none */
	const char *password; /* NULL: the URL has none */
};

/*
 * Reads a URL. A text that is in none of these forms is taken for a JDBC URL, as it is.
 *
 * Errors: ERROR_CONFIGURATION for what is no URL, for a parameter that is unknown ("did you mean")
 * or that has no counterpart here, and for sqlite:///file where that can mean two files. No message
 * has a password in it.
 */
MUST_USE bool connection_url_read(struct arena *arena, const char *text, struct connection_url *url,
                                  struct error *err);

#endif
