/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_targets.c - any text is a list of targets, or has a fault in a line that exists */
#include "cflyway/config/targets.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_target(const struct targets *targets, size_t i)
{
	const struct target *target = &targets->items[i];

	check(target->name[0] != '\0' && target->line > 0);
	size_t keys = 0;

	for (size_t key = 0; key < TARGET_KEY_COUNT; key++)
		keys += target->values[key] != NULL;
	check(keys > 0);
	for (size_t j = 0; j < target->after.n; j++) {
		size_t k = 0;

		while (k < i && strcmp(targets->items[k].name, target->after.items[j]) != 0)
			k++;
		check(k < i);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = {(const char *)data, size};
	struct targets targets;
	struct arena arena;

	arena_init(&arena);
	struct error err = ERROR_INIT(&arena);
	if (targets_parse(&arena, text, "x.ini", &targets, &err)) {
		check(targets.n > 0);
		for (size_t i = 0; i < targets.n; i++)
			check_target(&targets, i);
	} else {
		check(err.is_set && strstr(err.message, "x.ini, line ") != NULL);
	}
	arena_release(&arena);
	return 0;
}
