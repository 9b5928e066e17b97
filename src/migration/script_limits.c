/* SPDX-License-Identifier: Apache-2.0 */
/* script_limits.c - read the time limits of one script: V1__a.sql.cflyway.conf for V1__a.sql */
#include "cflyway/migration/script_limits.h"

#include "cflyway/base/fs.h"
#include "cflyway/base/nearest.h"
#include "cflyway/config/option_value.h"
#include "cflyway/config/properties.h"

#include <string.h>

enum { MAX_FILE_SIZE = 1 << 20 };

const struct script_limits script_limits_unset = {
	.lock_timeout_ms = SCRIPT_LIMIT_UNSET,
	.statement_timeout_ms = SCRIPT_LIMIT_UNSET,
	.retries = SCRIPT_LIMIT_UNSET,
	.retry_pause_ms = SCRIPT_LIMIT_UNSET,
};

static const char own_prefix[] = "cflyway.";

static const enum option_row rows[] = {
	ROW_lock_timeout,
	ROW_statement_timeout,
	ROW_migration_retries,
	ROW_migration_retry_pause,
};

static int *field_of(struct script_limits *limits, enum option_row row)
{
	switch (row) {
	case ROW_lock_timeout:
		return &limits->lock_timeout_ms;
	case ROW_statement_timeout:
		return &limits->statement_timeout_ms;
	case ROW_migration_retries:
		return &limits->retries;
	default:
		return &limits->retry_pause_ms;
	}
}

/* The name of the option without "cflyway.". */
static const char *short_key(enum option_row row)
{
	return option_specs[row].key + strlen(own_prefix);
}

static const char *without_prefix(const char *key)
{
	return strncmp(key, own_prefix, strlen(own_prefix)) == 0 ? key + strlen(own_prefix) : key;
}

static bool find_row(const char *key, enum option_row *row)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		*row = rows[i];
		if (strcmp(short_key(*row), without_prefix(key)) == 0)
			return true;
	}
	return false;
}

static bool set_value(struct arena *arena, enum option_row row, const struct pair *pair,
                      struct script_limits *limits, struct error *err)
{
	const struct option_spec *spec = &option_specs[row];
	const char *should;
	int *field = field_of(limits, row);

	if (spec->type == OPTION_INT) {
		if (option_parse_int(pair->value, field) && *field >= spec->minimum)
			return true;
		should = arena_printf(arena, "a number of %d or more", spec->minimum);
	} else {
		if (option_parse_duration(spec, pair->value, field))
			return true;
		should = option_durations_list(arena, spec);
	}
	return error_set(err, ERROR_CONFIGURATION, "Invalid value for %s in %s (should be %s): %s",
	                 pair->key, pair->origin, should, pair->value);
}

/* --- unknown keys -------------------------------------------------------------------------- */

static bool is_of_script_config(const char *key)
{
	static const char *const keys[] = {
		"executeInTransaction",
		"encoding",
		"placeholderReplacement",
		"shouldExecute",
	};

	for (size_t i = 0; i < COUNT(keys); i++)
		if (strcmp(keys[i], key) == 0)
			return true;
	return false;
}

static const char *advise(struct arena *arena, const char *key, const char *path)
{
	struct str script = str_of(path);
	struct nearest nearest;

	if (is_of_script_config(key)) {
		script.len -= strlen(SCRIPT_LIMITS_SUFFIX);
		return arena_printf(arena, " (it belongs in %.*s.conf)", (int)script.len,
		                    script.ptr);
	}
	nearest_init(&nearest, str_of(without_prefix(key)));
	for (size_t i = 0; i < COUNT(rows); i++)
		nearest_consider(&nearest, str_of(short_key(rows[i])), short_key(rows[i]));
	return nearest.name != NULL ? arena_printf(arena, " (did you mean %s?)", nearest.name) : "";
}

static bool check_keys(struct arena *arena, const struct pairs *pairs, const char *path,
                       struct error *err)
{
	struct str_list unknown = {0};
	enum option_row row;

	for (size_t i = 0; i < pairs->n; i++) {
		const char *key = pairs->items[i].key;

		if (!find_row(key, &row))
			str_list_add(arena, &unknown,
			             arena_printf(arena, "%s%s", key, advise(arena, key, path)));
	}
	return unknown.n == 0 ||
	       error_set(err, ERROR_CONFIGURATION, "Unknown configuration %s in %s: %s",
	                 unknown.n == 1 ? "property" : "properties", path,
	                 str_list_join(arena, &unknown, ", "));
}

/* ------------------------------------------------------------------------------------------- */

/* Gives each NAME the value ${NAME}: as in V1__a.sql.conf, no variables are replaced. */
static const char *literal_get(const void *ctx, const char *name)
{
	return arena_printf((struct arena *)(uintptr_t)ctx, "${%s}", name);
}

bool script_limits_parse(struct arena *arena, struct str text, const char *path,
                         struct script_limits *limits, struct error *err)
{
	const struct environment environment = {.get = literal_get, .ctx = arena};
	struct pairs pairs;
	enum option_row row;

	*limits = script_limits_unset;
	pairs_init(&pairs, arena);
	properties_parse(text, path, &environment, &pairs);
	if (!check_keys(arena, &pairs, path, err))
		return false;
	for (size_t i = 0; i < pairs.n; i++)
		if (find_row(pairs.items[i].key, &row) &&
		    !set_value(arena, row, &pairs.items[i], limits, err))
			return false;
	return true;
}

bool script_limits_read(struct arena *arena, const char *script_path, struct script_limits *limits,
                        struct error *err)
{
	const char *path = arena_printf(arena, "%s" SCRIPT_LIMITS_SUFFIX, script_path);
	struct buf text = BUF_EMPTY(MAX_FILE_SIZE);
	bool ok = fs_read_all(path, &text, err) &&
	          script_limits_parse(arena, buf_str(&text), path, limits, err);

	buf_release(&text);
	return ok;
}
