/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialect.h - describes how the syntax of scripts differs between databases
 *
 * A dialect knows only syntax and can be tested without a server. The splitter (split.h) uses it.
 */
#ifndef CFLYWAY_SQL_DIALECT_H
#define CFLYWAY_SQL_DIALECT_H

/* Facts about the server that will run the script. */
struct dialect_context {
	int server_version; /* PostgreSQL: major version, 0 if unknown; matters for ALTER TYPE */
};

struct dialect; /* defined beside the splitter: src/sql/dialect_private.h */

extern const struct dialect dialect_postgres;
extern const struct dialect dialect_sqlite;

#endif
