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

/*
 * Runs a program to its end. arguments[0] is looked for in PATH; a text file without "#!" is handed
 * to sh. variables ("NAME=value") are added to the environment of this process or replace what is
 * there. Standard input is empty; standard output and error are appended to output together, cut
 * at its maximum. Once *stop is set (by a signal handler) the program is asked to end with SIGTERM.
 *
 * *status is the exit status, or 128 + the number of the signal that ended it. Errors: the program
 * cannot be started, in Java's words.
 */
MUST_USE bool proc_run(const struct str_list *arguments, const struct str_list *variables,
                       const volatile sig_atomic_t *stop, struct buf *output, int *status,
                       struct error *err);

#endif
