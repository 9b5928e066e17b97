/* SPDX-License-Identifier: Apache-2.0 */
/* notices.c - keeps the notices of a statement until its outcome is known */
#include "cflyway/db/notices.h"

#include "cflyway/base/buf.h"
#include "cflyway/db/result_log.h"

#include <stdint.h>
#include <string.h>

static const char plain[] = "00000";

void notices_open(struct notices *notices)
{
	*notices = (struct notices){0};
	spool_open(&notices->spool, SPOOL_IN_MEMORY);
}

void notices_close(struct notices *notices)
{
	spool_close(&notices->spool);
}

static void empty(struct notices *notices)
{
	notices_close(notices);
	notices_open(notices);
}

/* --- writing and reading: two strings for each notice, with their lengths and NULs ------------ */

static void write_text(struct notices *notices, const char *text)
{
	struct arena arena = ARENA_EMPTY;
	struct error err = ERROR_INIT(&arena);
	size_t len = strlen(text);

	notices->has_failed |=
		!spool_write(&notices->spool, (const char *)&len, sizeof(len), &err) ||
		!spool_write(&notices->spool, text, len + 1, &err);
	arena_release(&arena);
}

void notices_add(struct notices *notices, const char *sqlstate, const char *message)
{
	write_text(notices, sqlstate);
	write_text(notices, message);
	notices->n++;
}

struct reading {
	struct notices *notices;
	struct buf sqlstate, message;
	struct error err;
	struct arena arena;
};

static bool read_text(struct reading *reading, struct buf *text)
{
	struct spool *spool = &reading->notices->spool;
	size_t len;

	if (!spool_read(spool, (char *)&len, sizeof(len), &reading->err))
		return false;
	buf_clear(text);
	buf_reserve(text, len + 1);
	return spool_read(spool, text->ptr, len + 1, &reading->err);
}

/* Shows all notices and drops them. False if some could not be kept or read. */
static bool each(struct notices *notices, notice_fn *show, void *ctx)
{
	struct reading reading = {
		.notices = notices,
		.sqlstate = BUF_EMPTY(SIZE_MAX / 4),
		.message = BUF_EMPTY(SIZE_MAX / 4),
	};
	bool ok;

	if (notices->n == 0)
		return true;
	error_init(&reading.err, &reading.arena);
	ok = !notices->has_failed && spool_rewind(&notices->spool, &reading.err);
	for (size_t i = 0; ok && i < notices->n; i++) {
		ok = read_text(&reading, &reading.sqlstate) &&
		     read_text(&reading, &reading.message);
		if (ok)
			show(ctx, i, reading.sqlstate.ptr, reading.message.ptr);
	}
	buf_release(&reading.sqlstate);
	buf_release(&reading.message);
	arena_release(&reading.arena);
	empty(notices);
	return ok;
}

static const char incomplete[] =
	"not all notices can be shown: the temporary file for them is incomplete";

/* --- after a success ----------------------------------------------------------------------- */

static void show_as_flyway(void *ctx, size_t i, const char *sqlstate, const char *message)
{
	(void)i;
	result_log_notice(ctx, sqlstate, message);
}

void notices_each(struct notices *notices, const struct log *log, notice_fn *show, void *ctx)
{
	if (!each(notices, show, ctx))
		log_cflyway(log, "%s", incomplete);
}

void notices_log(struct notices *notices, const struct log *log)
{
	struct log copy = *log;

	notices_each(notices, log, show_as_flyway, &copy);
}

/* --- in cflyway's own lines ---------------------------------------------------------------- */

struct own_lines {
	struct str_list lines;
	struct arena *arena;
	size_t first; /* the first line to show */
	const char *origin;
};

/* Joins the lines, which tells a notice apart from Flyway's lines. */
static const char *on_one_line(struct arena *arena, const char *text)
{
	char *line = arena_strdup(arena, text);

	for (char *c = line; *c != '\0'; c++)
		if (*c == '\n' || *c == '\r')
			*c = ' ';
	return line;
}

static void add_line(void *ctx, size_t i, const char *sqlstate, const char *message)
{
	struct own_lines *own = ctx;
	bool is_plain = strcmp(sqlstate, plain) == 0;
	const char *line;

	if (i < own->first)
		return;
	line = on_one_line(own->arena, message);
	str_list_add(own->arena, &own->lines,
	             is_plain ? arena_printf(own->arena, "notice of %s: %s", own->origin, line)
	                      : arena_printf(own->arena, "warning of %s: %s (SQL State: %s)",
	                                     own->origin, line, sqlstate));
}

static struct str_list own_lines(struct notices *notices, struct arena *arena, const char *origin)
{
	struct own_lines own = {.arena = arena, .origin = origin};

	if (notices->n > NOTICES_SHOWN) {
		own.first = notices->n - NOTICES_SHOWN;
		str_list_add(arena, &own.lines,
		             arena_printf(arena, "the first %zu notices of %s are left out",
		                          own.first, origin));
	}
	if (!each(notices, add_line, &own))
		str_list_add(arena, &own.lines, incomplete);
	return own.lines;
}

void notices_log_own(struct notices *notices, const struct log *log, const char *origin)
{
	struct arena arena = ARENA_EMPTY;
	struct str_list lines = own_lines(notices, &arena, origin);

	for (size_t i = 0; i < lines.n; i++)
		log_cflyway(log, "%s", lines.items[i]);
	arena_release(&arena);
}

void notices_note(struct notices *notices, struct error *err)
{
	struct str_list lines = own_lines(notices, err->arena, "the failed statement");

	for (size_t i = 0; i < lines.n; i++)
		error_note(err, "%s", lines.items[i]);
}
