/* SPDX-License-Identifier: Apache-2.0 */
/* report_error.c - prints a failure; nothing else does */
#include "cflyway/output/report_error.h"

#include "cflyway/base/buf.h"
#include "cflyway/base/utf8.h"
#include "cflyway/sql/password_literal.h"

enum { MAX_REPORT = 64 << 20 };

#define HIDDEN_STATEMENT "Run Flyway with -X option to see the actual statement causing the problem"

static void add_block(struct buf *text, const struct error *err)
{
	const struct sql_failure *sql = err->sql;
	struct str message = str_trim(str_of(sql->message));

	/* Java counts UTF-16 units for the rule under the title. */
	buf_putc(text, '\n');
	buf_repeat(text, '-', utf8_length_utf16(str_of(err->message)));
	buf_printf(text, "\nSQL State  : %s\nError Code : %d\nMessage    : ",
	           sql->state != NULL ? sql->state : "null", sql->code);
	buf_append(text, message.ptr, message.len);
	buf_putc(text, '\n');
	if (sql->path == NULL)
		return;
	if (sql->path[0] != '\0')
		buf_printf(text, "Location   : %s (%s)\n", sql->path, sql->absolute_path);
	else
		buf_add(text, "Location   :  ()\n"); /* initSql: it has no file */
	buf_printf(text, "Line       : %zu\nStatement  : %s\n", sql->line,
	           sql->statement != NULL ? password_literal_mask(err->arena, sql->statement)
	                                  : HIDDEN_STATEMENT);
}

const char *report_error_block(const struct error *err)
{
	struct buf text = BUF_EMPTY(MAX_REPORT);

	buf_add(&text, err->message);
	if (err->sql != NULL)
		add_block(&text, err);
	const char *copy = arena_strdup(err->arena, buf_str(&text).ptr);
	buf_release(&text);
	return copy;
}

const char *report_error_text(const struct error *err)
{
	const char *block = report_error_block(err);

	return err->prefix != NULL ? arena_printf(err->arena, "%s%s", err->prefix, block) : block;
}

static bool ends_line(const char *text)
{
	return str_ends(str_of(text), STR("\n"));
}

/* DIFFERS: the meaning replaces the name of the Java class; NULL leaves the cause out. */
static const struct {
	const char *class, *meaning;
} classes[] = {
	{"java.lang.ClassNotFoundException", "no such class"},
	{"java.lang.reflect.InvocationTargetException", NULL},
	{"java.net.UnknownHostException", "unknown host"},
	{"java.nio.charset.IllegalCharsetNameException", "no legal name of a character set"},
	{"java.nio.charset.MalformedInputException", "bytes that this encoding does not have"},
	{"java.nio.charset.UnmappableCharacterException", "a character that Unicode does not have"},
	{"java.nio.charset.UnsupportedCharsetException", "unknown character set"},
	{"java.io.UnsupportedEncodingException", "unknown character set"},
};

const char *report_error_cause(struct arena *arena, const char *cause)
{
	for (size_t i = 0; i < COUNT(classes); i++) {
		size_t len = strlen(classes[i].class);

		if (strncmp(cause, classes[i].class, len) == 0)
			return classes[i].meaning == NULL
			               ? NULL
			               : arena_printf(arena, "%s%s", classes[i].meaning,
			                              cause + len);
	}
	return cause;
}

/* Flyway separates causes with CR LF. */
static const char *with_cause(const struct error *err, const char *text, const char *cause)
{
	if (cause != NULL)
		cause = report_error_cause(err->arena, cause);
	if (cause == NULL)
		return text;
	return arena_printf(err->arena, "%s\r\nCaused by: %s", text, cause);
}

/* Each line can be told from Flyway's. */
static const char *with_notes(const struct error *err, const char *text)
{
	struct buf all = BUF_EMPTY(MAX_REPORT);

	if (err->notes.n == 0)
		return text;
	buf_add(&all, text);
	for (size_t i = 0; i < err->notes.n; i++) {
		struct str rest = str_of(err->notes.items[i].text);

		do {
			struct str line = str_cut(&rest, '\n');

			buf_add(&all, ends_line(buf_str(&all).ptr) ? "cflyway: " : "\ncflyway: ");
			buf_append(&all, line.ptr, line.len);
		} while (rest.ptr != NULL);
	}
	text = arena_strdup(err->arena, buf_str(&all).ptr);
	buf_release(&all);
	return text;
}

void report_error(const struct log *log, bool shows_info, const struct error *err)
{
	const char *text = report_error_text(err);
	/* DIFFERS: Flyway shows the output of a failed program twice. */
	const char *cause = err->is_cause_logged && shows_info ? NULL : err->cause;

	if (err->sql != NULL)
		text = with_cause(err, with_cause(err, text, err->sql->batch), err->sql->message);
	text = with_cause(err, with_cause(err, text, cause), err->root_cause);
	/* Notes are part of the error: same stream, and -q does not suppress them. */
	text = with_notes(err, text);
	log_text(log, LOG_LEVEL_ERROR, str_of(text));
}
