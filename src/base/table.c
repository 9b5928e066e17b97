/* SPDX-License-Identifier: Apache-2.0 */
/* table.c - prints tables in the frame that Flyway draws */
#include "cflyway/base/table.h"

#include "cflyway/base/arena.h"
#include "cflyway/base/utf8.h"

#include <stdint.h>

enum { PIECE_SIZE = 64 * 1024 };

static struct str title_of(const struct table *table, size_t column)
{
	const char *title = table->title(table->ctx, column);

	return title != NULL ? str_of(title) : STR("(No column name)");
}

static void widen(size_t *width, size_t wanted)
{
	if (wanted > *width)
		*width = wanted;
}

static size_t *measure(struct arena *arena, const struct table *table)
{
	size_t *widths = arena_array(arena, table->columns, sizeof(widths[0]));

	for (size_t column = 0; column < table->columns; column++) {
		widths[column] = utf8_length_utf16(title_of(table, column));
		if (table->widths != NULL)
			widen(&widths[column], table->widths[column]);
	}
	for (size_t row = 0; row < table->rows && table->widths == NULL; row++)
		for (size_t column = 0; column < table->columns; column++)
			widen(&widths[column],
			      utf8_length_utf16(table->cell(table->ctx, row, column)));
	return widths;
}

static void print_ruler(const struct table *table, const size_t *widths, struct buf *out)
{
	buf_putc(out, '+');
	for (size_t column = 0; column < table->columns; column++) {
		buf_repeat(out, '-', widths[column] + 2);
		buf_putc(out, '+');
	}
	buf_putc(out, '\n');
}

static void print_cell(struct str text, size_t width, struct buf *out)
{
	size_t len = utf8_length_utf16(text);

	buf_add(out, " ");
	buf_append(out, text.ptr, text.len);
	buf_repeat(out, ' ', len < width ? width - len : 0);
	buf_add(out, " |");
}

static void print_titles(const struct table *table, const size_t *widths, struct buf *out)
{
	buf_putc(out, '|');
	for (size_t column = 0; column < table->columns; column++)
		print_cell(title_of(table, column), widths[column], out);
	buf_putc(out, '\n');
}

static void print_row(const struct table *table, size_t row, const size_t *widths, struct buf *out)
{
	buf_putc(out, '|');
	for (size_t column = 0; column < table->columns; column++)
		print_cell(table->cell(table->ctx, row, column), widths[column], out);
	buf_putc(out, '\n');
}

/* Prints one line over all columns; cuts the text if the table is too narrow. */
static void print_no_rows(const struct table *table, const size_t *widths, struct buf *out)
{
	size_t ruler = 1;

	for (size_t column = 0; column < table->columns; column++)
		ruler += widths[column] + 3;
	size_t room = ruler > 4 ? ruler - 4 : 0;
	buf_putc(out, '|');
	print_cell(utf8_truncate_utf16(str_of(table->when_empty), room), room, out);
	buf_putc(out, '\n');
}

static void print_head(const struct table *table, const size_t *widths, struct buf *out)
{
	print_ruler(table, widths, out);
	print_titles(table, widths, out);
	print_ruler(table, widths, out);
}

bool table_print(const struct table *table, struct buf *out)
{
	struct arena arena = ARENA_EMPTY;
	const size_t *widths = measure(&arena, table);

	print_head(table, widths, out);
	for (size_t row = 0; row < table->rows; row++)
		print_row(table, row, widths, out);
	if (table->rows == 0)
		print_no_rows(table, widths, out);
	print_ruler(table, widths, out);
	arena_release(&arena);
	return !out->overflow;
}

void table_write(const struct table *table, void (*write)(void *ctx, struct str piece), void *ctx)
{
	struct buf piece = BUF_EMPTY(SIZE_MAX / 4);
	struct arena arena = ARENA_EMPTY;
	const size_t *widths = measure(&arena, table);

	print_head(table, widths, &piece);
	for (size_t row = 0; row < table->rows; row++) {
		if (piece.len >= PIECE_SIZE) {
			write(ctx, buf_str(&piece));
			buf_clear(&piece);
		}
		print_row(table, row, widths, &piece);
	}
	if (table->rows == 0)
		print_no_rows(table, widths, &piece);
	print_ruler(table, widths, &piece);
	write(ctx, buf_str(&piece));
	buf_release(&piece);
	arena_release(&arena);
}
