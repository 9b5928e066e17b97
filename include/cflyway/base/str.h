/* SPDX-License-Identifier: Apache-2.0 */
/*
 * str.h - borrowed views of text, and lists of strings
 *
 * A view does not own its bytes and need not be NUL-terminated. Text is UTF-8. "White space" of
 * the trim functions is what Java's String.trim removes: every character up to U+0020.
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
bool str_ends(struct str s, struct str suffix);
bool str_ends_nocase(struct str s, struct str suffix);

/* The same text, or both NULL. */
bool str_same(const char *a, const char *b);

/* Position of the first occurrence, or s.len. */
size_t str_find(struct str s, struct str what);
size_t str_find_char(struct str s, char c);

/* How often c occurs. */
size_t str_count_char(struct str s, char c);

struct str str_trim(struct str s);
struct str str_trim_left(struct str s);
struct str str_trim_right(struct str s);

/*
 * Takes the part before the first separator off *rest and returns it; without a separator it
 * returns everything and leaves *rest empty with ptr NULL.
 */
struct str str_cut(struct str *rest, char separator);

/* A copy with ASCII letters changed. */
char *str_lower(struct arena *arena, struct str s);
char *str_upper(struct arena *arena, struct str s);

/* A copy with every occurrence of what replaced. what must not be empty. */
char *str_replace(struct arena *arena, struct str s, struct str what, struct str with);

/* A growing list of NUL-terminated strings; {0} is the empty list. Strings live in the arena. */
struct str_list {
	const char **items;
	size_t n;
};

void str_list_add(struct arena *arena, struct str_list *list, const char *item);
bool str_list_has(const struct str_list *list, const char *item);
char *str_list_join(struct arena *arena, const struct str_list *list, const char *separator);

#endif
