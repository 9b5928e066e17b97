/* SPDX-License-Identifier: Apache-2.0 */
/* config_fixture.c - files, variables and arguments for tests of the configuration */
#include "suites.h"

#include "config_fixture.h"

#include "cflyway/config/option_value.h"

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

static bool find_verb(const char *name, struct verb *verb)
{
	*verb = (struct verb){.name = "info", .commands = {"info"}};
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
	ck_assert_msg(args_parse(arena, argc, argv, find_verb, invocation, &scratch->err), "%s",
	              scratch->err.message);
}

/* NULL for none. */
static const char *show_list(struct arena *arena, struct str_list value)
{
	return value.n == 0 ? NULL : arena_printf(arena, "[%s]", str_list_join(arena, &value, "|"));
}

static const char *show_map(struct arena *arena, struct pairs value)
{
	const char *text = NULL;

	for (size_t i = 0; i < value.n; i++)
		text = arena_printf(arena, "%s%s:%s", text == NULL ? "" : text, value.items[i].key,
		                    value.items[i].value);
	return text;
}

/* The value of each row of options.def as text, in their order; NULL for none. */
static const char **show_all(struct arena *arena, const struct settings *settings)
{
	const char **texts = arena_array(arena, OPTION_COUNT, sizeof(*texts));
	size_t i = 0;

#define SHOW_STRING(value) (value)
#define SHOW_PATH(value) (value)
#define SHOW_BOOL(value) ((value) ? "true" : "false")
#define SHOW_INT(value) arena_printf(arena, "%d", value)
#define SHOW_SIZE(value) arena_printf(arena, "%zu", value)
#define SHOW_DURATION(value) arena_printf(arena, "%d", value)
#define SHOW_ENUM(value) option_choice_text(&option_specs[i], (int)(value))
#define SHOW_LIST(value) show_list(arena, value)
#define SHOW_MAP(value) show_map(arena, value)
#define OPTION(type, field, ...)                                                                   \
	texts[i] = SHOW_##type(settings->field);                                                   \
	i++;
#include "cflyway/config/options.def"
#undef OPTION
	ck_assert_uint_eq(i, OPTION_COUNT);
	return texts;
}

/* The settings that are not as when nothing is given; locations only if they hold something. */
const char *config_show(struct scratch *scratch, const struct settings *settings)
{
	struct arena *arena = &scratch->arena;
	const char *text = settings->legacy ? "legacy" : "modern";
	struct settings nothing;
	struct pairs none;
	struct log silence = {0};

	pairs_init(&none, arena);
	ck_assert(settings_from_pairs(arena, &none, false, &silence, &nothing, &scratch->err));
	if (!settings->locations_configured)
		nothing.locations = settings->locations;
	const char **values = show_all(arena, settings), **defaults = show_all(arena, &nothing);
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (!str_same(values[i], defaults[i]))
			text = arena_printf(arena, "%s %s=%s", text, option_specs[i].key,
			                    values[i] == NULL ? "NULL" : values[i]);
	if (strcmp(settings->environment_name, "default") != 0)
		text = arena_printf(arena, "%s (%s)", text, settings->environment_name);
	return text;
}

void config_check(struct scratch *scratch, const struct config_case *test)
{
	struct environment environment;
	struct invocation invocation;
	struct settings settings;
	const char *got;

	config_fixture(scratch, test, &environment, &invocation);
	if (settings_load(&scratch->arena, &invocation, &environment, &scratch->log, &settings,
	                  &scratch->err) &&
	    settings_check_placeholders(&scratch->arena, &settings, &scratch->err))
		got = config_show(scratch, &settings);
	else
		got = arena_printf(&scratch->arena, "%s: %s",
		                   scratch->err.exit_status == EXIT_REFUSED ? "refused" : "error",
		                   scratch_error(scratch));
	got = arena_printf(&scratch->arena, "%s%s", scratch_lines(scratch), got);
	ck_assert_msg(strcmp(scratch_shorten(scratch, got), test->expected) == 0,
	              "%s:\n%s\ninstead of\n%s", test->name, scratch_shorten(scratch, got),
	              test->expected);
}
