/* SPDX-License-Identifier: Apache-2.0 */
/*
 * glob.c - which files a location with wildcards means: "*", "?", and "**" for directories
 *
 * Stars take as little as they can, as Flyway's do. That settles what the directories of a pattern
 * are when several could be meant, and lets each loop go back to its last star only.
 *
 * DIFFERS: Flyway reads all other characters as a regular expression; here they stand for
 * themselves.
 */
#include "cflyway/migration/glob.h"

#include "cflyway/base/utf8.h"

static struct str last_part(struct str path)
{
	struct str rest = path, part = path;

	while (rest.ptr != NULL)
		part = str_cut(&rest, '/');
	return part;
}

bool glob_names_files(struct str pattern)
{
	struct str part = last_part(pattern);

	return str_find_char(part, '.') < part.len;
}

static bool take_character(struct str *rest)
{
	if (rest->len == 0)
		return false;
	utf8_next(rest);
	return true;
}

/* One step: takes what the first character of the pattern stands for off both. */
static bool match_character(struct str *pattern, struct str *name)
{
	char wanted = pattern->len > 0 ? pattern->ptr[0] : '\0';

	if (pattern->len == 0 || name->len == 0)
		return false;
	if (wanted == '?' || wanted == '*')
		take_character(name);
	else if (name->ptr[0] == wanted)
		*name = str_sub(*name, 1, name->len);
	else
		return false;
	*pattern = str_sub(*pattern, 1, pattern->len);
	return true;
}

static bool match_part(struct str pattern, struct str name)
{
	struct str star_pattern = {NULL, 0}, star_name = {NULL, 0}; /* after the last star */

	while (pattern.len > 0 || name.len > 0) {
		bool is_star = pattern.len > 0 && pattern.ptr[0] == '*';

		if (match_character(&pattern, &name)) {
			if (is_star) {
				star_pattern = pattern;
				star_name = name;
			}
			continue;
		}
		if (star_pattern.ptr == NULL || !take_character(&star_name))
			return false;
		pattern = star_pattern;
		name = star_name;
	}
	return true;
}

bool glob_match(struct str pattern, struct str path, struct str *relative)
{
	struct str star_pattern = {NULL, 0}, star_path = {NULL, 0}; /* after the last double star */
	bool names_files = glob_names_files(pattern);
	struct str rest = path;

	for (;;) {
		if (pattern.ptr == NULL) {
			*relative = names_files ? path : rest;
			if (names_files ? rest.ptr == NULL : rest.len > 0)
				return true;
		} else {
			struct str part = str_cut(&pattern, '/');

			if (str_eq(part, STR("**"))) {
				if (pattern.ptr == NULL) /* measured: nothing is found */
					return false;
				star_pattern = pattern;
				star_path = rest;
				continue;
			}
			if (rest.ptr != NULL && match_part(part, str_cut(&rest, '/')))
				continue;
		}
		if (star_pattern.ptr == NULL || star_path.ptr == NULL)
			return false;
		str_cut(&star_path, '/');
		pattern = star_pattern;
		rest = star_path;
	}
}

bool glob_may_match_below(struct str pattern, struct str directory)
{
	bool names_files = glob_names_files(pattern);

	while (directory.ptr != NULL) {
		struct str part = str_cut(&pattern, '/'), name = str_cut(&directory, '/');

		if (str_eq(part, STR("**")))
			return pattern.ptr != NULL;
		if (!match_part(part, name))
			return false;
		if (pattern.ptr == NULL)
			return !names_files; /* all below a directory that is meant */
	}
	return true;
}
