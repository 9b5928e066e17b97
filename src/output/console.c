/* SPDX-License-Identifier: Apache-2.0 */
/* console.c - writes log lines to a terminal or a file: streams, prefixes, colour, silence */
#include "cflyway/output/console.h"

#include "cflyway/output/json.h"

#include "cflyway/base/terminal.h"
#include "cflyway/base/utf8.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const struct {
	const char *prefix, *color;
	const char *name; /* the name in JSON */
} levels[] = {
	[LOG_LEVEL_DEBUG] = {"DEBUG: ", "\033[90m", "DEBUG"},
	[LOG_LEVEL_INFO] = {"", NULL, "INFO"},
	[LOG_LEVEL_OWN] = {"cflyway: ", NULL, "INFO"},
	[LOG_LEVEL_NOTICE] = {"", "\033[34m", "NOTICE"},
	[LOG_LEVEL_WARN] = {"WARNING: ", "\033[33m", "WARN"},
	[LOG_LEVEL_ERROR] = {"ERROR: ", "\033[31m", "ERROR"},
};

#define COLOR_OF_SUCCESS "\033[32m"
#define COLOR_END "\033[m"

/*
 * Java asks whether there is a console: both stdin and stdout must be terminals. DIFFERS: NO_COLOR
 * (https://no-color.org) and TERM=dumb are respected.
 */
static bool wants_color(const struct console *console, enum color option)
{
	const char *no_color = getenv("NO_COLOR");
	bool is_refused =
		(no_color != NULL && no_color[0] != '\0') || str_same(getenv("TERM"), "dumb");

	if (option != COLOR_AUTO)
		return option == COLOR_ALWAYS;
	return !is_refused && console->stdout_is_terminal && terminal_is(stdin);
}

/* Both streams share the screen: stdout must be a terminal, and the line goes there. */
static bool wants_progress(const struct console *console)
{
	const char *terminal = getenv("TERM");

	return console->mode == CONSOLE_TEXT && console->threshold <= LOG_LEVEL_INFO &&
	       !console->silent && console->stdout_is_terminal && terminal != NULL &&
	       terminal[0] != '\0' && strcmp(terminal, "dumb") != 0;
}

static enum console_mode mode_of(const struct invocation *invocation)
{
	if (invocation->output_type == OUTPUT_TEXT)
		return CONSOLE_TEXT;
	return invocation->logs_in_json ? CONSOLE_JSON_LOGS : CONSOLE_JSON;
}

static bool fail_log_file(const char *path, int number, struct error *err)
{
	error_set(err, ERROR_FAULT, "Could not initialize log file at %s.", path);
	if (number == ENOENT)
		err->cause =
			arena_printf(err->arena, "java.nio.file.NoSuchFileException: %s", path);
	else if (number == EACCES)
		err->cause =
			arena_printf(err->arena, "java.nio.file.AccessDeniedException: %s", path);
	else
		err->cause = arena_printf(err->arena, "java.nio.file.FileSystemException: %s: %s",
		                          path, strerror(number));
	return false;
}

bool console_open(struct console *console, struct arena *arena, const struct invocation *invocation,
                  struct error *err)
{
	*console = (struct console){
		.arena = arena,
		.mode = mode_of(invocation),
		.threshold = invocation->quiet   ? LOG_LEVEL_WARN
	                     : invocation->debug ? LOG_LEVEL_DEBUG
	                                         : LOG_LEVEL_INFO,
		.silent = invocation->migration_ids,
		.stdout_is_terminal = terminal_is(stdout),
		.stderr_is_terminal = terminal_is(stderr),
		.held = BUF_EMPTY(SIZE_MAX / 2),
	};
	console->color = wants_color(console, invocation->color);
	console->shows_progress = wants_progress(console);
	bool has_file = invocation->output_file != NULL && invocation->output_file[0] != '\0';
	/* A call that logs nothing creates no log file. */
	if (!has_file || (console->silent && console->mode == CONSOLE_TEXT))
		return true;
	/* DIFFERS: errors before the banner are written to it too; Flyway leaves it empty. */
	console->copy = fopen(invocation->output_file, "we");
	if (console->copy != NULL) {
		console->copy_is_terminal = terminal_is(console->copy);
		return true;
	}
	if (console->mode == CONSOLE_TEXT)
		return fail_log_file(invocation->output_file, errno, err);
	return error_set(err, ERROR_GENERAL, "Could not write to output file %s",
	                 invocation->output_file);
}

void console_fail(struct console *console, int reason)
{
	if (console->write_errno == 0)
		console->write_errno = reason != 0 ? reason : EIO;
}

