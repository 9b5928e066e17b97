/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings.c - pairs to settings: types, unknown keys, and what is refused
 *
 * Defaults are text and take the same road as what the user gives.
 */
#include "cflyway/config/settings.h"

#include "cflyway/base/about.h"
#include "cflyway/config/options.h"
#include "cflyway/config/toml_file.h"
#include "cflyway/config/unknown.h"

#include <limits.h>

/* Where the value of each row of options.def goes. */
static const size_t field_offsets[] = {
#define OPTION(field, key, environment, type, status, place, fallback, help)                       \
	offsetof(struct settings, field),
#include "cflyway/config/options.def"
#undef OPTION
};

static void *field_of(struct settings *settings, const struct option_spec *spec)
{
	return (char *)settings + field_offsets[spec - option_specs];
}

static bool parse_bool(const char *text, bool *value)
{
	*value = str_eq_nocase(str_of(text), STR("true"));
	return *value || str_eq_nocase(str_of(text), STR("false"));
}

static bool parse_int(const char *text, int *value)
{
	bool negative = *text == '-';
	long long number = 0;

	if (*text == '-' || *text == '+')
		text++;
	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return false;
		number = number * 10 + (*text - '0');
		if (number > (long long)INT_MAX + negative)
			return false;
	}
	*value = (int)(negative ? -number : number);
	return true;
}

/* "64MB": units are powers of 1024, in any letter case. No statement can be longer than 1 GB. */
static bool parse_size(const char *text, size_t *value)
{
	static const struct {
		const char *name;
		size_t bytes;
	} units[] = {{"", 1}, {"B", 1}, {"kB", 1 << 10}, {"MB", 1 << 20}, {"GB", 1 << 30}};
	enum { LARGEST = 1 << 30 };
	size_t number = 0;
	const char *c = text;

	for (; *c >= '0' && *c <= '9' && number <= LARGEST; c++)
		number = number * 10 + (size_t)(*c - '0');
	for (size_t i = 0; i < COUNT(units) && c > text && number > 0; i++) {
		if (!str_eq_nocase(str_trim(str_of(c)), str_of(units[i].name)))
			continue;
		*value = number * units[i].bytes;
		return number <= LARGEST / units[i].bytes;
	}
	return false;
}

/*
 * As Java splits: empty items at the end do not count, an empty text is one empty item. DIFFERS:
 * items are trimmed always; Flyway does so only when .conf files decide.
 */
static struct str_list parse_list(struct arena *arena, const char *text)
{
	struct str_list list = {0};
	struct str rest = str_of(text);

	while (str_ends(rest, STR(",")))
		rest = str_sub(rest, 0, rest.len - 1);
	if (rest.len == 0 && text[0] != '\0')
		return list;
	do {
		str_list_add(arena, &list, str_dup(arena, str_trim(str_cut(&rest, ','))));
	} while (rest.ptr != NULL);
	return list;
}

/* The part of "placeholders.x" behind the name of the map. */
static const char *map_key(const struct option_spec *spec, const char *key)
{
	return key + strlen(spec->key) + 1;
}

static bool fail_type(const struct option_spec *spec, const char *should, const char *value,
                      struct error *err)
{
	return error_set(err, ERROR_CONFIGURATION, "Invalid value for flyway.%s (should be %s): %s",
	                 spec->key, should, value);
}

/*
 * A value that is no boolean or no number is an error with Flyway's legacy sentence; the modern
 * manager prints the name of a Java exception instead. An empty one is unset in modern mode.
 */
static bool set_value(struct arena *arena, const struct option_spec *spec, const char *key,
                      const struct pair *pair, struct settings *settings, struct error *err)
{
	void *field = field_of(settings, spec);
	bool unset = !settings->legacy && pair->value[0] == '\0';
	bool flag;

	switch (spec->type) {
	case OPTION_STRING:
		*(const char **)field = pair->value;
		return true;
	case OPTION_BOOL:
		if (parse_bool(pair->value, &flag))
			*(bool *)field = flag;
		/* The plug-ins of the legacy manager do not look at what is no boolean. */
		else if (!unset && !(settings->legacy && spec->place == OPTION_UNSUGGESTED))
			return fail_type(spec, "either true or false", pair->value, err);
		return true;
	case OPTION_INT:
		return unset || parse_int(pair->value, field) ||
		       fail_type(spec, "an integer", pair->value, err);
	case OPTION_SIZE:
		return unset || parse_size(pair->value, field) ||
		       fail_type(spec, "a size of 1B to 1GB, such as 64MB", pair->value, err);
	case OPTION_LIST:
		*(struct str_list *)field =
			pair->items != NULL ? *pair->items : parse_list(arena, pair->value);
		return true;
	case OPTION_MAP:
		pairs_set(field, str_of(map_key(spec, key)), str_of(pair->value), pair->origin);
		return true;
	}
	return true;
}

bool settings_set(struct arena *arena, const char *key, const struct pair *pair,
                  struct settings *settings, struct error *err)
{
	const struct option_spec *spec = option_find(key);

	return spec == NULL || set_value(arena, spec, key, pair, settings, err);
}

