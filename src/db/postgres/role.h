/* SPDX-License-Identifier: Apache-2.0 */
/* role.h - goes back to the role after initSql, and sets the time limits of scripts aside */
#ifndef CFLYWAY_DB_POSTGRES_ROLE_H
#define CFLYWAY_DB_POSTGRES_ROLE_H

#include "postgres.h"

/* The SQL that does so in its variants; pg_describe must have been called. */
const struct pg_own_sql *pg_own_sql(struct postgres *pg);

/* In a group: gives a script the limits back that the one before it has set. */
extern const char pg_give_back_timeouts[];

#endif
