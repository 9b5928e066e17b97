/* SPDX-License-Identifier: Apache-2.0 */
/* environ.c - read settings from environment variables */
#include "cflyway/config/environ.h"

#include "cflyway/base/attr.h"
#include "cflyway/config/option_nearest.h"
#include "cflyway/config/options.h"

/*
 * Variables that Flyway translates although it has no such parameter (the key is then unknown), and
 * variables whose key is not simply the lower-case name.
 */
static const struct {
	const char *variable, *key;
} special[] = {
	{"FLYWAY_CONFIGURATIONS", "configurations"},
	{"FLYWAY_JDBC_PROPERTIES_ACCESSTOKEN", "jdbcProperties.accessToken"},
};

/* Returns the key for a variable such as FLYWAY_OUT_OF_ORDER; NULL for other variables. */
static const char *key_of(struct arena *arena, struct str name, bool legacy)
{
	for (size_t i = 0; i < COUNT(special); i++)
		if (str_eq(name, str_of(special[i].variable)))
			return special[i].key;
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option_spec *spec = &option_specs[i];
		char buffer[OPTION_VARIABLE_SIZE];
		struct str variable = str_of(option_variable(spec, buffer));

		if (variable.len == 0 || spec->place == OPTION_COMMAND_LINE ||
		    !str_starts(name, variable))
			continue;
		/* FLYWAY_RESOLVERS has two keys; FLYWAY_TOKEN stays, as an unknown key. */
		if (spec->place == (legacy ? OPTION_MODERN : OPTION_LEGACY))
			continue;
		struct str rest = str_sub(name, variable.len, name.len);
		if (spec->type != OPTION_MAP && rest.len == 0)
			return spec->key;
		if (spec->type == OPTION_MAP && rest.len > 1 && rest.ptr[0] == '_')
			return arena_printf(arena, "%s.%s", spec->key,
			                    str_lower(arena, str_sub(rest, 1, rest.len)));
	}
	return NULL;
}

/* DIFFERS: Flyway ignores a misspelt variable in silence. */
static void log_nearest(struct arena *arena, struct str name, const struct log *log)
{
	struct nearest nearest = {.name = option_nearest_variable(arena, name)};

	if (nearest.name != NULL)
		log_cflyway(log, "%.*s is unknown and was ignored: %s", (int)name.len, name.ptr,
		            nearest_question(arena, &nearest));
}

static void set_old(struct str name, struct str value, bool legacy, const struct log *log,
                    struct pairs *pairs)
{
	const char *variable = str_dup(pairs->arena, name);
	const char *key = key_of(pairs->arena, name, legacy);

	if (str_starts(name, STR("FLYWAY_PLUGINS")))
		log_warn(
			log,
			"Deprecated property configured through environment variable: '%s'. Please see "
			"https://rd.gt/4hA3C7Y",
			variable);
	if (key != NULL)
		pairs_set(pairs, str_of(arena_printf(pairs->arena, "flyway.%s", key)), value,
		          variable);
	else
		log_nearest(pairs->arena, name, log);
}

/* Handles "flyway_postgresql_transactional_lock": "_" becomes a dot, letters stay as written. */
static void set_new(struct str name, struct str value, const struct log *log, struct pairs *pairs)
{
	const char *variable = str_dup(pairs->arena, name);
	const char *key = str_replace(pairs->arena, name, STR("_"), STR("."));
	const struct pair *older = pairs_find(pairs, key);

	if (older != NULL)
		log_warn(
			log,
			"Using both new Environment variable %s and old Environment variable %s. Please "
			"remove %s.",
			variable, older->origin, older->origin);
	pairs_set(pairs, str_of(key), value, variable);
}

void environ_read(const struct environment *environment, bool legacy, const struct log *log,
                  struct pairs *pairs)
{
	const char *text;

	for (size_t i = 0; (text = environment->at(environment->ctx, i)) != NULL; i++) {
		struct str value = str_of(text), name = str_cut(&value, '=');

		if (str_starts(name, STR("FLYWAY_")) || str_starts(name, STR("CFLYWAY_")))
			set_old(name, value, legacy, log, pairs);
	}
	for (size_t i = 0; !legacy && (text = environment->at(environment->ctx, i)) != NULL; i++) {
		struct str value = str_of(text), name = str_cut(&value, '=');

		if (str_starts(name, STR("flyway_")) || str_starts(name, STR("environments_")))
			set_new(name, value, log, pairs);
	}
}
