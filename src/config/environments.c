/* SPDX-License-Identifier: Apache-2.0 */
/* environments.c - apply the current [environments.NAME], which overrides [flyway] */
#include "cflyway/config/environments.h"

#include "cflyway/config/option_nearest.h"
#include "cflyway/config/options.h"
#include "cflyway/config/toml.h"

#include <stdlib.h>

#define FLYWAY "flyway."

static bool is_connection_key(const char *key)
{
	const struct option_spec *spec = option_find(key);

	return spec != NULL && spec->place == OPTION_CONNECTION;
}

/* Returns the part of "environments.NAME.x" after the name; NULL for keys of other names. */
static const char *key_in(const char *key, const char *name)
{
	struct str rest = str_of(key);

	if (!str_eq(str_cut(&rest, '.'), STR("environments")) || rest.ptr == NULL)
		return NULL;
	/* A dot that is part of an environment's name does not separate names. */
	struct str part = str_cut(&rest, '.');
	if (part.len != strlen(name))
		return NULL;
	for (size_t i = 0; i < part.len; i++)
		if (part.ptr[i] != name[i] && !(part.ptr[i] == TOML_DOT[0] && name[i] == '.'))
			return NULL;
	return rest.ptr == NULL ? "" : rest.ptr;
}

/*
 * An argument wins over the same setting from anywhere. A setting in a file or a variable does not
 * win over -url and FLYWAY_URL.
 */
static void take_connection(const struct pair *pair, const char *name, struct pairs *effective)
{
	const char *key = arena_printf(effective->arena, FLYWAY "%s", name);

	if (pair->origin[0] == '-' || pairs_find(effective, key) == NULL)
		pairs_copy(effective, key, pair);
}

/* The placeholders table of an environment replaces that of [flyway]; they are not merged. */
static void drop_map(struct pairs *pairs, const char *map)
{
	pairs_remove(pairs, str_of(arena_printf(pairs->arena, FLYWAY "%s.", map)));
}

static void take_override(const struct pair *pair, const char *name, struct pairs *effective,
                          struct str_list *replaced_maps)
{
	const struct option_spec *spec = option_find(name);

	/* An option of the run is accepted as an argument, but has no effect. */
	if (spec != NULL && pair->origin[0] == '-' && !option_is_overridable(spec) &&
	    (spec->place == OPTION_ANYWHERE || spec->place == OPTION_MODERN))
		return;
	if (spec == NULL || !option_is_overridable(spec)) {
		pairs_copy(effective, pair->key, pair);
		return;
	}
	if (spec->type == OPTION_MAP && !str_list_has(replaced_maps, spec->key)) {
		str_list_add(effective->arena, replaced_maps, spec->key);
		drop_map(effective, spec->key);
	}
	pairs_copy(effective, arena_printf(effective->arena, FLYWAY "%s", name), pair);
}

/* Takes resolvers.NAME, or resolvers.NAME.x from an argument or a variable. */
static bool take_resolver(const struct pair *pair, const char *name,
                          struct environment_facts *facts, struct arena *arena, struct error *err)
{
	struct str rest = str_of(name), resolver;

	str_cut(&rest, '.');
	resolver = str_cut(&rest, '.');
	if (rest.ptr == NULL && pair->value[0] != '\0')
		return error_set(err, ERROR_GENERAL,
		                 "Invalid resolver configuration for environment %s: %s",
		                 facts->name, name);
	if (resolver.len > 0 && facts->resolver == NULL)
		facts->resolver = str_dup(arena, resolver);
	return true;
}

static bool take(const struct pair *pair, struct pairs *effective, struct environment_facts *facts,
                 struct str_list *replaced_maps, struct error *err)
{
	const char *key = key_in(pair->key, facts->name);