static bool set_defaults(struct arena *arena, struct settings *settings, struct error *err)
{
	for (size_t i = 0; i < option_count; i++) {
		const struct option_spec *spec = &option_specs[i];
		struct pair pair = {spec->key, spec->fallback, "default", NULL};

		if (spec->type == OPTION_MAP)
			pairs_init(field_of(settings, spec), arena);
		else if (spec->fallback != NULL &&
		         !set_value(arena, spec, spec->key, &pair, settings, err))
			return false;
	}
	return true;
}

/* Among arguments, the modern manager knows only -environments.NAME.jdbcProperties.x. */
static bool is_unknown_argument(const struct option_spec *spec, const struct pair *pair)
{
	return spec->place == OPTION_CONNECTION && spec->type == OPTION_MAP &&
	       str_starts(str_of(pair->origin + 1), str_of(spec->key)) && pair->origin[0] == '-';
}

/*
 * A dot stands for each "_" in flyway_placeholders_a_b: that is a table named a, not a text.
 *
 * DIFFERS: in -placeholders.a.b it belongs to the name in every mode. The modern manager of Flyway
 * makes a table of it as well, and fails with the name of a Java exception.
 */
static bool is_table_in_map(const struct option_spec *spec, const struct pair *pair,
                            const char *name)
{
	return spec->type == OPTION_MAP && str_starts(str_of(pair->origin), STR("flyway_")) &&
	       strchr(map_key(spec, name), '.') != NULL;
}

static bool set_pairs(struct arena *arena, const struct pairs *pairs, struct settings *settings,
                      struct str_list *unknown, struct error *err)
{
	for (size_t i = 0; i < pairs->n; i++) {
		const struct pair *pair = &pairs->items[i];
		struct str key = str_of(pair->key);

		/* Of an environment only what may not be overridden is left here. */
		if (str_starts(key, STR("environments.")) && !settings->legacy)
			str_list_add(arena, unknown, pair->key);
		if (!str_starts(key, STR("flyway.")))
			continue;
		const char *name = key.ptr + strlen("flyway.");
		const struct option_spec *spec = option_find(name);
		if (spec == NULL || !option_is_allowed(spec, settings->legacy) ||
		    (!settings->legacy && is_unknown_argument(spec, pair)))
			str_list_add(arena, unknown, name);
		else if (is_table_in_map(spec, pair, name))
			return error_set(err, ERROR_CONFIGURATION,
			                 "Invalid value for flyway.%s (should be a text, not a "
			                 "table): %s",
			                 name, pair->origin);
		else if (spec->place != OPTION_COMMAND_LINE &&
		         !set_value(arena, spec, name, pair, settings, err))
			return false;
	}
	return true;
}

/* What the legacy manager does not take; the modern one does. */
static bool check_legacy(const struct settings *settings, struct error *err)
{
	const struct {
		const char *key, *value;
	} texts[] = {
		{"placeholderPrefix", settings->placeholder_prefix},
		{"placeholderSuffix", settings->placeholder_suffix},
		{"placeholderSeparator", settings->placeholder_separator},
		{"scriptPlaceholderPrefix", settings->script_placeholder_prefix},
		{"scriptPlaceholderSuffix", settings->script_placeholder_suffix},
		{"sqlMigrationSeparator", settings->sql_migration_separator},
	};

	for (size_t i = 0; i < COUNT(texts); i++)
		if (texts[i].value[0] == '\0')
			return error_set(err, ERROR_CONFIGURATION, "%s cannot be empty!",
			                 texts[i].key);
	if (settings->connect_retries < 0)
		return error_set(err, ERROR_CONFIGURATION,
		                 "Invalid number of connectRetries (must be 0 or greater): %d",
		                 settings->connect_retries);
	if (settings->connect_retries_interval < 0)
		return error_set(
			err, ERROR_CONFIGURATION,
			"Invalid number for connectRetriesInterval (must be 0 or greater): %d",
			settings->connect_retries_interval);
	return true;
}

static bool check_durability(const struct settings *settings, struct error *err)
{
	const char *value = settings->durability;

	return strcmp(value, "migration") == 0 || strcmp(value, "run") == 0 ||
	       error_set(err, ERROR_CONFIGURATION,
	                 "Invalid value for flyway.cflyway.durability (should be migration or "
	                 "run): %s",
	                 value);
}

/* false, nothing, or the default: a feature that is not asked for need not be refused. */
static bool is_off(const struct option_spec *spec, const char *value)
{
	bool flag;

	if (spec->type == OPTION_BOOL)
		return !parse_bool(value, &flag) || !flag;
	return spec->type != OPTION_MAP &&
	       (str_trim(str_of(value)).len == 0 ||
	        (spec->fallback != NULL && strcmp(value, spec->fallback) == 0));
}

static bool refuse_paid(const struct option_spec *spec, struct error *err)
{
	if (spec->place == OPTION_MODERN_UNSUGGESTED)
		return error_refuse(err, FLYWAY_REDGATE_REQUIRED("%s"),
		                    strcmp(spec->key, "offlinePermitPath") == 0 ? "Offline Permit"
		                                                                : "PAT Token");
	return error_refuse(err, FLYWAY_UPGRADE_REQUIRED("%s"), spec->key);
}

