/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exit_code.h - what the exit code of cflyway means, as one table
 *
 * Help, the manual and README.md show the sentences. 0, 1 and 35 are Flyway's, which has no others.
 */
#ifndef CFLYWAY_BASE_EXIT_CODE_H
#define CFLYWAY_BASE_EXIT_CODE_H

#include <stdbool.h>
#include <stddef.h>

/* The name in this code, the number, and one sentence without a full stop. */
#define EXIT_CODES(X)                                                                              \
	X(DONE, 0,                                                                                 \
	  "Success, also when there was nothing to do; with validate -outputType=json also when "  \
	  "it found something")                                                                    \
	X(FAILED, 1, "An error; the report says what holds now in the database")                   \
	X(PENDING, 2, "With info -exitCode: migrate would apply at least one migration")           \
	X(REFUSED, 35, "A feature of other editions of Flyway, which cflyway does not have")       \
	X(HUNG_UP, 129, "Ended by SIGHUP, after the running statement was cancelled")              \
	X(INTERRUPTED, 130, "Ended by SIGINT (Ctrl-C), after the running statement was cancelled") \
	X(TERMINATED, 143, "Ended by SIGTERM, after the running statement was cancelled")

enum exit_code {
#define EXIT_CODE_ENUM(name, number, meaning) EXIT_##name = (number),
	EXIT_CODES(EXIT_CODE_ENUM)
#undef EXIT_CODE_ENUM
};

struct exit_code_spec {
	int number;
	const char *meaning;
};

/* In the order of their numbers. */
extern const struct exit_code_spec exit_codes[];
extern const size_t exit_code_count;

/* Has the command failed? EXIT_PENDING is an answer. */
bool exit_code_is_failure(int code);

#endif
