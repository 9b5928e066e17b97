/* SPDX-License-Identifier: Apache-2.0 */
/* sql_file.c - a file that appears under its name only when it is complete */
#include "sql_file.h"

#include "cflyway/base/fs.h"
#include "cflyway/base/replacement.h"
#include "cflyway/base/terminal.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { HEAD_MAX = 128 };

static bool fail(const struct sql_file *file, int reason, struct error *err)
{
	return error_set(err, ERROR_GENERAL, "Unable to write the dry run to %s: %s",
	                 strcmp(file->path, "-") == 0 ? "standard output" : file->path,
	                 strerror(reason));
}

/* What is replaced is an older dry run, or empty: no database, no script. */
static bool check_replaced(const struct sql_file *file, struct error *err)
{
	char head[HEAD_MAX];
	struct file old;
	size_t len;

	if (!file_open(&old, file->path, err))
		return false;
	bool ok = file_read(&old, file->path, head, sizeof(head), &len, err);

	file_close(&old);
	if (!ok)
		return false;

	const struct str text = {head, len};

	if (len == 0 || str_find(text, STR(DRY_RUN_MARK)) < len)
		return true;
	return error_set(err, ERROR_GENERAL,
	                 "Unable to write the dry run to %s: there is a file of this name that is "
	                 "no dry run. Choose another name, or remove the file.",
	                 file->path);
}

/*
 * The file has no name until it is complete: nothing of it is left wherever cflyway ends. It is in
 * the folder of the result, so that a folder that cannot be written is noticed at once.
 */
static bool open_beside(struct sql_file *file, struct error *err)
{
	const char *temporary;
	int fd = replacement_create(file->arena, file->place, &temporary);

	if (fd < 0)
		return fail(file, errno, err);
	unlink(temporary);
	file->stream = fdopen(fd, "w+");
	if (file->stream != NULL)
		return true;
	fail(file, errno, err);
	close(fd);
	return false;
}

static bool open_unnamed(struct sql_file *file, struct error *err)
{
	struct file unnamed;

	if (!file_open_temporary(&unnamed, err))
		return false;
	file->stream = fdopen(unnamed.fd, "w+");
	if (file->stream != NULL)
		return true;
	fail(file, errno, err);
	file_close(&unnamed);
	return false;
}

bool sql_file_open(struct sql_file *file, struct arena *arena, const char *path, struct error *err)
{
	*file = (struct sql_file){.path = path, .arena = arena};
	if (strcmp(path, "-") == 0)
		return open_unnamed(file, err);
	if (!fs_make_parents(path, err))
		return false;
	switch (fs_kind(path)) {
	case FS_DIRECTORY:
		return fail(file, EISDIR, err);
	case FS_OTHER:
		return open_unnamed(file, err);
	case FS_MISSING:
		break;
	case FS_FILE:
	case FS_UNREADABLE:
		if (!check_replaced(file, err))
			return false;
		break;
	}
	file->place = fs_canonical(arena, path);
	return open_beside(file, err);
}

static void note(struct sql_file *file)
{
	if (file->reason == 0)
		file->reason = errno != 0 ? errno : EIO;
}

void sql_file_write(struct sql_file *file, struct str text)
{
	if (fwrite(text.ptr, 1, text.len, file->stream) != text.len)
		note(file);
	file->size += (long)text.len;
}

void sql_file_cut(struct sql_file *file, long size)
{
	if (fflush(file->stream) != 0 || ftruncate(fileno(file->stream), size) != 0 ||
	    fseek(file->stream, size, SEEK_SET) != 0)
		note(file);
	file->size = size;
}

bool sql_file_check(const struct sql_file *file, struct error *err)
{
	return file->reason == 0 || fail(file, file->reason, err);
}

static void copy_to(struct sql_file *file, FILE *target)
{
	const bool is_terminal = terminal_is(target);
	char piece[64 * 1024];
	size_t len, kept = 0;

	rewind(file->stream);
	while ((len = fread(piece + kept, 1, sizeof(piece) - kept, file->stream)) > 0) {
		const struct str text = {piece, kept + len};

		kept = is_terminal ? terminal_unfinished(text) : 0;
		if (!terminal_write(target, is_terminal, str_sub(text, 0, text.len - kept)))
			note(file);
		memmove(piece, piece + text.len - kept, kept);
	}
	if (!terminal_write(target, is_terminal, (struct str){piece, kept}))
		note(file);
	if (ferror(file->stream) != 0 || fflush(target) != 0)
		note(file);
	clearerr(target); /* it is said here, and not again at the end */
}

static void copy_and_close(struct sql_file *file, FILE *target)
{
	if (target == NULL) {
		note(file);
		return;
	}
	copy_to(file, target);
	if (file->place != NULL && fsync(fileno(target)) != 0)
		note(file);
	if (fclose(target) != 0)
		note(file);
}

/* Replaces the file in one step. */
static void replace(struct sql_file *file)
{
	const char *temporary;
	int fd = replacement_create(file->arena, file->place, &temporary);
	FILE *target = fd >= 0 ? fdopen(fd, "w") : NULL;

	copy_and_close(file, target);
	if (fd >= 0 && target == NULL)
		close(fd);
	if (file->reason == 0 && rename(temporary, file->place) != 0)
		note(file);
	if (fd >= 0 && file->reason != 0)
		unlink(temporary);
}

bool sql_file_finish(struct sql_file *file, struct error *err)
{
	if (fflush(file->stream) != 0)
		note(file);
	if (file->reason != 0)
		return sql_file_check(file, err);
	if (file->place != NULL)
		replace(file);
	else if (strcmp(file->path, "-") == 0)
		copy_to(file, stdout);
	else
		copy_and_close(file, fopen(file->path, "we"));
	return sql_file_check(file, err);
}

void sql_file_close(struct sql_file *file)
{
	if (file->stream != NULL)
		fclose(file->stream);
	file->stream = NULL;
}
