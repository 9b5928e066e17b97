/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_script_limits.c - the text of a file V1__a.sql.cflyway.conf */
#include "cflyway/migration/script_limits.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int value)
{
	if (value < SCRIPT_LIMIT_UNSET)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = {(const char *)data, size};
	struct script_limits limits;
	struct arena arena;

	arena_init(&arena);
	struct error err = ERROR_INIT(&arena);
	if (script_limits_parse(&arena, text, "a.sql.cflyway.conf", &limits, &err) == err.is_set)
		abort();
	if (!err.is_set) {
		check(limits.lock_timeout_ms);
		check(limits.statement_timeout_ms);
		check(limits.retries);
		check(limits.retry_pause_ms);
	}
	arena_release(&arena);
	return 0;
}
