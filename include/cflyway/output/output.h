/* SPDX-License-Identifier: Apache-2.0 */
/*
 * output.h - prints results and failures: lines of text, or one JSON document
 *
 * All verbs of a call share one document. The result of a single verb is the document; the results
 * of several verbs are in individualResults. A failure replaces them all. With several targets,
 * each target has such a document inside its own object.
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
#include "cflyway/output/annotation.h"
#include "cflyway/output/console.h"
#include "cflyway/output/json.h"
#include "cflyway/output/output_targets.h"
#include "cflyway/output/report.h"

#include <stdbool.h>

/* Must not move once it is open: log points to console. */
struct output {
	struct console console;
	struct log log;
	struct json document;
	bool has_many; /* several verbs: individualResults */
	bool has_failed;
	struct report_files report; /* names for the end of the document; NULL without a report */
	struct output_targets targets;
	struct annotations annotations;
};

/* Even if this fails, the output is usable and must be closed. Errors: those of console_open. */
MUST_USE bool output_open(struct output *output, struct arena *arena,
                          const struct invocation *invocation, struct error *err);

/*
 * Makes the output of a target that runs in a copy of this process: its lines and notes go to the
 * functions, and its document is taken with output_take_document. It is not closed.
 */
void output_fork(struct output *output, const struct output *parent, struct arena *arena,
                 log_sink_fn *sink, log_note_fn *note, void *ctx);

/* The configuration is good and the first verb is about to run. */
void output_begin(struct output *output);

/* Prints the result of a command. arena is that of the command. */
void output_result(struct output *output, struct arena *arena, const struct settings *settings,
                   const struct result *result);

/*
 * What is shown of a failed command, in JSON and in reports: the error alone, or the result (may be
 * NULL) with or without it.
 */
enum on_failure output_failure_form(const struct result *result, const struct error *err);

/*
 * Shows a failure. result (may be NULL) is what the command produced nevertheless. Returns the
 * exit status; success when JSON shows the result instead of the error, as for validate.
 */
int output_failure(struct output *output, struct arena *arena, const struct result *result,
                   const struct error *err);

/* Shows why output_open() failed, as text without colour and prefix. Returns the exit status. */
int output_not_open(struct output *output, struct arena *arena, const struct error *err);

/* Writes the report and says where: in a line, or at the end of the document. */
void output_report(struct output *output, struct report *report, const struct clock *clock);

/* A dry run begins: says that nothing will be changed. */
void output_dry_run(struct output *output);

/* Its file is in its place, where it replaces another one. */
void output_dry_run_end(struct output *output, const char *path, bool replaces);

/* Prints the heading of a target; the output that follows belongs to it. */
void output_target(struct output *output, const char *name);

/*
 * Ends the document of the running target and returns it, "" if there is none; valid until the next
 * target begins.
 */
struct str output_take_document(struct output *output);

/* Prints the document, if there is one. False if some output could not be written. */
bool output_close(struct output *output);

#endif
