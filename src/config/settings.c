/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings.c - turn pairs into settings: check types, refuse unknown keys and missing features
 *
 * Defaults are strings and take the same path as values from the user.
 */
#include "cflyway/config/settings.h"

#include "cflyway/base/about.h"
#include "cflyway/base/nearest.h"
#include "cflyway/config/option_nearest.h"
#include "cflyway/config/option_value.h"
#include "cflyway/config/options.h"
#include "cflyway/config/toml_file.h"
#include "cflyway/config/unknown.h"

/* The offset of the field for each row of options.def. */
static const size_t field_offsets[] = {
#define OPTION(type, field, ...) offsetof(struct settings, field),
#include "cflyway/config/options.def"
#undef OPTION
};

/* The offset of the string of an ENUM; 0 for other rows. */
static const size_t text_offsets[] = {
#define TEXT_OF_STRING(field) 0
#define TEXT_OF_PATH(field) 0
#define TEXT_OF_BOOL(field) 0
#define TEXT_OF_INT(field) 0
#define TEXT_OF_SIZE(field) 0
#define TEXT_OF_DURATION(field) 0
#define TEXT_OF_ENUM(field) offsetof(struct settings, field##_text)
#define TEXT_OF_LIST(field) 0
#define TEXT_OF_MAP(field) 0
#define OPTION(type, field, ...) TEXT_OF_##type(field),
#include "cflyway/config/options.def"
#undef OPTION
};

static void *field_of(struct settings *settings, const struct option_spec *spec)
{
	return (char *)settings + field_offsets[spec - option_specs];
}

static const char **text_of(struct settings *settings, const struct option_spec *spec)
{
	return (const char **)(void *)((char *)settings + text_offsets[spec - option_specs]);
}

/* Returns the part of "placeholders.x" after the name of the map. */
static const char *map_key(const struct option_spec *spec, const char *key)
{
	return key + strlen(spec->key) + 1;
}

/* Is the value of a STRING or PATH the user's? */
static bool has_text(const char *text, const char *fallback)
{
	return text != NULL && text[0] != '\0' && !str_same(text, fallback);
}

static bool has_item(const struct str_list *list)
{
	size_t i = 0;

	while (i < list->n && list->items[i][0] == '\0')
		i++;
	return i < list->n;
}

bool settings_has(const struct settings *settings, const struct option_spec *spec)
{
	const void *field = (const char *)settings + field_offsets[spec - option_specs];
	bool flag = false;
	int number = 0;
	size_t size = 0;

	switch (spec->type) {
	case OPTION_STRING:
	case OPTION_PATH:
		return has_text(*(const char *const *)field, spec->fallback);
	case OPTION_BOOL:
		return *(const bool *)field !=
		       (spec->fallback != NULL && option_parse_bool(spec->fallback, &flag) && flag);
	case OPTION_INT:
		return spec->fallback == NULL || !option_parse_int(spec->fallback, &number) ||
		       *(const int *)field != number;
	case OPTION_SIZE:
		return spec->fallback == NULL || !option_parse_size(spec->fallback, &size) ||
		       *(const size_t *)field != size;
	case OPTION_DURATION:
		return spec->fallback == NULL ||
		       !option_parse_duration(spec, spec->fallback, &number) ||
		       *(const int *)field != number;
	case OPTION_ENUM:
		return has_text(
			*(const char *const *)(const void *)((const char *)settings +
		                                             text_offsets[spec - option_specs]),
			spec->fallback);
	case OPTION_LIST:
		return has_item(field);
	case OPTION_MAP:
		return ((const struct pairs *)field)->n > 0;
	}
	return false;
}

static bool fail_type(const struct option_spec *spec, const char *should, const char *value,
                      struct error *err)
{
	return error_set(err, ERROR_CONFIGURATION, "Invalid value for flyway.%s (should be %s): %s",
	                 spec->key, should, value);
}

static bool fail_bool(const struct option_spec *spec, const char *value, struct error *err)
{
	static const char *const words[] = {"true", "false"};

	fail_type(spec, "either true or false", value, err);
	nearest_note_of(words, COUNT(words), str_of(value), err);
	return false;
}

/* An empty choice counts as unset in every mode. */
static bool set_choice(struct arena *arena, const struct option_spec *spec, const char *text,
                       struct settings *settings, struct error *err)
{
	int *field = field_of(settings, spec);

	if (text[0] == '\0')
		return true;
	if (!option_parse_choice(spec, text, field)) {
		if ((spec->flags & OPTION_STRICT) != 0) {
			fail_type(spec, option_choices_list(arena, spec, ""), text, err);
			option_note_choice(spec, text, err);
			return false;
		}
		*field = spec->other;
	}
	*text_of(settings, spec) = text;
	return true;
}

