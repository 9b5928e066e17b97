/* config_fixture.c - files, variables and arguments for tests of the configuration */
#include "suites.h"

#include "config_fixture.h"

static const char *at(const void *ctx, size_t i)
{
	const struct str_list *variables = ctx;

	return i < variables->n ? variables->items[i] : NULL;
}

static const char *get(const void *ctx, const char *name)
{
	const struct str_list *variables = ctx;
	size_t len = strlen(name);

	for (size_t i = 0; i < variables->n; i++)
		if (strncmp(variables->items[i], name, len) == 0 && variables->items[i][len] == '=')
			return variables->items[i] + len + 1;
	return NULL;
}

static bool is_verb(const char *name)
{
	return strcmp(name, "info") == 0;
}

void config_fixture(struct scratch *scratch, const struct config_case *test,
                    struct environment *environment, struct invocation *invocation)
{
	struct arena *arena = &scratch->arena;
	struct str_list *variables = arena_alloc(arena, sizeof(*variables));
	char *argv[FIXTURE_MAX + 2] = {arena_strdup(arena, "cflyway")};
	int argc = 1;

	for (size_t i = 0; i < FIXTURE_MAX && test->files[i].path != NULL; i++)
		scratch_write(test->files[i].path, test->files[i].text);
	str_list_add(arena, variables, arena_printf(arena, "HOME=%s/home", scratch->root));
	str_list_add(arena, variables, arena_printf(arena, "CFLYWAY_HOME=%s/inst", scratch->root));
	for (size_t i = 0; i < FIXTURE_MAX && test->variables[i] != NULL; i++)
		str_list_add(arena, variables, test->variables[i]);
	for (size_t i = 0; i < FIXTURE_MAX && test->arguments[i] != NULL; i++)
		argv[argc++] = arena_strdup(arena, test->arguments[i]);
	argv[argc++] = arena_strdup(arena, "info");
	*environment = (struct environment){.get = get, .at = at, .ctx = variables};
	ck_assert_msg(args_parse(arena, argc, argv, is_verb, invocation, &scratch->err), "%s",
	              scratch->err.message);
}
