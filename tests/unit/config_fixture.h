/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_fixture.h - files, variables and arguments for tests of the configuration
 */
#ifndef CFLYWAY_TESTS_CONFIG_FIXTURE_H
#define CFLYWAY_TESTS_CONFIG_FIXTURE_H

#include "scratch.h"

#include "cflyway/config/args.h"
#include "cflyway/config/properties.h"
#include "cflyway/config/settings.h"

enum { FIXTURE_MAX = 8 };

/* Ends with NULL, or is full. */
struct fixture_files {
	const char *path, *text;
};

struct config_case {
	const char *name;
	struct fixture_files files[FIXTURE_MAX]; /* in the scratch folder; its home/ is HOME */
	const char *variables[FIXTURE_MAX];      /* "NAME=value" */
	const char *arguments[FIXTURE_MAX];      /* without the program and verbs */
	const char *expected;                    /* what is compared is up to the test */
};

/*
 * Writes the files, and makes an environment and an invocation. HOME is home/, the installation
 * inst/. The environment refers to the case and the scratch.
 */
void config_fixture(struct scratch *scratch, const struct config_case *test,
                    struct environment *environment, struct invocation *invocation);

/* The settings that are not as when nothing is given; locations only if they hold something. */
const char *config_show(struct scratch *scratch, const struct settings *settings);

/*
 * Loads the settings of a case: lines of the log, then what config_show says, or "error: TEXT", or
 * "refused: TEXT".
 */
void config_check(struct scratch *scratch, const struct config_case *test);

#endif
