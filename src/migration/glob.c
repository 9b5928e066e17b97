/* SPDX-License-Identifier: Apache-2.0 */
/*
 * glob.c - match the files of a location with wildcards: "*", "?", and "**" for directories
 *
 * Stars match as little as possible, as in Flyway. That decides which directories a pattern matches
 * when there are several ways, and lets each loop go back to its last star only.
 *
 * DIFFERS: Flyway reads all other characters as a regular expression; here they are literal.
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

/* Removes the first character of the pattern, and its match in the name. */
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
			return !names_files; /* everything below a matching directory */
	}
	return true;
}
