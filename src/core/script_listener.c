/* SPDX-License-Identifier: Apache-2.0 */
/* script_listener.c - what the server says while a script runs: notices, results, counts */
#include "script_listener.h"

#include "statement_override.h"

#include "cflyway/core/trial.h"
#include "cflyway/db/result_log.h"
#include "cflyway/sql/password_literal.h"

#include <inttypes.h>

enum { FIRST_CAPACITY = 64 };

static void on_started(void *ctx, int64_t ago_ms)
{
	struct script_listener *listener = ctx;

	listener->started(listener->ctx, ago_ms);
}

static void on_committed(void *ctx)
{
	struct script_listener *listener = ctx;

	if (listener->committed != NULL)
		listener->committed(listener->ctx);
}

static void on_notice(void *ctx, const char *sqlstate, const char *message)
{
	struct script_listener *listener = ctx;

	notices_add(&listener->notices, sqlstate, message);
}

/* NULL if no statement of that index is in flight. */
static struct in_flight *find(const struct script_listener *listener, size_t index)
{
	if (index < listener->first || index >= listener->first + listener->n)
		return NULL;
	return &listener->flight[index % listener->cap];
}

/* What is sent may never be executed, so that this waits for the outcome. */
static void log_statement(const struct script_listener *listener, struct in_flight *statement)
{
	if (statement == NULL || statement->text == NULL || statement->is_logged)
		return;
	if (listener->run->log->debug)
		log_debug(listener->run->log, "Executing %sSQL: %s",
		          statement->is_batched ? "batchable " : "",
		          password_literal_mask(listener->run->arena, statement->text));
	statement->is_logged = true;
}

/* --- notices ------------------------------------------------------------------------------- */

struct overridden {
	struct script_listener *listener;
	const struct in_flight *statement; /* may be NULL */
};

/* The first notice that becomes an error fails the statement; the others are not shown. */
static void keep_raised(const struct overridden *overridden, const char *sqlstate,
                        const char *message)
{
	struct script_listener *listener = overridden->listener;

	if (listener->raised.message != NULL)
		return;
	listener->raised = (struct sql_failure){
		.state = arena_strdup(listener->run->arena, sqlstate),
		.message = arena_strdup(listener->run->arena, message),
	};
	if (overridden->statement != NULL)
		listener->raised_by = *overridden->statement;
}

static void show_overridden(void *ctx, size_t i, const char *sqlstate, const char *message)
{
	const struct overridden *overridden = ctx;
	struct run run = *overridden->listener->run;
	const struct error_override *rule =
		error_overrides_find(&run.settings->overrides, sqlstate, 0);

	(void)i;
	run.log = overridden->listener->log;
	if (rule == NULL)
		result_log_notice(run.log, sqlstate, message);
	else if (rule->behaviour == OVERRIDE_ERROR)
		keep_raised(overridden, sqlstate, message);
	else
		statement_override_log(&run, rule->behaviour,
		                       error_override_line(rule, run.arena, sqlstate, 0, message));
}

/* The statement has succeeded, or has had its first result. */
static void show_notices(struct script_listener *listener, size_t index)
{
	struct in_flight *statement = find(listener, index);

	log_statement(listener, statement);
	if (listener->notices.n == 0)
		return;
	if (statement_override_is_on(listener->run)) {
		struct overridden overridden = {listener, statement};

		notices_each(&listener->notices, listener->log, show_overridden, &overridden);
	} else if (statement != NULL && (statement->is_copy || statement->is_batched))
		notices_log_own(&listener->notices, listener->log,
		                statement->is_copy ? "COPY" : "a batch");
	else
		notices_log(&listener->notices, listener->log);
}

static void on_result(void *ctx, size_t index, struct row_set *rows)
{
	struct script_listener *listener = ctx;
	const struct in_flight *statement = find(listener, index);

	show_notices(listener, index);
	if (statement == NULL || !statement->is_batched)
		result_log_rows(listener->log, rows);
}

static void on_complete(void *ctx, size_t index, int64_t affected)
{
	struct script_listener *listener = ctx;

	show_notices(listener, index);
	listener->progress.completed++;
	if (listener->run->trial != NULL)
		trial_statement_rows(listener->run->trial, affected);
	while (listener->n > 0 && listener->first <= index) {
		listener->first++;
		listener->n--;
	}
	if (affected >= 0)
		log_debug(listener->run->log, "%" PRId64 " row%s affected", affected,
		          affected == 1 ? "" : "s");
}

static void on_waiting(void *ctx)
{
	struct script_listener *listener = ctx;

	if (listener->run->log->progress != NULL)
		progress_line_tick(&listener->progress);
	if (listener->run->trial != NULL)
		trial_statement_waits(listener->run->trial);
}

/*
 * The line of the statement that waits; 0: nobody can tell. What the server has done of a batch is
 * not known before it says so, so that the length has to tell.
 */
static size_t find_line(const struct script_listener *listener, const struct db_wait *wait)
{
	const struct in_flight *found = NULL;
	size_t n = 0;

	for (size_t i = listener->first; i < listener->first + listener->n; i++) {
		const struct in_flight *statement = find(listener, i);

		if (statement != NULL &&
		    (listener->n == 1 || statement->len == wait->statement_bytes ||
		     (wait->is_longer && statement->len > wait->statement_bytes))) {
			found = statement;
			n++;
		}
	}
	return n == 1 ? found->line : 0;
}

