/* SPDX-License-Identifier: Apache-2.0 */
/* pattern.c - parse and match type:state patterns such as "*:missing" (ignoreMigrationPatterns) */
#include "cflyway/migration/pattern.h"

#include "cflyway/base/nearest.h"

#include <string.h>

#define PATTERN_HELP                                                                               \
	"https://help.red-gate.com/help/flyway-cli12/help_4.aspx?topic=reference/configuration/"   \
	"flyway-namespace/flyway-ignore-migration-patterns-setting"

static const char *const type_names[] = {
	[PATTERN_ANY_TYPE] = "*",
	[PATTERN_REPEATABLE] = "repeatable",
	[PATTERN_VERSIONED] = "versioned",
};

static const char *const state_names[] = {
	[PATTERN_ANY_STATE] = "*",     [PATTERN_MISSING] = "missing", [PATTERN_PENDING] = "pending",
	[PATTERN_IGNORED] = "ignored", [PATTERN_FUTURE] = "future",
};

/* Returns the index of a name, ignoring case and blanks around it; n if there is none. */
static size_t find_name(const char *const *names, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq_nocase(str_of(names[i]), str_trim(name)))
			return i;
	return n;
}

/*
 * Splits at the only colon. Java drops empty parts at the end: "*:pending:" is a pattern, "*:" is
 * not, and ":pending" is a pattern with an empty type.
 */
static bool split(const char *text, struct str *type, struct str *state)
{
	struct str rest = str_of(text);

	while (str_ends(rest, STR(":")))
		rest.len--;
	*type = str_cut(&rest, ':');
	*state = rest;
	return state->ptr != NULL && str_find_char(*state, ':') == state->len;
}

static bool fail_type(struct str name, struct error *err)
{
	error_set(err, ERROR_GENERAL,
	          "Invalid migration type '%.*s'. Valid types are: [*, repeatable, versioned]",
	          (int)name.len, name.ptr);
	nearest_note_of(type_names, COUNT(type_names), name, err);
	return false;
}

static bool fail_state(struct str name, struct error *err)
{
	error_set(err, ERROR_GENERAL,
	          "Invalid migration state '%.*s'. Valid states are: [*, missing, pending, "
	          "ignored, future]",
	          (int)name.len, name.ptr);
	nearest_note_of(state_names, COUNT(state_names), name, err);
	return false;
}

static bool pattern_parse(const char *text, struct migration_pattern *pattern, struct error *err)
{
	struct str type_name, state_name;

	if (!split(text, &type_name, &state_name))
		return error_set(err, ERROR_GENERAL,
		                 "Invalid pattern '%s'. Pattern must be of the form "
		                 "<migration_type>:<migration_state> See " PATTERN_HELP
		                 " for full details",
		                 text);
	size_t type = find_name(type_names, COUNT(type_names), type_name);
	if (type == COUNT(type_names))
		return fail_type(type_name, err);
	size_t state = find_name(state_names, COUNT(state_names), state_name);
	if (state == COUNT(state_names))
		return fail_state(state_name, err);
	pattern->type = (enum pattern_type)type;
	pattern->state = (enum pattern_state)state;
	return true;
}

bool pattern_list_parse(struct arena *arena, const struct str_list *texts,
                        struct pattern_list *list, struct error *err)
{
	*list = (struct pattern_list){0};
	if (texts->n == 1 && texts->items[0][0] == '\0')
		return true;
	list->items = arena_array(arena, texts->n, sizeof(list->items[0]));
	for (; list->n < texts->n; list->n++)
		if (!pattern_parse(texts->items[list->n], &list->items[list->n], err))
			return false;
	return true;
}

struct pattern_list pattern_list_with(struct arena *arena, const struct pattern_list *list,
                                      enum pattern_type type, enum pattern_state state)
{
	struct pattern_list longer = {
		.items = arena_array(arena, list->n + 1, sizeof(longer.items[0])),
		.n = list->n + 1,
	};

	for (size_t i = 0; i < list->n; i++)
		longer.items[i] = list->items[i];
	longer.items[list->n] = (struct migration_pattern){.type = type, .state = state};
	return longer;
}

static bool type_fits(enum pattern_type type, bool is_versioned)
{
	return type == PATTERN_ANY_TYPE || (type == PATTERN_VERSIONED) == is_versioned;
}

bool pattern_list_matches(const struct pattern_list *list, bool is_versioned,
                          enum pattern_state state)
{
	for (size_t i = 0; i < list->n; i++) {
		enum pattern_state wanted = list->items[i].state;

		if (type_fits(list->items[i].type, is_versioned) &&
		    (wanted == PATTERN_ANY_STATE || wanted == state))
			return true;
	}
	return false;
}

static bool names_state(const struct pattern_list *list, bool is_versioned,
                        enum pattern_state state)
{
	for (size_t i = 0; i < list->n; i++)
		if (type_fits(list->items[i].type, is_versioned) && list->items[i].state == state)
			return true;
	return false;
}

bool pattern_list_ignores(const struct pattern_list *list, enum pattern_state state)
{
	return names_state(list, true, state) && names_state(list, false, state);
}