/* In Flyway's words where it has some, which names the option but not where it stands. */
static bool refuse_later(const struct option_spec *spec, const struct pair *pair, struct error *err)
{
	if (spec->place == OPTION_UNSUGGESTED)
		return error_refuse(err, "%s (%s) is not supported by cflyway yet", pair->key,
		                    pair->origin);
	refuse_paid(spec, err);
	error_note(err, "%s (%s) is not supported by cflyway yet", pair->key, pair->origin);
	return false;
}

/*
 * DIFFERS: with the modern manager, Flyway takes dryRunOutput and errorOverrides and then does not
 * do what they ask for. Here nothing that is asked for is left out silently.
 */
static bool refuse_missing_features(const struct pairs *pairs, struct error *err)
{
	for (size_t i = 0; i < pairs->n; i++) {
		const struct pair *pair = &pairs->items[i];
		const struct option_spec *spec;

		if (strncmp(pair->key, "flyway.", strlen("flyway.")) != 0)
			continue;
		spec = option_find(pair->key + strlen("flyway."));
		if (spec == NULL || is_off(spec, pair->value))
			continue;
		if (spec->status == OPTION_LATER)
			return refuse_later(spec, pair, err);
		if (spec->status == OPTION_JAVA)
			return error_refuse(err,
			                    "%s (%s) names Java classes, which cflyway cannot run",
			                    pair->key, pair->origin);
		if (spec->status == OPTION_PAID)
			return refuse_paid(spec, err);
	}
	return true;
}

static void warn_ignored(const struct settings *settings, const struct log *log)
{
	if (settings->license_key != NULL)
		log_warn(log,
		         "Attempting to set a license key in Flyway open-source. Redgate features "
		         "will not be available. Download Redgate Flyway at "
		         "https://rd.gt/3GGIXhh");
	for (size_t i = 0; i < settings->loggers.n; i++)
		if (strcmp(settings->loggers.items[i], "auto") != 0 &&
		    strcmp(settings->loggers.items[i], "console") != 0)
			log_cflyway(log,
			            "flyway.loggers=%s is ignored: the log goes to the console",
			            settings->loggers.items[i]);
}

/* The modern manager looks at these before it complains about other keys. */
static bool refuse_tokens(const struct pairs *pairs, struct error *err)
{
	for (size_t i = 0; i < pairs->n; i++) {
		const struct option_spec *spec;

		if (!str_starts(str_of(pairs->items[i].key), STR("flyway.")))
			continue;
		spec = option_find(pairs->items[i].key + strlen("flyway."));
		if (spec != NULL && spec->place == OPTION_MODERN_UNSUGGESTED &&
		    !is_off(spec, pairs->items[i].value))
			return refuse_paid(spec, err);
	}
	return true;
}

/*
 * Flyway says nothing about any unknown key when other programs keep theirs in the same file.
 * DIFFERS: a line of our own for each, because a misspelt setting is no setting.
 */
static bool judge_unknown(struct arena *arena, const struct str_list *unknown,
                          const struct settings_facts *facts, const struct log *log,
                          struct error *err)
{
	struct str_list none = {0};

	if (!facts->ignores_unknown_keys) {
		if (unknown->n == 0 && facts->missing_environment == NULL)
			return true;
		return unknown_keys(arena, unknown, facts->legacy, facts->missing_environment, err);
	}
	for (size_t i = 0; i < unknown->n; i++)
		log_cflyway(log, "%s%s is unknown and was ignored",
		            strncmp(unknown->items[i], "environments.", 13) == 0 ? "" : "flyway.",
		            toml_plain_key(arena, unknown->items[i]));
	return facts->missing_environment == NULL ||
	       unknown_keys(arena, &none, false, facts->missing_environment, err);
}

bool settings_from_facts(struct arena *arena, const struct pairs *pairs,
                         const struct settings_facts *facts, const struct log *log,
                         struct settings *settings, struct error *err)
{
	struct str_list unknown = facts->unknown;

	*settings = (struct settings){.legacy = facts->legacy, .environment_name = "default"};
	if (!set_defaults(arena, settings, err) ||
	    !set_pairs(arena, pairs, settings, &unknown, err) ||
	    (facts->legacy ? !check_legacy(settings, err) : !refuse_tokens(pairs, err)) ||
	    !check_durability(settings, err))
		return false;
	if (!judge_unknown(arena, &unknown, facts, log, err) ||
	    !refuse_missing_features(pairs, err))
		return false;
	warn_ignored(settings, log);
	if (settings->installed_by != NULL && settings->installed_by[0] == '\0')
		settings->installed_by = NULL;
	return true;
}

bool settings_from_pairs(struct arena *arena, const struct pairs *pairs, bool legacy,
                         const struct log *log, struct settings *settings, struct error *err)
{
	const struct settings_facts facts = {.legacy = legacy};

	return settings_from_facts(arena, pairs, &facts, log, settings, err);
}
