/* SPDX-License-Identifier: Apache-2.0 */
/*
 * output.h - where results and failures go: lines of text, or one JSON document
 *
 * All verbs of a call share the document: a single one is the document, several stand in
 * individualResults. A failure takes the place of all of them. With several targets each has such a
 * document in an object of its own.
 */
#ifndef CFLYWAY_OUTPUT_OUTPUT_H
#define CFLYWAY_OUTPUT_OUTPUT_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/base/log.h"
#include "cflyway/config/args.h"
#include "cflyway/config/settings.h"
#include "cflyway/core/result.h"
#include "cflyway/output/console.h"
#include "cflyway/output/json.h"
#include "cflyway/output/report.h"

#include <stdbool.h>

/* Must not be moved once it is open: log points to console. */
struct output {
	struct console console;
	struct log log;
	struct json document;
	bool has_many; /* several verbs: individualResults */
	bool has_failed;
	struct report_files report; /* for the end of the document; NULL without */
	struct json targets;        /* the documents of the targets that have ended */
};

enum target_state {
	TARGET_SUCCEEDED,
	TARGET_FAILED,
	TARGET_SKIPPED,
	TARGET_STATE_COUNT,
};

/* Even after a failure the output can be used, and must be closed. Errors: those of the console. */
MUST_USE bool output_open(struct output *output, struct arena *arena,
                          const struct invocation *invocation, struct error *err);

/* The configuration is good and the first verb is about to run. */
void output_begin(struct output *output);

/* Shows what the command left to print. arena is that of the command. */
void output_result(struct output *output, struct arena *arena, const struct settings *settings,
                   const struct result *result);

/*
 * Shows a failure. result (may be NULL) is what the command left all the same. Returns the exit
 * status; success when JSON shows the result in place of the error, as for validate.
 */
int output_failure(struct output *output, struct arena *arena, const struct result *result,
                   const struct error *err);

/* Shows why output_open() failed, text without colour and prefix. Returns the exit status. */
int output_not_open(struct output *output, struct arena *arena, const struct error *err);

/* Writes the report and says where: in a line, or at the end of the document. */
void output_report(struct output *output, struct report *report, const struct clock *clock);

/* The heading of a target; what follows belongs to it. */
void output_target(struct output *output, const char *name);

/* The end of a target, or that it was skipped. because may be NULL: the target that failed. */
void output_target_end(struct output *output, const char *name, enum target_state state,
                       const char *because);

/* How all targets ended: names[i] lists those of a state. Text only. */
void output_targets_end(struct output *output, const struct str_list names[TARGET_STATE_COUNT]);

/* Prints the document, if there is one. False when not all could be written. */
bool output_close(struct output *output);

#endif
