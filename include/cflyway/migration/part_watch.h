/* SPDX-License-Identifier: Apache-2.0 */
/*
 * part_watch.h - notices when a text that is one script has the markers of two parts
 *
 * Flyway runs such a file from its first line to its last: what the second part takes back is gone.
 */
#ifndef CFLYWAY_MIGRATION_PART_WATCH_H
#define CFLYWAY_MIGRATION_PART_WATCH_H

#include "cflyway/migration/comment_lines.h"
#include "cflyway/migration/part_markers.h"
#include "cflyway/sql/text_source.h"

#include <stdbool.h>

enum { PART_SYNTAX_COUNT = 3 };

/* Passes a text unchanged. Starts as {0}, and stays where it is while it is open. */
struct part_watch {
	struct text_source source;
	struct text_source *input; /* NULL: closed */
	struct comment_lines lines;
	bool has_up[PART_SYNTAX_COUNT], has_down[PART_SYNTAX_COUNT];
};

struct text_source *part_watch_open(struct part_watch *watch, struct text_source *input);
void part_watch_close(struct part_watch *watch); /* closing a closed one does nothing */

/* Returns the tool whose first marker has been in the text so far; or NULL. */
const struct part_syntax *part_watch_found_up(const struct part_watch *watch);

/* Returns the tool whose two markers, in the first column, have been in the text; or NULL. */
const struct part_syntax *part_watch_found(const struct part_watch *watch);

#endif
