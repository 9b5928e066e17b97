/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_error.h - prints a failure; nothing else does
 */
#ifndef CFLYWAY_OUTPUT_REPORT_ERROR_H
#define CFLYWAY_OUTPUT_REPORT_ERROR_H

#include "cflyway/base/error.h"
#include "cflyway/base/log.h"

/* The message, followed by Flyway's block: SQL state, position, script and line. */
const char *report_error_block(const struct error *err);

/* The same with err->prefix in front. */
const char *report_error_text(const struct error *err);

/*
 * A cause in words: "unknown host: x" for "java.net.UnknownHostException: x". NULL: nothing is to be
 * said of it.
 */
const char *report_error_cause(struct arena *arena, const char *cause);

/*
 * Logs the error with its causes and its notes. shows_info: the lines at info level have been
 * shown; a cause among them is not repeated.
 */
void report_error(const struct log *log, bool shows_info, const struct error *err);

#endif
