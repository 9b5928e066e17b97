/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_script_config.c - the text of a file V1__a.sql.conf */
#include "cflyway/migration/script_config.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = {(const char *)data, size};
	struct script_config config;
	struct arena arena;

	arena_init(&arena);
	struct error err = ERROR_INIT(&arena);
	if (script_config_parse(&arena, text, "a.sql.conf", &config, &err) == err.is_set)
		abort();
	arena_release(&arena);
	return 0;
}
