/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf_to_toml.c - write the settings of a .conf file as flyway.toml
 *
 * The file is read with variables whose values are marks around their names, so that each ${NAME}
 * is still known afterwards.
 */
#include "cflyway/config/conf_to_toml.h"

#include "cflyway/base/ascii.h"
#include "cflyway/base/attr.h"
#include "cflyway/config/option_value.h"
#include "cflyway/config/options.h"
#include "cflyway/config/secret.h"

enum { TABLE_MAX = 1 << 24 };

/* No UTF-8 text has these bytes. */
enum { MARK_BEGIN = 0xFE, MARK_END = 0xFF };

/* The tables of the new file, in its order. */
enum table {
	TABLE_ENVIRONMENT,
	TABLE_PROPERTIES,
	TABLE_FLYWAY,
	TABLE_PLACEHOLDERS,
	TABLE_OWN,
	TABLE_COUNT,
};

static const char *const titles[] = {
	[TABLE_ENVIRONMENT] = "environments.default",
	[TABLE_PROPERTIES] = "environments.default.jdbcProperties",
	[TABLE_FLYWAY] = "flyway",
	[TABLE_PLACEHOLDERS] = "flyway.placeholders",
	[TABLE_OWN] = "cflyway",
};

struct conversion {
	struct arena *arena;
	const struct environment *environment;
	struct pairs present; /* the file with the present values of its variables */
	struct buf tables[TABLE_COUNT];
	struct conf_notes *notes;
};

/* --- TOML ---------------------------------------------------------------------------------- */

void toml_quote(struct buf *out, struct str text)
{
	buf_putc(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", c);
		else if (c < ' ' || c == 0x7f)
			buf_printf(out, "\\u%04X", c);
		else
			buf_putc(out, (char)c);
	}
	buf_putc(out, '"');
}

static bool is_bare(struct str key)
{
	for (size_t i = 0; i < key.len; i++)
		if (!ascii_is_letter(key.ptr[i]) && !ascii_is_digit(key.ptr[i]) &&
		    key.ptr[i] != '_' && key.ptr[i] != '-')
			return false;
	return key.len > 0;
}

static void put_name(struct buf *out, const char *name)
{
	if (is_bare(str_of(name)))
		buf_add(out, name);
	else
		toml_quote(out, str_of(name));
}

static void put_list(struct buf *out, const struct str_list *items)
{
	buf_putc(out, '[');
	for (size_t i = 0; i < items->n; i++) {
		buf_add(out, i > 0 ? ", " : "");
		toml_quote(out, str_of(items->items[i]));
	}
	buf_putc(out, ']');
}

static void put_value(struct conversion *conversion, struct buf *out,
                      const struct option_spec *spec, const char *text)
{
	struct str_list items;
	bool flag;
	int number;

	if (spec->type == OPTION_LIST) {
		items = option_parse_list(conversion->arena, text);
		put_list(out, &items);
	} else if (spec->type == OPTION_BOOL && option_parse_bool(text, &flag)) {
		buf_add(out, flag ? "true" : "false");
	} else if (spec->type == OPTION_INT && option_parse_int(text, &number)) {
		buf_printf(out, "%d", number);
	} else {
		toml_quote(out, str_of(text));
	}
}

/* --- variables ----------------------------------------------------------------------------- */

static const char *get_mark(const void *ctx, const char *name)
{
	const struct conversion *conversion = ctx;

	return arena_printf(conversion->arena, "%c%s%c", MARK_BEGIN, name, MARK_END);
}

static bool has_variable(const char *text)
{
	return strchr(text, MARK_BEGIN) != NULL;
}

static bool is_set(const struct conversion *conversion, const char *name)
{
	return conversion->environment->get(conversion->environment->ctx, name) != NULL;
}

static void add_once(struct arena *arena, struct str_list *list, const char *item)
{
	if (!str_list_has(list, item))
		str_list_add(arena, list, item);
}

/* Writes each variable as a reference. */
static const char *with_references(struct conversion *conversion, const char *text)
{
	struct arena *arena = conversion->arena;
	const char *result = "";
	struct str rest = str_of(text);

	while (rest.ptr != NULL) {
		const char *before = str_dup(arena, str_cut(&rest, (char)MARK_BEGIN));

		result = arena_concat(arena, result, before, "");
		if (rest.ptr == NULL)
			break;
		const char *name = str_dup(arena, str_cut(&rest, (char)MARK_END));
		if (!is_set(conversion, name))
			add_once(arena, &conversion->notes->needed, name);
		result = arena_printf(arena, "%s${env.%s}", result, name);
	}
	return result;
}

/* Are ${env.NAME} resolved in the setting? */
static bool is_resolved(const struct option_spec *spec)
{
	return strcmp(spec->key, "url") == 0 || strcmp(spec->key, "user") == 0 ||
	       strcmp(spec->key, "password") == 0 || strcmp(spec->key, "jdbcProperties") == 0;
}

/* --- settings ------------------------------------------------------------------------------ */

static void leave_out(struct conversion *conversion, const struct pair *pair, const char *reason)
{
	str_list_add(conversion->arena, &conversion->notes->left_out,
	             arena_printf(conversion->arena, "%s (%s): %s",
	                          with_references(conversion, pair->key), pair->origin, reason));
}

