/* SPDX-License-Identifier: Apache-2.0 */
/*
 * console.h - writes log lines to a terminal or a file: streams, prefixes, colour, silence
 *
 * With -outputType=json log lines are not shown, because stdout belongs to the document. With
 * -outputLogsInJson as well, each line goes to stderr as a JSON object, and each note of cflyway as
 * one with the key "cflyway". Streams that are
 * terminals get escapes for what would control them (base/terminal.h).
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
	CONSOLE_TEXT,      /* errors go to stderr, all other lines to stdout */
	CONSOLE_JSON,      /* shows no log lines */
	CONSOLE_JSON_LOGS, /* writes objects to stderr */
};

struct console {
	struct arena *arena;
	enum console_mode mode;
	enum log_level threshold; /* text output drops lower levels */
	bool silent;              /* -migrationIds: no text at all, not even errors */
	bool color;
	bool stdout_is_terminal, stderr_is_terminal, copy_is_terminal;
	bool yields_stdout;  /* all lines go to stderr: stdout belongs to something else */
	bool shows_progress; /* stdout is a terminal that can erase a line */
	bool has_progress;   /* a progress line is on the screen */
	FILE *copy;          /* the file of -outputFile; NULL without */
	int write_errno;     /* the reason of the first failed write; 0: none failed */
	struct buf held;     /* objects written before console_release */
	bool is_released;
	struct note_list own; /* JSON: cflyway's own lines, for the document */
};

/* Errors: "Could not initialize log file at F.", "Could not write to output file F". */
MUST_USE bool console_open(struct console *console, struct arena *arena,
                           const struct invocation *invocation, struct error *err);

/* False if a write failed; stderr then says why. */
bool console_close(struct console *console);

/* From here on log lines go to stderr. */
void console_yield_stdout(struct console *console);

/* The sink for struct log; ctx is the console. */
void console_write(void *ctx, enum log_level level, struct str message);

/* The halves of console_write: one keeps lines of cflyway for JSON, the other shows lines. */
void console_keep(struct console *console, enum log_level level, struct str message);
void console_show(void *ctx, enum log_level level, struct str message);

/* JSON: adds a remark to the document. */
void console_note(struct console *console, const char *text);

/* The same for notes, as which lines of cflyway count, too. */
void console_write_note(void *ctx, const struct note *note);
void console_keep_note(struct console *console, const struct note *note);
void console_show_note(void *ctx, const struct note *note);

/* Shows the progress of a script in a line that the next one replaces and other output erases. */
void console_progress(void *ctx, struct str line);

/* Writes a line of JSON to stderr for each step, in every mode. */
void console_step(void *ctx, const struct log_step *step);

/* Writes the held objects. Flyway logs objects only after the configuration has been checked. */
void console_release(struct console *console);

/* Notes that some output could not be written; the first reason, an errno, counts. */
void console_fail(struct console *console, int reason);

/* Prints a part of a document to stdout and to the output file; console_print prints the last. */
void console_print_part(struct console *console, struct str part);

/* Prints a document to stdout and to the output file. */
void console_print(struct console *console, struct str document);

#endif
