/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scratch.h - a folder of its own for a test, and what the log was told
 *
 * While it is open, the folder is the current directory.
 */
#ifndef CFLYWAY_TESTS_SCRATCH_H
#define CFLYWAY_TESTS_SCRATCH_H

#include "cflyway/base/arena.h"
#include "cflyway/base/buf.h"
#include "cflyway/base/error.h"
#include "cflyway/base/log.h"

#include <stdbool.h>

struct scratch {
	struct arena arena;
	char root[32];
	int previous; /* the directory to go back to */
	size_t open_files;
	struct buf lines;
	struct log log;
	struct error err;
};

void scratch_open(struct scratch *scratch);

/* Removes the folder. Since scratch_open the test has closed every file that it has opened. */
void scratch_close(struct scratch *scratch);

/* How many files the process has open; always too high by the same number. */
size_t scratch_open_files(void);

/* The log keeps "PROGRESS line" and "STEP OPERATION 1/4 message" as well. */
void scratch_keep_progress(struct scratch *scratch);

/* Writes a file with all directories that it needs. */
void scratch_write(const char *path, const char *text);
void scratch_write_bytes(const char *path, const char *bytes, size_t len);

/*
 * Root reads everything: becomes somebody else, to whom all of the folder is open but for what has
 * been closed with chmod(), until scratch_regain_root. False if that is not possible here.
 */
bool scratch_drop_root(struct scratch *scratch);
void scratch_regain_root(void);

/* A text with "@" for the folder. */
const char *scratch_shorten(struct scratch *scratch, const char *text);

/* The texts of notes. */
const struct str_list *scratch_texts(struct arena *arena, const struct note_list *notes);

/* "WARN text\n" for each line of the log so far; forgets them. */
const char *scratch_lines(struct scratch *scratch);

/* "message", or "message\n+ cause". */
const char *scratch_error(struct scratch *scratch);

#endif
