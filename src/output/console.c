#include "cflyway/output/console.h"

#include <unistd.h>

static const struct {
	const char *prefix, *color;
} levels[] = {
	[LOG_LEVEL_DEBUG] = {"DEBUG: ", "\033[90m"}, [LOG_LEVEL_INFO] = {"", NULL},
	[LOG_LEVEL_NOTICE] = {"", "\033[34m"},       [LOG_LEVEL_WARN] = {"WARNING: ", "\033[33m"},
	[LOG_LEVEL_ERROR] = {"ERROR: ", "\033[31m"},
};

#define COLOR_OF_SUCCESS "\033[32m"
#define COLOR_END "\033[m"

/* Java asks whether there is a console: both stdin and stdout must be terminals. */
static bool wants_color(const char *option)
{
	if (option != NULL && strcmp(option, "always") == 0)
		return true;
	if (option != NULL && strcmp(option, "never") == 0)
		return false;
	return isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0;
}

bool console_open(struct console *console, const struct invocation *invocation, struct error *err)
{
	*console = (struct console){
		.threshold = invocation->quiet   ? LOG_LEVEL_WARN
	                     : invocation->debug ? LOG_LEVEL_DEBUG
	                                         : LOG_LEVEL_INFO,
		.silent = invocation->migration_ids,
		.color = wants_color(invocation->color),
	};
	if (invocation->output_file == NULL || invocation->output_file[0] == '\0')
		return true;
	console->copy = fopen(invocation->output_file, "we");
	if (console->copy == NULL)
		return error_set(err, ERROR_FAULT, "Could not initialize log file at %s.",
		                 invocation->output_file);
	return true;
}

bool console_close(struct console *console)
{
	bool ok = fflush(stdout) == 0 && ferror(stdout) == 0;

	if (console->copy != NULL)
		ok = fclose(console->copy) == 0 && ok;
	console->copy = NULL;
	return ok;
}

static const char *color_of(enum log_level level, struct str message)
{
	if (level == LOG_LEVEL_INFO && str_starts(message, STR("Successfully")))
		return COLOR_OF_SUCCESS;
	return levels[level].color;
}

static void put(FILE *stream, enum log_level level, struct str message)
{
	fputs(levels[level].prefix, stream);
	fwrite(message.ptr, 1, message.len, stream);
	fputc('\n', stream);
}

void console_write(void *ctx, enum log_level level, struct str message)
{
	struct console *console = ctx;
	FILE *stream = level == LOG_LEVEL_ERROR ? stderr : stdout;
	const char *color = console->color ? color_of(level, message) : NULL;

	if (console->silent || level < console->threshold)
		return;
	/* What was said before an error must stand before it where both streams are one. */
	if (stream == stderr)
		fflush(stdout);
	if (color != NULL)
		fputs(color, stream);
	put(stream, level, message);
	if (color != NULL)
		fputs(COLOR_END, stream);
	/* Somebody may be waiting for a long script, also behind a pipe: a line is seen at once. */
	fflush(stream);
	if (console->copy != NULL && level != LOG_LEVEL_NOTICE)
		put(console->copy, level, message);
}
