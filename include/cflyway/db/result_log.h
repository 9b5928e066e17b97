/* SPDX-License-Identifier: Apache-2.0 */
/*
 * result_log.h - logs the output of the statements of a script: notices and tables of results
 */
#ifndef CFLYWAY_DB_RESULT_LOG_H
#define CFLYWAY_DB_RESULT_LOG_H

#include "cflyway/base/log.h"
#include "cflyway/db/db.h"

/* Logs "DB: …" for plain information, and a warning for a notice with an SQLSTATE of its own. */
void result_log_notice(const struct log *log, const char *sqlstate, const char *message);

/* Logs the result as a table at info level; consumes the rows. */
void result_log_rows(const struct log *log, struct row_set *rows);

#endif
