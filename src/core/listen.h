/*
 * listen.h - what the server says while a script runs: notices, results, counts
 *
 * Also knows which line each statement in flight came from, for the report of a failure.
 */
#ifndef CFLYWAY_CORE_LISTEN_H
#define CFLYWAY_CORE_LISTEN_H

#include "progress.h"

#include "cflyway/base/spool.h"
#include "cflyway/core/run.h"

#include <stdbool.h>
#include <stddef.h>

/* A statement that was sent and has not been heard of yet. */
struct in_flight {
	size_t line;
	const char *text; /* only for debug output, otherwise NULL */
};

struct hearing {
	const struct run *run;
	const struct log *log; /* where notices and results go: run's, or held */
	struct db_listener listener;
	void (*started)(void *ctx, int64_t ago_ms);
	void (*committed)(void *ctx); /* NULL: nothing waits for it */
	void *ctx;
	struct in_flight *flight; /* statements first .. first + n, as a ring */
	size_t first, n, cap;
	struct arena memory;             /* of the ring and its texts */
	const struct db_listener *outer; /* who listened before */
	struct progress progress;
	struct log held;
	struct spool lines; /* that wait */
	size_t lines_n;
	bool has_lost_lines;
};

void hearing_open(struct hearing *hearing, const struct run *run,
                  void (*started)(void *ctx, int64_t ago_ms), void *ctx);
void hearing_close(struct hearing *hearing);

/* Call before each send; counting starts again after hearing_restart (where the driver's does). */
void hearing_sent(struct hearing *hearing, size_t line, const char *text);
void hearing_restart(struct hearing *hearing);

/*
 * What the next statement brings is kept back until hearing_release shows it or hearing_drop
 * forgets it.
 */
void hearing_hold(struct hearing *hearing);
void hearing_release(struct hearing *hearing);
void hearing_drop(struct hearing *hearing);

/* NULL if no statement of that index is in flight. */
const struct in_flight *hearing_find(const struct hearing *hearing, size_t index);

#endif
