/* SPDX-License-Identifier: Apache-2.0 */
/* script_config.c - read the settings of one script: V1__a.sql.conf for V1__a.sql */
#include "cflyway/migration/script_config.h"

#include "cflyway/base/charset.h"
#include "cflyway/base/fs.h"
#include "cflyway/base/nearest.h"
#include "cflyway/base/utf8.h"
#include "cflyway/config/properties.h"
#include "cflyway/sql/text_source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CONFIG_SIZE = 1 << 20 };

static const char *const known_keys[] = {
	"executeInTransaction",
	"encoding",
	"placeholderReplacement",
	"shouldExecute",
};

/* Gives each NAME the value ${NAME}: the reader replaces variables, but these files keep them. */
struct literal_names {
	struct arena *arena;
};

static const char *literal_get(const void *ctx, const char *name)
{
	const struct literal_names *names = ctx;

	return arena_printf(names->arena, "${%s}", name);
}

static bool collect(struct text_file *file, struct buf *text, struct error *err)
{
	struct str piece;

	do {
		if (!file->source.next(&file->source, &piece, err))
			return error_wrap(err, "Unable to read config");
		if (!buf_append(text, piece.ptr, piece.len))
			return error_set(err, ERROR_GENERAL, "%s is longer than %d bytes",
			                 file->path, MAX_CONFIG_SIZE);
	} while (piece.len > 0);
	return true;
}

static bool parse_file(struct arena *arena, struct text_file *file, struct script_config *config,
                       struct error *err)
{
	struct buf text = BUF_EMPTY(MAX_CONFIG_SIZE);
	bool ok = collect(file, &text, err) &&
	          script_config_parse(arena, buf_str(&text), file->path, config, err);

	buf_release(&text);
	return ok;
}

static bool fail_flag(const struct pair *pair, struct error *err)
{
	static const char *const words[] = {"true", "false"};

	error_set(err, ERROR_CONFIGURATION,
	          "Invalid value for %s (should be either true or false): %s", pair->key,
	          pair->value);
	nearest_note_of(words, COUNT(words), str_of(pair->value), err);
	return false;
}

static bool read_flag(const struct pairs *pairs, const char *key, enum tristate *flag,
                      struct error *err)
{
	const struct pair *pair = pairs_find(pairs, key);

	*flag = UNSET;
	if (pair == NULL)
		return true;
	if (str_eq_nocase(str_of(pair->value), STR("true")))
		*flag = YES;
	else if (str_eq_nocase(str_of(pair->value), STR("false")))
		*flag = NO;
	else
		return fail_flag(pair, err);
	return true;
}

static bool is_known(const char *key)
{
	for (size_t i = 0; i < COUNT(known_keys); i++)
		if (strcmp(known_keys[i], key) == 0)
			return true;
	return false;
}

static int compare_keys(const void *a, const void *b)
{
	const char *const *left = a, *const *right = b;

	return utf8_compare_utf16(str_of(*left), str_of(*right));
}

/* DIFFERS: keys are reported in sorted order; Flyway uses the order of its hash table. */
static bool check_keys(struct arena *arena, const struct pairs *pairs, struct error *err)
{
	struct str_list unknown = {0};

	for (size_t i = 0; i < pairs->n; i++)
		if (!is_known(pairs->items[i].key))
			str_list_add(arena, &unknown, pairs->items[i].key);
	if (unknown.n == 0)
		return true;
	qsort(unknown.items, unknown.n, sizeof(unknown.items[0]), compare_keys);
	error_set(err, ERROR_CONFIGURATION,
	          "Unknown configuration %s: %s. Please check your script config files",
	          unknown.n == 1 ? "property" : "properties", str_list_join(arena, &unknown, ","));
	for (size_t i = 0; i < unknown.n; i++)
		nearest_note_of(known_keys, COUNT(known_keys), str_of(unknown.items[i]), err);
	return false;
}

static bool read_encoding(const struct pairs *pairs, const char **encoding, struct error *err)
{
	const struct pair *pair = pairs_find(pairs, "encoding");
	struct decoder decoder = DECODER_CLOSED;

	*encoding = pair != NULL ? pair->value : NULL;
	if (pair == NULL)
		return true;
	bool ok = decoder_open(&decoder, pair->value, err);
	decoder_close(&decoder);
	return ok;
}

/* The checks are in Flyway's order. */
bool script_config_parse(struct arena *arena, struct str text, const char *path,
                         struct script_config *config, struct error *err)
{
	struct literal_names names = {.arena = arena};
	struct environment environment = {.get = literal_get, .ctx = &names};
	struct pairs pairs;

	*config = (struct script_config){.execute_in_transaction = UNSET};
	pairs_init(&pairs, arena);
	properties_parse(text, path, &environment, &pairs);
	if (!read_flag(&pairs, "executeInTransaction", &config->execute_in_transaction, err) ||
	    !read_flag(&pairs, "placeholderReplacement", &config->placeholder_replacement, err))
		return false;
	const struct pair *condition = pairs_find(&pairs, "shouldExecute");

	config->should_execute = condition != NULL ? condition->value : NULL;
	return check_keys(arena, &pairs, err) && read_encoding(&pairs, &config->encoding, err);
}

static bool fail_directory(struct error *err)
{
	error_set(err, ERROR_GENERAL, "Unable to read config");
	err->cause = strerror(EISDIR);
	return false;
}

/* Flyway fails on an unreadable configuration; it does not skip the file. */
static bool fail_open(const char *path, const char *encoding, struct error *err)
{
	if (fs_kind(path) != FS_UNREADABLE)
		return false;
	error_clear(err);
	error_set(err, ERROR_GENERAL, "Unable to load filesystem resource: %s (encoding: %s)", path,
	          encoding);
	err->cause = arena_printf(err->arena, "%s (%s)", path, strerror(EACCES));
	return false;
}

bool script_config_read(struct arena *arena, const char *script_path, bool exists,
                        const char *encoding, struct script_config *config, struct error *err)
{
	struct text_file file = TEXT_FILE_CLOSED;

	*config = (struct script_config){.execute_in_transaction = UNSET};
	if (!exists)
		return true;
	const char *path = arena_printf(arena, "%s.conf", script_path);
	if (fs_kind(path) == FS_DIRECTORY)
		return fail_directory(err);
	if (!text_file_open(&file, path, encoding, err))
		return fail_open(path, encoding, err);
	bool ok = parse_file(arena, &file, config, err);
	text_file_close(&file);
	return ok;
}
