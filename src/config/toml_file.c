/* SPDX-License-Identifier: Apache-2.0 */
/*
 * toml_file.c - turn the values of flyway.toml into pairs
 *
 * A boolean may be written as a number, a number as a string, a string as a number or a date; lists
 * and tables must have their own type. All rules are measured with Flyway 12.4.0.
 */
#include "cflyway/config/toml_file.h"

#include "cflyway/base/buf.h"
#include "cflyway/config/config_file.h"
#include "cflyway/config/options.h"
#include "cflyway/config/secret.h"
#include "cflyway/config/toml.h"
#include "cflyway/config/toml_error.h"

#include <limits.h>

#define PROPERTY_RESOLVERS "propertyResolvers."

struct reading {
	const char *path;
	struct pairs *pairs;
	struct toml_findings *findings;
	struct error *err;
};

const char *toml_plain_key(struct arena *arena, const char *key)
{
	return str_replace(arena, str_of(key), STR(TOML_DOT), STR("."));
}

static const char *origin_of(const struct reading *reading, const struct toml_value *value)
{
	return arena_printf(reading->pairs->arena, "%s:%zu", reading->path, value->line);
}

/*
 * Fails with Flyway's message for .conf files. DIFFERS: for a value of flyway.toml, Flyway names a
 * Java class; this message names the expected type and the line.
 */
static bool fail_type(const struct reading *reading, const struct toml_value *value,
                      const char *should)
{
	struct arena *arena = reading->pairs->arena;
	const char *key = toml_plain_key(arena, value->key);

	error_set(reading->err, ERROR_CONFIGURATION, "Invalid value for %s (should be %s)%s%s", key,
	          should, value->type == TOML_TABLE ? "" : ": ",
	          secret_mask(arena, key, value->text));
	error_note(reading->err, "it stands in %s", origin_of(reading, value));
	return false;
}

static bool is_scalar(const struct toml_value *value)
{
	return value->type != TOML_TABLE && value->type != TOML_ARRAY;
}

/* Is it an empty string? For any other type, that means "not given". */
static bool is_empty_value(const struct toml_value *value)
{
	struct str text = str_trim(str_of(value->text));

	return value->type == TOML_STRING && (text.len == 0 || str_eq(text, STR("null")));
}

static void set(const struct reading *reading, const struct toml_value *value, const char *key,
                struct str text)
{
	pairs_set(reading->pairs, str_of(key), text, origin_of(reading, value));
}

static bool take_text(const struct reading *reading, const struct toml_value *value,
                      const char *key)
{
	if (!is_scalar(value))
		return fail_type(reading, value, "a text");
	set(reading, value, key, str_of(value->text));
	return true;
}

static bool take_bool(const struct reading *reading, const struct toml_value *value,
                      const char *key)
{
	struct str text = str_trim(str_of(value->text));

	if (is_empty_value(value))
		return true;
	if (value->type == TOML_INTEGER)
		text = str_eq(text, STR("0")) ? STR("false") : STR("true");
	else if (!is_scalar(value) ||
	         (!str_eq_nocase(text, STR("true")) && !str_eq_nocase(text, STR("false"))))
		return fail_type(reading, value, "either true or false");
	set(reading, value, key, text);
	return true;
}

/* Is the text a number in the range of a Java int, with or without a sign? */
static bool is_int(struct str text)
{
	bool negative = str_starts(text, STR("-"));
	long long number = 0;

	if (negative || str_starts(text, STR("+")))
		text = str_sub(text, 1, text.len);
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return false;
		number = number * 10 + (text.ptr[i] - '0');
		if (number > (long long)INT_MAX + negative)
			return false;
	}
	return text.len > 0;
}

static bool take_int(const struct reading *reading, const struct toml_value *value, const char *key)
{
	struct str text = str_trim(str_of(value->text));

	if (is_empty_value(value))
		return true;
	if (value->type == TOML_FLOAT) {
		double number = strtod(value->text, NULL);
		if (!(number > (double)INT_MIN - 1 && number < (double)INT_MAX + 1))
			return fail_type(reading, value, "an integer");
		text = str_of(arena_printf(reading->pairs->arena, "%d", (int)number));
	} else if (!is_scalar(value) || !is_int(text)) {
		return fail_type(reading, value, "an integer");
	}
	set(reading, value, key, text);
	return true;
}

/* Does the key belong to environments.NAME.flyway? */
static bool is_override(const char *key)
{
	struct str rest = str_of(key);

	return str_eq(str_cut(&rest, '.'), STR("environments")) && str_cut(&rest, '.').len > 0 &&
	       str_eq(str_cut(&rest, '.'), STR("flyway"));
}

