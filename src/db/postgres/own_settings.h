/* SPDX-License-Identifier: Apache-2.0 */
/* own_settings.h - goes back to the role after initSql, sets the time limits of scripts aside */
#ifndef CFLYWAY_DB_POSTGRES_OWN_SETTINGS_H
#define CFLYWAY_DB_POSTGRES_OWN_SETTINGS_H

#include "postgres.h"

/* SQL without parameters. */
struct pg_own_sql {
	const char *role;     /* goes back to the role */
	const char *row;      /* the same, and sets the time limits aside */
	const char *last_row; /* the same, for a transaction that ends with the row */
};

/* Made when first needed: after pg_describe. */
const struct pg_own_sql *pg_own_sql(struct postgres *pg);

/* In a group: gives a script the time limits back that the one before it has set. */
extern const char pg_give_back_timeouts[];

#endif