static void note_failure(struct console *console)
{
	console_fail(console, errno);
}

static void flush(struct console *console, FILE *stream)
{
	if ((fflush(stream) != 0 || ferror(stream) != 0) && stream != stderr)
		note_failure(console);
}

bool console_close(struct console *console)
{
	flush(console, stdout);
	if (console->copy != NULL) {
		flush(console, console->copy);
		fclose(console->copy);
	}
	console->copy = NULL;
	buf_release(&console->held);
	if (console->write_errno == 0)
		return true;
	/* DIFFERS: Flyway exits with 0, as if it had printed everything. */
	fprintf(stderr, "cflyway: the output could not be written: %s\n",
	        strerror(console->write_errno));
	return false;
}

/*
 * Writes to one of the streams of the console; a failed write leaves a mark in the stream. DIFFERS:
 * Flyway sends control characters to terminals.
 */
static void write_to(const struct console *console, FILE *stream, struct str text)
{
	bool is_terminal = stream == stdout   ? console->stdout_is_terminal
	                   : stream == stderr ? console->stderr_is_terminal
	                                      : console->copy_is_terminal;

	(void)!terminal_write(stream, is_terminal, text);
}

/* --- text ---------------------------------------------------------------------------------- */

static const char *color_of(enum log_level level, struct str message)
{
	if (level == LOG_LEVEL_INFO && str_starts(message, STR("Successfully")))
		return COLOR_OF_SUCCESS;
	return levels[level].color;
}

static void put(const struct console *console, FILE *stream, enum log_level level,
                struct str message)
{
	fputs(levels[level].prefix, stream);
	write_to(console, stream, message);
	fputc('\n', stream);
}

#define ERASE "\r\033[K"

/* ERASE cannot remove a line that is as wide as the terminal. */
static size_t terminal_width(void)
{
	enum { USUAL = 80 };
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return USUAL;
	return size.ws_col;
}

/* The part that fits. A character that may be two columns wide counts as two. */
static struct str fitting(struct str line, size_t width)
{
	enum { FIRST_WIDE = 0x1100 };
	struct str rest = line;

	while (rest.len > 0) {
		struct str before = rest;
		size_t columns = utf8_next(&rest) < FIRST_WIDE ? 1 : 2;

		if (columns > width)
			return str_sub(line, 0, line.len - before.len);
		width -= columns;
	}
	return line;
}

static void erase_progress(struct console *console)
{
	if (!console->has_progress)
		return;
	fputs(ERASE, stdout);
	flush(console, stdout);
	console->has_progress = false;
}

void console_progress(void *ctx, struct str line)
{
	struct console *console = ctx;
	struct buf escaped = BUF_EMPTY(SIZE_MAX / 4);

	if (line.len == 0 || console->yields_stdout) {
		erase_progress(console);
		return;
	}
	terminal_escape(&escaped, line);
	line = fitting(buf_str(&escaped), terminal_width() - 1);
	fprintf(stdout, "\r%.*s\033[K", (int)line.len, line.ptr);
	flush(console, stdout);
	console->has_progress = true;
	buf_release(&escaped);
}

void console_yield_stdout(struct console *console)
{
	erase_progress(console);
	console->yields_stdout = true;
}

static void write_text(struct console *console, enum log_level level, struct str message)
{
	FILE *stream = level == LOG_LEVEL_ERROR || console->yields_stdout ? stderr : stdout;
	const char *color = console->color ? color_of(level, message) : NULL;

	if (console->silent || level < console->threshold)
		return;
	erase_progress(console);
	/* Earlier lines must come before the error where both streams are the same file. */
	if (stream == stderr)
		flush(console, stdout);
	if (color != NULL)
		fputs(color, stream);
	put(console, stream, level, message);
	if (color != NULL)
		fputs(COLOR_END, stream);
	/* Each line appears at once, also in a pipe: somebody may be waiting for a long script. */
	flush(console, stream);
	if (console->copy == NULL || level == LOG_LEVEL_NOTICE)
		return;
	put(console, console->copy, level, message);
	if (ferror(console->copy) != 0)
		note_failure(console);
}

/* --- JSON ---------------------------------------------------------------------------------- */

static void hold_object(struct console *console, enum log_level level, struct str line)
{
	buf_printf(&console->held, "{\"level\":\"%s\",\"message\":", levels[level].name);
	json_quote(&console->held, line);
	buf_add(&console->held, "}\n");
}

static void add_number(struct buf *out, const char *key, size_t number)
{
	if (number > 0)
		buf_printf(out, ",\"%s\":%zu", key, number);
}

