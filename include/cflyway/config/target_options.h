/* SPDX-License-Identifier: Apache-2.0 */
/*
 * target_options.h - what the arguments say about a run on several databases
 */
#ifndef CFLYWAY_CONFIG_TARGET_OPTIONS_H
#define CFLYWAY_CONFIG_TARGET_OPTIONS_H

#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/base/str.h"
#include "cflyway/config/args.h"

#include <stdbool.h>
#include <stddef.h>

enum { TARGETS_PARALLEL_MAX = 256 };

/* The values of the options with OPTION_OF_TARGETS; the one that names the targets is set. */
struct target_options {
	const char *file;             /* -targets; or NULL */
	struct str_list environments; /* -environments; empty: not given */
	const char *tenants_query;    /* or NULL */
	struct str_list names;        /* -targetNames; empty: all */
	bool continue_on_error;
	size_t parallel; /* 1 to TARGETS_PARALLEL_MAX */
};

/* Is there an argument with OPTION_OF_TARGETS? */
bool target_options_given(const struct invocation *invocation);

/*
 * Errors: ERROR_CONFIGURATION for an argument without value or with a wrong one, and unless exactly
 * one argument names targets.
 */
MUST_USE bool target_options_read(struct arena *arena, const struct invocation *invocation,
                                  struct target_options *options, struct error *err);

#endif
