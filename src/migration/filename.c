/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filename.c - take the name of a script apart: V1_2__Add_it.sql
 *
 * A name is PREFIX VERSION SEPARATOR DESCRIPTION SUFFIX. The longest known prefix wins, and the
 * first separator ends the version.
 */
#include "cflyway/migration/filename.h"

#include <string.h>

static const char *const callback_events[] = {
#define CALLBACK_EVENT(constant, name, place) name,
#include "cflyway/migration/callback_events.def"
#undef CALLBACK_EVENT
};

/* The parts of a name. */
struct parts {
	struct str prefix, version, description, suffix;
	bool has_separator;
};

static struct str find_suffix(struct str name, const struct filename_rules *rules)
{
	for (size_t i = 0; i < rules->suffixes.n; i++) {
		struct str suffix = str_of(rules->suffixes.items[i]);

		if (str_ends_nocase(name, suffix))
			return str_sub(name, name.len - suffix.len, name.len);
	}
	return STR("");
}

struct str filename_stem(const char *name, const struct filename_rules *rules)
{
	struct str suffix = find_suffix(str_of(name), rules);

	return (struct str){name, strlen(name) - suffix.len};
}

bool filename_is_sql(const char *name, const struct filename_rules *rules)
{
	for (size_t i = 0; i < rules->suffixes.n; i++) {
		struct str suffix = str_of(rules->suffixes.items[i]);

		if (strlen(name) > suffix.len && str_ends_nocase(str_of(name), suffix))
			return true;
	}
	return false;
}

/* The first one tried wins among prefixes of equal length. */
static void try_prefix(struct filename *filename, struct str stem, const char *prefix,
                       enum filename_kind kind)
{
	if (!str_starts(stem, str_of(prefix)))
		return;
	if (filename->prefix != NULL && strlen(prefix) <= strlen(filename->prefix))
		return;
	filename->prefix = prefix;
	filename->kind = kind;
}

static void find_prefix(struct filename *filename, struct str stem,
                        const struct filename_rules *rules)
{
	for (size_t i = 0; i < COUNT(callback_events) && stem.len > 0; i++)
		if (stem.ptr[0] == callback_events[i][0]) /* rarely true, and the list is long */
			try_prefix(filename, stem, callback_events[i], FILENAME_CALLBACK);
	try_prefix(filename, stem, rules->versioned_prefix, FILENAME_VERSIONED);
	try_prefix(filename, stem, rules->repeatable_prefix, FILENAME_REPEATABLE);
	try_prefix(filename, stem, rules->baseline_prefix, FILENAME_BASELINE);
	/* Last: a project whose versioned migrations begin with U stays what it was. */
	if (rules->undo_prefix[0] != '\0')
		try_prefix(filename, stem, rules->undo_prefix, FILENAME_UNDO);
}

static struct parts split(struct str stem, struct str suffix, const char *prefix,
                          const struct filename_rules *rules)
{
	struct str separator = str_of(rules->separator);
	struct str rest = str_sub(stem, strlen(prefix), stem.len);
	size_t end = str_find(rest, separator);

	return (struct parts){
		.prefix = str_of(prefix),
		.version = str_sub(rest, 0, end),
		.description = str_sub(rest, end + separator.len, rest.len),
		.suffix = suffix,
		.has_separator = end < rest.len,
	};
}

static const char *show_description(struct arena *arena, struct str raw)
{
	char *description = str_dup(arena, raw);

	for (size_t i = 0; i < raw.len; i++)
		if (description[i] == '_')
			description[i] = ' ';
	return description;
}

/* With an empty description, Flyway drops the separator: V3__.sql becomes V3.sql. */
static const char *placeholder_value(struct arena *arena, const char *name,
                                     const struct parts *parts)
{
	if (!parts->has_separator || parts->description.len > 0)
		return name;
	return arena_printf(arena, "%.*s%.*s%.*s", (int)parts->prefix.len, parts->prefix.ptr,
	                    (int)parts->version.len, parts->version.ptr, (int)parts->suffix.len,
	                    parts->suffix.ptr);
}

/* Shows the expected form of the name: the prefix and the required rest. */
static const char *model(struct arena *arena, const struct parts *parts, const char *version,
                         const struct filename_rules *rules)
{
	struct str description =
		parts->description.len > 0 ? parts->description : STR("description");

	return arena_printf(arena, "%.*s%s%s%.*s%.*s", (int)parts->prefix.len, parts->prefix.ptr,
	                    version, rules->separator, (int)description.len, description.ptr,
	                    (int)parts->suffix.len, parts->suffix.ptr);
}

static const char *check_unversioned(struct arena *arena, const char *name,
                                     const struct parts *parts, const struct filename_rules *rules)
{
	if (parts->version.len == 0)
		return NULL;
	return arena_printf(arena,
	                    "Invalid repeatable migration / callback name format: %s (It cannot "
	                    "contain a version and should look like this: %s)",
	                    name, model(arena, parts, "", rules));
}

