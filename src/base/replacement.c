/* SPDX-License-Identifier: Apache-2.0 */
/* replacement.c - a file that takes the place of another one when it is complete */
#include "cflyway/base/replacement.h"

#include "cflyway/base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The permissions of the file that is replaced, or those that a new file gets. */
static mode_t mode_of(const char *place)
{
	struct stat about;
	mode_t mask;

	if (stat(place, &about) == 0)
		return about.st_mode & 0777;
	mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

int replacement_create(struct arena *arena, const char *place, const char **temporary)
{
	char *name = arena_printf(arena, "%s.XXXXXX", place);
	int fd;

	if (access(place, F_OK) == 0 && access(place, W_OK) != 0)
		return -1;
	fd = mkstemp(name);
	if (fd < 0)
		return -1;
	*temporary = name;
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)!fchmod(fd, mode_of(place));
	return fd;
}

static bool fail(const struct replacement *replacement, int reason, struct error *err)
{
	return error_set(err, ERROR_GENERAL, "Unable to write file %s: %s", replacement->path,
	                 strerror(reason));
}

/* A regular file, or nothing: no link that leads nowhere either. */
static bool can_be_replaced(const char *path)
{
	struct stat about;

	return stat(path, &about) == 0 ? S_ISREG(about.st_mode) : lstat(path, &about) != 0;
}

static bool write_here(const char *path, struct str text, struct error *err)
{
	bool is_new = access(path, F_OK) != 0;

	if (fs_write_all(path, text, err))
		return true;
	if (is_new)
		unlink(path);
	return false;
}

bool replacement_write(struct replacement *replacement, struct arena *arena, const char *path,
                       struct str text, struct error *err)
{
	FILE *stream = NULL;
	int fd = -1, reason = 0;

	*replacement = (struct replacement){.path = path};
	if (can_be_replaced(path)) {
		replacement->place = fs_canonical(arena, path);
		fd = replacement_create(arena, replacement->place, &replacement->temporary);
	}
	if (fd < 0)
		return write_here(path, text, err);
	stream = fdopen(fd, "w");
	if (stream == NULL) {
		reason = errno;
		close(fd);
	} else {
		if (fwrite(text.ptr, 1, text.len, stream) != text.len)
			reason = errno;
		if (fclose(stream) != 0 && reason == 0)
			reason = errno;
	}
	if (reason == 0)
		return true;
	replacement_drop(replacement);
	return fail(replacement, reason, err);
}

bool replacement_finish(struct replacement *replacement, struct error *err)
{
	if (replacement->temporary != NULL &&
	    rename(replacement->temporary, replacement->place) != 0)
		return fail(replacement, errno, err);
	replacement->temporary = NULL;
	return true;
}

void replacement_drop(struct replacement *replacement)
{
	if (replacement->temporary != NULL)
		unlink(replacement->temporary);
	replacement->temporary = NULL;
}
