/* SPDX-License-Identifier: Apache-2.0 */
/* str.c - compares, cuts, trims and copies views of text, and keeps lists of strings */
#include "cflyway/base/str.h"

#include "cflyway/base/ascii.h"
#include "cflyway/base/swar.h"

#include <stdint.h>
#include <string.h>

struct str str_of(const char *text)
{
	return (struct str){text, text != NULL ? strlen(text) : 0};
}

struct str str_sub(struct str s, size_t from, size_t to)
{
	if (s.ptr == NULL)
		return (struct str){NULL, 0};
	if (to > s.len)
		to = s.len;
	if (from > to)
		from = to;
	return (struct str){s.ptr + from, to - from};
}

char *str_dup(struct arena *arena, struct str s)
{
	return arena_strndup(arena, s.ptr, s.len);
}

static char to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static char to_upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}

bool str_eq(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool str_eq_nocase(struct str a, struct str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (to_lower(a.ptr[i]) != to_lower(b.ptr[i]))
			return false;
	return true;
}

bool str_starts(struct str s, struct str prefix)
{
	return s.len >= prefix.len && str_eq(str_sub(s, 0, prefix.len), prefix);
}

bool str_starts_nocase(struct str s, struct str prefix)
{
	return s.len >= prefix.len && str_eq_nocase(str_sub(s, 0, prefix.len), prefix);
}

bool str_ends(struct str s, struct str suffix)
{
	return s.len >= suffix.len && str_eq(str_sub(s, s.len - suffix.len, s.len), suffix);
}

bool str_has_nocase(struct str s, struct str part)
{
	for (size_t i = 0; i + part.len <= s.len; i++)
		if (str_starts_nocase(str_sub(s, i, s.len), part))
			return true;
	return false;
}

bool str_ends_nocase(struct str s, struct str suffix)
{
	return s.len >= suffix.len && str_eq_nocase(str_sub(s, s.len - suffix.len, s.len), suffix);
}

bool str_same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

size_t str_find(struct str s, struct str what)
{
	size_t at = 0;

	if (what.len == 0 || s.ptr == NULL)
		return 0;
	while (s.len - at >= what.len) {
		at += str_find_char(str_sub(s, at, s.len - what.len + 1), what.ptr[0]);
		if (at + what.len > s.len)
			break;
		if (memcmp(s.ptr + at, what.ptr, what.len) == 0)
			return at;
		at++;
	}
	return s.len;
}

size_t str_find_char(struct str s, char c)
{
	const char *found = s.ptr != NULL ? memchr(s.ptr, c, s.len) : NULL;

	return found != NULL ? (size_t)(found - s.ptr) : s.len;
}

static size_t count_in_block(const char *bytes, char c)
{
	uint8_t n = 0;

	for (size_t i = 0; i < VECTOR_LOOP; i++)
		n = (uint8_t)(n + (bytes[i] == c));
	return n;
}

size_t str_count_char(struct str s, char c)
{
	size_t at = 0, n = 0;

	for (; s.len - at >= VECTOR_LOOP; at += VECTOR_LOOP)
		n += count_in_block(s.ptr + at, c);
	for (; s.len - at >= SWAR_BYTES; at += SWAR_BYTES)
		n += swar_count(swar_marks(swar_load(s.ptr + at), c));
	for (; at < s.len; at++)
		n += s.ptr[at] == c;
	return n;
}

static bool is_trimmed(char c)
{
	return (unsigned char)c <= ' ';
}

size_t str_count_digits(struct str s)
{
	size_t n = 0;

	while (n < s.len && ascii_is_digit(s.ptr[n]))
		n++;
	return n;
}

struct str str_trim(struct str s)
{
	return str_trim_left(str_trim_right(s));
}

struct str str_trim_left(struct str s)
{
	while (s.len > 0 && is_trimmed(s.ptr[0])) {
		s.ptr++;
		s.len--;
	}
	return s;
}

struct str str_trim_right(struct str s)
{
	while (s.len > 0 && is_trimmed(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

struct str str_cut(struct str *rest, char separator)
{
	size_t at = str_find_char(*rest, separator);
	struct str part = str_sub(*rest, 0, at);

	*rest = at < rest->len ? str_sub(*rest, at + 1, rest->len) : (struct str){NULL, 0};
	return part;
}

char *str_lower(struct arena *arena, struct str s)
{
	char *copy = str_dup(arena, s);

	for (size_t i = 0; i < s.len; i++)
		copy[i] = to_lower(copy[i]);
	return copy;
}

char *str_upper(struct arena *arena, struct str s)
{
	char *copy = str_dup(arena, s);

	for (size_t i = 0; i < s.len; i++)
		copy[i] = to_upper(copy[i]);
	return copy;
}

static char *put(char *to, struct str s)
{
	if (s.len > 0)
		memcpy(to, s.ptr, s.len);
	return to + s.len;
}

char *str_replace(struct arena *arena, struct str s, struct str what, struct str with)
{
	size_t n = 0, at;

	for (struct str rest = s; (at = str_find(rest, what)) < rest.len; n++)
		rest = str_sub(rest, at + what.len, rest.len);
	char *copy = arena_alloc(arena, s.len - n * what.len + n * with.len + 1), *to = copy;
	while ((at = str_find(s, what)) < s.len) {
		to = put(put(to, str_sub(s, 0, at)), with);
		s = str_sub(s, at + what.len, s.len);
	}
	put(to, s);
	return copy;
}

void str_list_add(struct arena *arena, struct str_list *list, const char *item)
{
	list->items = arena_grow(arena, list->items, list->n, sizeof(list->items[0]));
	list->items[list->n++] = item;
}

bool str_list_has(const struct str_list *list, const char *item)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->items[i], item) == 0)
			return true;
	return false;
}

char *str_list_join(struct arena *arena, const struct str_list *list, const char *separator)
{
	size_t len = 0;

	for (size_t i = 0; i < list->n; i++)
		len += strlen(list->items[i]) + strlen(separator);
	char *joined = arena_alloc(arena, len + 1), *to = joined;
	for (size_t i = 0; i < list->n; i++) {
		if (i > 0)
			to = put(to, str_of(separator));
		to = put(to, str_of(list->items[i]));
	}
	return joined;
}
