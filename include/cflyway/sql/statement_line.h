/* SPDX-License-Identifier: Apache-2.0 */
/*
 * statement_line.h - shows a statement on one line: its beginning, without its passwords
 */
#ifndef CFLYWAY_SQL_STATEMENT_LINE_H
#define CFLYWAY_SQL_STATEMENT_LINE_H

#include "cflyway/base/arena.h"

/*
 * Returns the beginning of a statement without comments in front of it: about 120 bytes, with
 * " ..." if something follows. Runs of white space become one blank, the passwords that it sets
 * "********". The statement may have been cut anywhere.
 */
const char *statement_line(struct arena *arena, const char *statement);

#endif
