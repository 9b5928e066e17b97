/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_error_overrides.c - the list of errorOverrides */
#include "cflyway/config/error_overrides.h"
#include "cflyway/config/option_value.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error_overrides overrides;
	struct arena arena;

	arena_init(&arena);
	struct error err = ERROR_INIT(&arena);
	const char *text = str_dup(&arena, (struct str){(const char *)data, size});
	struct str_list list = option_parse_list(&arena, text);

	if (error_overrides_parse(&arena, &list, &overrides, &err) == err.is_set)
		abort();
	const struct error_override *rule = error_overrides_find(&overrides, "42P01", 0);
	if (rule != NULL && error_override_line(rule, &arena, NULL, 0, text) == NULL)
		abort();
	arena_release(&arena);
	return 0;
}
