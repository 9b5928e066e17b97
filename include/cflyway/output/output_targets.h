/* SPDX-License-Identifier: Apache-2.0 */
/*
 * output_targets.h - prints how the targets of a run ended: a table, or one JSON document
 *
 * The document holds one object for each target, in the order of the targets, although several that
 * run at the same time end in another one.
 */
#ifndef CFLYWAY_OUTPUT_OUTPUT_TARGETS_H
#define CFLYWAY_OUTPUT_OUTPUT_TARGETS_H

#include "cflyway/base/arena.h"
#include "cflyway/base/error.h"
#include "cflyway/base/shelf.h"
#include "cflyway/base/str.h"
#include "cflyway/base/log.h"
#include "cflyway/core/result.h"
#include "cflyway/output/console.h"

#include <stddef.h>
#include <stdint.h>

enum target_state {
	TARGET_WAITING,
	TARGET_RUNNING,
	TARGET_SUCCEEDED,
	TARGET_FAILED,
	TARGET_SKIPPED,   /* one that it waits for did not succeed */
	TARGET_NOT_BEGUN, /* the run was stopped before */
	TARGET_STATE_COUNT,
};

/* How a target ended. Strings that are not known are NULL. */
struct target_outcome {
	const char *name;
	enum target_state state;
	const char *because; /* skipped: the target that it waits for */
	const char *version; /* that the database has reached */
	size_t applied, undone;
	int64_t elapsed_ms;
	const char *error; /* one line */
};

/* What an output knows about targets. */
struct output_targets {
	struct console *console; /* NULL: there are none */
	const struct log *log;
	struct target_outcome current; /* of the running one, as far as its results tell */
	struct shelf documents;        /* JSON: one object for each target */
	struct shelf_piece *pieces;    /* of documents; one for each target */
	size_t n;
	size_t counts[TARGET_STATE_COUNT];
};

/* Begins a run on n targets. console and log must stay where they are. */
void output_targets_begin(struct output_targets *targets, struct console *console,
                          const struct log *log, size_t n);

/* Take what the outcome of the running target shows of a result (may be NULL) and of an error. */
void output_target_result(struct output_targets *targets, const struct result *result);
void output_target_error(struct output_targets *targets, const struct error *err);

/*
 * Ends target i, or reports that it was skipped. document is its JSON, "" without one
 * (output_take_document).
 */
void output_target_end(struct output_targets *targets, size_t i,
                       const struct target_outcome *outcome, struct str document);

/* Prints how all targets ended: as text a table and one line; JSON comes with the next function. */
void output_targets_end(struct output_targets *targets, const struct target_outcome *outcomes,
                        size_t n);

/* Prints the document of all targets; does nothing without targets. */
void output_targets_print(struct output_targets *targets);

#endif
