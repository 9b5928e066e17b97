/*
 * url.h - JDBC URLs: their parts, and how they are shown without secrets
 */
#ifndef CFLYWAY_DB_URL_H
#define CFLYWAY_DB_URL_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/config/pairs.h"

#include <stdbool.h>
#include <stddef.h>

struct db_host {
	const char *name; /* without brackets; "localhost" where the URL has none */
	const char *port; /* decimal, 1 to 65535 */
};

/* jdbc:postgresql:… */
struct postgres_url {
	struct db_host *hosts;
	size_t host_count;
	const char *database;    /* NULL: the name of the user */
	struct pairs properties; /* the query part, decoded; last of equal names wins */
};

/* jdbc:sqlite:… */
struct sqlite_url {
	const char *file;     /* as sqlite3_open takes it; "" is a private temporary database */
	bool is_uri;          /* begins with "file:" */
	struct pairs pragmas; /* to run after opening, in order */
};

/* The part after "jdbc:postgresql:" resp. "jdbc:sqlite:". Errors: the driver's sentence only
 * ("Unable to parse URL URL", masked); open.c puts the block around it. */
MUST_USE bool postgres_url_parse(struct arena *arena, const char *url, struct postgres_url *parts,
                                 struct error *err);
MUST_USE bool sqlite_url_parse(struct arena *arena, const char *url, struct sqlite_url *parts,
                               struct error *err);

/* The URL as every message shows it: passwords replaced by "********". */
const char *url_masked(struct arena *arena, const char *url);

#endif
