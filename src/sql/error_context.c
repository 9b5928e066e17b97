/* SPDX-License-Identifier: Apache-2.0 */
/* error_context.c - reads the CONTEXT of an error of PostgreSQL: which line of which function */
#include "cflyway/sql/error_context.h"

#include <stdint.h>

/* The number at the beginning of text; 0: there is none. */
static size_t number(struct str text)
{
	size_t n = 0, digits = str_count_digits(text);

	if (digits > 9)
		return 0;
	for (size_t i = 0; i < digits; i++)
		n = 10 * n + (size_t)(text.ptr[i] - '0');
	return n;
}

/* Cuts text at what, which is removed; false: it does not occur. */
static bool cut_at(struct str text, struct str what, struct str *before, struct str *after)
{
	size_t at = str_find(text, what);

	if (at == text.len)
		return false;
	*before = str_sub(text, 0, at);
	*after = str_sub(text, at + what.len, text.len);
	return true;
}

static bool read_copy(struct str line, struct error_frame *frame)
{
	struct str before, after, name, value;

	if (!str_starts(line, STR("COPY ")) || !cut_at(line, STR(", line "), &before, &after))
		return false;
	*frame = (struct error_frame){.kind = FRAME_COPY,
	                              .name = str_sub(before, 5, before.len),
	                              .line = number(after),
	                              .detail = STR(""),
	                              .value = STR("")};
	after = str_sub(after, str_count_digits(after), after.len);
	if (!str_starts(after, STR(", column ")))
		return frame->line > 0;
	after = str_sub(after, 2, after.len);
	frame->detail = after;
	if (cut_at(after, STR(": \""), &name, &value) && str_ends(value, STR("\"")))
		frame->value = str_sub(value, 0, value.len - 1);
	return frame->line > 0;
}

static bool read_plpgsql(struct str line, struct error_frame *frame)
{
	const struct str begin = STR("PL/pgSQL function ");
	struct str name, after;

	if (!str_starts(line, begin))
		return false;
	line = str_sub(line, begin.len, line.len);
	if (!cut_at(line, STR(" line "), &name, &after))
		return false;
	*frame = (struct error_frame){
		.kind = str_eq(name, STR("inline_code_block")) ? FRAME_BLOCK : FRAME_FUNCTION,
		.name = name,
		.line = number(after),
	};
	return frame->line > 0;
}

static bool read_sql(struct str line, struct error_frame *frame)
{
	const struct str begin = STR("SQL function \"");
	struct str name, after;

	if (!str_starts(line, begin))
		return false;
	line = str_sub(line, begin.len, line.len);
	if (!cut_at(line, STR("\" "), &name, &after))
		return false;
	*frame = (struct error_frame){.kind = FRAME_SQL, .name = name};
	if (str_starts(after, STR("statement ")))
		frame->statement = number(str_sub(after, 10, after.len));
	return true;
}

bool error_context_next(struct str *rest, struct error_frame *frame)
{
	while (rest->ptr != NULL && rest->len > 0) {
		struct str line = str_cut(rest, '\n');

		if (read_copy(line, frame) || read_plpgsql(line, frame) || read_sql(line, frame))
			return true;
	}
	return false;
}
