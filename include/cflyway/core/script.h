/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script.h - a migration's file as a stream of statements, and the check before anything runs
 *
 * What runs is what was summed: the check leaves the text of a small script in memory, and the text
 * of a large one is summed again as it runs, unless the file proves by its stamp that it is the
 * same (prescan.h).
 */
#ifndef CFLYWAY_CORE_SCRIPT_H
#define CFLYWAY_CORE_SCRIPT_H

#include "cflyway/core/run.h"
#include "cflyway/migration/checksum.h"
#include "cflyway/migration/migration.h"
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

/* file or memory -> [tap] -> [placeholders] -> [tap] -> splitter */
struct script {
	struct text_file file;
	struct text_memory memory;
	struct placeholder_source filter;
	struct checksum_tap tap;
	const struct file_stamp *stamp; /* while the file has it, so is its sum; NULL: tap sums */
	bool is_verified;               /* the sum of what is read is known to be right */
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

/* What one pass over a script tells, before any of it runs. */
struct script_traits {
	size_t statements;         /* 0 when it is no SQL */
	size_t size_bytes;         /* of its text, with the placeholders replaced */
	bool runs_in_transaction;  /* by script configuration, settings and statements */
	bool controls_transaction; /* BEGIN, COMMIT, …: needs a session lock and sync points */
	bool may_unlock;           /* may drop a session lock */
	bool changes_session;      /* SET ROLE, SET TRANSACTION, … */
	bool reaches_out;          /* may do what a crash does not take back: see script_check.c */
	bool shares_transaction;   /* SQL callbacks are to run in its transaction */
};

/*
 * Reads the whole script once; what is no SQL is not read. text (NULL: not wanted) is filled if the
 * script is small; the caller releases it, also after a failure. Errors: those of the splitter;
 * "Detected both transactional and non-transactional statements within the same migration …"; a
 * changed file.
 */
MUST_USE bool script_check(const struct run *run, const struct migration *migration,
                           struct script_traits *traits, struct script_text *text,
                           struct error *err);

/* What one pass told about a large script that is to run: see prescan.h. */
struct script_prescan {
	struct script_traits traits;
	int32_t checksum;
	struct file_stamp stamp; /* of the file that this was read from */
};

/* The same while the file is summed. Not for programs and repeatables. Errors: also if it is no
 * regular file. */
MUST_USE bool script_prescan(const struct run *run, const struct migration *migration,
                             struct script_prescan *prescan, struct error *err);

#endif
