/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lock_rule.h - the locks of statements that cannot run in a transaction
 *
 * A dry run cannot try them, but what they lock follows from their words: measured on PostgreSQL
 * 12, 15 and 18. Locks are numbered by strength, from 1, ACCESS SHARE, to 8, ACCESS EXCLUSIVE.
 */
#ifndef CFLYWAY_SQL_LOCK_RULE_H
#define CFLYWAY_SQL_LOCK_RULE_H

#include "cflyway/base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	LOCK_RULE_NAMES_MAX = 32,
	LOCK_RULE_SHARE_UPDATE_EXCLUSIVE = 4,
	LOCK_RULE_SHARE = 5,
	LOCK_RULE_ACCESS_EXCLUSIVE = 8,
};

struct lock_rule_name {
	struct str name; /* a table or an index, as it is written, perhaps with its schema */
	unsigned level;
};

struct lock_rule {
	struct lock_rule_name names[LOCK_RULE_NAMES_MAX]; /* further ones are left out */
	size_t n;
	/*
	 * The statement waits for the end of the transactions that hold a lock which conflicts with
	 * one of this level; 0: it does not.
	 */
	unsigned awaited;
};

/*
 * CREATE INDEX, DROP INDEX, REINDEX and DETACH PARTITION with CONCURRENTLY, VACUUM. False: another
 * statement, or one that names no relation. The names are views of the statement.
 */
bool lock_rule_find(struct str statement, struct lock_rule *rule);

#endif
