/* SPDX-License-Identifier: Apache-2.0 */
/*
 * console.h - log lines on a terminal or in a file: streams, prefixes, colour, silence
 *
 * With -outputType=json log lines are not shown, for stdout belongs to the document; with
 * -outputLogsInJson as well they go to stderr, each as a JSON object.
 */
#ifndef CFLYWAY_OUTPUT_CONSOLE_H
#define CFLYWAY_OUTPUT_CONSOLE_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/buf.h"
#include "cflyway/base/error.h"
#include "cflyway/base/log.h"
#include "cflyway/config/args.h"

#include <stdbool.h>
#include <stdio.h>

enum console_mode {
	CONSOLE_TEXT,      /* info, notices, warnings, debug lines to stdout, errors to stderr */
	CONSOLE_JSON,      /* nothing */
	CONSOLE_JSON_LOGS, /* objects to stderr */
};

struct console {
	struct arena *arena;
	enum console_mode mode;
	enum log_level threshold; /* lower levels are dropped, from text */
	bool silent;              /* -migrationIds: no text at all, not even errors */
	bool color;
	bool shows_progress; /* stdout is a terminal that can take a line back */
	bool has_progress;   /* such a line stands there */
	FILE *copy;          /* -outputFile; NULL without */
	int write_errno;     /* why the first write failed that did; 0: none has */
	struct buf held;     /* objects before console_release */
	bool is_released;
	struct str_list own; /* JSON: the lines that Flyway does not have, for the document */
};

/* Errors: "Could not initialize log file at F.", "Could not write to output file F". */
MUST_USE bool console_open(struct console *console, struct arena *arena,
                           const struct invocation *invocation, struct error *err);

/* False when not everything could be written; stderr then says why. */
bool console_close(struct console *console);

/* The sink for struct log; ctx is the console. */
void console_write(void *ctx, enum log_level level, struct str message);

/* How far a long script is: a line that the next one replaces, and any other output takes away. */
void console_progress(void *ctx, struct str line);

/* A line of JSON on stderr for each step, in whatever mode. */
void console_step(void *ctx, const struct log_step *step);

/* Flyway logs objects only once the configuration is known to be good: from here on. */
void console_release(struct console *console);

/* Prints a document on stdout, and into the output file. */
void console_print(struct console *console, struct str document);

#endif
