/* SPDX-License-Identifier: Apache-2.0 */
/*
 * str.h - borrowed views of text, and lists of strings
 *
 * A view does not own its bytes and need not be NUL-terminated. Text is UTF-8. The trim functions
 * remove what Java's String.trim removes: every character up to U+0020.
 *
 * Example: reads a list; the items are "a", "b" and "c".
 *
 *	struct str rest = STR("a, b ,c");
 *	struct str_list items = {0};
 *
 *	while (rest.ptr != NULL) {
 *		struct str item = str_trim(str_cut(&rest, ','));
 *
 *		str_list_add(arena, &items, str_dup(arena, item));
 *	}
 *
 * A view is printed with printf("%.*s", (int)item.len, item.ptr).
 */
#ifndef CFLYWAY_BASE_STR_H
#define CFLYWAY_BASE_STR_H

#include "cflyway/base/arena.h"

#include <stdbool.h>
#include <stddef.h>

struct str {
	const char *ptr;
	size_t len;
};

#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})

struct str str_of(const char *text); /* NULL gives the empty view */
struct str str_sub(struct str s, size_t from, size_t to);
char *str_dup(struct arena *arena, struct str s);

bool str_eq(struct str a, struct str b);
bool str_eq_nocase(struct str a, struct str b); /* ASCII letters only */
bool str_starts(struct str s, struct str prefix);
bool str_starts_nocase(struct str s, struct str prefix);
bool str_has_nocase(struct str s, struct str part);
bool str_ends(struct str s, struct str suffix);
bool str_ends_nocase(struct str s, struct str suffix);

/* True if both strings are equal, or both are NULL. */
bool str_same(const char *a, const char *b);

/* Return the position of the first occurrence, or s.len if there is none. */
size_t str_find(struct str s, struct str what);
size_t str_find_char(struct str s, char c);

/* Counts the occurrences of c. */
size_t str_count_char(struct str s, char c);

/* Counts the digits at the beginning. */
size_t str_count_digits(struct str s);

struct str str_trim(struct str s);
struct str str_trim_left(struct str s);
struct str str_trim_right(struct str s);

/*
 * Removes the part before the first separator from *rest, with the separator, and returns it.
 * Without a separator, returns everything and leaves *rest empty with ptr NULL.
 */
struct str str_cut(struct str *rest, char separator);

/* Return a copy; only ASCII letters change. */
char *str_lower(struct arena *arena, struct str s);
char *str_upper(struct arena *arena, struct str s);

/* Returns a copy in which with replaces every occurrence of what. what must not be empty. */
char *str_replace(struct arena *arena, struct str s, struct str what, struct str with);

/*
 * A growing list of NUL-terminated strings; {0} is the empty list. The array lives in the arena;
 * str_list_add does not copy the item.
 */
struct str_list {
	const char **items;
	size_t n;
};

void str_list_add(struct arena *arena, struct str_list *list, const char *item);
bool str_list_has(const struct str_list *list, const char *item);
char *str_list_join(struct arena *arena, const struct str_list *list, const char *separator);

#endif
