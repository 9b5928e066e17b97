/*
 * echo.h - shows what the statements of a script bring back: notices and tables of results
 */
#ifndef CFLYWAY_DB_ECHO_H
#define CFLYWAY_DB_ECHO_H

#include "cflyway/base/log.h"
#include "cflyway/db/driver.h"

/* "DB: …" for plain information, a warning for anything with an SQLSTATE of its own. */
void echo_notice(const struct log *log, const char *sqlstate, const char *message);

/* The result as a table at info level; reads the rows. */
void echo_result(const struct log *log, struct row_set *rows);

#endif
