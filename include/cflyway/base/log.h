/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h - passes log messages and progress lines to the code that shows them
 *
 * Modules report what happened; the sink (output/console.c) decides about streams, prefixes, colour
 * and silence. A message may have several lines and does not end with a line break.
 */
#ifndef CFLYWAY_BASE_LOG_H
#define CFLYWAY_BASE_LOG_H

#include "cflyway/base/attr.h"
#include "cflyway/base/note.h"
#include "cflyway/base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum log_level {
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_INFO,
	LOG_LEVEL_OWN, /* what Flyway does not print */
	LOG_LEVEL_NOTICE,
	LOG_LEVEL_WARN,
	LOG_LEVEL_ERROR,
	LOG_LEVEL_ANNOTATION, /* a line for the runner of a pipeline: output/annotation.h */
};

typedef void log_sink_fn(void *ctx, enum log_level level, struct str message);

/* Takes a note of cflyway's own. */
typedef void log_note_fn(void *ctx, const struct note *note);

/* Shows line in place of the previous progress line, until the next one; "" removes it. */
typedef void log_progress_fn(void *ctx, struct str line);

/* The progress of a command, for a program that shows a progress bar. */
struct log_step {
	const char *message, *operation;
	size_t number, total;
};

typedef void log_step_fn(void *ctx, const struct log_step *step);

struct log {
	log_sink_fn *sink;         /* NULL: messages are dropped */
	log_note_fn *note;         /* NULL: the sink takes the text, as LOG_LEVEL_OWN */
	log_progress_fn *progress; /* NULL: progress lines are dropped */
	log_step_fn *step;         /* NULL: steps are dropped */
	void *ctx;
	bool debug; /* if false, debug messages are not even formatted */
};

void log_debug(const struct log *log, const char *format, ...) PRINTF(2, 3);
void log_info(const struct log *log, const char *format, ...) PRINTF(2, 3);
void log_notice(const struct log *log, const char *format, ...) PRINTF(2, 3);
void log_warn(const struct log *log, const char *format, ...) PRINTF(2, 3);
void log_error(const struct log *log, const char *format, ...) PRINTF(2, 3);

/* Logs a line that Flyway does not print; the console puts "cflyway: " in front. */
void log_cflyway(const struct log *log, const char *format, ...) PRINTF(2, 3);

/* Logs a note, which may have a place; lines of log_cflyway have none. */
void log_note(const struct log *log, const struct note *note);

/* Does so with a remark about a line of a script. */
void log_remark(const struct log *log, const char *path, size_t line, const char *format, ...)
	PRINTF(4, 5);

/* Shows how far a long script has run. */
void log_progress(const struct log *log, struct str line);

/* Reports a step of the command (outputProgress). */
void log_step(const struct log *log, const struct log_step *step);

/* Logs a message that may be long (a table): it is neither formatted nor copied. */
void log_text(const struct log *log, enum log_level level, struct str message);

#endif
