/* query.c - small helpers around the interface to databases */
#include "cflyway/db/driver.h"

#include "fill.h"

#include "cflyway/base/buf.h"

#include <stdarg.h>

bool db_query(struct db *db, const char *sql, const char *const *args, size_t n, db_row_fn *row,
              void *ctx, struct error *err)
{
	return db->driver->query(db, sql, args, n, row, ctx, err);
}

static bool read_bool(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	bool *value = ctx;

	(void)err;
	*value = columns > 0 && values[0] &&
	         (strcmp(values[0], "t") == 0 || strcmp(values[0], "1") == 0);
	return true;
}

bool db_query_bool(struct db *db, const char *sql, const char *const *args, size_t n, bool *value,
                   struct error *err)
{
	*value = false;
	return db_query(db, sql, args, n, read_bool, value, err);
}

bool db_title(struct error *err, enum error_code code, const char *format, ...)
{
	va_list args;

	if (!err->sql)
		return false;
	va_start(args, format);
	err->message = arena_vprintf(err->arena, format, args);
	va_end(args);
	err->code = code;
	return false;
}

const char *db_quote_identifier(struct arena *arena, const char *name)
{
	return arena_printf(arena, "\"%s\"",
	                    str_replace(arena, str_of(name), STR("\""), STR("\"\"")));
}

const char *db_fill(struct arena *arena, const char *text, const struct db_blank *blanks, size_t n)
{
	struct buf out = BUF_EMPTY(SIZE_MAX);

	for (const char *c = text; *c;) {
		size_t plain = strcspn(c, "%"), i = 0;

		buf_append(&out, c, plain);
		c += plain;
		while (*c && i < n && c[1] != blanks[i].letter)
			i++;
		if (*c && i < n) {
			buf_add(&out, blanks[i].value);
			c += 2;
		} else if (*c) {
			buf_putc(&out, *c++);
		}
	}

	const char *filled = str_dup(arena, str_trim_right(buf_str(&out)));

	buf_release(&out);
	return filled;
}
