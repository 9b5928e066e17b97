/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wakeup.c - one wake-up for a migration that shares its batch with the row before it
 *
 * The server says in a message of its own that the guards have passed, so that "Migrating …" is
 * there before a long script ends. But most scripts are done a moment later, and to be woken for
 * that message costs more than anything else that a migration asks of us. So the kernel is told to
 * wake us when more than the message has come, which is as long as the one before, or after a
 * tenth of a second. Where the kernel cannot do that, or the length was wrong, we are woken as
 * usual.
 *
 * The script has then started before we hear of it. It took what has passed since the batch was
 * sent, without the time that the server spent on row, COMMIT and guards: it tells that by its own
 * clock.
 */
#include "wakeup.h"

#include "listener.h"

#include "cflyway/base/clock.h"
#include "cflyway/db/answer_shape.h"

#include <sys/ioctl.h>
#include <sys/socket.h>

enum { SLEEP_MS = 100 };

struct pg_wakeup {
	enum wait {
		WAIT_AS_USUAL,
		WAIT_IS_NEXT, /* a row has been queued, and nothing of the answer has been read */
		WAITED_MEASURED, /* what came first was measured */
		WAITED_FOR_MORE, /* until more had come than the message */
		WAITED_TOO_LONG, /* until there was no more patience */
	} wait;
	int arrived_bytes; /* measured */
	int message_bytes; /* until the guards have passed; 0: unknown */
	bool never_again;  /* message_bytes was wrong, and cost a tenth of a second */

	int64_t queued_ms; /* on our clock; 0: no row shares the batch */
	int64_t server_ms; /* on the server's clock, at its first command */
	int64_t busy_ms;   /* from there to the guards */
};

void pg_wakeup_init(struct postgres *pg)
{
	pg->wakeup = arena_alloc(pg->db->arena, sizeof(*pg->wakeup));
}

void pg_wakeup_reset(struct postgres *pg)
{
	pg->wakeup->wait = WAIT_AS_USUAL;
	pg->wakeup->queued_ms = 0;
}

static int64_t now_ms(void)
{
	return clock_system.monotonic_ms(&clock_system);
}

void pg_wakeup_queued(struct postgres *pg)
{
	pg->wakeup->wait = WAIT_IS_NEXT;
	pg->wakeup->queued_ms = now_ms();
}

/* --- waiting ------------------------------------------------------------------------------- */

/* Bytes that must be there before poll says that there is something to read. */
static bool set_low_water(int fd, int size_bytes)
{
	return setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &size_bytes, sizeof(size_bytes)) == 0;
}

static int wait_and_measure(struct postgres *pg, struct pollfd *fd)
{
	struct pg_wakeup *wakeup = pg->wakeup;
	int ready = pg_wait(pg, fd);

	if (ready >= 0 && ioctl(fd->fd, FIONREAD, &wakeup->arrived_bytes) == 0)
		wakeup->wait = WAITED_MEASURED;
	return ready;
}

/*
 * All other waits expect to be woken by a single byte. Where the kernel keeps the mark, they would
 * sleep for ever: the connection ends instead.
 */
static int wait_for_more(struct postgres *pg, struct pollfd *fd)
{
	int ready;

	if (!set_low_water(fd->fd, pg->wakeup->message_bytes + 1))
		return pg_wait(pg, fd);
	ready = poll(fd, 1, SLEEP_MS);
	if (!set_low_water(fd->fd, 1))
		shutdown(fd->fd, SHUT_RDWR);
	pg->wakeup->wait = ready == 0 ? WAITED_TOO_LONG : WAITED_FOR_MORE;
	if (ready != 0)
		return ready;
	fd->revents = POLLIN; /* what is there, if anything */
	return 1;
}

int pg_wakeup_wait(struct postgres *pg, struct pollfd *fd)
{
	struct pg_wakeup *wakeup = pg->wakeup;
	bool is_next = wakeup->wait == WAIT_IS_NEXT;

	wakeup->wait = WAIT_AS_USUAL;
	if (!is_next || wakeup->never_again || pg_is_watched(pg) || fd->events != POLLIN)
		return pg_wait(pg, fd);
	return wakeup->message_bytes > 0 ? wait_for_more(pg, fd) : wait_and_measure(pg, fd);
}

/* With TLS the message is a record of its own, and what follows is read by the next turn. */
static bool is_more_there(const struct postgres *pg)
{
	int bytes = 0;

	return ioctl(pg->pq.socket(pg->conn), FIONREAD, &bytes) == 0 && bytes > 0;
}

void pg_wakeup_learn(struct postgres *pg, enum pg_progress progress)
{
	struct pg_wakeup *wakeup = pg->wakeup;
	bool is_alone = progress == PG_PROGRESS_STARTED;

	switch (wakeup->wait) {
	case WAIT_AS_USUAL:
	case WAIT_IS_NEXT:
		return;
	case WAITED_MEASURED:
		wakeup->message_bytes = is_alone ? wakeup->arrived_bytes : 0;
		break;
	case WAITED_FOR_MORE: /* it is longer than it was: measured again */
		if (progress == PG_PROGRESS_NONE || (is_alone && !is_more_there(pg)))
			wakeup->message_bytes = 0;
		break;
	case WAITED_TOO_LONG: /* with all of the answer there */
		wakeup->never_again |= progress == PG_PROGRESS_ALL;
		break;
	}
	wakeup->wait = WAIT_AS_USUAL;
}

/* --- the time ------------------------------------------------------------------------------ */

void pg_wakeup_take_time(struct postgres *pg, bool is_history, const PGresult *result)
{
	struct pg_wakeup *wakeup = pg->wakeup;
	int column = is_history ? PG_HISTORY_TIME : PG_ROW_TIME;

	if (wakeup->queued_ms == 0 || pg->pq.ntuples(result) != 1 ||
	    pg->pq.nfields(result) <= column || pg->pq.getisnull(result, 0, column))
		return;

	int64_t time_ms = answer_number(pg->pq.getvalue(result, 0, column));

	if (is_history)
		wakeup->busy_ms = time_ms - wakeup->server_ms;
	else
		wakeup->server_ms = time_ms;
}

int64_t pg_wakeup_ago_ms(const struct postgres *pg)
{
	const struct pg_wakeup *wakeup = pg->wakeup;
	int64_t ago_ms, since_ms;

	if (wakeup->queued_ms == 0)
		return 0;
	since_ms = now_ms() - wakeup->queued_ms;
	ago_ms = since_ms - wakeup->busy_ms;
	return ago_ms < 0 ? 0 : ago_ms > since_ms ? since_ms : ago_ms;
}
