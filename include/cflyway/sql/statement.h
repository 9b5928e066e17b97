/* SPDX-License-Identifier: Apache-2.0 */
/*
 * statement.h - describes one statement of a script
 */
#ifndef CFLYWAY_SQL_STATEMENT_H
#define CFLYWAY_SQL_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>

enum statement_flags {
	/* COPY … FROM STDIN: its rows follow in the script; see split_copy_data. */
	STATEMENT_COPY_IN = 1 << 0,

	/* The server refuses it inside a transaction (VACUUM, CREATE INDEX CONCURRENTLY, …). */
	STATEMENT_NON_TRANSACTIONAL = 1 << 1,

	/*
	 * It begins, ends or may end a transaction (BEGIN, COMMIT, ROLLBACK, SAVEPOINT, PREPARE
	 * TRANSACTION, CALL, …). The driver sends it alone, awaits its result, and then checks the
	 * state of the transaction.
	 */
	STATEMENT_TRANSACTION_CONTROL = 1 << 2,

	/* SET client_encoding, SET DateStyle, …: sent alone; the driver awaits its result. */
	STATEMENT_SYNC = 1 << 3,

	/* Unbalanced, or may hold several commands: sent as one simple-protocol message. */
	STATEMENT_SEVERAL = 1 << 4,

	/* May release session locks (DISCARD ALL, pg_advisory_unlock_all, …): check afterwards. */
	STATEMENT_MAY_UNLOCK = 1 << 5,

	/* COPY … TO STDOUT: refused before it is sent. */
	STATEMENT_COPY_OUT = 1 << 6,

	/*
	 * Part of a batch (batch=true): outside of a transaction, those that are sent before the
	 * next sync are one transaction where the driver has atomic batches.
	 */
	STATEMENT_BATCHED = 1 << 7,
};

struct statement {
	/* Without delimiter, with leading comments; NUL-terminated; valid until the next call. */
	const char *text;
	size_t len;
	size_t offset;  /* of text, in the bytes of the script as it is sent: see script_place.h */
	size_t token;   /* offset in text of the first token that is not a comment */
	size_t line;    /* of the first token that is not a comment, from 1 */
	size_t column;  /* of the same token, from 1, in UTF-16 units */
	unsigned flags; /* enum statement_flags */
	bool batchable; /* INSERT, UPDATE, DELETE, …: Flyway's -batch would collect it */
};

#endif
