#include "listen.h"

#include "cflyway/db/echo.h"

#include <inttypes.h>

enum { FIRST_CAPACITY = 64 };

static void hear_started(void *ctx)
{
	struct hearing *hearing = ctx;

	hearing->started(hearing->ctx);
}

static void hear_notice(void *ctx, const char *sqlstate, const char *message)
{
	const struct hearing *hearing = ctx;

	echo_notice(hearing->log, sqlstate, message);
}

static void hear_result(void *ctx, size_t index, const struct db_result *result)
{
	const struct hearing *hearing = ctx;

	(void)index;
	if (hearing->run->settings->output_query_results)
		echo_result(hearing->log, result);
}

static void hear_complete(void *ctx, size_t index, int64_t affected)
{
	struct hearing *hearing = ctx;

	while (hearing->n > 0 && hearing->first <= index) {
		hearing->first++;
		hearing->n--;
	}
	if (affected >= 0)
		log_debug(hearing->run->log, "%" PRId64 " row%s affected", affected,
		          affected == 1 ? "" : "s");
}

void hearing_open(struct hearing *hearing, const struct run *run, void (*started)(void *ctx),
                  void *ctx)
{
	*hearing = (struct hearing){
		.run = run,
		.log = run->log,
		.listener = {hear_started, hear_notice, hear_result, hear_complete, hearing},
		.started = started,
		.ctx = ctx,
	};
	arena_init(&hearing->memory);
	arena_init(&hearing->held_memory);
	hearing->outer = run->db->listener;
	run->db->listener = &hearing->listener;
}

void hearing_close(struct hearing *hearing)
{
	hearing->run->db->listener = hearing->outer;
	arena_release(&hearing->memory);
	arena_release(&hearing->held_memory);
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

static void hold_line(void *ctx, enum log_level level, struct str message)
{
	struct hearing *hearing = ctx;

	hearing->lines = arena_grow(&hearing->held_memory, hearing->lines, hearing->lines_n,
	                            sizeof hearing->lines[0]);
	hearing->lines[hearing->lines_n++] = (struct held_line){
		.level = level,
		.text = {str_dup(&hearing->held_memory, message), message.len},
	};
}

void hearing_hold(struct hearing *hearing)
{
	hearing->held = (struct log){.sink = hold_line, .ctx = hearing};
	hearing->log = &hearing->held;
}

void hearing_drop(struct hearing *hearing)
{
	hearing->log = hearing->run->log;
	hearing->lines = NULL;
	hearing->lines_n = 0;
	arena_release(&hearing->held_memory);
	arena_init(&hearing->held_memory);
}

void hearing_release(struct hearing *hearing)
{
	for (size_t i = 0; i < hearing->lines_n; i++)
		log_text(hearing->run->log, hearing->lines[i].level, hearing->lines[i].text);
	hearing_drop(hearing);
}
