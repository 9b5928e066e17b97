/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_command_line.c - command lines of cflyway.executor, with values that look like more words */
#include "cflyway/base/command_line.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static const char *value_of(const void *ctx, const char *name)
{
	check(name[0] != '\0' && strchr(name, '}') == NULL);
	return ctx;
}

/* The words, each quoted so that it means itself. */
static const char *quote(struct arena *arena, const struct str_list *words)
{
	struct str_list quoted = {0};

	for (size_t i = 0; i < words->n; i++) {
		const char *inner =
			str_replace(arena, str_of(words->items[i]), STR("'"), STR("'\\''"));

		str_list_add(arena, &quoted, arena_printf(arena, "'%s'", inner));
	}
	return str_list_join(arena, &quoted, " ");
}

static void check_words(struct arena *arena, const struct command_line *line)
{
	const char *value = "a 'b' \"c\" ${d} {} \\ <";
	size_t appended = !line->has_script && !line->reads_input;
	struct str_list words = {0}, again = {0}, missing = {0};
	struct command_line quoted;

	check(command_line_expand(arena, line, "/s q", value_of, value, &words, &missing));
	check(words.n == line->n + appended && missing.n == 0);
	check(command_line_parse(arena, quote(arena, &words), &quoted) == NULL);
	check(!quoted.has_script && !quoted.reads_input && quoted.n == words.n);
	check(command_line_expand(arena, &quoted, "end", value_of, NULL, &again, &missing));
	for (size_t i = 0; i < words.n; i++)
		check(strcmp(words.items[i], again.items[i]) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct command_line line;
	struct arena arena;

	arena_init(&arena);
	const char *text = arena_strndup(&arena, (const char *)data, size);
	if (command_line_parse(&arena, text, &line) == NULL) {
		check(line.n > 0);
		check_words(&arena, &line);
		check(command_line_show(&arena, &line, "/s")[0] != '\0');
	}
	arena_release(&arena);
	return 0;
}