/* An empty list counts as not given, but in an environment it overrides [flyway]. */
static bool take_list(const struct reading *reading, const struct toml_value *value,
                      const char *key)
{
	if (is_empty_value(value))
		return true;
	if (value->type != TOML_ARRAY || value->is_nested)
		return fail_type(reading, value, "a list of texts, as in [\"a\", \"b\"]");
	if (value->items.n > 0 || (is_override(key) && pairs_find(reading->pairs, key) == NULL))
		pairs_set_list(reading->pairs, str_of(key), &value->items,
		               origin_of(reading, value));
	return true;
}

/* Takes an option by its name in the section; key is its full name. */
static bool take_option(const struct reading *reading, const struct toml_value *value,
                        const struct option_spec *spec, const char *key)
{
	switch (spec->type) {
	case OPTION_STRING:
	case OPTION_PATH:
	case OPTION_SIZE:
	case OPTION_DURATION:
	case OPTION_ENUM:
		return take_text(reading, value, key);
	case OPTION_BOOL:
		return take_bool(reading, value, key);
	case OPTION_INT:
		return take_int(reading, value, key);
	case OPTION_LIST:
		return take_list(reading, value, key);
	case OPTION_MAP:
		return take_text(reading, value, toml_plain_key(reading->pairs->arena, key));
	}
	return true;
}

/* Finds a map such as "placeholders", which must be a table. NULL for other names. */
static const struct option_spec *find_map(const char *name)
{
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (option_specs[i].type == OPTION_MAP && strcmp(option_specs[i].key, name) == 0)
			return &option_specs[i];
	return NULL;
}

/* Translates another name of an option, which flyway.toml may use as well. */
static const char *current_name(const char *name)
{
	return strcmp(name, "environmentProvisionMode") == 0 ? "provisionMode" : name;
}

/* Takes tables with free names, whose contents are not checked. */
static bool take_property_resolver(const struct reading *reading, const struct toml_value *value,
                                   const char *name)
{
	return value->type == TOML_TABLE || strchr(name, '.') != NULL ||
	       fail_type(reading, value, "a table");
}

/* Takes a value of [flyway] or [environments.NAME.flyway]; prefix ends with a dot. */
static bool take_setting(const struct reading *reading, const struct toml_value *value,
                         const char *prefix, const char *name)
{
	struct arena *arena = reading->pairs->arena;
	bool is_flyway = strcmp(prefix, "flyway.") == 0;
	const char *wanted = is_flyway ? current_name(name) : name;
	const struct option_spec *spec = option_find(wanted), *map = find_map(name);
	const char *key = arena_printf(arena, "%s%s", prefix, wanted);

	if (map != NULL && map->place != OPTION_CONNECTION)
		return value->type == TOML_TABLE || is_empty_value(value) ||
		       fail_type(reading, value, "a table");
	if (str_starts(str_of(name), STR(PROPERTY_RESOLVERS)))
		return take_property_resolver(reading, value, name + strlen(PROPERTY_RESOLVERS));
	if (spec != NULL && spec->place != OPTION_CONNECTION &&
	    (is_flyway ? option_is_allowed(spec, false) : option_is_overridable(spec)))
		return take_option(reading, value, spec, key);
	if (value->type == TOML_TABLE)
		return true;
	if (spec != NULL && spec->place == OPTION_CONNECTION && is_flyway)
		str_list_add(arena, &reading->findings->misplaced, name);
	else
		set(reading, value, key, str_of(value->text));
	return true;
}

static void note_ignored(const struct reading *reading, const struct toml_value *value,
                         const char *key)
{
	struct arena *arena = reading->pairs->arena;

	if (value->type == TOML_TABLE)
		return;
	str_list_add(arena, &reading->findings->ignored, key);
	str_list_add(arena, &reading->findings->ignored_origins, origin_of(reading, value));
}

static void note_foreign(const struct reading *reading, struct str section)
{
	struct str_list *foreign = &reading->findings->foreign;
	const char *name = str_dup(reading->pairs->arena, section);

	reading->findings->has_foreign_keys = true;
	if (!str_list_has(foreign, name))
		str_list_add(reading->pairs->arena, foreign, name);
}

