/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay_main.c - runs a fuzz target on recorded inputs, without libFuzzer
 *
 * Usage: PROGRAM FILE|FOLDER...
 */
#include "cflyway/base/fs.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool replay_file(struct arena *arena, const char *path)
{
	struct error err = ERROR_INIT(arena);
	struct buf bytes = BUF_EMPTY(SIZE_MAX);

	if (!fs_read_all(path, &bytes, &err)) {
		fprintf(stderr, "%s\n", err.message);
		return false;
	}
	/* A block of just this size, so that reading past the end is noticed. */
	uint8_t *data = malloc(bytes.len + (bytes.len == 0));
	if (data == NULL)
		return false;
	if (bytes.len > 0)
		memcpy(data, bytes.ptr, bytes.len);
	/* Stands in the log when the target ends the program. */
	fprintf(stderr, "%s\n", path);
	LLVMFuzzerTestOneInput(data, bytes.len);
	free(data);
	buf_release(&bytes);
	return true;
}

static bool replay(struct arena *arena, const char *path)
{
	struct str_list files = {0};

	if (fs_kind(path) != FS_DIRECTORY)
		return replay_file(arena, path);
	if (!fs_list_files(arena, path, &files))
		return false;
	for (size_t i = 0; i < files.n; i++)
		if (!replay_file(arena, fs_join(arena, path, files.items[i])))
			return false;
	return true;
}

int main(int argc, char **argv)
{
	struct arena arena = ARENA_EMPTY;
	bool ok = argc > 1;

	for (int i = 1; i < argc && ok; i++)
		ok = replay(&arena, argv[i]);
	arena_release(&arena);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