	if (key == NULL)
		return true;
	facts->exists = true;
	if (is_connection_key(key))
		take_connection(pair, key, effective);
	else if (str_starts(str_of(key), STR(FLYWAY)))
		take_override(pair, key + strlen(FLYWAY), effective, replaced_maps);
	else if (str_starts(str_of(key), STR("resolvers.")))
		return take_resolver(pair, key, facts, effective->arena, err);
	else if (strcmp(key, "provisioner") == 0)
		facts->provisioner = pair->value;
	return true;
}

/* Is it a variable such as environments_NAME=x? An environment is not a value. */
static bool is_bare_environment(const struct pair *pair)
{
	struct str rest = str_of(pair->key);

	return str_eq(str_cut(&rest, '.'), STR("environments")) && rest.ptr != NULL &&
	       str_find_char(rest, '.') == rest.len && pair->value[0] != '\0';
}

bool environments_apply(const struct pairs *all, struct pairs *effective,
                        struct environment_facts *facts, struct error *err)
{
	const struct pair *chosen = pairs_find(all, FLYWAY "environment");
	struct str_list replaced_maps = {0};

	*facts = (struct environment_facts){.name = "default"};
	if (chosen != NULL && chosen->value[0] != '\0')
		facts->name = chosen->value;
	facts->exists = strcmp(facts->name, "default") == 0;
	for (size_t i = 0; i < all->n; i++) {
		const struct pair *pair = &all->items[i];

		if (is_bare_environment(pair))
			return error_set(err, ERROR_CONFIGURATION,
			                 "Invalid value for %s (should be a table): %s", pair->key,
			                 pair->value);
		if (!str_starts(str_of(pair->key), STR(FLYWAY)))
			continue;
		pairs_copy(effective, pair->key, pair);
		/* -url= creates the environment, even if no file has it. */
		if (is_connection_key(pair->key + strlen(FLYWAY)))
			facts->exists = true;
	}
	for (size_t i = 0; i < all->n; i++)
		if (!take(&all->items[i], effective, facts, &replaced_maps, err))
			return false;
	return true;
}

static bool fail_provision_mode(const struct settings *settings, struct error *err)
{
	error_set(err, ERROR_GENERAL, "Unknown provisioner mode: %s",
	          settings->provision_mode_text);
	option_note_choice(&option_specs[ROW_provision_mode], settings->provision_mode_text, err);
	return false;
}

bool environments_check(struct arena *arena, const struct environment_facts *facts,
                        const struct settings *settings, const struct resolvers *resolvers,
                        struct error *err)
{
	const char *provisioner = facts->provisioner;

	if (settings->provision_mode == PROVISION_MODE_REPROVISION)
		return error_set(err, ERROR_GENERAL,
		                 "Reprovisioning is not supported for `%s` environment",
		                 facts->name);
	if (settings->provision_mode == PROVISION_MODE_UNKNOWN)
		return fail_provision_mode(settings, err);
	if (facts->resolver != NULL)
		return error_set(err, ERROR_GENERAL, "Unable to find resolver: %s",
		                 facts->resolver);
	if (facts->provisioner == NULL)
		return true;
	/* References are resolved, but the search still uses the name as written. */
	if (!resolvers_apply(arena, resolvers, "provisioner", &provisioner, err))
		return false;
	return strcmp(facts->provisioner, "none") == 0 ||
	       error_set(err, ERROR_CONFIGURATION, "Unknown provisioner '%s' for environment %s",
	                 facts->provisioner, facts->name);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct str_list environments_names(struct arena *arena, const struct pairs *pairs)
{
	struct str_list names = {0};

	for (size_t i = 0; i < pairs->n; i++) {
		struct str rest = str_of(pairs->items[i].key);

		if (!str_eq(str_cut(&rest, '.'), STR("environments")) || rest.ptr == NULL)
			continue;
		const char *name = str_replace(arena, str_cut(&rest, '.'), STR(TOML_DOT), STR("."));
		if (name[0] != '\0' && !str_list_has(&names, name))
			str_list_add(arena, &names, name);
	}
	if (names.n > 0)
		qsort(names.items, names.n, sizeof(names.items[0]), compare_names);
	return names;
}
