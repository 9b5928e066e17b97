/*
 * script.h - a migration's file as a stream of statements, and the check before anything runs
 */
#ifndef CFLYWAY_CORE_SCRIPT_H
#define CFLYWAY_CORE_SCRIPT_H

#include "cflyway/core/run.h"
#include "cflyway/migration/checksum.h"
#include "cflyway/migration/resolve.h"
#include "cflyway/sql/placeholder.h"
#include "cflyway/sql/split.h"

#include <stdbool.h>
#include <stddef.h>

/* Sums the text that passes, so that a file that changed between two passes is noticed. */
struct checksum_tap {
	struct text_source source;
	struct text_source *input;
	struct checksum sum;
};

/* file -> decoder -> [tap] -> [placeholders] -> [tap] -> splitter */
struct script {
	struct text_file file;
	struct placeholder_source filter;
	struct checksum_tap tap;
	struct splitter *splitter;
	struct text_file copy; /* script_open_copy: what is run */
};

#define SCRIPT_CLOSED                                                                              \
	{                                                                                          \
		.file = TEXT_FILE_CLOSED, .copy = TEXT_FILE_CLOSED                                 \
	}

MUST_USE bool script_open(struct script *script, const struct run *run,
                          const struct migration *migration, struct error *err);

/*
 * The same for a script whose effects cannot be taken back: it is copied into a temporary file and
 * verified before anything runs, so that it cannot change in between. Errors: also those of
 * script_verify.
 */
MUST_USE bool script_open_copy(struct script *script, const struct run *run,
                               const struct migration *migration, struct error *err);

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
	bool reaches_out;          /* may do what a crash does not take back: see script.c */
	bool shares_transaction;   /* SQL callbacks are to run in its transaction */
};

/*
 * Reads the whole script once; what is no SQL is not read. Errors: those of the splitter;
 * "Detected both transactional and non-transactional statements within the same migration …"; a
 * changed file.
 */
MUST_USE bool script_check(const struct run *run, const struct migration *migration,
                           struct script_traits *traits, struct error *err);

#endif
