/* SPDX-License-Identifier: Apache-2.0 */
/* filename_meant.c - the name that a misnamed script was probably to have */
#include "cflyway/migration/filename_meant.h"

#include "cflyway/base/ascii.h"

#include <string.h>

static const char wrong_separators[] = "_- .";

static bool is_separator(char c)
{
	return c != '\0' && strchr(wrong_separators, c) != NULL;
}

static size_t skip_separators(struct str text, size_t at)
{
	while (at < text.len && is_separator(text.ptr[at]))
		at++;
	return at;
}

/* The end of "1_2" or "1.2" in "1_2_add": digits, with one separator between two of them. */
static size_t end_of_version(struct str text)
{
	size_t at = 0;

	while (at < text.len && ascii_is_digit(text.ptr[at])) {
		while (at < text.len && ascii_is_digit(text.ptr[at]))
			at++;
		if (at + 1 >= text.len || (text.ptr[at] != '_' && text.ptr[at] != '.') ||
		    !ascii_is_digit(text.ptr[at + 1]))
			break;
		at++;
	}
	return at;
}

/* The name in its right form. NULL: without the prefix, it begins otherwise than it should. */
static const char *compose(struct arena *arena, const char *prefix, struct str rest,
                           struct str suffix, bool is_versioned, const struct filename_rules *rules)
{
	size_t begin = is_versioned ? skip_separators(rest, 0) : 0, end = begin;

	if (is_versioned)
		end += end_of_version(str_sub(rest, begin, rest.len));
	size_t description = skip_separators(rest, end);

	if ((is_versioned && end == begin) || description == end || description == rest.len)
		return NULL;
	return arena_printf(arena, "%s%.*s%s%.*s%.*s", prefix, (int)(end - begin), rest.ptr + begin,
	                    rules->separator, (int)(rest.len - description), rest.ptr + description,
	                    (int)suffix.len, suffix.ptr);
}

/* What is wrong behind the prefix. */
static const char *name_fault(struct arena *arena, struct str rest, bool is_versioned,
                              const struct filename_rules *rules)
{
	if (is_versioned && rest.len > 0 && is_separator(rest.ptr[0]))
		return "the version follows the prefix";
	if (strcmp(rules->separator, "__") == 0)
		return "two underscores are needed";
	return arena_printf(arena, "the separator is %s", rules->separator);
}

const char *filename_meant(struct arena *arena, const char *name,
                           const struct filename_rules *rules)
{
	const struct {
		const char *prefix;
		bool is_versioned;
	} kinds[] = {
		{rules->versioned_prefix, true},
		{rules->repeatable_prefix, false},
		{rules->baseline_prefix, true},
		{rules->undo_prefix, true},
	};
	const struct str stem = filename_stem(name, rules);
	const struct str suffix = str_of(name + stem.len);

	for (size_t i = 0; i < COUNT(kinds) && rules->layout == NULL; i++) {
		struct str prefix = str_of(kinds[i].prefix);
		struct filename parts;

		if (prefix.len == 0 || !str_starts_nocase(stem, prefix))
			continue;
		struct str rest = str_sub(stem, prefix.len, stem.len);
		const char *meant =
			compose(arena, prefix.ptr, rest, suffix, kinds[i].is_versioned, rules);
		if (meant == NULL)
			continue;
		filename_parse(arena, meant, rules, &parts);
		if (parts.kind == FILENAME_INVALID || parts.kind == FILENAME_CALLBACK)
			continue;
		bool is_prefix_wrong = !str_starts(stem, prefix);
		bool is_rest_wrong = strcmp(name + prefix.len, meant + prefix.len) != 0;
		const char *fault = name_fault(arena, rest, kinds[i].is_versioned, rules);

		return arena_printf(arena, "%s: %s%s%s%s: %s", name,
		                    is_prefix_wrong ? "the prefix is " : "",
		                    is_prefix_wrong ? prefix.ptr : "",
		                    is_prefix_wrong && is_rest_wrong ? ", and " : "",
		                    is_rest_wrong ? fault : "", meant);
	}
	return NULL;
}
