/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trial_result.h - what a dry run that executes has found out
 *
 * A lock belongs to the statement that took it first. Sizes and numbers of rows are those before
 * the trial. Relations that the trial itself has made are left out: nobody else can see them.
 */
#ifndef CFLYWAY_CORE_TRIAL_RESULT_H
#define CFLYWAY_CORE_TRIAL_RESULT_H

#include "cflyway/base/str.h"
#include "cflyway/migration/migration.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Another session, which the trial waits for or which waits for the trial. */
struct trial_session {
	const char *pid;
	const char *user, *application, *state, *query; /* NULL: unknown */
	const char *relation; /* what is waited for, or held; NULL: no relation */
	const char *mode;
	int64_t open_ms; /* since its transaction began */
	bool is_granted; /* relation is held in this mode, not waited for */
};

struct trial_sessions {
	struct trial_session *items;
	size_t n;
};

/* Locks by strength, as PostgreSQL numbers them: 1 is ACCESS SHARE, 8 is ACCESS EXCLUSIVE. */
enum trial_lock_level {
	TRIAL_LOCK_NONE,
	TRIAL_LOCK_ROW_SHARE = 2,
	TRIAL_LOCK_SHARE_UPDATE_EXCLUSIVE = 4,
	TRIAL_LOCK_SHARE = 5, /* from here on writes wait */
	TRIAL_LOCK_ACCESS_EXCLUSIVE = 8,
};

struct trial_lock {
	const char *relation;
	const char *kind;   /* "table", "index", … */
	const char *mode;   /* "ACCESS EXCLUSIVE" */
	const char *blocks; /* "reads and writes"; NULL: neither */
	enum trial_lock_level level;
	int64_t size_bytes, rows; /* rows: -1 if the server does not know */
	int64_t taken_ms;         /* when, since the trial began; -1: by rule, it was not taken */
	int64_t reads, writes;    /* of others, which it would keep waiting; -1: unknown */
	/*
	 * The statement names a relation that this script of the trial has locked before: the mode
	 * is that one's, and what the statement itself takes cannot be seen. NULL: it was seen.
	 */
	const char *held_by;
	/*
	 * Sessions that were seen with a lock that conflicts, before the statement took this one.
	 * Such a session blocks the statement or is blocked by it, whichever comes first. By rule:
	 * also those whose end the statement waits for.
	 */
	struct trial_sessions conflicts;
};

enum trial_row_change {
	TRIAL_INSERTED,
	TRIAL_UPDATED,
	TRIAL_DELETED,
	TRIAL_ROW_CHANGES_N,
};

/* "inserted", "updated", "deleted": the words of texts, and the keys of documents. */
extern const char *const trial_row_change_words[TRIAL_ROW_CHANGES_N];

/* Rows of a relation that a statement has changed, with those of triggers and cascades. */
struct trial_change {
	const char *relation;
	int64_t rows[TRIAL_ROW_CHANGES_N];
	bool is_scanned; /* it was read from one end to the other */
};

struct trial_statement {
	size_t line;
	const char *text; /* its beginning, on one line; of several: how many, in brackets */
	int64_t elapsed_ms;
	int64_t rows;      /* -1: the command counts none */
	int64_t wal_bytes; /* with what others wrote meanwhile; -1: unknown */
	bool has_failed;
	bool is_by_rule; /* it was not tried: its locks follow from its words */
	struct trial_lock *locks;
	size_t locks_n;
	struct str_list rewritten; /* relations that have a new file */
	struct trial_change *changes;
	size_t changes_n;
	struct trial_sessions blockers, waiters;
};

enum trial_state {
	TRIAL_OK,
	TRIAL_FAILED,
	TRIAL_NOT_TRIED,
};

/* A migration, or a callback. */
struct trial_script {
	const struct migration *file;
	const char *event; /* of a callback; NULL: a migration */
	enum trial_state state;
	const char *reason; /* why it was not tried */
	int64_t elapsed_ms;
	int64_t end_ms; /* of its last statement, since the trial began */
	struct trial_statement *statements;
	size_t n;
	size_t unlisted; /* further statements, which did nothing that matters */
};

/* From when the statement that took it began to the end of the script; -1: it was not taken. */
int64_t trial_lock_held_ms(const struct trial_script *script, const struct trial_lock *lock);

/* A sequence that moved, which no rollback takes back. */
struct trial_sequence {
	const char *name;
	const char *before, *after; /* NULL: not used yet */
};

struct trial_result {
	int lock_timeout_ms, max_hold_ms;
	bool is_watched; /* the database has locks to watch, and a second connection did it */
	int64_t elapsed_ms;
	struct trial_script *scripts; /* in the order in which they ran */
	size_t n;
	struct trial_sequence *sequences;
	size_t sequences_n;
	const char *stopped; /* why the trial ended early; NULL: it did not */
};

#endif