static void on_blocked(void *ctx, const struct db_wait *wait)
{
	const struct script_listener *listener = ctx;
	const size_t line = find_line(listener, wait);

	if (line > 0)
		log_remark(listener->run->log, listener->path, line, "%s:%zu: %s", listener->path,
		           line, wait->sentence);
	else
		log_cflyway(listener->run->log, "%s: %s", listener->path, wait->sentence);
}

void script_listener_open(struct script_listener *listener, const struct run *run,
                          void (*started)(void *ctx, int64_t ago_ms), void *ctx)
{
	*listener = (struct script_listener){
		.run = run,
		.log = run->log,
		.base =
			{
				.committed = on_committed,
				.started = on_started,
				.notice = on_notice,
				.complete = on_complete,
				.blocked = on_blocked,
				.ctx = listener,
			},
		.started = started,
		.ctx = ctx,
	};
	if (run->settings->output_query_results)
		listener->base.result = on_result;
	listener->base.sees_each_end = run->log->progress != NULL;
	if (run->log->progress != NULL || run->trial != NULL)
		listener->base.waiting = on_waiting;
	arena_init(&listener->memory);
	notices_open(&listener->notices);
	spool_open(&listener->lines, SPOOL_IN_MEMORY);
	listener->outer = run->db->listener;
	run->db->listener = &listener->base;
}

void script_listener_close(struct script_listener *listener)
{
	listener->run->db->listener = listener->outer;
	arena_release(&listener->memory);
	notices_close(&listener->notices);
	spool_close(&listener->lines);
}

void script_listener_restart(struct script_listener *listener)
{
	arena_release(&listener->memory);
	arena_init(&listener->memory);
	listener->flight = NULL;
	listener->text_bytes = 0;
	listener->first = listener->n = listener->cap = 0;
}

/* Doubles the ring; a statement keeps its place modulo the capacity. */
static void grow(struct script_listener *listener)
{
	size_t cap = listener->cap == 0 ? FIRST_CAPACITY : listener->cap * 2;
	struct in_flight *flight = arena_array(&listener->memory, cap, sizeof(*flight));

	for (size_t i = listener->first; i < listener->first + listener->n; i++)
		flight[i % cap] = listener->flight[i % listener->cap];
	listener->flight = flight;
	listener->cap = cap;
}

struct in_flight *script_listener_sent(struct script_listener *listener,
                                       const struct statement *statement)
{
	bool is_batched = (statement->flags & STATEMENT_BATCHED) != 0;
	bool keeps_text = is_batched || listener->run->log->debug;
	struct in_flight *slot;

	progress_line_tick(&listener->progress);
	if (listener->n == listener->cap)
		grow(listener);
	slot = &listener->flight[(listener->first + listener->n++) % listener->cap];
	*slot = (struct in_flight){
		.line = statement->line,
		.offset = statement->offset,
		.len = statement->len,
		.token = statement->token,
		.text = keeps_text ? arena_strdup(&listener->memory, statement->text) : NULL,
		.is_copy = (statement->flags & STATEMENT_COPY_IN) != 0,
		.is_batched = is_batched,
	};
	if (keeps_text)
		listener->text_bytes += statement->len + 1;
	return slot;
}

void script_listener_failed(struct script_listener *listener, size_t index, struct error *err)
{
	struct in_flight *statement = find(listener, index);

	log_statement(listener, statement);
	notices_note(&listener->notices, err);
}

const struct in_flight *script_listener_find(const struct script_listener *listener, size_t index)
{
	return find(listener, index);
}

/* --- lines that wait ----------------------------------------------------------------------- */

/* Precedes the text of a line. */
struct held_line {
	enum log_level level;
	size_t len;
};

static void hold_line(void *ctx, enum log_level level, struct str message)
{
	struct script_listener *listener = ctx;
	const struct held_line line = {level, message.len};
	struct error err = ERROR_INIT(&listener->memory);

	listener->has_lost_lines |=
		!spool_write(&listener->lines, (const char *)&line, sizeof(line), &err) ||
		!spool_write(&listener->lines, message.ptr, message.len, &err);
	listener->lines_n++;
}

void script_listener_hold(struct script_listener *listener)
{
	listener->held = (struct log){.sink = hold_line, .ctx = listener};
	listener->log = &listener->held;
}

void script_listener_drop(struct script_listener *listener)
{
	listener->log = listener->run->log;
	listener->lines_n = 0;
	listener->has_lost_lines = false;
	spool_close(&listener->lines);
	spool_open(&listener->lines, SPOOL_IN_MEMORY);
}

static bool show_line(struct script_listener *listener, struct buf *text, struct error *err)
{
	struct held_line line;

	if (!spool_read(&listener->lines, (char *)&line, sizeof(line), err))
		return false;
	buf_clear(text);
	buf_reserve(text, line.len);
	if (!spool_read(&listener->lines, text->ptr, line.len, err))
		return false;
	log_text(listener->run->log, line.level, (struct str){text->ptr, line.len});
	return true;
}

void script_listener_release(struct script_listener *listener)
{
	struct error err = ERROR_INIT(&listener->memory);
	struct buf text = BUF_EMPTY(SIZE_MAX / 4);
	bool ok = !listener->has_lost_lines && spool_rewind(&listener->lines, &err);

	for (size_t i = 0; ok && i < listener->lines_n; i++)
		ok = show_line(listener, &text, &err);
	if (!ok)
		log_cflyway(
			listener->run->log,
			"not all results can be shown: the temporary file for them is incomplete");
	buf_release(&text);
	script_listener_drop(listener);
}
