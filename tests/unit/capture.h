/* SPDX-License-Identifier: Apache-2.0 */
/*
 * capture.h - what goes to standard output or standard error for the time of a test
 *
 * Between both calls no check may fail: its message would be captured.
 */
#ifndef CFLYWAY_TESTS_CAPTURE_H
#define CFLYWAY_TESTS_CAPTURE_H

#include "cflyway/base/arena.h"

#include <stdio.h>

struct capture {
	int fd, saved;
	FILE *stream, *file;
};

struct capture capture_begin(FILE *stream);

/* The stream is as before; returns what it got, in the arena. */
const char *capture_end(struct capture *capture, struct arena *arena);

#endif
