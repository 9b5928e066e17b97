/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_store.h - what is in the fake database
 *
 * The store is the list of all changes in their order; what somebody sees is made by going through
 * it. A change belongs to the connection that has made it until that commits, and to nobody
 * afterwards: everybody sees it then.
 */
#ifndef CFLYWAY_TESTS_FAKE_STORE_H
#define CFLYWAY_TESTS_FAKE_STORE_H

#include "cflyway/base/arena.h"
#include "cflyway/base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum { FAKE_COLUMNS = 10, FAKE_COMMITTED = 0 };

/* A row of the history table, in the order of history_select. */
struct fake_row {
	const char *values[FAKE_COLUMNS];
};

enum fake_change_kind {
	FAKE_CREATE_SCHEMA,
	FAKE_DROP_SCHEMA,
	FAKE_CLEAN_SCHEMA, /* all that is in it */
	FAKE_DROP_OBJECT,
	FAKE_CREATE_OBJECT, /* something that is no history table */
	FAKE_CREATE_TABLE,  /* the history table */
	FAKE_INSERT,
	FAKE_UPDATE,        /* description, type and checksum, by rank */
	FAKE_DELETE,        /* by rank */
	FAKE_DELETE_FAILED, /* by version, or by description */
	FAKE_STATEMENT,     /* of a script */
};

struct fake_change {
	enum fake_change_kind kind;
	const char *name; /* of the schema; of the table, quoted; the statement */
	struct fake_row row;
	size_t owner; /* the connection that sees it, or FAKE_COMMITTED */
};

struct fake_store {
	struct arena *arena;
	struct fake_change *changes;
	size_t n;
};

/* What one connection sees, or everybody (FAKE_COMMITTED). */
struct fake_view {
	struct str_list schemas; /* names */
	struct str_list objects; /* "schema"."something" */
	const char *table;       /* the history table, quoted; NULL: there is none */
	struct fake_row *rows;   /* of the table, in the order of their ranks */
	size_t n;
	struct str_list statements;
};

struct fake_view fake_store_view(const struct fake_store *store, size_t owner);

void fake_store_add(struct fake_store *store, struct fake_change change);
void fake_store_commit(struct fake_store *store, size_t owner);
void fake_store_roll_back(struct fake_store *store, size_t owner);
/* The same for the changes after the first n of the store. */
void fake_store_roll_back_to(struct fake_store *store, size_t owner, size_t n);

/* The highest installed_rank; -1: no rows. */
int fake_view_last_rank(const struct fake_view *view);

/* Does "schema"."name", quoted, lie in the schema? */
bool fake_is_in(struct arena *arena, const char *quoted, const char *schema);

/* Is there anything in the schema, which may be the history table? */
bool fake_view_is_empty(const struct fake_view *view, const char *schema);

#endif
