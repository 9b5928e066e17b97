/* SPDX-License-Identifier: Apache-2.0 */
/* byte_order_mark.c - drops U+FEFF anywhere in a script, as Flyway does */
#include "byte_order_mark.h"

static const struct str mark = {"\xEF\xBB\xBF", 3};

/* Returns the offset of the first U+FEFF in the text, or its length. */
static size_t find_mark(struct str text)
{
	size_t at = 0;

	while ((at += str_find_char(str_sub(text, at, text.len), mark.ptr[0])) < text.len) {
		if (str_starts(str_sub(text, at, text.len), mark))
			return at;
		at++;
	}
	return text.len;
}

struct str byte_order_mark_cut(bool *after_mark, struct str *piece)
{
	size_t shielded = *after_mark && str_starts(*piece, mark) ? mark.len : 0;
	size_t plain = shielded + find_mark(str_sub(*piece, shielded, piece->len));
	struct str text = str_sub(*piece, 0, plain);

	*after_mark = plain < piece->len;
	*piece = str_sub(*piece, plain + (*after_mark ? mark.len : 0), piece->len);
	return text;
}