/* One object, also if it has several lines: Flyway's keys, and what the document has of a note. */
static void write_note_object(struct console *console, const struct note *note)
{
	struct buf *out = &console->held;

	buf_printf(out, "{\"level\":\"%s\",\"message\":", levels[LOG_LEVEL_OWN].name);
	json_quote(out, str_of(note->text));
	buf_printf(out, ",\"cflyway\":{\"kind\":\"%s\"", note_kind_name(note->kind));
	if (note->place != NULL) {
		buf_add(out, ",\"path\":");
		json_quote(out, str_of(note->place->path));
		add_number(out, "line", note->place->line);
		add_number(out, "column", note->place->column);
	}
	buf_add(out, "}}\n");
	if (console->is_released)
		console_release(console);
}

/* Writes one object per line; drops empty lines at the end of a message that has other lines. */
static void write_objects(struct console *console, enum log_level level, struct str message)
{
	while (str_ends(message, STR("\n")))
		message.len--;
	while (message.ptr != NULL)
		hold_object(console, level, str_cut(&message, '\n'));
	if (console->is_released)
		console_release(console);
}

void console_release(struct console *console)
{
	struct str objects = buf_str(&console->held);

	console->is_released = true;
	write_to(console, stderr, objects);
	buf_clear(&console->held);
}

void console_step(void *ctx, const struct log_step *step)
{
	struct buf line = BUF_EMPTY(SIZE_MAX / 2);

	(void)ctx;
	buf_add(&line, "{\"message\":");
	json_quote(&line, str_of(step->message));
	buf_add(&line, ",\"operation\":");
	json_quote(&line, str_of(step->operation));
	buf_printf(&line, ",\"step\":%zu,\"tag\":\"progress\",\"totalSteps\":%zu}\n", step->number,
	           step->total);
	(void)!terminal_write(stderr, terminal_is(stderr), buf_str(&line));
	buf_release(&line);
}

void console_print_part(struct console *console, struct str part)
{
	write_to(console, stdout, part);
	if (console->copy != NULL)
		write_to(console, console->copy, part);
}

void console_print(struct console *console, struct str document)
{
	console_print_part(console, document);
	fputc('\n', stdout);
}

/* ------------------------------------------------------------------------------------------- */

void console_note(struct console *console, const char *text)
{
	const struct note note = {.kind = NOTE_REMARK, .text = text};

	console_keep_note(console, &note);
}

void console_keep_note(struct console *console, const struct note *note)
{
	if (console->mode != CONSOLE_TEXT)
		note_list_add(console->arena, &console->own, note);
}

void console_show_note(void *ctx, const struct note *note)
{
	struct console *console = ctx;

	if (console->mode == CONSOLE_TEXT)
		write_text(console, LOG_LEVEL_OWN, str_of(note->text));
	else if (console->mode == CONSOLE_JSON_LOGS)
		write_note_object(console, note);
}

void console_write_note(void *ctx, const struct note *note)
{
	console_keep_note(ctx, note);
	console_show_note(ctx, note);
}

void console_keep(struct console *console, enum log_level level, struct str message)
{
	if (level == LOG_LEVEL_OWN)
		console_note(console, str_dup(console->arena, message));
}

static void show_own(struct console *console, struct str message)
{
	struct arena arena = ARENA_EMPTY;
	const struct note note = {.kind = NOTE_REMARK, .text = str_dup(&arena, message)};

	console_show_note(console, &note);
	arena_release(&arena);
}

/* It is for standard error alone, and needs no level: -q does not suppress it. */
static void write_annotation(struct console *console, struct str line)
{
	if (console->silent)
		return;
	erase_progress(console);
	flush(console, stdout);
	/* The code that ends a colour follows a line break: the line has to begin after it. */
	if (console->color && console->mode == CONSOLE_TEXT)
		fputc('\n', stderr);
	write_to(console, stderr, line);
	fputc('\n', stderr);
}

void console_show(void *ctx, enum log_level level, struct str message)
{
	struct console *console = ctx;

	if (level == LOG_LEVEL_ANNOTATION)
		write_annotation(console, message);
	else if (level == LOG_LEVEL_OWN)
		show_own(console, message);
	else if (console->mode == CONSOLE_TEXT)
		write_text(console, level, message);
	else if (console->mode == CONSOLE_JSON_LOGS)
		write_objects(console, level, message);
}

void console_write(void *ctx, enum log_level level, struct str message)
{
	console_keep(ctx, level, message);
	console_show(ctx, level, message);
}