static const char *check_versioned(struct arena *arena, const char *name, const struct parts *parts,
                                   const struct filename_rules *rules, struct version *version)
{
	struct error err = ERROR_INIT(arena);

	if (parts->version.len == 0)
		return arena_printf(
			arena,
			"Invalid versioned migration name format: %s (It must contain a "
			"version and should look like this: %s)",
			name, model(arena, parts, "1.2", rules));
	/* DIFFERS: Flyway runs Vlatest__x.sql, and cannot read its own row afterwards. */
	if (version_parse(arena, str_dup(arena, parts->version), version, &err) &&
	    version->kind == VERSION_NUMBER)
		return NULL;
	return arena_printf(arena,
	                    "Invalid versioned migration name format: %s (could not recognise "
	                    "version number %.*s)",
	                    name, (int)parts->version.len, parts->version.ptr);
}

/* Says that the name is not valid, and why. */
static void refuse(struct filename *filename, const char *message)
{
	filename->kind = FILENAME_INVALID;
	filename->version = version_empty();
	filename->message = message;
}

static const char *unrecognised(struct arena *arena, const char *name)
{
	return arena_printf(arena, "Unrecognised migration name format: %s", name);
}

/* To the free Flyway "Users.sql" is no migration with a wrong name, but no migration at all. */
static const char *check_undo(struct arena *arena, const char *name, const struct parts *parts,
                              const struct filename_rules *rules, struct version *version)
{
	if (check_versioned(arena, name, parts, rules, version) == NULL)
		return NULL;
	return unrecognised(arena, name);
}

static const char *check(struct arena *arena, const char *name, const struct parts *parts,
                         const struct filename_rules *rules, struct filename *filename)
{
	switch (filename->kind) {
	case FILENAME_VERSIONED:
	case FILENAME_BASELINE:
		return check_versioned(arena, name, parts, rules, &filename->version);
	case FILENAME_UNDO:
		return check_undo(arena, name, parts, rules, &filename->version);
	default:
		return check_unversioned(arena, name, parts, rules);
	}
}

/* --- names of a layout --------------------------------------------------------------------- */

static const char *check_layout_name(struct arena *arena, const char *name,
                                     const struct layout_name *parts,
                                     const struct filename_rules *rules, struct version *version)
{
	struct error err = ERROR_INIT(arena);
	/* undoSqlMigrationPrefix= (empty) switches undo migrations off in every layout. */
	bool is_off = parts->is_undo && rules->undo_prefix[0] == '\0';

	/* A number such as 9223372036854775807 is a word. */
	if (parts->is_valid && !is_off &&
	    version_parse(arena, str_dup(arena, parts->number), version, &err) &&
	    version->kind == VERSION_NUMBER)
		return NULL;
	return arena_printf(arena,
	                    "Invalid name of a migration in the layout %s: %s (It should look "
	                    "like this: %s)",
	                    rules->layout->name, name, rules->layout->example);
}

/* False: the name does not begin as those of the layout do. */
static bool parse_layout_name(struct arena *arena, const char *name, struct str text,
                              const struct filename_rules *rules, struct filename *filename)
{
	struct layout_name parts;

	if (!layout_read_name(rules->layout, text, &parts))
		return false;
	const char *message = check_layout_name(arena, name, &parts, rules, &filename->version);
	if (message != NULL) {
		refuse(filename, message);
		return true;
	}
	filename->kind = parts.is_undo ? FILENAME_UNDO : FILENAME_VERSIONED;
	filename->prefix = rules->layout->prefix;
	filename->stem = parts.stem;
	filename->description = show_description(arena, parts.description);
	return true;
}

/* ------------------------------------------------------------------------------------------- */

void filename_parse(struct arena *arena, const char *name, const struct filename_rules *rules,
                    struct filename *filename)
{
	*filename = (struct filename){
		.kind = FILENAME_INVALID,
		.version = version_empty(),
		.description = "",
		.placeholder = name,
	};
	struct str suffix = find_suffix(str_of(name), rules);
	struct str stem = {name, strlen(name) - suffix.len};
	if (rules->layout != NULL && parse_layout_name(arena, name, stem, rules, filename))
		return;
	find_prefix(filename, stem, rules);
	if (filename->prefix == NULL) {
		refuse(filename, unrecognised(arena, name));
		return;
	}
	struct parts parts = split(stem, suffix, filename->prefix, rules);
	const char *message = check(arena, name, &parts, rules, filename);
	if (message != NULL) {
		refuse(filename, message);
		return;
	}
	filename->description = show_description(arena, parts.description);
	filename->placeholder = placeholder_value(arena, name, &parts);
}
