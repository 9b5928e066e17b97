/* SPDX-License-Identifier: Apache-2.0 */
/* scenario_file.c - reads and writes the scenarios of a command */
#include "scenario.h"

#include "cflyway/base/fs.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

/* --- the file ------------------------------------------------------------------------------ */

/* Tests do not run yet. */
NORETURN static void give_up(const struct scenarios *scenarios, const char *what, struct str line)
{
	fprintf(stderr, "%s: %s: \"%.*s\"\n", scenarios->path, what, (int)line.len, line.ptr);
	exit(EXIT_FAILURE);
}

/* "file V1__a.sql: select 1;" goes to the list of its first word. */
static void take_line(struct scenarios *scenarios, struct scenario *scenario, struct str line)
{
	struct {
		struct str word;
		struct str_list *list;
	} const lists[] = {
		{STR("file"), &scenario->files},         {STR("option"), &scenario->options},
		{STR("database"), &scenario->database},  {STR("fault"), &scenario->faults},
		{STR("reaction"), &scenario->reactions}, {STR("show"), &scenario->shows},
	};
	struct str rest = line;
	struct str word = str_cut(&rest, ' ');

	for (size_t i = 0; i < COUNT(lists); i++) {
		if (!str_eq(word, lists[i].word))
			continue;
		str_list_add(&scenarios->arena, lists[i].list, str_dup(&scenarios->arena, rest));
		return;
	}
	give_up(scenarios, "what is this line?", line);
}

/* All up to the next line that begins with "== ", or the end. */
static struct str cut_expected(struct str *rest)
{
	struct str expected = *rest;
	size_t end = str_starts(*rest, STR("== ")) ? 0 : str_find(*rest, STR("\n== ")) + 1;

	if (end > rest->len)
		end = rest->len;
	*rest = str_sub(*rest, end, rest->len);
	return str_sub(expected, 0, end);
}

static void take_scenario(struct scenarios *scenarios, struct str *rest)
{
	struct arena *arena = &scenarios->arena;
	struct str name = str_cut(rest, '\n');
	struct scenario scenario = {.name = str_dup(arena, str_sub(name, 3, name.len))};

	if (!str_starts(name, STR("== ")))
		give_up(scenarios, "no scenario begins so", name);
	for (;;) {
		struct str line = str_cut(rest, '\n');

		if (rest->ptr == NULL)
			give_up(scenarios, "the last scenario has no --", line);
		if (str_eq(line, STR("--")))
			break;
		take_line(scenarios, &scenario, line);
	}
	scenario.expected = str_dup(arena, cut_expected(rest));
	scenarios->items =
		arena_grow(arena, scenarios->items, scenarios->n, sizeof(*scenarios->items));
	scenarios->items[scenarios->n++] = scenario;
}

void scenarios_load(struct scenarios *scenarios, const char *name)
{
	struct error err = ERROR_INIT(&scenarios->arena);
	struct buf text = BUF_EMPTY(1 << 20);
	struct str rest;

	arena_init(&scenarios->arena);
	scenarios->path = arena_printf(&scenarios->arena, "tests/golden/commands/%s.txt", name);
	if (!fs_read_all(scenarios->path, &text, &err))
		give_up(scenarios, err.message, STR(""));
	rest = buf_str(&text);
	while (rest.len > 0)
		take_scenario(scenarios, &rest);
	buf_release(&text);
}

const struct scenario *scenario_find(const struct scenarios *scenarios, const char *name)
{
	for (size_t i = 0; i < scenarios->n; i++)
		if (strcmp(scenarios->items[i].name, name) == 0)
			return &scenarios->items[i];
	ck_abort_msg("%s: there is no \"%s\"", scenarios->path, name);
	return NULL;
}

/* --- recording ----------------------------------------------------------------------------- */

static void put_lines(FILE *file, const char *word, const struct str_list *lines)
{
	for (size_t i = 0; i < lines->n; i++)
		fprintf(file, "%s %s\n", word, lines->items[i]);
}

void scenario_record(const struct scenarios *scenarios, const struct scenario *scenario, int folder,
                     const char *text)
{
	struct arena arena = ARENA_EMPTY;
	bool is_first = scenario == scenarios->items;
	const char *path = arena_printf(&arena, "%s.new", scenarios->path);
	int descriptor =
		openat(folder, path, O_WRONLY | O_CREAT | (is_first ? O_TRUNC : O_APPEND), 0644);
	FILE *file = fdopen(descriptor, "a");

	ck_assert_ptr_nonnull(file);
	fprintf(file, "== %s\n", scenario->name);
	put_lines(file, "file", &scenario->files);
	put_lines(file, "option", &scenario->options);
	put_lines(file, "database", &scenario->database);
	put_lines(file, "reaction", &scenario->reactions);
	put_lines(file, "fault", &scenario->faults);
	put_lines(file, "show", &scenario->shows);
	fprintf(file, "--\n%s", text);
	ck_assert_int_eq(fclose(file), 0);
	arena_release(&arena);
}
