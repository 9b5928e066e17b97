/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script.h - a migration's file as a stream of statements
 *
 * What runs is what was summed: the check (script_check.h) leaves the text of a small script in
 * memory, and the text of a large one is summed again as it runs, unless the file proves by its
 * stamp that it is the same (script_prescan.h).
 */
#ifndef CFLYWAY_CORE_SCRIPT_H
#define CFLYWAY_CORE_SCRIPT_H

#include "cflyway/base/attr.h"
#include "cflyway/core/run.h"
#include "cflyway/migration/checksum.h"
#include "cflyway/migration/migration.h"
#include "cflyway/migration/script_origin.h"
#include "cflyway/sql/placeholder.h"
#include "cflyway/sql/split.h"

#include <stdbool.h>
#include <stddef.h>

/* Sums the text that passes. */
struct checksum_tap {
	struct text_source source;
	struct text_source *input;
	struct checksum sum;
};

/* The text of a small script, decoded, with its placeholders not replaced yet. {0}: not known. */
struct script_text {
	bool is_known;
	struct buf text;
};

void script_text_release(struct script_text *text);

/* file -> [part] or memory -> [tap] -> [placeholders] -> [tap] -> splitter */
struct script {
	struct text_file file;
	struct part_source part;
	struct text_memory memory;
	struct placeholder_source filter;
	struct script_origin origin; /* for the filter */
	struct checksum_tap tap;
	const struct file_stamp *stamp; /* while the file has it, so is its sum; NULL: tap sums */
	bool is_verified;               /* the sum of what is read is known to be right */
	struct text_source *text;       /* what the splitter reads */
	struct splitter *splitter;
	struct text_file copy; /* script_open_copy: what is run */
};

#define SCRIPT_CLOSED                                                                              \
	{                                                                                          \
		.file = TEXT_FILE_CLOSED, .copy = TEXT_FILE_CLOSED                                 \
	}

/* text: what script_check has left, or NULL; then the file is read. */
MUST_USE bool script_open(struct script *script, const struct run *run,
                          const struct migration *migration, const struct script_text *text,
                          struct error *err);

/*
 * The same for a script whose effects cannot be taken back: it is copied into a temporary file (if
 * it is not in memory) and verified before anything runs, so that it cannot change in between.
 * Errors: also those of script_verify.
 */
MUST_USE bool script_open_copy(struct script *script, const struct run *run,
                               const struct migration *migration, const struct script_text *text,
                               struct error *err);

void script_close(struct script *script); /* closing a closed script does nothing */

/* The error of a file that is not what its checksum was computed from. Always returns false. */
bool script_changed(const struct migration *migration, struct error *err);

/*
 * After the last statement: is the text that was read the one whose checksum was recorded? Errors:
 * a sentence of our own that names the file.
 */
MUST_USE bool script_verify(const struct script *script, const struct migration *migration,
                            struct error *err);

/*
 * After a failure: adds a note to err if the file has changed since its checksum was computed, and
 * returns false then. Reads what is left of the text, unless the times of the file prove that it
 * is the same.
 */
bool script_note_change(struct script *script, const struct migration *migration,
                        struct error *err);

/* --- the steps, for a stream that is put together differently ------------------------------- */

/*
 * Opens the file of the migration and returns its text, of which a script may be a part. Errors:
 * those of text_file_open.
 */
MUST_USE struct text_source *script_open_file(struct script *script,
                                              const struct migration *migration, struct error *err);

/*
 * What text is turned into before it is split: placeholders are replaced and, with sums, tap sums
 * it where Flyway does. Lives in script.
 */
struct text_source *script_filter(struct script *script, const struct run *run,
                                  const struct migration *migration, struct text_source *text,
                                  bool sums);

/* Opens the splitter on the text. */
void script_split(struct script *script, const struct run *run, const struct migration *migration,
                  struct text_source *text);

#endif
