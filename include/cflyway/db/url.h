/* SPDX-License-Identifier: Apache-2.0 */
/*
 * url.h - parses JDBC URLs, and shows them without secrets
 */
#ifndef CFLYWAY_DB_URL_H
#define CFLYWAY_DB_URL_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/config/pairs.h"

#include <stdbool.h>
#include <stddef.h>

/* The default host of the driver. */
#define POSTGRES_HOST "localhost"
#define POSTGRES_PORT "5432"

/* Explains why "user:password@host" is not a host. */
#define POSTGRES_NO_LOGIN                                                                          \
	"a JDBC URL has no user:password@ before the host: set flyway.user and flyway.password"

struct db_host {
	const char *name;  /* for libpq: without brackets, never empty */
	const char *shown; /* for messages: as given, with a password masked */
	const char *port;  /* decimal, 1 to 65535 */
};

struct db_host_list {
	struct db_host *items;
	size_t n; /* at least 1 */
};

/* jdbc:sqlite:… */
struct sqlite_url {
	const char *file;     /* as sqlite3_open takes it; "" is a private temporary database */
	bool is_uri;          /* begins with "file:" */
	struct pairs pragmas; /* to run after opening, in order */
};

/*
 * The part after "jdbc:postgresql:" as properties of the driver: PGHOST, PGPORT (as many, with
 * commas) and PGDBNAME if the URL has them, and the query part, decoded; the last of equal names
 * wins. Errors: as postgres_url_fail.
 */
MUST_USE bool postgres_url_parse(struct arena *arena, const char *url, struct pairs *properties,
                                 struct error *err);

/*
 * Sets the driver's error "Unable to parse URL URL", masked; open.c adds the block. Returns false.
 */
bool postgres_url_fail(struct arena *arena, const char *url, struct error *err);

/*
 * PGHOST and PGPORT as a list. False: a port is not a number from 1 to 65535, or the counts of
 * ports and hosts differ; *why says which.
 */
MUST_USE bool postgres_hosts_parse(struct arena *arena, const char *hosts, const char *ports,
                                   struct db_host_list *list, const char **why);

/* The part after "jdbc:sqlite:". Errors: the driver's sentences. */
MUST_USE bool sqlite_url_parse(struct arena *arena, const char *url, struct sqlite_url *parts,
                               struct error *err);

/*
 * Takes jdbcProperties: pragmas among them win over those of the URL. Errors: ERROR_CONFIGURATION
 * for a name that the driver does not know, and for what cflyway does not support.
 */
MUST_USE bool sqlite_properties_take(const struct pairs *properties, struct sqlite_url *parts,
                                     struct error *err);

/* Decodes "%20" and other escapes; NULL for an escape without two digits, or for a NUL. */
const char *url_decoded(struct arena *arena, struct str text);

/* The URL for messages: passwords replaced by "********". */
const char *url_masked(struct arena *arena, const char *url);

#endif