static enum table table_of(const struct option_spec *spec)
{
	if (spec->place == OPTION_CONNECTION)
		return spec->type == OPTION_MAP ? TABLE_PROPERTIES : TABLE_ENVIRONMENT;
	if (str_starts(str_of(spec->key), STR("cflyway.")))
		return TABLE_OWN;
	return spec->type == OPTION_MAP ? TABLE_PLACEHOLDERS : TABLE_FLYWAY;
}

/* The legacy manager passes over a boolean of a plug-in that is none. */
static bool is_passed_over(const struct option_spec *spec, const char *value)
{
	bool flag;

	return spec->type == OPTION_BOOL && spec->place == OPTION_UNSUGGESTED &&
	       !option_parse_bool(value, &flag);
}

static void put_setting(struct conversion *conversion, const struct option_spec *spec,
                        const char *name, const char *value)
{
	enum table table = table_of(spec);
	struct buf *out = &conversion->tables[table];

	const char *key = table == TABLE_OWN ? name + strlen("cflyway.") : name;
	const char *item = spec->type == OPTION_MAP ? name + strlen(spec->key) + 1 : NULL;

	if (item == NULL || table == TABLE_OWN) /* executor.cql: a table in the table */
		buf_append(out, key, item != NULL ? (size_t)(item - key) : strlen(key));
	if (item != NULL)
		put_name(out, item);
	buf_add(out, " = ");
	put_value(conversion, out, spec, value);
	buf_putc(out, '\n');
}

/* A backslash or a line end in a variable counts as in the file itself. */
static const char *present_value(const struct conversion *conversion, const char *key)
{
	const struct pair *pair = pairs_find(&conversion->present, key);

	return pair != NULL ? pair->value : "";
}

/* Sets *value to what is written; false if the setting is left out. */
static bool choose_value(struct conversion *conversion, const struct option_spec *spec,
                         const struct pair *pair, const char **value)
{
	struct arena *arena = conversion->arena;

	*value = pair->value;
	if (!has_variable(pair->value))
		return true;
	if (is_resolved(spec)) {
		*value = with_references(conversion, pair->value);
		return true;
	}
	*value = present_value(conversion, pair->key);
	if (strcmp(secret_mask(arena, pair->key, *value), *value) != 0) {
		leave_out(conversion, pair,
		          "its variable holds a secret, and flyway.toml knows variables only in "
		          "the settings of a connection; set its FLYWAY_ variable");
		return false;
	}
	add_once(arena, &conversion->notes->replaced, pair->key);
	return true;
}

/* name: the key without flyway. */
static void convert_option(struct conversion *conversion, const struct pair *pair, const char *name)
{
	bool is_resolvers = strcmp(name, "resolvers") == 0; /* it has two names */
	const struct option_spec *spec;
	const char *value;

	name = is_resolvers ? "migrationResolvers" : name;
	spec = option_find(name);
	if (spec == NULL || has_variable(pair->key))
		leave_out(conversion, pair, "unknown");
	else if (spec->place == OPTION_COMMAND_LINE)
		leave_out(conversion, pair, "without effect in a file");
	else if (!option_is_allowed(spec, false) ||
	         (!option_is_allowed(spec, true) && !is_resolvers))
		leave_out(conversion, pair, "not known in both kinds of files");
	else if (!choose_value(conversion, spec, pair, &value))
		return;
	else if (is_passed_over(spec, value))
		leave_out(conversion, pair, "neither true nor false");
	else if (strcmp(name, "locations") != 0 || value[0] != '\0')
		put_setting(conversion, spec, name, value); /* empty locations are not given */
}

static void convert_pair(struct conversion *conversion, const struct pair *pair)
{
	struct str key = str_of(pair->key);

	if (str_starts(key, STR("flyway.")))
		convert_option(conversion, pair, pair->key + strlen("flyway."));
	else if (str_starts(key, STR("cflyway.")))
		convert_option(conversion, pair, pair->key);
	else
		leave_out(conversion, pair, "it does not begin with flyway.");
}

void conf_to_toml(struct arena *arena, struct str text, const char *path,
                  const struct environment *environment, struct buf *toml, struct conf_notes *notes)
{
	struct conversion conversion = {
		.arena = arena,
		.environment = environment,
		.notes = notes,
	};
	const struct environment marks = {.get = get_mark, .ctx = &conversion};
	struct pairs pairs;

	*notes = (struct conf_notes){0};
	for (size_t i = 0; i < TABLE_COUNT; i++)
		buf_init(&conversion.tables[i], TABLE_MAX);
	pairs_init(&pairs, arena);
	pairs_init(&conversion.present, arena);
	properties_parse(text, path, environment, &conversion.present);
	properties_parse(text, path, &marks, &pairs);
	for (size_t i = 0; i < pairs.n; i++)
		convert_pair(&conversion, &pairs.items[i]);
	for (size_t i = 0; i < TABLE_COUNT; i++) {
		struct buf *table = &conversion.tables[i];

		if (table->len > 0)
			buf_printf(toml, "%s[%s]\n%s", toml->len > 0 ? "\n" : "", titles[i],
			           table->ptr);
		buf_wipe(table);
	}
}
