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
 * Runs a program and waits until it ends. The program arguments[0] is searched in PATH; sh runs a
 * text file without "#!". variables ("NAME=value") extend or replace the environment of this
 * process. Standard input is the file input, or empty if that is NULL. Standard output and standard
 * error are both appended to output and cut at its maximum. Once a signal handler sets *stop, the
 * program receives SIGTERM.
 *
 * *status is the exit status, or 128 + the number of the signal that ended the program. Errors: the
 * program cannot be started, in Java's words.
 */
MUST_USE bool proc_run(const struct str_list *arguments, const struct str_list *variables,
                       const char *input, const volatile sig_atomic_t *stop, struct buf *output,
                       int *status, struct error *err);

#endif
