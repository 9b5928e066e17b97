/* SPDX-License-Identifier: Apache-2.0 */
/*
 * local_settings.h - what each transaction sets for itself, where the session is not ours alone
 *
 * Behind a connection pooler that lends a server for one transaction at a time
 * (db->pools_transactions), what is set in the session reaches other clients, and what they have
 * set is found there. So each transaction begins with the settings of the login and of initSql, all
 * of them local, and SQL of our own outside of a transaction gets one.
 */
#ifndef CFLYWAY_DB_POSTGRES_LOCAL_SETTINGS_H
#define CFLYWAY_DB_POSTGRES_LOCAL_SETTINGS_H

#include "postgres.h"

/* Sets db->pools_transactions, and begins the list with the settings of the login. */
void pg_pool_transactions(struct postgres *pg);

/* Adds a statement such as SET LOCAL. */
void pg_local_settings_add(struct postgres *pg, const char *sql);

/* The statements that follow a BEGIN; none if no pooler pools transactions. */
const struct str_list *pg_local_settings(const struct postgres *pg);

/* What begins a transaction of our own: BEGIN, and in a dry run behind a pooler READ ONLY. */
const char *pg_begin_word(const struct postgres *pg);

/* The same for the simple protocol, with the settings that follow it. */
const char *pg_begin_sql(struct postgres *pg);

#endif
