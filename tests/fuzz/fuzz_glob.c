/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_glob.c - a pattern and a path, separated by a line end; and both as locations */
#include "cflyway/migration/glob.h"
#include "cflyway/migration/location.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str path = {(const char *)data, size}, pattern = str_cut(&path, '\n'), relative;
	struct str_list texts = {0};
	struct location_list list;
	struct arena arena;

	arena_init(&arena);
	struct error err = ERROR_INIT(&arena);
	path = str_of(str_dup(&arena, path));
	pattern = str_of(str_dup(&arena, pattern));
	if (glob_match(pattern, path, &relative))
		check(relative.ptr >= path.ptr &&
		      relative.ptr + relative.len == path.ptr + path.len);
	str_list_add(&arena, &texts, path.ptr);
	str_list_add(&arena, &texts, pattern.ptr);
	if (location_list_parse(&arena, &texts, &list, &err))
		check(list.n == 1 || list.n == 2);
	arena_release(&arena);
	return 0;
}
