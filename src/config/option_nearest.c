/* SPDX-License-Identifier: Apache-2.0 */
/* option_nearest.c - finds the option, variable or word that a misspelt one probably means */
#include "cflyway/config/option_nearest.h"

#include "cflyway/base/attr.h"

#include <stdint.h>
#include <string.h>

#define FLYWAY "flyway."
#define OWN "cflyway."

void option_consider(const struct option_spec *spec, struct nearest *nearest)
{
	const char *last = strrchr(spec->key, '.');

	nearest_consider(nearest, str_of(spec->key), spec->key);
	if (last != NULL)
		nearest_consider(nearest, str_of(last + 1), spec->key);
}

/* --- keys ---------------------------------------------------------------------------------- */

/* How a key is written: an option of ours has its own section, others exist only as arguments. */
static const char *written(struct arena *arena, const char *prefix, const char *key, bool legacy)
{
	const struct option_spec *spec = option_find(key);

	if (spec != NULL && spec->place == OPTION_COMMAND_LINE)
		return arena_printf(arena, "-%s", key);
	if (strcmp(prefix, FLYWAY) != 0)
		return arena_printf(arena, "%s%s", prefix, key);
	/* In modern mode it depends on the source what is in front. */
	if (str_starts(str_of(key), STR(OWN)) ||
	    (!legacy && spec != NULL && spec->place == OPTION_CONNECTION))
		return key;
	return arena_printf(arena, FLYWAY "%s", key);
}

static bool is_meant(const struct option_spec *spec, bool overrides, bool legacy)
{
	if (overrides)
		return option_is_overridable(spec);
	return spec->place == OPTION_COMMAND_LINE || option_is_allowed(spec, legacy);
}

/* "placeholdrs.x" is nearly placeholders.x. */
static const char *nearest_item(struct arena *arena, const char *key, bool overrides, bool legacy)
{
	struct str item = str_of(key);
	struct nearest nearest;

	nearest_init(&nearest, str_cut(&item, '.'));
	for (size_t i = 0; i < OPTION_COUNT && item.len > 0; i++)
		if (option_specs[i].type == OPTION_MAP &&
		    is_meant(&option_specs[i], overrides, legacy))
			nearest_consider(&nearest, str_of(option_specs[i].key),
			                 option_specs[i].key);
	return nearest.name != NULL ? arena_printf(arena, "%s.%s", nearest.name, item.ptr) : NULL;
}

const char *option_nearest_key(struct arena *arena, const char *prefix, const char *key,
                               bool legacy)
{
	const char *word = key + (key[0] == '-');
	const struct option_spec *spec = option_find(word);
	const bool overrides = strcmp(prefix, FLYWAY) != 0;
	const char *item = nearest_item(arena, word, overrides, legacy);
	struct nearest nearest;

	/* The spelling is right, and only the place is wrong. */
	if (spec != NULL && spec->place == OPTION_CONNECTION && !legacy)
		return arena_printf(arena, "environments.default.%s", word);
	if (spec != NULL && !is_meant(spec, overrides, legacy))
		return NULL;
	if (item != NULL)
		return written(arena, prefix, item, legacy);
	nearest_init(&nearest, str_of(word));
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (is_meant(&option_specs[i], overrides, legacy))
			option_consider(&option_specs[i], &nearest);
	/* A map without the name of an item is near to itself. */
	if (nearest.name == NULL || (spec == NULL && strcmp(nearest.name, word) == 0))
		return NULL;
	return written(arena, prefix, nearest.name, legacy);
}

