/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_error.h - the one place where a failure is shown
 */
#ifndef CFLYWAY_OUTPUT_REPORT_ERROR_H
#define CFLYWAY_OUTPUT_REPORT_ERROR_H

#include "cflyway/base/error.h"
#include "cflyway/base/log.h"

/* The message with Flyway's block under it: SQL state, position, script and line. */
const char *report_error_block(const struct error *err);

/* The same after what was being done (err->prefix). */
const char *report_error_text(const struct error *err);

/*
 * Logs the error with the lines of our own and its causes. shows_info: the lines at info level have
 * been shown, so that a cause among them is not shown again.
 */
void report_error(const struct log *log, bool shows_info, const struct error *err);

#endif
