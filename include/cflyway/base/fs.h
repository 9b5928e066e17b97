/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fs.h - files: reading in pieces, walking directories, paths
 */
#ifndef CFLYWAY_BASE_FS_H
#define CFLYWAY_BASE_FS_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/buf.h"
#include "cflyway/base/error.h"
#include "cflyway/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* A file that is being read. */
struct file {
	int fd; /* -1 when closed */
};

#define FILE_CLOSED                                                                                \
	{                                                                                          \
		-1                                                                                 \
	}

/* Errors: ERROR_GENERAL "Unable to read file PATH: REASON". */
MUST_USE bool file_open(struct file *file, const char *path, struct error *err);
void file_close(struct file *file); /* closing a closed file does nothing */

/* Reads up to cap bytes; *len is 0 only at the end. path is for the message. */
MUST_USE bool file_read(struct file *file, const char *path, char *bytes, size_t cap, size_t *len,
                        struct error *err);

/*
 * Opens a temporary file that has no name (in $TMPDIR, else /tmp): it is gone when it is closed.
 * Errors: ERROR_GENERAL "Unable to create a temporary file: REASON".
 */
MUST_USE bool file_open_temporary(struct file *file, struct error *err);

/* Errors: ERROR_GENERAL "Unable to write to a temporary file: REASON". */
MUST_USE bool file_write(struct file *file, const char *bytes, size_t len, struct error *err);

void file_rewind(struct file *file);

/* By this a file is known to be the one it was: what changes it changes its stamp. */
struct file_stamp {
	uint64_t device, inode;
	int64_t size;
	struct timespec modified, changed;
	/* False: it had changed only a moment before, so that one more change may have left the
	 * same times, and the stamp proves nothing (the rule of git's index). */
	bool is_settled;
};

/* The stamp of an open file. False if it is no regular file. */
bool file_stamp(const struct file *file, struct file_stamp *stamp);
bool file_has_stamp(const struct file *file, const struct file_stamp *stamp);

/* Appends the whole file to out. Errors: as file_open, or out's maximum. */
MUST_USE bool fs_read_all(const char *path, struct buf *out, struct error *err);

/* Writes the whole file, a new one or over the old one. Errors: ERROR_GENERAL "Unable to write …". */
MUST_USE bool fs_write_all(const char *path, struct str text, struct error *err);

/* Makes the directories above path that are missing. Errors: "Unable to create directory …". */
MUST_USE bool fs_make_parents(const char *path, struct error *err);

enum fs_kind {
	FS_MISSING,
	FS_FILE,
	FS_DIRECTORY,
	FS_UNREADABLE, /* exists, but cannot be read */
	FS_OTHER,
};

enum fs_kind fs_kind(const char *path);

/* What a listing has met. */
struct fs_entry {
	const char *path;  /* relative to the root of the listing, '/' between */
	int unreadable;    /* 0, or the errno that says why it cannot be read */
	bool is_directory; /* only directories that cannot be read are listed */
};

struct fs_listing {
	struct fs_entry *items; /* by UTF-16 units of the path */
	size_t n;
};

/*
 * Lists all files below root, recursively, and what cannot be read: files, links to nothing, and
 * directories. Follows links to files and directories (a directory that is its own ancestor is not
 * entered again), and skips directories whose name begins with a dot, and "lost+found" of a file
 * system if it cannot be read. All lives in the arena. Returns 0, or an errno when root itself
 * cannot be listed.
 */
MUST_USE int fs_list(struct arena *arena, const char *root, struct fs_listing *listing);

/* The paths of the files that can be read. False when root itself cannot be listed. */
bool fs_list_files(struct arena *arena, const char *root, struct str_list *files);

/* "Unable to read file PATH: REASON", or "folder". Always returns false. */
bool fs_fail_unreadable(const char *path, bool is_directory, int reason, struct error *err);

const char *fs_current_directory(struct arena *arena);

/* "CWD/path" unless path begins with '/'. Nothing is resolved or tidied, as Flyway's paths. */
const char *fs_absolute(struct arena *arena, const char *path);

/* The same without links, "." and ".."; fs_absolute's path if there is no such file. */
const char *fs_canonical(struct arena *arena, const char *path);
const char *fs_join(struct arena *arena, const char *directory, const char *name);
const char *fs_base_name(const char *path);

#endif
