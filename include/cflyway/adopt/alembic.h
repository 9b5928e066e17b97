/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alembic.h - reads what Alembic prints: its revisions, and their SQL
 *
 * "alembic history" lists the revisions, the newest one first, as "1975ea83b712 -> ae1027a6acf
 * (head), add a column". "alembic upgrade base:head --sql" prints the SQL of all of them, each
 * after a line "-- Running upgrade 1975ea83b712 -> ae1027a6acf" and before the statement that
 * writes the revision into alembic_version. The texts have no NUL.
 */
#ifndef CFLYWAY_ADOPT_ALEMBIC_H
#define CFLYWAY_ADOPT_ALEMBIC_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/base/str.h"

#include <stdbool.h>
#include <stddef.h>

/* The SQL of one direction of a revision. */
struct alembic_script {
	const char *sql;      /* without Alembic's own statements; NULL: none was found */
	bool is_empty;        /* it has no statement */
	bool no_transaction;  /* a part of it must not run in a transaction (autocommit_block) */
	bool has_placeholder; /* "${" is in it, which would be a placeholder */
};

struct alembic_revision {
	const char *id, *parent; /* parent: "" for the first one */
	const char *message;
	struct alembic_script up, down;
};

/* In the order in which they are applied. */
struct alembic_revisions {
	struct alembic_revision *items;
	size_t n;
};

/*
 * Reads the output of "alembic history". Errors: ERROR_GENERAL that names the revisions if they are
 * not one after the other (branches, merges, dependencies), or if there are none.
 */
MUST_USE bool alembic_read_history(struct arena *arena, struct str output,
                                   struct alembic_revisions *revisions, struct error *err);

/* Divides the output of "upgrade A:B --sql" among the revisions. */
void alembic_divide_upgrade(struct arena *arena, struct str output,
                            struct alembic_revisions *revisions);

/* The same for "downgrade B:A --sql". */
void alembic_divide_downgrade(struct arena *arena, struct str output,
                              struct alembic_revisions *revisions);

/*
 * The name of the script: "V002__add_a_column.sql" for the second one (place 1). prefix is "V" or
 * "U", n the number of all revisions.
 */
const char *alembic_file_name(struct arena *arena, const char *prefix,
                              const struct alembic_revision *revision, size_t place, size_t n);

#endif
