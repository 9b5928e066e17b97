/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process_group.c - ends all processes of a program, and lends it the terminal
 *
 * What a program has started outside of its group (setsid, a daemon) becomes a child of this
 * process as soon as its parent has ended, and then is told to end like the group.
 *
 * The group is in the background of the terminal at first, so Ctrl-C reaches cflyway alone, which
 * passes it on. A program that reads the terminal is stopped by the kernel (SIGTTIN, SIGTTOU): only
 * then it gets the terminal.
 */
#include "process_group.h"

#include "cflyway/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/wait.h>
#include <unistd.h>

static int64_t now_ms(void)
{
	return clock_system.monotonic_ms(&clock_system);
}

/* Stopped processes go on, so that they notice the signal. */
static void send(struct process_group *group, int number)
{
	group->last_sent = number;
	kill(-group->id, number);
	kill(-group->id, SIGCONT);
}

/* Processes that may not receive signals from here count. */
static bool is_alive(const struct process_group *group)
{
	return kill(-group->id, 0) == 0 || errno != ESRCH;
}

/*
 * Is anything left, in the group or outside of it? What is outside is told to end. A program that
 * only ran too long (git) may leave a daemon.
 */
static bool has_children_left(struct process_group *group)
{
	if (!group->sees_all || group->is_late || !process_has_children())
		return false;
	process_strays_tell(&group->strays, group->id, group->last_sent);
	return true;
}

/* --- terminal ------------------------------------------------------------------------------ */

/* Makes to the foreground of the terminal, if from is. */
static bool pass_terminal(pid_t from, pid_t to)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return false;
	bool ok = tcgetpgrp(fd) == from && tcsetpgrp(fd, to) == 0;
	close(fd);
	return ok;
}

static bool lend_terminal(struct process_group *group)
{
	group->has_terminal = pass_terminal(getpgrp(), group->id);
	return group->has_terminal;
}

static void take_terminal_back(struct process_group *group)
{
	if (group->has_terminal)
		(void)pass_terminal(group->id, getpgrp());
	group->has_terminal = false;
}

static void change_mask(int how, sigset_t *old)
{
	sigset_t terminal;

	sigemptyset(&terminal);
	sigaddset(&terminal, SIGTSTP);
	sigaddset(&terminal, SIGTTIN);
	sigaddset(&terminal, SIGTTOU); /* so that tcsetpgrp works from the background */
	sigprocmask(how, &terminal, old);
}

/* Stops this process and those beside it, as the terminal would; goes on with fg or bg. */
static void stop_here(int number)
{
	kill(0, number);
	change_mask(SIG_UNBLOCK, NULL); /* stops here */
	change_mask(SIG_BLOCK, NULL);
}

static bool is_suspended(void)
{
	sigset_t pending;

	return sigpending(&pending) == 0 && sigismember(&pending, SIGTSTP) == 1;
}

/* After Ctrl-Z at cflyway. */
static void suspend(struct process_group *group)
{
	kill(-group->id, SIGTSTP);
	change_mask(SIG_UNBLOCK, NULL); /* stops here */
	change_mask(SIG_BLOCK, NULL);
	kill(-group->id, SIGCONT);
}

/* After something has stopped the program. */
static void resume(struct process_group *group, int number)
{
	bool wants_terminal = number == SIGTTIN || number == SIGTTOU;

	if (!wants_terminal && !group->has_terminal)
		return; /* somebody wants it so */
	take_terminal_back(group);
	if (!wants_terminal) {
		stop_here(SIGTSTP);
		lend_terminal(group);
	} else if (!lend_terminal(group)) {
		stop_here(number);
		if (!lend_terminal(group))
			kill(-group->id, SIGTERM); /* there is nobody who could bring it there */
	}
	kill(-group->id, SIGCONT);
}

/* --- the end ------------------------------------------------------------------------------- */

static void note_end(struct process_group *group, int status)
{
	bool had_terminal = group->has_terminal;

	group->has_ended = true;
	group->ended_ms = now_ms();
	group->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	take_terminal_back(group);
	/* Only the foreground has received this Ctrl-C. */
	if (had_terminal && WIFSIGNALED(status) && WTERMSIG(status) == SIGINT)
		raise(SIGINT);
}

