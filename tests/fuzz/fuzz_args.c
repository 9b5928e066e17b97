/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_args.c - one argument per line, and the settings that come of them in both modes */
#include "cflyway/config/args.h"
#include "cflyway/config/settings.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARGS_MAX = 64 };

static void check(bool holds)
{
	if (!holds)
		abort();
}

static bool find_verb(const char *name, struct verb *verb)
{
	*verb = (struct verb){.name = "info", .commands = {"info"}};
	return strcmp(name, "info") == 0;
}

static void load(struct arena *arena, const struct invocation *invocation, bool legacy)
{
	const struct log silence = {0};
	struct settings settings;
	struct error err;
	struct pairs pairs;

	error_init(&err, arena);
	pairs_init(&pairs, arena);
	for (size_t i = 0; i < invocation->options.n; i++) {
		const struct pair *pair = &invocation->options.items[i];
		pairs_set(&pairs, str_of(arena_printf(arena, "flyway.%s", pair->key)),
		          str_of(pair->value), pair->origin);
	}
	if (settings_from_pairs(arena, &pairs, legacy, &silence, &settings, &err))
		check(settings.table != NULL && settings.target != NULL && !err.is_set);
	else
		check(err.is_set && err.message[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = {(const char *)data, size};
	char *argv[ARGS_MAX + 1] = {0};
	int argc = 0;
	struct invocation invocation;
	struct arena arena;
	struct error err;

	arena_init(&arena);
	error_init(&err, &arena);
	argv[argc++] = arena_strdup(&arena, "cflyway");
	while (rest.len > 0 && argc < ARGS_MAX)
		argv[argc++] = str_dup(&arena, str_cut(&rest, '\n'));
	if (!args_parse(&arena, argc, argv, find_verb, &invocation, &err))
		check(err.is_set && err.message[0] != '\0');
	load(&arena, &invocation, true);
	load(&arena, &invocation, false);
	arena_release(&arena);
	return 0;
}
