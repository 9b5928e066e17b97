/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_should_execute.c - the condition of a script */
#include "cflyway/migration/should_execute.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct should_execute result;
	struct arena arena;

	arena_init(&arena);
	struct error err = ERROR_INIT(&arena);
	const char *text = str_dup(&arena, (struct str){(const char *)data, size});
	if (should_execute_evaluate(text, &result, &err) == err.is_set)
		abort();
	arena_release(&arena);
	return 0;
}
