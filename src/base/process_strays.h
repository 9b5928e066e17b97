/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process_strays.h - the children of this process that are in no process group of a program
 *
 * What a program has started in a session of its own (setsid, a daemon) becomes a child of this
 * process as soon as its parent has ended, see PR_SET_CHILD_SUBREAPER.
 */
#ifndef CFLYWAY_BASE_PROCESS_STRAYS_H
#define CFLYWAY_BASE_PROCESS_STRAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { MAX_STRAYS = 64 };

/* Those that have received a signal. */
struct process_strays {
	pid_t told[MAX_STRAYS];
	size_t n;
	int number; /* the signal; another one begins a new list */
};

/* Does this process have children, be they zombies? */
bool process_has_children(void);

/*
 * Sends a signal to each child that is outside of the group and has not received it yet, with the
 * group that it leads; what is stopped goes on. More than MAX_STRAYS receive it again at each call.
 * Does nothing where there is no /proc.
 */
void process_strays_tell(struct process_strays *strays, pid_t group, int number);

#endif
