/* SPDX-License-Identifier: Apache-2.0 */
/* capture.c - turns a standard stream to a file for the time of a test */
#include "capture.h"

#include "suites.h"

#include <unistd.h>

struct capture capture_begin(FILE *stream)
{
	struct capture capture = {fileno(stream), dup(fileno(stream)), stream, tmpfile()};

	ck_assert_ptr_nonnull(capture.file);
	fflush(stream);
	ck_assert_int_ge(dup2(fileno(capture.file), capture.fd), 0);
	return capture;
}

const char *capture_end(struct capture *capture, struct arena *arena)
{
	char text[8192];

	fflush(capture->stream);
	dup2(capture->saved, capture->fd);
	close(capture->saved);
	rewind(capture->file);
	size_t n = fread(text, 1, sizeof(text), capture->file);
	fclose(capture->file);
	return arena_strndup(arena, text, n);
}
