#include "listen.h"

#include "cflyway/db/echo.h"

#include <inttypes.h>

enum { FIRST_CAPACITY = 64 };

static void hear_started(void *ctx, int64_t ago_ms)
{
	struct hearing *hearing = ctx;

	hearing->started(hearing->ctx, ago_ms);
}

static void hear_committed(void *ctx)
{
	struct hearing *hearing = ctx;

	if (hearing->committed != NULL)
		hearing->committed(hearing->ctx);
}

static void hear_notice(void *ctx, const char *sqlstate, const char *message)
{
	const struct hearing *hearing = ctx;

	echo_notice(hearing->log, sqlstate, message);
}

static void hear_result(void *ctx, size_t index, struct row_set *rows)
{
	const struct hearing *hearing = ctx;

	(void)index;
	echo_result(hearing->log, rows);
}

static void hear_complete(void *ctx, size_t index, int64_t affected)
{
	struct hearing *hearing = ctx;

	hearing->progress.completed++;
	while (hearing->n > 0 && hearing->first <= index) {
		hearing->first++;
		hearing->n--;
	}
	if (affected >= 0)
		log_debug(hearing->run->log, "%" PRId64 " row%s affected", affected,
		          affected == 1 ? "" : "s");
}

static void hear_waiting(void *ctx)
{
	struct hearing *hearing = ctx;

	progress_tick(&hearing->progress);
}

void hearing_open(struct hearing *hearing, const struct run *run,
                  void (*started)(void *ctx, int64_t ago_ms), void *ctx)
{
	*hearing = (struct hearing){
		.run = run,
		.log = run->log,
		.listener =
			{
				.committed = hear_committed,
				.started = hear_started,
				.notice = hear_notice,
				.complete = hear_complete,
				.ctx = hearing,
			},
		.started = started,
		.ctx = ctx,
	};
	if (run->settings->output_query_results)
		hearing->listener.result = hear_result;
	if (run->log->progress)
		hearing->listener.waiting = hear_waiting;
	arena_init(&hearing->memory);
	spool_open(&hearing->lines, SPOOL_IN_MEMORY);
	hearing->outer = run->db->listener;
	run->db->listener = &hearing->listener;
}

void hearing_close(struct hearing *hearing)
{
	hearing->run->db->listener = hearing->outer;
	arena_release(&hearing->memory);
	spool_close(&hearing->lines);
}

void hearing_restart(struct hearing *hearing)
{
	arena_release(&hearing->memory);
	arena_init(&hearing->memory);
	hearing->flight = NULL;
	hearing->first = hearing->n = hearing->cap = 0;
}

/* Doubles the ring; a statement keeps its place modulo the capacity. */
static void grow(struct hearing *hearing)
{
	size_t cap = hearing->cap == 0 ? FIRST_CAPACITY : hearing->cap * 2;
	struct in_flight *flight = arena_array(&hearing->memory, cap, sizeof *flight);

	for (size_t i = hearing->first; i < hearing->first + hearing->n; i++)
		flight[i % cap] = hearing->flight[i % hearing->cap];
	hearing->flight = flight;
	hearing->cap = cap;
}

void hearing_sent(struct hearing *hearing, size_t line, const char *text)
{
	bool keeps_text = hearing->run->log->debug;

	progress_tick(&hearing->progress);
	if (hearing->n == hearing->cap)
		grow(hearing);
	hearing->flight[(hearing->first + hearing->n++) % hearing->cap] = (struct in_flight){
		.line = line,
		.text = keeps_text ? arena_strdup(&hearing->memory, text) : NULL,
	};
	log_debug(hearing->run->log, "Executing SQL: %s", text);
}

const struct in_flight *hearing_find(const struct hearing *hearing, size_t index)
{
	if (index < hearing->first || index >= hearing->first + hearing->n)
		return NULL;
	return &hearing->flight[index % hearing->cap];
}

/* --- lines that wait ----------------------------------------------------------------------- */

/* What stands in front of the text of a line. */
struct held_line {
	enum log_level level;
	size_t len;
};

static void hold_line(void *ctx, enum log_level level, struct str message)
{
	struct hearing *hearing = ctx;
	const struct held_line line = {level, message.len};
	struct error err = ERROR_INIT(&hearing->memory);

	hearing->has_lost_lines |=
		!spool_write(&hearing->lines, (const char *)&line, sizeof(line), &err) ||
		!spool_write(&hearing->lines, message.ptr, message.len, &err);
	hearing->lines_n++;
}

void hearing_hold(struct hearing *hearing)
{
	hearing->held = (struct log){.sink = hold_line, .ctx = hearing};
	hearing->log = &hearing->held;
}

void hearing_drop(struct hearing *hearing)
{
	hearing->log = hearing->run->log;
	hearing->lines_n = 0;
	hearing->has_lost_lines = false;
	spool_close(&hearing->lines);
	spool_open(&hearing->lines, SPOOL_IN_MEMORY);
}

static bool show_line(struct hearing *hearing, struct buf *text, struct error *err)
{
	struct held_line line;

	if (!spool_read(&hearing->lines, (char *)&line, sizeof(line), err))
		return false;
	buf_clear(text);
	buf_reserve(text, line.len);
	if (!spool_read(&hearing->lines, text->ptr, line.len, err))
		return false;
	log_text(hearing->run->log, line.level, (struct str){text->ptr, line.len});
	return true;
}

void hearing_release(struct hearing *hearing)
{
	struct error err = ERROR_INIT(&hearing->memory);
	struct buf text = BUF_EMPTY(SIZE_MAX / 4);
	bool ok = !hearing->has_lost_lines && spool_rewind(&hearing->lines, &err);

	for (size_t i = 0; ok && i < hearing->lines_n; i++)
		ok = show_line(hearing, &text, &err);
	if (!ok)
		log_own(hearing->run->log,
		        "not all results can be shown: the temporary file for them is incomplete");
	buf_release(&text);
	hearing_drop(hearing);
}
