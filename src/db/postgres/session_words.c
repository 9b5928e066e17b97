/* SPDX-License-Identifier: Apache-2.0 */
/* session_words.c - another session, in words, for the line that says who is in the way */
#include "session_words.h"

#include "cflyway/base/terminal.h"
#include "cflyway/config/secret.h"
#include "cflyway/db/answer_shape.h"
#include "cflyway/sql/statement_line.h"

#include <inttypes.h>

enum column { PID, USER, APPLICATION, STATE, SINCE, OPEN_MS, QUERY };

/* "3 s", "5 min 3 s", "2 h 5 min", "3 d 4 h". */
static const char *show_time(struct arena *arena, int64_t ms)
{
	static const struct {
		const char *name;
		int64_t seconds;
	} units[] = {{"d", 86400}, {"h", 3600}, {"min", 60}, {"s", 1}};
	int64_t left = ms > 0 ? ms / 1000 : 0;
	size_t i = 0;

	while (i + 1 < COUNT(units) && left < units[i].seconds)
		i++;
	if (i + 1 == COUNT(units))
		return arena_printf(arena, "%" PRId64 " s", left);
	return arena_printf(arena, "%" PRId64 " %s %" PRId64 " %s", left / units[i].seconds,
	                    units[i].name, left % units[i].seconds / units[i + 1].seconds,
	                    units[i + 1].name);
}

/* What another session has made up must not control a terminal. */
static const char *escape(struct arena *arena, const char *text)
{
	struct buf out = BUF_EMPTY(SIZE_MAX / 4);
	const char *escaped;

	terminal_escape(&out, str_of(text));
	escaped = str_dup(arena, buf_str(&out));
	buf_release(&out);
	return escaped;
}

/* What follows a word such as password is left out, whatever it is. */
const char *pg_query_words(struct arena *arena, const char *query)
{
	const char *line = statement_line(arena, query);
	const size_t secret = secret_find(str_of(line));

	if (line[secret] != '\0')
		line = arena_printf(arena, "%.*s" SECRET_MASK, (int)secret, line);
	return escape(arena, line);
}

static bool is_given(const char *value)
{
	return value != NULL && *value != '\0';
}

const char *pg_session_words(struct arena *arena, const char *const *values)
{
	struct buf out = BUF_EMPTY(SIZE_MAX / 4);
	const char *query = values[QUERY];
	const char *words;

	if (strcmp(values[PID], "0") == 0)
		return "a prepared transaction, which pg_prepared_xacts shows";
	buf_printf(&out, "process %s", values[PID]);
	if (is_given(values[USER]))
		buf_printf(&out, " of user %s", escape(arena, values[USER]));
	if (is_given(values[APPLICATION]))
		buf_printf(&out, " (application %s)", escape(arena, values[APPLICATION]));
	if (is_given(values[STATE]))
		buf_printf(&out, ", %s", values[STATE]);
	if (is_given(values[SINCE]) && values[OPEN_MS] != NULL)
		buf_printf(&out, "; its transaction has been open for %s, since %s",
		           show_time(arena, answer_number(values[OPEN_MS])), values[SINCE]);
	/* Without the right to see it, the server says so in its place. */
	if (is_given(query) && is_given(values[STATE]))
		buf_printf(&out, "; its %squery: %s",
		           str_same(values[STATE], "active") ? "" : "last ",
		           pg_query_words(arena, query));
	words = str_dup(arena, buf_str(&out));
	buf_release(&out);
	return words;
}

const char *pg_others_words(struct arena *arena, int n)
{
	return n <= 0 ? "" : arena_printf(arena, "%d other%s and ", n, n == 1 ? "" : "s");
}
