/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_db.h - a database in memory, for tests of what stands above the drivers
 *
 * It keeps the rows of the history table, records in order what is asked of it, and can refuse a
 * statement, a lock, or let another program change the history.
 */
#ifndef CFLYWAY_TESTS_FAKE_DB_H
#define CFLYWAY_TESTS_FAKE_DB_H

#include "cflyway/db/driver.h"

enum { FAKE_COLUMNS = 10 };

/* A row of the history table, in the order of history_select. */
struct fake_row {
	const char *values[FAKE_COLUMNS];
};

struct fake_db {
	struct db db; /* hand out &fake.db */

	/* What the test sets. */
	size_t fail_at;      /* the n-th statement of scripts fails, from 1; 0: none */
	size_t busy_tries;   /* so many tries of the lock fail */
	size_t change_at;    /* the n-th check of the history sees another rank, from 1; 0: none */
	bool has_table;      /* the history table exists */
	bool schema_missing; /* the default schema does not exist */
	bool has_objects;    /* the schema is not empty */

	/* What the test reads: "BEGIN", "COMMIT", "LOCK", "INSERT 1", "SEND create table a", … */
	struct str_list calls;
	struct fake_row *rows;
	size_t n;

	size_t sends, checks; /* so far */
	size_t sent;          /* in this flight */
	size_t rows_at_begin;
	bool in_transaction, has_failed, session_lock;
};

void fake_db_open(struct fake_db *fake, struct arena *arena, const struct settings *settings,
                  const struct log *log);

/* Adds a successful row of an SQL migration; version NULL is a repeatable. */
void fake_db_add_row(struct fake_db *fake, const char *version, const char *description,
                     const char *script, const char *checksum);

#endif
