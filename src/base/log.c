/* SPDX-License-Identifier: Apache-2.0 */
/* log.c - passes log messages and progress lines to the code that shows them */
#include "cflyway/base/log.h"

#include "cflyway/base/buf.h"

#include <stdarg.h>
#include <stdint.h>

static void write_line(const struct log *log, enum log_level level, const char *format,
                       va_list args) PRINTF(3, 0);

static void write_line(const struct log *log, enum log_level level, const char *format,
                       va_list args)
{
	struct buf line = BUF_EMPTY(SIZE_MAX);

	if (log->sink == NULL || (level == LOG_LEVEL_DEBUG && !log->debug))
		return;
	buf_vprintf(&line, format, args);
	log->sink(log->ctx, level, buf_str(&line));
	buf_release(&line);
}

void log_debug(const struct log *log, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(log, LOG_LEVEL_DEBUG, format, args);
	va_end(args);
}

void log_info(const struct log *log, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(log, LOG_LEVEL_INFO, format, args);
	va_end(args);
}

void log_notice(const struct log *log, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(log, LOG_LEVEL_NOTICE, format, args);
	va_end(args);
}

void log_warn(const struct log *log, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(log, LOG_LEVEL_WARN, format, args);
	va_end(args);
}

void log_error(const struct log *log, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(log, LOG_LEVEL_ERROR, format, args);
	va_end(args);
}

void log_cflyway(const struct log *log, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(log, LOG_LEVEL_OWN, format, args);
	va_end(args);
}

void log_note(const struct log *log, const struct note *note)
{
	if (log->note != NULL)
		log->note(log->ctx, note);
	else
		log_text(log, LOG_LEVEL_OWN, str_of(note->text));
}

void log_remark(const struct log *log, const char *path, size_t line, const char *format, ...)
{
	const struct note_place place = {.path = path, .line = line};
	struct buf text = BUF_EMPTY(SIZE_MAX);
	va_list args;

	va_start(args, format);
	buf_vprintf(&text, format, args);
	va_end(args);
	const struct note note = {
		.kind = NOTE_REMARK,
		.text = buf_str(&text).ptr,
		.place = &place,
	};

	log_note(log, &note);
	buf_release(&text);
}

void log_text(const struct log *log, enum log_level level, struct str message)
{
	if (log->sink != NULL && (level != LOG_LEVEL_DEBUG || log->debug))
		log->sink(log->ctx, level, message);
}

void log_progress(const struct log *log, struct str line)
{
	if (log->progress != NULL)
		log->progress(log->ctx, line);
}

void log_step(const struct log *log, const struct log_step *step)
{
	if (log->step != NULL)
		log->step(log->ctx, step);
}
