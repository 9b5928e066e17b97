/* SPDX-License-Identifier: Apache-2.0 */
/* match.c - finds the file of an entry in the history of another tool */
#include "cflyway/adopt/match.h"

#include "cflyway/base/ascii.h"

#define REVISION_MARK "-- Alembic revision "
#define PART_MARK "--changeset "
#define PART_MARK_SPACED "-- changeset "

bool adopt_can_match(const struct migration *file)
{
	return migration_is_versioned(file) && !migration_is_undo(file) &&
	       !migration_is_baseline(file);
}

/* --- names --------------------------------------------------------------------------------- */

static struct str without_folder(struct str name)
{
	for (size_t i = name.len; i > 0; i--)
		if (name.ptr[i - 1] == '/' || name.ptr[i - 1] == '\\')
			return str_sub(name, i, name.len);
	return name;
}

static struct str drop_end(struct str name, struct str end)
{
	return name.len > end.len && str_ends_nocase(name, end)
	               ? str_sub(name, 0, name.len - end.len)
	               : name;
}

/* "a/001_x.up.sql", "001_x.sql" and "001_x" are all "001_x". */
static struct str stem_of(struct str name)
{
	return drop_end(drop_end(without_folder(name), STR(".sql")), STR(".up"));
}

static bool is_separator(char c)
{
	return c == '_' || c == '-' || c == '.' || c == ' ';
}

/* Compares descriptions: all separators are alike, and letter case does not matter. */
static bool same_words(struct str a, struct str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		bool parts = is_separator(a.ptr[i]) && is_separator(b.ptr[i]);

		if (!parts && ascii_upper(a.ptr[i]) != ascii_upper(b.ptr[i]))
			return false;
	}
	return true;
}

/* "V001__add_price" is the number 001 and "add_price". */
struct key {
	struct str stem, number, description;
	bool is_number; /* and nothing else: "7", "1.2", "V1_2" */
};

static struct str without_prefix(struct str stem)
{
	bool has_prefix = stem.len > 1 && (stem.ptr[0] == 'V' || stem.ptr[0] == 'v') &&
	                  ascii_is_digit(stem.ptr[1]);

	return str_sub(stem, has_prefix, stem.len);
}

static bool is_version(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!ascii_is_digit(text.ptr[i]) &&
		    ((text.ptr[i] != '.' && text.ptr[i] != '_') || i + 1 == text.len || i == 0))
			return false;
	return text.len > 0;
}

static struct key read_key(const char *text)
{
	struct str stem = stem_of(str_trim(str_of(text)));
	struct str rest = without_prefix(stem);
	struct key key = {.stem = stem, .is_number = is_version(rest)};
	size_t digits = key.is_number ? rest.len : str_count_digits(rest);
	size_t start = digits;

	while (start < rest.len && is_separator(rest.ptr[start]))
		start++;
	key.number = str_sub(rest, 0, digits);
	key.description = str_sub(rest, start, rest.len);
	return key;
}

/* --- files --------------------------------------------------------------------------------- */

/* Files of equal numbers have versions such as 000.1: the number is what comes before the dot. */
static bool has_number(struct arena *arena, const struct migration *file, struct str number)
{
	struct str written = str_of(file->version.text);
	struct error ignored = ERROR_INIT(arena);
	struct version wanted, own = file->version;

	if (!version_parse(arena, str_dup(arena, number), &wanted, &ignored))
		return false;
	if (file->is_counted &&
	    !version_parse(arena, str_dup(arena, str_cut(&written, '.')), &own, &ignored))
		return false;
	return version_compare(&own, &wanted) == 0;
}

static struct adopt_match find_name(const char *key, const struct migration_list *files)
{
	struct str name = without_folder(str_trim(str_of(key)));

	for (size_t i = 0; i < files->n; i++)
		if (!migration_is_undo(files->items[i]) &&
		    str_eq(str_of(files->items[i]->file_name), name))
			return (struct adopt_match){ADOPT_MATCH_FILE, files->items[i], 1};
	for (size_t i = 0; i < files->n; i++)
		if (adopt_can_match(files->items[i]) &&
		    str_eq(stem_of(str_of(files->items[i]->file_name)), stem_of(name)))
			return (struct adopt_match){ADOPT_MATCH_FILE, files->items[i], 1};
	return (struct adopt_match){.kind = ADOPT_MATCH_NONE};
}

/* Among the files that have the number. */
static struct adopt_match find_number(struct arena *arena, const struct key *key,
                                      const struct migration_list *files)
{
	struct adopt_match match = {.kind = ADOPT_MATCH_NONE};

	for (size_t i = 0; i < files->n; i++) {
		const struct migration *file = files->items[i];

		if (!adopt_can_match(file) || !has_number(arena, file, key->number))
			continue;
		if (!key->is_number && same_words(str_of(file->description), key->description))
			return (struct adopt_match){ADOPT_MATCH_FILE, file, 1};
		if (match.file == NULL)
			match.file = file;
		match.n++;
	}
	if (match.n == 0)
		return match;
	match.kind = !key->is_number ? ADOPT_MATCH_OTHER_NAME
	             : match.n > 1   ? ADOPT_MATCH_SEVERAL
	                             : ADOPT_MATCH_FILE;
	return match;
}

static struct adopt_match find_description(struct str text, const struct migration_list *files)
{
	struct adopt_match match = {.kind = ADOPT_MATCH_NONE};

	for (size_t i = 0; i < files->n; i++) {
		const struct migration *file = files->items[i];

		if (!adopt_can_match(file) || !same_words(str_of(file->description), text))
			continue;
		if (match.file == NULL)
			match.file = file;
		match.n++;
	}
	if (match.n > 0)
		match.kind = match.n > 1 ? ADOPT_MATCH_SEVERAL : ADOPT_MATCH_FILE;
	return match;
}

struct adopt_match adopt_match_key(struct arena *arena, const char *text,
                                   const struct migration_list *files)
{
	struct key key = read_key(text);
	struct adopt_match match = find_name(text, files);

	if (match.kind == ADOPT_MATCH_FILE)
		return match;
	if (key.number.len > 0) {
		match = find_number(arena, &key, files);
		if (match.kind != ADOPT_MATCH_NONE)
			return match;
	}
	return find_description(key.stem, files);
}

/* --- texts --------------------------------------------------------------------------------- */

struct str adopt_find_revision(struct str head)
{
	while (head.ptr != NULL) {
		struct str line = str_trim(str_cut(&head, '\n'));

		if (line.len > 0 && !str_starts(line, STR("--")))
			break;
		if (!str_starts_nocase(line, STR(REVISION_MARK)))
			continue;
		line = str_trim(str_sub(line, strlen(REVISION_MARK), line.len));
		return str_cut(&line, ' ');
	}
	return (struct str){"", 0};
}

size_t adopt_count_parts(struct str text)
{
	size_t n = 0;

	while (text.ptr != NULL) {
		struct str line = str_trim_left(str_cut(&text, '\n'));

		n += str_starts_nocase(line, STR(PART_MARK)) ||
		     str_starts_nocase(line, STR(PART_MARK_SPACED));
	}
	return n;
}
