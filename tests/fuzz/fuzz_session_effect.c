/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_session_effect.c - statements that may leave something in the session */
#include "cflyway/base/arena.h"
#include "cflyway/sql/session_effect.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = ARENA_EMPTY;
	const struct str text = {arena_strndup(&arena, (const char *)data, size), size};

	(void)!session_effect_find(text);
	(void)!session_set_locally(&arena, text);
	arena_release(&arena);
	return 0;
}
