/* SPDX-License-Identifier: Apache-2.0 */
/*
 * row_set.c - stores a row as one record: for each value its length, its bytes and a NUL
 */
#include "cflyway/base/row_set.h"

#include "cflyway/base/utf8.h"

#include <stdint.h>
#include <string.h>

/* Stored in place of the length; no bytes follow. */
#define NULL_VALUE SIZE_MAX

void row_set_open(struct row_set *set, size_t columns, size_t memory_limit)
{
	*set = (struct row_set){.columns = columns, .text = BUF_EMPTY(SIZE_MAX / 4)};
	set->titles = arena_array(&set->arena, columns, sizeof(set->titles[0]));
	set->widths = arena_array(&set->arena, columns, sizeof(set->widths[0]));
	set->lengths = arena_array(&set->arena, columns, sizeof(set->lengths[0]));
	set->values = arena_array(&set->arena, columns, sizeof(set->values[0]));
	error_init(&set->err, &set->arena);
	spool_open(&set->spool, memory_limit);
}

void row_set_close(struct row_set *set)
{
	spool_close(&set->spool);
	buf_release(&set->text);
	arena_release(&set->arena);
}

void row_set_title(struct row_set *set, size_t column, const char *title)
{
	set->titles[column] = title != NULL ? arena_strdup(&set->arena, title) : NULL;
}

static bool write_value(struct row_set *set, struct str value)
{
	size_t len = value.ptr != NULL ? value.len : NULL_VALUE;

	return spool_write(&set->spool, (const char *)&len, sizeof(len), &set->err) &&
	       (value.ptr == NULL || spool_write(&set->spool, value.ptr, len + 1, &set->err));
}

static void add_value(struct row_set *set, size_t column, struct str value)
{
	size_t width = utf8_length_utf16(value);

	if (width > set->widths[column])
		set->widths[column] = width;
	set->has_failed = !write_value(set, value);
}

void row_set_add(struct row_set *set, const char *const *values)
{
	set->rows++;
	for (size_t i = 0; i < set->columns && !set->has_failed; i++)
		add_value(set, i, str_of(values[i]));
}

void row_set_add_texts(struct row_set *set, const struct str *values)
{
	set->rows++;
	for (size_t i = 0; i < set->columns && !set->has_failed; i++)
		add_value(set, i, values[i]);
}

void row_set_rewind(struct row_set *set)
{
	set->has_failed = set->has_failed || !spool_rewind(&set->spool, &set->err);
}

/* Appends a value to the text; *len is NULL_VALUE for NULL. */
static bool read_value(struct row_set *set, size_t *len)
{
	struct buf *text = &set->text;

	if (!spool_read(&set->spool, (char *)len, sizeof(*len), &set->err))
		return false;
	if (*len == NULL_VALUE)
		return true;
	buf_reserve(text, *len + 1);
	if (!spool_read(&set->spool, text->ptr + text->len, *len + 1, &set->err))
		return false;
	text->len += *len + 1;
	return true;
}

bool row_set_next(struct row_set *set)
{
	size_t at = 0;

	if (set->has_failed || set->rows == 0)
		return false;
	buf_clear(&set->text);
	for (size_t i = 0; i < set->columns; i++) {
		size_t len = 0;

		if (!read_value(set, &len)) {
			set->has_failed = true;
			return false;
		}
		set->lengths[i] = len;
	}
	for (size_t i = 0; i < set->columns; i++) {
		bool is_null = set->lengths[i] == NULL_VALUE;

		set->values[i] = is_null ? NULL : set->text.ptr + at;
		at += is_null ? 0 : set->lengths[i] + 1;
	}
	set->rows--;
	return true;
}