/*
 * An invalid boolean or number is an error with the legacy manager's message; the modern manager
 * prints the name of a Java exception instead. An empty value counts as unset in modern mode.
 */
static bool set_value(struct arena *arena, const struct option_spec *spec, const char *key,
                      const struct pair *pair, struct settings *settings, struct error *err)
{
	void *field = field_of(settings, spec);
	bool unset = !settings->legacy && pair->value[0] == '\0';

	switch (spec->type) {
	case OPTION_STRING:
	case OPTION_PATH:
		*(const char **)field = pair->value;
		return true;
	case OPTION_BOOL:
		/* The plug-ins of the legacy manager ignore invalid booleans. */
		return option_parse_bool(pair->value, field) || unset ||
		       (settings->legacy && spec->place == OPTION_UNSUGGESTED) ||
		       fail_bool(spec, pair->value, err);
	case OPTION_INT:
		return unset || option_parse_int(pair->value, field) ||
		       fail_type(spec, "an integer", pair->value, err);
	case OPTION_SIZE:
		return unset || option_parse_size(pair->value, field) ||
		       fail_type(spec, "a size of 1B to 1GB, such as 64MB", pair->value, err);
	case OPTION_DURATION:
		return unset || option_parse_duration(spec, pair->value, field) ||
		       fail_type(spec, option_durations_list(arena, spec), pair->value, err);
	case OPTION_ENUM:
		return set_choice(arena, spec, pair->value, settings, err);
	case OPTION_LIST:
		*(struct str_list *)field =
			pair->items != NULL ? *pair->items : option_parse_list(arena, pair->value);
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
	for (size_t i = 0; i < OPTION_COUNT; i++) {
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

/* As an argument, the modern manager knows only -environments.NAME.jdbcProperties.x. */
static bool is_unknown_argument(const struct option_spec *spec, const struct pair *pair)
{
	return spec->place == OPTION_CONNECTION && spec->type == OPTION_MAP &&
	       str_starts(str_of(pair->origin + 1), str_of(spec->key)) && pair->origin[0] == '-';
}

/*
 * Each "_" in flyway_placeholders_a_b means a dot: that is a table named a, not a string.
 *
 * DIFFERS: the dot in -placeholders.a.b is part of the name in every mode. Flyway's modern manager
 * makes a table here as well, and fails with the name of a Java exception.
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

		/* Only keys that an environment must not override are left here. */
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

/* Refuses values that only the legacy manager refuses. */
static bool check_legacy(struct settings *settings, struct error *err)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option_spec *spec = &option_specs[i];
		const char **text = field_of(settings, spec);

		if ((spec->flags & OPTION_NOT_EMPTY) != 0 && (*text)[0] == '\0')
			return error_set(err, ERROR_CONFIGURATION, "%s cannot be empty!",
			                 spec->key);
	}
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option_spec *spec = &option_specs[i];
		const int *number = field_of(settings, spec);

		if (spec->too_small != NULL && *number < spec->minimum)
			return error_set(err, ERROR_CONFIGURATION, "%s (must be %d or greater): %d",
			                 spec->too_small, spec->minimum, *number);
	}
	return true;
}

/* The entries are checked for every command, as far as one can know. */
static bool read_overrides(struct arena *arena, struct settings *settings, struct error *err)
{
	if (!error_overrides_parse(arena, &settings->error_overrides, &settings->overrides, err))
		return false;
	if (!settings->batch || settings->overrides.n == 0)
		return true;
	return error_set(err, ERROR_CONFIGURATION,
	                 "flyway.batch configuration option is incompatible with "
	                 "flyway.errorOverrides.\n"
	                 "It is impossible to intercept the errors in a batch process.\n"
	                 "Set flyway.batch to false, or remove the error overrides.");
}

static bool read_executors(struct arena *arena, struct settings *settings, struct error *err)
{
	return executor_options_parse(arena, &settings->executor_lines,
	                              &settings->sql_migration_suffixes, &settings->executors, err);
}

/* With sqlMigrationPrefix=U the default gives way; a prefix that was chosen must be its own. */
static bool check_undo_prefix(const struct settings *settings, struct error *err)
{
	const char *prefix = settings->undo_sql_migration_prefix;
	const char *const others[] = {
		settings->sql_migration_prefix,
		settings->repeatable_sql_migration_prefix,
		settings->baseline_migration_prefix,
	};

	if (str_same(prefix, option_specs[ROW_undo_sql_migration_prefix].fallback))
		return true;
	for (size_t i = 0; i < COUNT(others) && prefix != NULL && prefix[0] != '\0'; i++)
		if (str_same(prefix, others[i]))
			return error_set(err, ERROR_CONFIGURATION,
			                 "undoSqlMigrationPrefix must differ from the prefixes of "
			                 "other migrations: %s",
			                 prefix);
	return true;
}

