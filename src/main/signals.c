/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signals.c - on Ctrl-C, SIGTERM or SIGHUP, cancels what runs and rolls its transaction back
 *
 * These are the only mutable globals of the program: a signal handler has no other access to data.
 */
#include "signals.h"

#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t caught, count;
static volatile sig_atomic_t is_held, is_child;
static struct db *volatile watched;

/* A second signal ends everything at once; the server rolls back the open transaction. */
static NORETURN void end_at_once(const struct db *db, int number)
{
	for (; db != NULL; db = db->second)
		if (db->program_group != 0)
			kill(-(pid_t)db->program_group, SIGKILL);
	_exit(128 + number);
}

static void handle(int number)
{
	struct db *db = watched;

	count++;
	if (caught != 0 && (is_child || (is_held && count == 2)))
		return;
	if (caught != 0)
		end_at_once(db, number);
	caught = number;
	if (is_held)
		return;
	if (db == NULL || db->driver == NULL || db->handle == NULL)
		_exit(128 + number);
	for (; db != NULL; db = db->second) {
		db->is_cancelled = number;
		db_cancel(db);
	}
}

int signals_caught(void)
{
	return caught;
}

/* nohup has it ignored. */
static void handle_hangup(const struct sigaction *action)
{
	struct sigaction before;

	if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
		sigaction(SIGHUP, action, NULL);
}

void signals_install(void)
{
	struct sigaction action = {.sa_handler = handle};

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	handle_hangup(&action);
	/*
	 * A closed pipe (| head) or a limit for the size of files (ulimit -f) must fail the write,
	 * not kill the process during a migration. Java ignores both, too.
	 */
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
	sigaction(SIGXFSZ, &action, NULL);
}

int signals_count(void)
{
	return count;
}

void signals_hold(bool hold)
{
	is_held = hold;
}

void signals_in_child(void)
{
	struct sigaction action = {.sa_handler = SIG_IGN};

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	is_held = 0;
	is_child = 1;
	if (caught != 0)
		_exit(128 + caught);
}

void signals_watch(struct db *db)
{
	watched = db;
}
