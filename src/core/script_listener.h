/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script_listener.h - what the server says while a script runs: notices, results, counts
 *
 * Also knows which line each statement in flight came from, for the report of a failure.
 */
#ifndef CFLYWAY_CORE_SCRIPT_LISTENER_H
#define CFLYWAY_CORE_SCRIPT_LISTENER_H

#include "progress_line.h"

#include "cflyway/base/spool.h"
#include "cflyway/core/run.h"
#include "cflyway/db/notices.h"
#include "cflyway/sql/statement.h"

#include <stdbool.h>
#include <stddef.h>

/* A statement that was sent and has not been heard of yet. */
struct in_flight {
	size_t line, offset, len, token; /* see struct statement */
	size_t number;                   /* in its script, from 1 */
	const char *text;                /* with debug output or in a batch, otherwise NULL */
	bool is_logged, is_copy;
	bool is_batched;
	size_t batch_entry, batch_line; /* number in the batch, from 0; line of its first one */
};

struct script_listener {
	const struct run *run;
	const char *path;      /* of the script, for a line about a wait */
	const struct log *log; /* where notices and results go: run's, or held */
	struct db_listener base;
	void (*started)(void *ctx, int64_t ago_ms);
	void (*committed)(void *ctx); /* NULL: nothing waits for it */
	void *ctx;
	struct in_flight *flight; /* statements first .. first + n, as a ring */
	size_t first, n, cap;
	struct arena memory;             /* of the ring and its texts */
	size_t text_bytes;               /* that are kept until script_listener_restart */
	const struct db_listener *outer; /* who listened before */
	struct progress_line progress;
	struct notices notices; /* of the statement that is running */
	struct log held;
	struct spool lines; /* that wait */
	size_t lines_n;
	bool has_lost_lines;
	/* A notice that errorOverrides makes an error: message NULL if there was none. */
	struct sql_failure raised;
	struct in_flight raised_by; /* the statement */
};

void script_listener_open(struct script_listener *listener, const struct run *run,
                          void (*started)(void *ctx, int64_t ago_ms), void *ctx);
void script_listener_close(struct script_listener *listener);

/*
 * Call before each send; of a statement in a batch, the caller fills in the place. Counting starts
 * again after script_listener_restart (where the driver's does).
 */
struct in_flight *script_listener_sent(struct script_listener *listener,
                                       const struct statement *statement);
void script_listener_restart(struct script_listener *listener);

/* The statement of that index has failed: adds its notices to err. */
void script_listener_failed(struct script_listener *listener, size_t index, struct error *err);

/*
 * What the next statement brings is kept back until script_listener_release shows it or
 * script_listener_drop forgets it.
 */
void script_listener_hold(struct script_listener *listener);
void script_listener_release(struct script_listener *listener);
void script_listener_drop(struct script_listener *listener);

/* NULL if no statement of that index is in flight. */
const struct in_flight *script_listener_find(const struct script_listener *listener, size_t index);

#endif
