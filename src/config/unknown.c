/* SPDX-License-Identifier: Apache-2.0 */
/* unknown.c - report unknown keys, with Flyway's proposals */
#include "cflyway/config/unknown.h"

#include "cflyway/base/attr.h"
#include "cflyway/base/nearest.h"
#include "cflyway/config/option_nearest.h"
#include "cflyway/config/options.h"
#include "cflyway/config/toml_file.h"

/* Former keys of Flyway; replacement is NULL if there is none. */
static const struct {
	const char *key, *replacement;
} former[] = {
	{"plugins.clean", "sqlserver.clean"},
	{"plugins.vault", "vault"},
	{"plugins.dapr", "dapr"},
	{"plugins.gcsm", "gcsm"},
	{"cleanOnValidationError", NULL},
	{"check.minorTolerance", NULL},
	{"check.majorTolerance", NULL},
	{"check.minorRules", NULL},
	{"check.majorRules", NULL},
};

static bool legacy_text(struct arena *arena, const struct str_list *keys, struct error *err)
{
	return error_set(
		err, ERROR_CONFIGURATION,
		"Unknown configuration propert%s: flyway.%s. Please check your conf files or "
		"commandline parameters",
		keys->n == 1 ? "y" : "ies", str_list_join(arena, keys, ",flyway."));
}

/* The modern manager sees sections, and names at most two parts: "a.b" for "a.b.c". */
static const char *first_parts(struct arena *arena, const char *key)
{
	struct str rest = str_of(key);

	str_cut(&rest, '.');
	str_cut(&rest, '.');
	return rest.ptr == NULL ? key : arena_strndup(arena, key, (size_t)(rest.ptr - key) - 1);
}

static bool is_former(const char *key)
{
	for (size_t i = 0; i < COUNT(former); i++)
		if (strcmp(former[i].key, key) == 0)
			return true;
	return false;
}

/* prefix is "flyway." or the prefix of an environment. */
static const char *modern_line(struct arena *arena, const char *prefix, const char *key)
{
	for (size_t i = 0; i < COUNT(former); i++) {
		if (strcmp(former[i].key, key) != 0)
			continue;
		if (former[i].replacement == NULL)
			return arena_printf(arena,
			                    "\tRemoved: '%s%s' has been removed and is no longer "
			                    "supported.\n",
			                    prefix, key);
		return arena_printf(arena,
		                    "\tDeprecated: '%s%s' has been replaced by 'flyway.%s'.\n",
		                    prefix, key, former[i].replacement);
	}
	struct str_list suggestions = option_suggest(arena, prefix, key);
	const char *shown = toml_plain_key(arena, key);
	if (suggestions.n == 0)
		return arena_printf(arena,
		                    "\tUnknown: '%s%s'. Check the parameter spelling and ensure "
		                    "Flyway is up to date.\n",
		                    prefix, shown);
	return arena_printf(arena, "\tUnknown: '%s%s'. Possible values: %s?\n", prefix, shown,
	                    str_list_join(arena, &suggestions, ", "));
}

/* Is it "placeholders=x" without a name? Flyway fails with the name of a Java exception. */
static bool is_bare_map(const char *key)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		struct str name = str_of(option_specs[i].key), rest = str_of(key);
		if (option_specs[i].type == OPTION_MAP &&
		    option_specs[i].place != OPTION_CONNECTION && str_starts(rest, name) &&
		    (rest.len == name.len || str_eq(str_sub(rest, name.len, rest.len), STR("."))))
			return true;
	}
	return false;
}

/* Removes "environments.NAME.flyway." from the key; without it the prefix is "flyway.". */
static const char *cut_prefix(struct arena *arena, const char **key)
{
	struct str rest = str_of(*key);
	bool is_override = str_eq(str_cut(&rest, '.'), STR("environments")) &&
	                   str_cut(&rest, '.').len > 0 &&
	                   str_eq(str_cut(&rest, '.'), STR("flyway")) && rest.ptr != NULL;

	if (!is_override)
		return "flyway.";
	const char *prefix = arena_strndup(arena, *key, (size_t)(rest.ptr - *key));
	*key = rest.ptr;
	return toml_plain_key(arena, prefix);
}

/* Has Flyway said what to write, this name or the new one of a former key? */
static bool is_answered(struct arena *arena, const char *prefix, const char *key, bool legacy,
                        const char *name)
{
	const char *parts = first_parts(arena, key);

	if (legacy || is_former(parts))
		return !legacy;
	struct str_list proposals = option_suggest(arena, prefix, parts);
	return str_list_has(&proposals, name);
}

/* Adds a note for each key that is nearly one of ours, unless Flyway has proposed it. */
static void note_nearest(struct arena *arena, const struct str_list *keys, bool legacy,
                         struct error *err)
{
	for (size_t i = 0; i < keys->n; i++) {
		const char *key = keys->items[i];
		const char *prefix = cut_prefix(arena, &key);
		const char *name = option_nearest_key(arena, prefix, key, legacy);
		struct nearest nearest = {.name = name};

		if (name == NULL || is_answered(arena, prefix, key, legacy, name))
			continue;
		if (keys->n == 1)
			nearest_note(&nearest, err);
		else
			error_explain(err, NOTE_NEXT, "%s%s: %s", prefix,
			              toml_plain_key(arena, key),
			              nearest_question(arena, &nearest));
	}
}

static bool report_keys(struct arena *arena, const struct str_list *keys, bool legacy,
                        const char *missing_environment, struct error *err)
{
	struct str_list lines = {0};
	bool all_former = true;

	if (legacy)
		return legacy_text(arena, keys, err);
	for (size_t i = 0; i < keys->n; i++) {
		const char *key = keys->items[i];
		const char *prefix = cut_prefix(arena, &key);
		const char *parts = first_parts(arena, key);
		const char *line = modern_line(arena, prefix, parts);

		if (is_bare_map(key))
			return error_set(err, ERROR_CONFIGURATION,
			                 "Invalid value for %s%s (should be given with a name, "
			                 "as in flyway.placeholders.x=1)",
			                 prefix, key);
		all_former = all_former && is_former(parts);
		if (!str_list_has(&lines, line))
			str_list_add(arena, &lines, line);
	}
	if (missing_environment != NULL)
		str_list_add(arena, &lines,
		             arena_printf(arena,
		                          "Environment '%s' not found. Check that this environment "
		                          "exists in your configuration.\n",
		                          missing_environment));
	all_former = all_former && missing_environment == NULL;
	return error_set(err, all_former ? ERROR_CONFIGURATION_RECOVERABLE : ERROR_CONFIGURATION,
	                 "Failed to configure parameters:\n%s", str_list_join(arena, &lines, ""));
}

bool unknown_keys(struct arena *arena, const struct str_list *keys, bool legacy,
                  const char *missing_environment, struct error *err)
{
	report_keys(arena, keys, legacy, missing_environment, err);
	note_nearest(arena, keys, legacy, err);
	return false;
}

void unknown_key_log(struct arena *arena, const char *key, const struct log *log)
{
	const char *prefix = cut_prefix(arena, &key);
	struct nearest nearest = {.name = option_nearest_key(arena, prefix, key, false)};

	log_cflyway(log, "%s%s is unknown and was ignored%s%s", prefix, toml_plain_key(arena, key),
	            nearest.name != NULL ? ": " : "",
	            nearest.name != NULL ? nearest_question(arena, &nearest) : "");
}
