/*
 * console.h - log lines on a terminal or in a file: streams, prefixes, colour, silence
 */
#ifndef CFLYWAY_OUTPUT_CONSOLE_H
#define CFLYWAY_OUTPUT_CONSOLE_H

#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/base/log.h"
#include "cflyway/config/args.h"

#include <stdbool.h>
#include <stdio.h>

/* Info, notices, warnings and debug lines go to stdout, errors to stderr. */
struct console {
	enum log_level threshold; /* lower levels are dropped */
	bool silent;              /* -migrationIds: nothing at all, not even errors */
	bool color;
	FILE *copy; /* -outputFile; NULL without */
};

/* Errors: "Could not initialize log file at F." */
MUST_USE bool console_open(struct console *console, const struct invocation *invocation,
                           struct error *err);
bool console_close(struct console *console); /* false when not all could be written */

/* The sink for struct log; ctx is the console. */
void console_write(void *ctx, enum log_level level, struct str message);

#endif
