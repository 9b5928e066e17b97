/* SPDX-License-Identifier: Apache-2.0 */
/*
 * history.h - reads and writes the rows of the schema history table
 */
#ifndef CFLYWAY_DB_HISTORY_H
#define CFLYWAY_DB_HISTORY_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/db/db.h"
#include "cflyway/migration/type.h"
#include "cflyway/migration/version.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct history_row {
	int installed_rank;
	enum migration_type type;
	struct version version; /* EMPTY: NULL in the table */
	const char *description;
	const char *script;
	const char *installed_by; /* "" never NULL */
	const char *installed_on; /* the stored digits, as the database prints them */
	int execution_time;       /* ms */
	int32_t checksum;
	bool has_checksum;
	bool success;
};

/* The rows in order of installed_rank. history_read adds to them and keeps the old ones. */
struct history_rows {
	struct history_row *items;
	size_t n;
};

/* The place of the table. Read-only after creation. */
struct history {
	const char *schema, *table; /* unquoted */
	const char *quoted;         /* "schema"."table" */
};

void history_init(struct arena *arena, struct history *history, const char *schema,
                  const char *table);

/* The highest installed_rank, -1 without rows. */
int history_last_rank(const struct history_rows *rows);

/*
 * Fails if no n ranks are left after last, the highest one (-1 without rows); the error ends with
 * what that means, a sentence without its full stop. DIFFERS: Flyway goes on with -2147483648.
 */
MUST_USE bool history_check_ranks(const struct history *history, int last, size_t n,
                                  const char *consequence, struct error *err);

/* Logs Flyway's message that the table does not exist yet. */
void history_log_missing(const struct history *history, const struct log *log);

/*
 * Appends the rows above history_last_rank. Errors: "Error while retrieving the list of applied
 * migrations from Schema History table …" with the block; "Unknown migration type 'X' found in
 * schema history.\nYou might be …".
 */
MUST_USE bool history_read(struct arena *arena, struct db *db, const struct history *history,
                           struct history_rows *rows, struct error *err);

/*
 * Writes one row, with description and script abbreviated as Flyway does. The database sets
 * installed_on and refuses a rank that exists. Errors: "Unable to insert row for version 'V' in Schema
 * History table …" with the block.
 */
MUST_USE bool history_insert(struct db *db, const struct history *history,
                             const struct history_row *row, struct error *err);

/*
 * The same, for a row that another history tells of: sets installed_on as well, unless it is NULL.
 */
MUST_USE bool history_insert_dated(struct db *db, const struct history *history,
                                   const struct history_row *row, struct error *err);

/*
 * Writes the row and commits the transaction; db->failed_part tells which of the two failed.
 * is_queued and flush: see struct db_commit. Errors: also "Unable to commit transaction" with the
 * block.
 */
MUST_USE bool history_commit(struct db *db, const struct history *history,
                             const struct history_row *row, bool is_queued, enum db_flush flush,
                             struct error *err);

/* Gives the failure of a queued row or COMMIT its title. Always returns false. */
bool history_fail_commit(const struct db *db, const struct history *history,
                         const struct history_row *row, struct error *err);

/*
 * Undo: deletes the row that has rank, version and script of row. Errors: "Unable to delete row for
 * version 'V' from Schema History table …", with the block or because there is no such row.
 */
MUST_USE bool history_delete(struct db *db, const struct history *history,
                             const struct history_row *row, struct error *err);

/*
 * Repair: sets description, type and checksum of the row with that rank. Errors: "Unable to repair
 * Schema History table … for version V", with the block or because no row has changed.
 */
MUST_USE bool history_update(struct db *db, const struct history *history,
                             const struct history_row *row, struct error *err);

/* Repair: deletes the failed rows with the version (or, repeatable, the description) of row. */
MUST_USE bool history_delete_failed(struct db *db, const struct history *history,
                                    const struct history_row *row, struct error *err);

/*
 * Creates the table, its key and its index, and writes the row, which may be NULL. The caller holds
 * the lock and the transaction. Errors: "Failed to execute script " with the block.
 */
MUST_USE bool history_create(struct db *db, const struct history *history, const char *tablespace,
                             const struct history_row *baseline, struct error *err);

/* Flyway's limits: description to 200 characters, script to 1000, in UTF-16 units. */
const char *history_abbreviate_description(struct arena *arena, const char *description);
const char *history_abbreviate_script(struct arena *arena, const char *script);

#endif
