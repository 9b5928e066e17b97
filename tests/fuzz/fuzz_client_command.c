/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_client_command.c - statements in which psql or sqlite3 may see a command of their own */
#include "cflyway/base/arena.h"
#include "cflyway/sql/client_command.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = ARENA_EMPTY;
	const struct str text = {arena_strndup(&arena, (const char *)data, size), size};

	(void)!client_command_of_psql(text);
	(void)!client_command_of_sqlite3(text);
	for (size_t from = 0; from < size;)
		from = client_variable_of_psql(text, from) + 1;
	arena_release(&arena);
	return 0;
}
