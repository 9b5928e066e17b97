/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wakeup.c - when a script has begun that shares its flight with the row before it
 *
 * The server says so in a message of its own, after the guards, so that "Migrating …" is there
 * before a long script ends. But most scripts are done a moment later, and to be woken for that
 * message costs more than anything else that a migration asks of us. So the kernel is told to wake
 * us when more than the message has come, which is as long as the one before, or after a tenth of
 * a second. Where the kernel cannot do that, or the length was wrong, we are woken as ever.
 *
 * The time that the script took is then what has passed since the flight began, without the part
 * in which the server was busy with row, COMMIT and guards: it tells that by its own clock.
 */
#include "wakeup.h"

#include "listener.h"

#include "cflyway/base/clock.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum { SLEEP_MS = 100 };

static int64_t now_ms(void)
{
	return clock_system.monotonic_ms(&clock_system);
}

void pg_wakeup_queued(struct postgres *pg)
{
	pg->start.queued_ms = now_ms();
	pg->start.is_unread = true;
}

/* --- waiting ------------------------------------------------------------------------------- */

/* Bytes that must be there before poll says that there is something to read. */
static bool set_low_water(int fd, int size_bytes)
{
	return setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &size_bytes, sizeof(size_bytes)) == 0;
}

/* Waits as usual, but looks how much it is that has come first. */
static int wait_and_measure(struct postgres *pg, struct pollfd *fd)
{
	int ready = pg_wait(pg, fd);

	pg->start.waited = PG_WAKEUP_MEASURED;
	if (ready < 0 || ioctl(fd->fd, FIONREAD, &pg->start.arrived_bytes) != 0)
		pg->start.waited = PG_WAKEUP_AWAKE;
	return ready;
}

/* All other waits of libpq expect to be woken by a single byte. */
static int sleep_through(struct postgres *pg, struct pollfd *fd)
{
	int ready;

	if (!set_low_water(fd->fd, pg->start.message_bytes + 1))
		return pg_wait(pg, fd);
	ready = poll(fd, 1, SLEEP_MS);
	set_low_water(fd->fd, 1);
	pg->start.waited = ready == 0 ? PG_WAKEUP_SLEPT_LONG : PG_WAKEUP_SLEPT;
	if (ready != 0)
		return ready;
	fd->revents = POLLIN; /* what is there, if anything */
	return 1;
}

int pg_wakeup_wait(struct postgres *pg, struct pollfd *fd)
{
	struct pg_wakeup *start = &pg->start;
	bool may_sleep = start->is_unread && !start->is_misjudged && !pg_is_watched(pg) &&
	                 fd->events == POLLIN;

	start->waited = PG_WAKEUP_AWAKE;
	start->is_unread = false;
	if (!may_sleep)
		return pg_wait(pg, fd);
	return start->message_bytes > 0 ? sleep_through(pg, fd) : wait_and_measure(pg, fd);
}

/* With TLS the message is a record of its own, and what follows is read by the next turn. */
static bool is_more_there(const struct postgres *pg)
{
	int bytes = 0;

	return ioctl(pg->pq.socket(pg->conn), FIONREAD, &bytes) == 0 && bytes > 0;
}

void pg_wakeup_learn(struct postgres *pg)
{
	struct pg_wakeup *start = &pg->start;
	const struct pg_pipeline *pipeline = &pg->pipeline;
	bool has_begun = !pipeline->is_waiting_for_start;
	bool is_alone = has_begun && pipeline->n == start->commands_after && !pipeline->has_result;

	switch (start->waited) {
	case PG_WAKEUP_AWAKE:
		break;
	case PG_WAKEUP_MEASURED:
		start->message_bytes = is_alone ? start->arrived_bytes : 0;
		break;
	case PG_WAKEUP_SLEPT: /* longer than it was: measured again */
		if (!has_begun || (is_alone && !is_more_there(pg)))
			start->message_bytes = 0;
		break;
	case PG_WAKEUP_SLEPT_LONG: /* with all of the answer there: no good guess, so no more */
		start->is_misjudged |= pipeline->n == 0 && pipeline->status == DB_OK;
	}
	start->waited = PG_WAKEUP_AWAKE;
}

/* --- the time ------------------------------------------------------------------------------ */

void pg_wakeup_note_time(struct postgres *pg, enum pg_entry_kind kind, const PGresult *result)
{
	struct pg_wakeup *start = &pg->start;

	if (start->queued_ms == 0 || pg->pq.ntuples(result) != 1)
		return;
	if (kind == PG_ROW && pg->pq.nfields(result) > PG_ROW_TIME)
		start->server_ms = strtoll(pg->pq.getvalue(result, 0, PG_ROW_TIME), NULL, 10);
	else if (kind == PG_HISTORY)
		start->busy_ms = strtoll(pg->pq.getvalue(result, 0, PG_HISTORY_TIME), NULL, 10) -
		                 start->server_ms;
}

int64_t pg_wakeup_ago_ms(const struct postgres *pg)
{
	int64_t ago_ms, since_ms;

	if (pg->start.queued_ms == 0)
		return 0;
	since_ms = now_ms() - pg->start.queued_ms;
	ago_ms = since_ms - pg->start.busy_ms;
	return ago_ms < 0 ? 0 : ago_ms > since_ms ? since_ms : ago_ms;
}