/*
 * A list without items would mean every migration, where an empty variable is meant to name some.
 * No variable can be meant in flyway.toml: there it is off.
 */
static bool picks_nothing(const struct pairs *pairs, const struct settings *settings)
{
	const struct pair *pair = pairs_find(pairs, "flyway.cherryPick");

	if (pair == NULL || has_item(&settings->cherry_pick))
		return false;
	return settings->legacy || strchr(pair->origin, ':') == NULL; /* FILE:LINE */
}

/* False, empty and the default do not ask for the feature, and need no refusal. */
static bool is_off(const struct option_spec *spec, const char *value)
{
	bool flag;

	if (spec->type == OPTION_BOOL)
		return !option_parse_bool(value, &flag) || !flag;
	return spec->type != OPTION_MAP &&
	       (str_trim(str_of(value)).len == 0 ||
	        (spec->fallback != NULL && strcmp(value, spec->fallback) == 0));
}

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
		if (spec->status == OPTION_JAVA)
			return error_refuse(err,
			                    "%s (%s) names Java classes, which cflyway cannot run",
			                    pair->key, pair->origin);
		if (spec->status == OPTION_PAID)
			return error_refuse(err, FLYWAY_UPGRADE_REQUIRED("%s"), spec->key);
	}
	return true;
}

static void log_ignored_logger(const char *name, const struct log *log)
{
	struct nearest nearest;

	nearest_init(&nearest, str_of(name));
	option_consider_choices(&option_specs[ROW_loggers], &nearest);
	if (nearest.name != NULL)
		log_cflyway(
			log,
			"flyway.loggers=%s is ignored, did you mean \"%s\"? The log goes to the "
			"console",
			name, nearest.name);
	else
		log_cflyway(log, "flyway.loggers=%s is ignored: the log goes to the console", name);
}

static void warn_ignored(const struct settings *settings, const struct log *log)
{
	int number;

	for (size_t i = 0; i < settings->loggers.n; i++)
		if (!option_parse_choice(&option_specs[ROW_loggers], settings->loggers.items[i],
		                         &number))
			log_ignored_logger(settings->loggers.items[i], log);
}

static bool fail_unknown(struct arena *arena, const struct str_list *unknown,
                         const struct settings_facts *facts, struct error *err)
{
	const char *missing = facts->missing_environment;

	unknown_keys(arena, unknown, facts->legacy, missing, err);
	if (missing != NULL)
		nearest_note_of(facts->environments.items, facts->environments.n, str_of(missing),
		                err);
	return false;
}

/*
 * Flyway reports no unknown key if other programs have keys in the same file. DIFFERS: we log a
 * line for each of them, because a misspelt setting has no effect.
 */
static bool judge_unknown(struct arena *arena, const struct str_list *unknown,
                          const struct settings_facts *facts, const struct log *log,
                          struct error *err)
{
	struct str_list none = {0};

	if (!facts->ignores_unknown_keys) {
		if (unknown->n == 0 && facts->missing_environment == NULL)
			return true;
		return fail_unknown(arena, unknown, facts, err);
	}
	for (size_t i = 0; i < unknown->n; i++)
		unknown_key_log(arena, unknown->items[i], log);
	return facts->missing_environment == NULL || fail_unknown(arena, &none, facts, err);
}

bool settings_from_facts(struct arena *arena, const struct pairs *pairs,
                         const struct settings_facts *facts, const struct log *log,
                         struct settings *settings, struct error *err)
{
	struct str_list unknown = facts->unknown;

	*settings = (struct settings){.legacy = facts->legacy, .environment_name = "default"};
	if (!set_defaults(arena, settings, err) ||
	    !set_pairs(arena, pairs, settings, &unknown, err) ||
	    (facts->legacy && !check_legacy(settings, err)))
		return false;
	if (!judge_unknown(arena, &unknown, facts, log, err) ||
	    !refuse_missing_features(pairs, err) || !check_undo_prefix(settings, err) ||
	    !read_overrides(arena, settings, err) || !read_executors(arena, settings, err))
		return false;
	settings->picks_nothing = picks_nothing(pairs, settings);
	warn_ignored(settings, log);
	/* Measured: in the modern mode it is written as it is. */
	if (facts->legacy && settings->installed_by != NULL && settings->installed_by[0] == '\0')
		settings->installed_by = NULL;
	return true;
}

bool settings_from_pairs(struct arena *arena, const struct pairs *pairs, bool legacy,
                         const struct log *log, struct settings *settings, struct error *err)
{
	const struct settings_facts facts = {.legacy = legacy};

	return settings_from_facts(arena, pairs, &facts, log, settings, err);
}
