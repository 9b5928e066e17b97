/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_version.c - two versions, separated by a line end: parsed, printed, compared */
#include "cflyway/base/str.h"
#include "cflyway/migration/version.h"

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
	struct str second = {(const char *)data, size}, first = str_cut(&second, '\n');
	struct version a, b, again;
	struct arena arena;

	arena_init(&arena);
	struct error err = ERROR_INIT(&arena);
	if (version_parse(&arena, str_dup(&arena, first), &a, &err)) {
		check(version_compare(&a, &a) == 0);
		check(version_is_set(&a));
		if (a.kind == VERSION_NUMBER) {
			check(version_parse(&arena, a.text, &again, &err));
			check(version_compare(&a, &again) == 0);
		}
		if (version_parse(&arena, str_dup(&arena, second), &b, &err))
			check((version_compare(&a, &b) < 0) == (version_compare(&b, &a) > 0));
	}
	arena_release(&arena);
	return 0;
}
