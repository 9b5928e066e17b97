/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress_line.h - the line that people see while a script takes long
 *
 * "V1__x.sql: statement 3 of 1000, 12.3 of 47.7 MB, 00:07". Shown from the first second on, several
 * times a second, by whoever sends or waits: there is no timer and no thread. Only where the log
 * has somebody to show it: on a terminal.
 */
#ifndef CFLYWAY_CORE_PROGRESS_LINE_H
#define CFLYWAY_CORE_PROGRESS_LINE_H

#include "cflyway/core/run.h"
#include "cflyway/core/script_traits.h"
#include "cflyway/migration/migration.h"
#include "cflyway/sql/split.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress_line {
	const struct run *run; /* NULL: nothing is shown */
	const char *name;      /* of the script */
	const struct splitter *splitter;
	size_t statements, size_bytes; /* of the whole script, after replacement */
	size_t completed;              /* statements */
	int64_t started_ms, next_ms;
	bool is_shown;
};

/* Without somebody to show it, nothing happens until progress_line_end. */
void progress_line_begin(struct progress_line *progress, const struct run *run,
                         const struct migration *migration, const struct script_traits *traits,
                         const struct splitter *splitter);

/* Time may have passed. */
void progress_line_tick(struct progress_line *progress);

/* Takes the line away. */
void progress_line_end(struct progress_line *progress);

#endif
