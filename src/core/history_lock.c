/* SPDX-License-Identifier: Apache-2.0 */
/* history_lock.c - waits for the lock on the history table */
#include "cflyway/core/history_lock.h"

#include "cflyway/base/about.h"
#include "cflyway/base/attr.h"
#include "cflyway/core/outcome.h"
#include "cflyway/core/session.h"

enum {
	PAUSE_MS = 1000,
	SLICE_MS = 100, /* how long a signal may go unnoticed */
};

struct waiter {
	const struct run *run;
	int pauses;
	bool has_told;
	int64_t told; /* the process that was named last */
};

static bool sleep_unless_cancelled(const struct run *run, struct error *err)
{
	for (int64_t slept_ms = 0; slept_ms < PAUSE_MS; slept_ms += SLICE_MS) {
		if (run->db->is_cancelled) {
			error_explain(err, NOTE_CAUSE,
			              "interrupted while waiting for the lock: nothing that needs "
			              "it has run");
			return error_set(err, ERROR_GENERAL,
			                 "Interrupted while waiting for the lock on %s",
			                 run->session->history.quoted);
		}
		run->clock->sleep_ms(run->clock, SLICE_MS);
	}
	return true;
}

static const char *find_holder(const struct run *run, int64_t *process)
{
	return db_lock_holder(run->db, run->session->history.quoted, process);
}

/* After the first second, and less and less often after that, if it is another one then. */
static void tell_holder(struct waiter *waiter)
{
	static const int told_after_s[] = {1, 10, 60};
	enum { LAST_S = 300 };
	const struct run *run = waiter->run;
	const int waited_s = waiter->pauses + 1;
	bool is_due = waited_s % LAST_S == 0;
	const char *holder;
	int64_t process = 0;

	for (size_t i = 0; i < COUNT(told_after_s); i++)
		is_due |= waited_s == told_after_s[i];
	if (!is_due)
		return;
	holder = find_holder(run, &process);
	if (holder == NULL || (waiter->has_told && process == waiter->told))
		return;
	waiter->has_told = true;
	waiter->told = process;
	log_cflyway(run->log, "waiting for the lock on %s, held by %s",
	            run->session->history.quoted, holder);
}

/* Always returns false. */
static bool give_up(const struct run *run, struct error *err)
{
	int64_t process;
	const char *holder = find_holder(run, &process);

	error_set(
		err, ERROR_GENERAL,
		"Number of retries exceeded while attempting to acquire PostgreSQL advisory lock. "
		"Configure the number of retries with the 'lockRetryCount' configuration option: " FLYWAY_LINK
		"reference/configuration/flyway-namespace/"
		"flyway-lock-retry-count-setting");
	outcome_blame_surroundings(run); /* the next run may get it */
	if (holder != NULL)
		error_explain(err, NOTE_CAUSE, "the lock on %s is held by %s",
		              run->session->history.quoted, holder);
	return false;
}

/* Flyway sleeps first and counts then: with a retry count of N there are N + 1 tries. */
static bool wait_for_next_try(struct waiter *waiter, struct error *err)
{
	const struct run *run = waiter->run;
	int limit = run->settings->lock_retry_count;

	if (!sleep_unless_cancelled(run, err))
		return false;
	tell_holder(waiter);
	if (limit >= 0 && waiter->pauses >= limit)
		return give_up(run, err);
	waiter->pauses++;
	return true;
}

static bool begin_and_lock(struct waiter *waiter, struct error *err)
{
	struct db *db = waiter->run->db;
	const char *name = waiter->run->session->history.quoted;

	for (;;) {
		bool taken = false;

		if (!db_begin(db, err))
			return false;
		if (!db_try_lock(db, LOCK_TRANSACTION, name, &taken, err)) {
			db_rollback(db);
			return false;
		}
		if (taken)
			return true;
		db_rollback(db);
		if (!wait_for_next_try(waiter, err))
			return false;
	}
}

bool history_lock_begin(const struct run *run, struct error *err)
{
	struct waiter waiter = {.run = run};

	return begin_and_lock(&waiter, err);
}

bool history_lock_wait(const struct run *run, struct error *err)
{
	struct waiter waiter = {.run = run};

	if (!wait_for_next_try(&waiter, err) || !begin_and_lock(&waiter, err))
		return false;
	db_rollback(run->db);
	return true;
}

bool history_lock_session(const struct run *run, struct error *err)
{
	struct waiter waiter = {.run = run};
	struct db *db = run->db;

	/* What has passed the check of the scripts all the same. */
	if (db->pools_transactions)
		return error_set(err, ERROR_GENERAL,
		                 "The lock on %s cannot be held beyond a transaction behind a "
		                 "connection pooler that lends a server for one transaction at a "
		                 "time: connect to the server directly",
		                 run->session->history.quoted);
	for (;;) {
		bool taken = false;

		if (!db_try_lock(db, LOCK_SESSION, run->session->history.quoted, &taken, err))
			return false;
		if (taken)
			return true;
		if (!wait_for_next_try(&waiter, err))
			return false;
	}
}
