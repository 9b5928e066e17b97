/* SPDX-License-Identifier: Apache-2.0 */
/*
 * result_log.h - shows what the statements of a script bring back: notices and tables of results
 */
#ifndef CFLYWAY_DB_RESULT_LOG_H
#define CFLYWAY_DB_RESULT_LOG_H

#include "cflyway/base/log.h"
#include "cflyway/db/db.h"

/* "DB: …" for plain information, a warning for anything with an SQLSTATE of its own. */
void result_log_notice(const struct log *log, const char *sqlstate, const char *message);

/* The result as a table at info level; reads the rows. */
void result_log_rows(const struct log *log, struct row_set *rows);

#endif
