/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_service.c - any text is a service file */
#include "cflyway/db/service.h"

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
	struct arena arena;
	struct pairs properties;
	size_t line;

	arena_init(&arena);
	pairs_init(&properties, &arena);
	enum service_result result =
		service_parse((struct str){(const char *)data, size}, "s", &properties, &line);

	check(line <= size);
	check(result != SERVICE_BAD_LINE || line > 1);
	check(result != SERVICE_MISSING || properties.n == 0);
	for (size_t i = 0; i < properties.n; i++)
		check(properties.items[i].value[0] != '\0');

	const char *name = str_dup(&arena, (struct str){(const char *)data, size});
	const char *path = service_path(&arena, name);

	check(path == NULL || strlen(path) <= strlen(name));
	arena_release(&arena);
	return 0;
}
