/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script_part.h - scripts that are parts of a file: what goose, dbmate and tern write
 *
 * The text of a part is the lines after its marker, without all lines that are markers. Every other
 * line of the file is an empty one, so that the lines of errors are those of the file. Line ends do
 * not count in checksums: a file that has only the lines of the part has the same checksum.
 */
#ifndef CFLYWAY_MIGRATION_SCRIPT_PART_H
#define CFLYWAY_MIGRATION_SCRIPT_PART_H

#include "cflyway/base/attr.h"
#include "cflyway/base/buf.h"
#include "cflyway/base/error.h"
#include "cflyway/migration/comment_lines.h"
#include "cflyway/migration/part_markers.h"
#include "cflyway/sql/text_source.h"

#include <stdbool.h>
#include <stddef.h>

enum script_part {
	PART_NONE, /* before the first marker */
	PART_UP,
	PART_DOWN,
	PART_COUNT,
};

/* A part of a file; {0} is the whole file. */
struct part_of_file {
	const struct part_syntax *syntax;
	enum script_part part;
};

/* What a file has. */
struct file_parts {
	bool has[PART_COUNT];
	bool without_transaction[PART_COUNT];
};

/*
 * Reads a file to find its parts. path is for messages as well. Errors: the markers are not as the
 * tool wants them, with the line; SQL before the first of them; those of the file.
 */
MUST_USE bool file_parts_read(const char *path, const char *encoding,
                              const struct part_syntax *syntax, struct file_parts *parts,
                              struct error *err);

/* Follows the markers of a file from its beginning. */
struct part_reader {
	const struct part_syntax *syntax;
	const char *path;
	struct comment_lines lines;
	enum script_part now;
	struct file_parts found;
	size_t line;             /* lines that have ended */
	size_t statement_line;   /* where StatementBegin is; 0: outside of a statement */
	enum script_part wanted; /* what goes to text */
	struct buf *text;        /* NULL: nobody needs it */
};

/* Passes the lines of one part. Starts as {0}, and stays where it is while it is open. */
struct part_source {
	struct text_source source;
	struct text_source *input; /* NULL: closed, or the whole file */
	struct part_reader reader;
	struct buf text;
	bool at_end;
};

/*
 * Returns a source with the text of the part: input itself if that is the whole file. path is for
 * messages. Errors of the source: as above.
 */
struct text_source *part_source_open(struct part_source *source, const struct part_of_file *part,
                                     const char *path, struct text_source *input);
void part_source_close(struct part_source *source); /* closing a closed one does nothing */

#endif