const char *option_nearest_connection(struct arena *arena, const char *prefix, const char *key)
{
	struct nearest nearest;
	struct str item = str_of(key);
	struct str head = str_cut(&item, '.');

	nearest_init(&nearest, head);
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (option_specs[i].place == OPTION_CONNECTION &&
		    (option_specs[i].type == OPTION_MAP) == (item.len > 0))
			nearest_consider(&nearest, str_of(option_specs[i].key),
			                 option_specs[i].key);
	if (nearest.name != NULL)
		return arena_printf(arena, "%s%s%s%s", prefix, nearest.name,
		                    item.len > 0 ? "." : "", item.len > 0 ? item.ptr : "");
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (option_is_overridable(&option_specs[i]) &&
		    str_eq(head, str_of(option_specs[i].key)))
			return arena_printf(arena, "%s" FLYWAY "%s", prefix, key);
	return NULL;
}

/* --- variables ----------------------------------------------------------------------------- */

/*
 * The part of a variable that tells it from others: "LOCATIONS". False: it has another prefix.
 * prefix becomes the right one: options of ours have no FLYWAY_ in front.
 */
static bool cut_prefix(struct str *name, struct str *prefix)
{
	static const struct {
		struct str written, right;
	} prefixes[] = {
		{STR("FLYWAY_CFLYWAY_"), STR("CFLYWAY_")},
		{STR("FLYWAY_"), STR("FLYWAY_")},
		{STR("CFLYWAY_"), STR("CFLYWAY_")},
	};

	for (size_t i = 0; i < COUNT(prefixes); i++) {
		if (!str_starts(*name, prefixes[i].written))
			continue;
		*prefix = prefixes[i].right;
		*name = str_sub(*name, prefixes[i].written.len, name->len);
		return true;
	}
	return false;
}

/* The beginning of "PLACEHOLDER_X" that has as many words as map has: "PLACEHOLDER". */
static struct str first_words(struct str name, struct str map)
{
	struct str rest = name;

	for (; map.ptr != NULL && rest.ptr != NULL; str_cut(&map, '_'))
		str_cut(&rest, '_');
	return rest.len > 0 ? str_sub(name, 0, (size_t)(rest.ptr - name.ptr) - 1) : name;
}

/* An option whose variable is near, and the rest of the wrong name: the item of a map. */
struct near_variable {
	const struct option_spec *spec; /* NULL: there is none */
	size_t distance;                /* another one must be closer */
	struct str item;
};

static void consider_variable(const struct option_spec *spec, struct str wrong, struct str known,
                              struct near_variable *best)
{
	struct str head = spec->type == OPTION_MAP ? first_words(wrong, known) : wrong;
	struct nearest nearest;

	if (spec->type == OPTION_MAP && head.len == wrong.len)
		return;
	nearest_init(&nearest, head);
	nearest_consider(&nearest, known, spec->key);
	if (nearest.name == NULL || nearest.distance >= best->distance)
		return;
	*best = (struct near_variable){spec, nearest.distance, str_sub(wrong, head.len, wrong.len)};
}

const char *option_nearest_variable(struct arena *arena, struct str name)
{
	struct near_variable best = {.distance = SIZE_MAX};
	char buffer[OPTION_VARIABLE_SIZE];
	struct str wrong = name, prefix;

	if (!cut_prefix(&wrong, &prefix))
		return NULL;
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		struct str known = str_of(option_variable(&option_specs[i], buffer)), same;

		if (str_eq(known, name))
			return NULL;
		if (cut_prefix(&known, &same) && str_eq(same, prefix))
			consider_variable(&option_specs[i], wrong, known, &best);
	}
	if (best.spec == NULL)
		return NULL;
	return arena_printf(arena, "%s%.*s", option_variable(best.spec, buffer), (int)best.item.len,
	                    best.item.ptr);
}

/* --- words --------------------------------------------------------------------------------- */

void option_consider_choices(const struct option_spec *spec, struct nearest *nearest)
{
	for (const struct option_choice *choice = spec->choices; choice->text != NULL; choice++)
		nearest_consider(nearest, str_of(choice->text), choice->text);
}

void option_note_choice(const struct option_spec *spec, const char *word, struct error *err)
{
	struct nearest nearest;

	nearest_init(&nearest, str_of(word));
	option_consider_choices(spec, &nearest);
	nearest_note(&nearest, err);
}
