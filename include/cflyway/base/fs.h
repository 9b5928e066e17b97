/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fs.h - reads files in pieces, lists directories, and builds paths
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

/* Reads up to cap bytes; *len is 0 only at the end. Errors name path. */
MUST_USE bool file_read(struct file *file, const char *path, char *bytes, size_t cap, size_t *len,
                        struct error *err);

/*
 * Opens a temporary file that has no name (in $TMPDIR, else /tmp): closing the file deletes it.
 * Errors: ERROR_GENERAL "Unable to create a temporary file: REASON".
 */
MUST_USE bool file_open_temporary(struct file *file, struct error *err);

/* Errors: ERROR_GENERAL "Unable to write to a temporary file: REASON". */
MUST_USE bool file_write(struct file *file, const char *bytes, size_t len, struct error *err);

void file_rewind(struct file *file);

/*
 * Reads exactly len bytes of a temporary file, from position at on; where writing goes on does not
 * change. Errors: ERROR_GENERAL "Unable to read a temporary file: REASON".
 */
MUST_USE bool file_read_at(const struct file *file, size_t at, char *bytes, size_t len,
                           struct error *err);

/* Identifies the contents of a file: a change of the file changes its stamp. */
struct file_stamp {
	uint64_t device, inode;
	int64_t size;
	struct timespec modified, changed;
	/* False if the file had changed only a moment before: one more change may have left the
	 * same times, so the stamp proves nothing (the rule of git's index). */
	bool is_settled;
};

/* Takes the stamp of an open file. False if it is not a regular file. */
bool file_stamp(const struct file *file, struct file_stamp *stamp);
bool file_has_stamp(const struct file *file, const struct file_stamp *stamp);

/* False: it is a regular file that its group or others may read, write or run. */
bool file_is_private(const struct file *file);

/* Appends the whole file to out. Errors: as file_open, or out's maximum. */
MUST_USE bool fs_read_all(const char *path, struct buf *out, struct error *err);

/* Writes the whole file; replaces an existing one. Errors: ERROR_GENERAL "Unable to write …". */
MUST_USE bool fs_write_all(const char *path, struct str text, struct error *err);

/*
 * Creates a file with this text; never touches an existing one. mode: its permissions, less the
 * umask. Errors: ERROR_GENERAL "File PATH exists already", "Unable to write file PATH: REASON".
 */
MUST_USE bool fs_create(const char *path, struct str text, unsigned mode, struct error *err);

/* Creates the missing directories above path. Errors: "Unable to create directory …". */
MUST_USE bool fs_make_parents(const char *path, struct error *err);

enum fs_kind {
	FS_MISSING,
	FS_FILE,
	FS_DIRECTORY,
	FS_UNREADABLE, /* exists, but cannot be read */
	FS_OTHER,
};

enum fs_kind fs_kind(const char *path);

/* One entry of a listing. */
struct fs_entry {
	const char *path; /* relative to the root of the listing, with '/' as separator */
	int unreadable;   /* 0, or the errno that says why the entry cannot be read */
	bool is_directory;
};

struct fs_listing {
	struct fs_entry *items; /* sorted by the UTF-16 units of the path */
	size_t n;
};

/*
 * Lists all files and directories below root, recursively, with those that cannot be read and links
 * to nothing. Follows links to files and directories, but never enters a directory that is its own
 * ancestor. Skips directories whose name begins with a dot, and a "lost+found" that cannot be read.
 * Everything lives in the arena. Returns 0, or an errno if root itself cannot be listed.
 */
MUST_USE int fs_list(struct arena *arena, const char *root, struct fs_listing *listing);

/* Lists the paths of the readable files. False if root itself cannot be listed. */
bool fs_list_files(struct arena *arena, const char *root, struct str_list *files);

/* Sets "Unable to read file PATH: REASON", or "folder" for "file". Always returns false. */
bool fs_fail_unreadable(const char *path, bool is_directory, int reason, struct error *err);

const char *fs_current_directory(struct arena *arena);

/* Returns "CWD/path" unless path begins with '/'. Like Flyway, resolves and tidies nothing. */
const char *fs_absolute(struct arena *arena, const char *path);

/* Returns the path without links, "." and ".."; fs_absolute's path if there is no such file. */
const char *fs_canonical(struct arena *arena, const char *path);
const char *fs_join(struct arena *arena, const char *directory, const char *name);

/* Returns "directory/path", or path itself if it begins with '/' or directory is NULL. */
const char *fs_within(struct arena *arena, const char *directory, const char *path);
const char *fs_base_name(const char *path);

#endif
