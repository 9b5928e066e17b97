/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process_group.h - the processes of a program that cflyway has started
 */
#ifndef CFLYWAY_BASE_PROCESS_GROUP_H
#define CFLYWAY_BASE_PROCESS_GROUP_H

#include "process_strays.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct process_group {
	pid_t id; /* of the group and of the program that leads it */
	/* Set by the caller, as in struct proc: */
	const volatile sig_atomic_t *stop;
	int grace_ms, limit_ms;
	/* As in struct proc_end: */
	int status, told;
	bool was_killed, has_left, is_late, sees_all;
	/* Private: */
	sigset_t old_mask;
	struct sigaction old_child; /* what was done with SIGCHLD */
	bool has_ended;             /* the program itself */
	bool has_terminal;          /* it is in the foreground of the terminal */
	int64_t opened_ms;
	int64_t ended_ms;
	int64_t told_ms;
	int last_sent; /* signal */
	struct process_strays strays;
};

/* Before the program is started: holds back the signals of the terminal. */
void process_group_open(struct process_group *group);

/*
 * Looks after the group, without waiting. has_output: its output is not closed yet.
 *
 * Returns true once there is nothing to wait for any more.
 */
bool process_group_watch(struct process_group *group, bool has_output);

void process_group_close(struct process_group *group);

#endif
