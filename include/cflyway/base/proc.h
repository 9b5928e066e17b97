/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proc.h - runs another program and collects what it prints
 */
#ifndef CFLYWAY_BASE_PROC_H
#define CFLYWAY_BASE_PROC_H

#include "cflyway/base/attr.h"
#include "cflyway/base/buf.h"
#include "cflyway/base/error.h"
#include "cflyway/base/str.h"

#include <signal.h>
#include <stdbool.h>

/* What to run, and how. */
struct proc {
	/* The program arguments[0] is searched in PATH; sh runs a text file without "#!". */
	const struct str_list *arguments;
	const struct str_list *variables; /* "NAME=value": extend or replace the environment */
	const char *input;                /* the file for standard input; NULL: it is empty */
	/* The number of a signal, once a signal handler has stored it; may be NULL. */
	const volatile sig_atomic_t *stop;
	/* Receives the process group while the program runs, 0 otherwise; may be NULL. */
	volatile sig_atomic_t *group;
	int grace_ms;      /* how long a process may take to end */
	int limit_ms;      /* how long the program may run before it is killed; 0: any time */
	bool drops_errors; /* its standard error goes nowhere */
};

/* How the program ended. */
struct proc_end {
	int status;      /* its exit status, or 128 + the number of the signal that ended it */
	int told;        /* the signal that was passed on to it, 0 for none */
	bool was_killed; /* after the grace time, some of its processes had to be killed */
	bool has_left;   /* a process of it still runs, or has its output open */
	bool sees_all;   /* what has left its group was told to end, too, and counts */
	bool is_late;    /* it was killed because it ran longer than limit_ms */
};

/*
 * Runs a program and waits until it ends. Standard output and standard error are both appended to
 * output and cut at its maximum.
 *
 * The program leads a process group of its own. Once *stop is set, the whole group receives that
 * signal, and SIGKILL after the grace time; proc_run returns when all of the group has ended. So
 * does what has left the group (setsid), on Linux, if this process had no children before. A
 * program that reads the terminal gets it, if this process has it; a SIGINT that ends the program
 * then is raised here, too. Ctrl-Z stops both.
 *
 * Somebody who still has the output open after the program has ended is waited for during the grace
 * time, and then left alone.
 *
 * Errors: the program cannot be started, in Java's words.
 */
MUST_USE bool proc_run(const struct proc *proc, struct buf *output, struct proc_end *end,
                       struct error *err);

#endif