/*
 * Makes orphans of the program children of this process. Otherwise they would still be there as
 * zombies where process 1 does not wait for its children, as in many containers; and what has left
 * the group could not be found. Returns false where this is not possible.
 */
static bool adopt_orphans(bool yes)
{
#ifdef __linux__
	return prctl(PR_SET_CHILD_SUBREAPER, yes ? 1UL : 0UL, 0UL, 0UL, 0UL) == 0;
#else
	(void)yes;
	return false;
#endif
}

static void take_status(struct process_group *group, int status)
{
	if (WIFSTOPPED(status))
		resume(group, WSTOPSIG(status));
	else
		note_end(group, status);
}

static void reap(struct process_group *group)
{
	enum { UNKNOWN = 255 << 8 }; /* as of exit(255): what is not known is no success */
	const int options = WNOHANG | WUNTRACED;
	int status = 0;
	pid_t pid;

	while ((pid = waitpid(group->sees_all ? -1 : -group->id, &status, options)) > 0)
		if (pid == group->id)
			take_status(group, status);
	if (pid == 0 || errno != ECHILD || group->has_ended)
		return;
	/* It may not have joined its group yet. */
	pid = waitpid(group->id, &status, options);
	if (pid > 0)
		take_status(group, status);
	else if (pid < 0 && errno == ECHILD)
		note_end(group, UNKNOWN); /* somebody else has waited for it */
}

static void tell_if_stopped(struct process_group *group)
{
	const volatile sig_atomic_t *stop = group->stop;

	if (group->told != 0 || stop == NULL || *stop == 0)
		return;
	group->told = *stop;
	group->told_ms = now_ms();
	send(group, group->told);
}

static void kill_if_late(struct process_group *group)
{
	if (group->told != 0 || group->limit_ms == 0 ||
	    now_ms() - group->opened_ms < group->limit_ms)
		return;
	group->is_late = true;
	group->told = SIGKILL;
	group->told_ms = now_ms();
	send(group, SIGKILL);
}

/*
 * What was told to end: all of it has to, first by itself and then by force. Background processes
 * of a shell ignore SIGINT, hence SIGTERM in between.
 */
static bool has_obeyed(struct process_group *group)
{
	int64_t waited_ms = now_ms() - group->told_ms, grace_ms = group->grace_ms;

	if (!has_children_left(group) && group->has_ended && !is_alive(group))
		return true;
	if (waited_ms >= grace_ms / 2 && group->last_sent == SIGINT)
		send(group, SIGTERM);
	if (waited_ms >= grace_ms && group->last_sent != SIGKILL)
		send(group, SIGKILL);
	group->was_killed = group->last_sent == SIGKILL;
	group->has_left = waited_ms >= 2 * grace_ms;
	return group->has_left;
}

bool process_group_watch(struct process_group *group, bool has_output)
{
	reap(group);
	if (group->has_ended && group->told == 0 && !has_output)
		return true;
	if (!group->has_ended && is_suspended())
		suspend(group);
	tell_if_stopped(group);
	kill_if_late(group);
	if (group->told != 0)
		return has_obeyed(group);
	if (!group->has_ended)
		return false;
	group->has_left = now_ms() - group->ended_ms >= group->grace_ms;
	return group->has_left;
}

void process_group_open(struct process_group *group)
{
	const struct sigaction normal = {.sa_handler = SIG_DFL};

	group->opened_ms = now_ms();
	change_mask(SIG_BLOCK, &group->old_mask);
	/* Who starts cflyway may ignore it: then nobody would be told how a child has ended. */
	sigaction(SIGCHLD, &normal, &group->old_child);
	/* Children that are there already, as of a shell that became cflyway, are not its own. */
	bool has_others = process_has_children();
	group->sees_all = adopt_orphans(true) && !has_others;
}

void process_group_close(struct process_group *group)
{
	(void)adopt_orphans(false);
	sigaction(SIGCHLD, &group->old_child, NULL);
	sigprocmask(SIG_SETMASK, &group->old_mask, NULL);
}
