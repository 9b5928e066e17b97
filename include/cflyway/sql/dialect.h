/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialect.h - how the text of scripts differs between databases
 *
 * Only text: what a dialect says can be tested without a server. The splitter (split.h) asks.
 */
#ifndef CFLYWAY_SQL_DIALECT_H
#define CFLYWAY_SQL_DIALECT_H

/* What the splitter needs to know about the place where the script will run. */
struct dialect_context {
	int server_version; /* PostgreSQL: major version, 0 when unknown; matters for ALTER TYPE */
};

struct dialect; /* defined beside the splitter: src/sql/dialect_private.h */

extern const struct dialect dialect_postgres;
extern const struct dialect dialect_sqlite;

#endif
