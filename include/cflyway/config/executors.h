/* SPDX-License-Identifier: Apache-2.0 */
/*
 * executors.h - the programs that run scripts by their suffix: cflyway.executor.SUFFIX=command line
 */
#ifndef CFLYWAY_CONFIG_EXECUTORS_H
#define CFLYWAY_CONFIG_EXECUTORS_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/command_line.h"
#include "cflyway/base/error.h"
#include "cflyway/base/str.h"
#include "cflyway/config/pairs.h"

#include <stdbool.h>
#include <stddef.h>

struct executor_option {
	const char *suffix; /* ".cql" */
	const char *key;    /* "cflyway.executor.cql", for messages */
	struct command_line line;
};

struct executor_options {
	struct executor_option *items;
	size_t n;
};

/*
 * Reads the pairs SUFFIX=command line. sql_suffixes are those of SQL scripts. Errors:
 * ERROR_CONFIGURATION, if a suffix is none or is one of SQL, or a command line cannot be read.
 */
MUST_USE bool executor_options_parse(struct arena *arena, const struct pairs *pairs,
                                     const struct str_list *sql_suffixes,
                                     struct executor_options *executors, struct error *err);

#endif
