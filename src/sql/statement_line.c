/* SPDX-License-Identifier: Apache-2.0 */
/* statement_line.c - shows a statement on one line: its beginning, without its passwords */
#include "cflyway/sql/statement_line.h"

#include "cflyway/base/buf.h"
#include "cflyway/base/str.h"
#include "cflyway/sql/password_literal.h"

#include <ctype.h>

enum { MAX_TEXT = 120, MAX_TEXT_BUF = 256 };

const char *statement_line(struct arena *arena, const char *statement)
{
	struct buf text = BUF_EMPTY(MAX_TEXT_BUF);
	const char *c = statement;

	while (*c != '\0' && text.len < MAX_TEXT) {
		if (isspace((unsigned char)*c)) {
			while (isspace((unsigned char)*c))
				c++;
			if (text.len > 0 && *c != '\0')
				buf_putc(&text, ' ');
		} else if (text.len == 0 && c[0] == '-' && c[1] == '-') {
			c += strcspn(c, "\n");
		} else {
			buf_putc(&text, *c++);
		}
	}
	while (*c != '\0' && ((unsigned char)*c & 0xC0) == 0x80)
		buf_putc(&text, *c++); /* the rest of a character */
	if (*c != '\0')
		buf_add(&text, " ...");
	const char *shortened = str_dup(arena, buf_str(&text));

	buf_release(&text);
	return password_literal_mask(arena, shortened);
}
