/* unknown.c - what the user is told about keys that no option has */
#include "cflyway/config/unknown.h"

#include "cflyway/base/attr.h"
#include "cflyway/config/options.h"

/* Keys that Flyway had once; replacement is NULL if there is none. */
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

/* The modern manager sees sections, and names no more than two parts: "a.b" for "a.b.c". */
static const char *first_parts(struct arena *arena, const char *key)
{
	struct str rest = str_of(key);

	str_cut(&rest, '.');
	str_cut(&rest, '.');
	return rest.ptr == NULL ? key : arena_strndup(arena, key, (size_t)(rest.ptr - key) - 1);
}

static const char *modern_line(struct arena *arena, const char *key)
{
	for (size_t i = 0; i < COUNT(former); i++) {
		if (strcmp(former[i].key, key) != 0)
			continue;
		if (former[i].replacement == NULL)
			return arena_printf(
				arena,
				"\tRemoved: 'flyway.%s' has been removed and is no longer "
				"supported.\n",
				key);
		return arena_printf(arena,
		                    "\tDeprecated: 'flyway.%s' has been replaced by 'flyway.%s'.\n",
		                    key, former[i].replacement);
	}
	struct str_list suggestions = option_suggest(arena, key);
	if (suggestions.n == 0)
		return arena_printf(
			arena,
			"\tUnknown: 'flyway.%s'. Check the parameter spelling and ensure "
			"Flyway is up to date.\n",
			key);
	return arena_printf(arena, "\tUnknown: 'flyway.%s'. Possible values: %s?\n", key,
	                    str_list_join(arena, &suggestions, ", "));
}

/* "placeholders=x" without a name: Flyway fails to read it, with the name of a Java exception. */
static bool is_bare_map(const char *key)
{
	for (size_t i = 0; i < option_count; i++) {
		struct str name = str_of(option_specs[i].key), rest = str_of(key);
		if (option_specs[i].type == OPTION_MAP &&
		    option_specs[i].place != OPTION_CONNECTION && str_starts(rest, name) &&
		    (rest.len == name.len || str_eq(str_sub(rest, name.len, rest.len), STR("."))))
			return true;
	}
	return false;
}

bool unknown_keys(struct arena *arena, const struct str_list *keys, bool legacy, struct error *err)
{
	struct str_list lines = {0};

	if (legacy)
		return legacy_text(arena, keys, err);
	for (size_t i = 0; i < keys->n; i++) {
		const char *line = modern_line(arena, first_parts(arena, keys->items[i]));

		if (is_bare_map(keys->items[i]))
			return error_set(
				err, ERROR_CONFIGURATION,
				"Invalid value for flyway.%s (should be given with a name, "
				"as in flyway.placeholders.x=1)",
				keys->items[i]);
		if (!str_list_has(&lines, line))
			str_list_add(arena, &lines, line);
	}
	return error_set(err, ERROR_CONFIGURATION, "Failed to configure parameters:\n%s",
	                 str_list_join(arena, &lines, ""));
}