/* Takes a value of [environments.NAME]; ignores unknown keys there. */
static bool take_connection(const struct reading *reading, const struct toml_value *value,
                            const char *prefix, const char *name)
{
	struct arena *arena = reading->pairs->arena;
	const struct option_spec *spec = option_find(name), *map = find_map(name);
	const char *key = arena_printf(arena, "%s%s", prefix, name);
	struct str rest = str_of(name);
	struct str head = str_cut(&rest, '.');

	if (map != NULL && map->place == OPTION_CONNECTION)
		return value->type == TOML_TABLE || is_empty_value(value) ||
		       fail_type(reading, value, "a table");
	if (spec != NULL && spec->place == OPTION_CONNECTION)
		return take_option(reading, value, spec, key);
	if (str_eq(head, STR("provisioner")) && rest.ptr == NULL)
		return take_text(reading, value, key);
	if (str_eq(head, STR("flyway")) && rest.ptr == NULL)
		return value->type == TOML_TABLE || fail_type(reading, value, "a table");
	if (!str_eq(head, STR("resolvers"))) {
		note_ignored(reading, value, key);
		return true;
	}
	/* resolvers and resolvers.NAME are tables; their contents are never checked. */
	if (str_find_char(rest, '.') < rest.len)
		return true;
	if (value->type != TOML_TABLE)
		return (rest.ptr == NULL && is_empty_value(value)) ||
		       fail_type(reading, value, "a table");
	set(reading, value, key, STR(""));
	return true;
}

static bool take_environment(const struct reading *reading, const struct toml_value *value,
                             struct str rest)
{
	struct arena *arena = reading->pairs->arena;
	struct str name = str_cut(&rest, '.');
	const char *prefix = arena_printf(arena, "environments.%.*s.", (int)name.len, name.ptr);

	if (rest.ptr == NULL) {
		if (value->type != TOML_TABLE)
			return fail_type(reading, value, "a table");
		set(reading, value, value->key, STR(""));
		return true;
	}
	if (str_starts(rest, STR("flyway.")))
		return take_setting(reading, value, arena_printf(arena, "%sflyway.", prefix),
		                    rest.ptr + strlen("flyway."));
	return take_connection(reading, value, prefix, rest.ptr);
}

static bool take_value(const struct reading *reading, const struct toml_value *value)
{
	struct str rest = str_of(value->key);
	struct str section = str_cut(&rest, '.');
	bool is_table = str_eq(section, STR("flyway")) || str_eq(section, STR("environments"));

	if (is_table && rest.ptr == NULL)
		return value->type == TOML_TABLE || fail_type(reading, value, "a table");
	if (str_eq(section, STR("flyway")))
		return take_setting(reading, value, "flyway.", rest.ptr);
	if (is_table)
		return take_environment(reading, value, rest);
	/* Flyway takes this section of our own for that of another program. */
	if (str_eq(section, STR("cflyway")))
		return value->type == TOML_TABLE ||
		       take_setting(reading, value, "flyway.", value->key);
	if (!str_eq(section, STR("id")))
		note_foreign(reading, section);
	else if (!is_scalar(value))
		return fail_type(reading, value, "a text");
	return true;
}

static int compare_lines(const void *a, const void *b)
{
	const struct toml_value *left = a, *right = b;

	if (left->line != right->line)
		return left->line < right->line ? -1 : 1;
	return strcmp(left->key, right->key);
}

static bool fail_syntax(const struct reading *reading, struct str text,
                        const struct toml_error *fault)
{
	size_t line;
	const char *message = toml_error_message(reading->pairs->arena, text, fault, &line);

	error_set(reading->err, ERROR_GENERAL, "%s\n\tin %s", message, reading->path);
	if (strstr(message, arena_printf(reading->pairs->arena, "[line %zu,", line)) == NULL)
		error_note(reading->err, "it is line %zu that defines a key once more", line);
	return false;
}

bool toml_file_parse(struct str text, const char *path, struct pairs *pairs,
                     struct toml_findings *findings, struct error *err)
{
	const struct reading reading = {path, pairs, findings, err};
	struct toml_document document;
	struct toml_error fault;

	size_t deep_line = toml_error_too_deep(text);
	if (deep_line > 0)
		return error_set(err, ERROR_GENERAL,
		                 "Error parsing config file at [line %zu]: more than 500 tables in "
		                 "one another\n\tin %s",
		                 deep_line, path);
	if (!toml_parse(pairs->arena, text, &document, &fault))
		return fail_syntax(&reading, text, &fault);
	if (document.n > 0)
		qsort(document.values, document.n, sizeof(*document.values), compare_lines);
	for (size_t i = 0; i < document.n; i++)
		if (!take_value(&reading, &document.values[i]))
			return false;
	return true;
}

bool toml_file_read(const char *path, struct pairs *pairs, struct toml_findings *findings,
                    struct error *err)
{
	struct buf text = BUF_EMPTY(CONFIG_TEXT_MAX);
	bool ok = config_file_read(path, "UTF-8", &text, err) &&
	          toml_file_parse(buf_str(&text), path, pairs, findings, err);

	buf_wipe(&text);
	return ok;
}
