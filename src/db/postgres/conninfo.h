/* SPDX-License-Identifier: Apache-2.0 */
/* conninfo.h - JDBC URL, user, password and driver properties to libpq's parameters */
#ifndef CFLYWAY_DB_POSTGRES_CONNINFO_H
#define CFLYWAY_DB_POSTGRES_CONNINFO_H

#include "cflyway/base/str.h"
#include "cflyway/config/settings.h"
#include "cflyway/db/url.h"

enum { PG_CONNINFO_MAX = 40 };

struct pg_conninfo {
	const char *keys[PG_CONNINFO_MAX + 1]; /* NULL-terminated, as PQconnectStartParams wants */
	const char *values[PG_CONNINFO_MAX + 1];
	size_t n;
	struct db_host_list hosts;
	int timeout_s;             /* 0: none */
	bool any_if_no_primary;    /* targetServerType=preferPrimary */
	const char *target_server; /* value of targetServerType for messages; NULL: any */
	struct str_list ignored;   /* a line for each property that has no effect here */
	const char *user_origin,
		*password_origin; /* for messages; NULL: unknown, or there is none */
};

/*
 * The URL after its scheme, user, password, driver properties and the section of a service file to
 * libpq's parameters. Errors: SQL failures with pgjdbc's sentences, and refusals of properties
 * that nothing here corresponds to. info is {0}.
 */
MUST_USE bool pg_conninfo_make(struct arena *arena, const struct settings *settings,
                               const char *url, struct pg_conninfo *info, struct error *err);

#endif
