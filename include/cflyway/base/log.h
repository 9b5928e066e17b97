/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h - progress lines on their way to whoever shows them
 *
 * Modules say what happened; the sink (output/console.c) decides about streams, prefixes, colour
 * and silence. A message may have several lines and has no line end of its own.
 */
#ifndef CFLYWAY_BASE_LOG_H
#define CFLYWAY_BASE_LOG_H

#include "cflyway/base/attr.h"
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
};

typedef void log_sink_fn(void *ctx, enum log_level level, struct str message);

/* line stands for the time being, in place of the one before; "" takes it away. */
typedef void log_progress_fn(void *ctx, struct str line);

/* Where a command is, for a program that shows a bar. */
struct log_step {
	const char *message, *operation;
	size_t number, total;
};

typedef void log_step_fn(void *ctx, const struct log_step *step);

struct log {
	log_sink_fn *sink;         /* NULL: silence */
	log_progress_fn *progress; /* NULL: nobody would see it */
	log_step_fn *step;         /* NULL: nobody reads it */
	void *ctx;
	bool debug; /* false: debug messages are not even formatted */
};

void log_debug(const struct log *log, const char *format, ...) PRINTF(2, 3);
void log_info(const struct log *log, const char *format, ...) PRINTF(2, 3);
void log_notice(const struct log *log, const char *format, ...) PRINTF(2, 3);
void log_warn(const struct log *log, const char *format, ...) PRINTF(2, 3);
void log_error(const struct log *log, const char *format, ...) PRINTF(2, 3);

/* A line that Flyway does not print; the console puts "cflyway: " in front. */
void log_cflyway(const struct log *log, const char *format, ...) PRINTF(2, 3);

/* How far a long script is. */
void log_progress(const struct log *log, struct str line);

/* The command has come so far (outputProgress). */
void log_step(const struct log *log, const struct log_step *step);

/* A message that may be long (a table): not formatted, not copied. */
void log_text(const struct log *log, enum log_level level, struct str message);

#endif
