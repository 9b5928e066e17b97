/* SPDX-License-Identifier: Apache-2.0 */
/*
 * statement.h - one statement of a script
 */
#ifndef CFLYWAY_SQL_STATEMENT_H
#define CFLYWAY_SQL_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>

enum statement_flags {
	/* COPY … FROM STDIN: its rows follow in the script, see split_copy_data. */
	STATEMENT_COPY_IN = 1 << 0,

	/* The server refuses it inside a transaction (VACUUM, CREATE INDEX CONCURRENTLY, …). */
	STATEMENT_NON_TRANSACTIONAL = 1 << 1,

	/*
	 * It begins, ends or may end a transaction (BEGIN, COMMIT, ROLLBACK, SAVEPOINT, PREPARE
	 * TRANSACTION, CALL, …): sent alone, its result awaited, and the transaction's state asked.
	 */
	STATEMENT_TRANSACTION_CONTROL = 1 << 2,

	/* SET client_encoding, SET DateStyle, …: sent alone, its result awaited. */
	STATEMENT_SYNC = 1 << 3,

	/* Not balanced, or may hold several commands: one message of the simple protocol. */
	STATEMENT_SEVERAL = 1 << 4,

	/* May drop session locks (DISCARD ALL, pg_advisory_unlock_all, …): look after it. */
	STATEMENT_MAY_UNLOCK = 1 << 5,

	/* COPY … TO STDOUT: refused before it is sent. */
	STATEMENT_COPY_OUT = 1 << 6,
};

struct statement {
	/* Without delimiter, with leading comments; NUL-terminated; valid until the next call. */
	const char *text;
	size_t len;
	size_t line;    /* of the first token that is no comment, from 1 */
	size_t column;  /* of the same, from 1, in UTF-16 units */
	unsigned flags; /* enum statement_flags */
	bool batchable; /* INSERT, UPDATE, DELETE, …: what Flyway's -batch would collect */
};

#endif
