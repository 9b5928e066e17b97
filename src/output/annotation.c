/* SPDX-License-Identifier: Apache-2.0 */
/* annotation.c - failures as lines that the runner of GitHub Actions shows beside the scripts */
#include "cflyway/output/annotation.h"

#include "cflyway/output/report_error.h"

#include "cflyway/base/buf.h"
#include "cflyway/base/fs.h"
#include "cflyway/config/option_value.h"

#include <stdlib.h>

enum {
	MAX_LINE = 1 << 20,
	MOST_SHOWN = 10, /* by GitHub, of one step of a job */
};

/* What a line says. */
struct annotation {
	const char *path;    /* NULL: it is about no file */
	size_t line, column; /* 0: unknown */
	const char *title, *message;
};

static bool is_given_as_true(const struct invocation *invocation, const char *key)
{
	const struct pair *pair = pairs_find(&invocation->options, key);
	bool value = false;

	return pair != NULL && option_parse_bool(pair->value, &value) && value;
}

void annotations_open(struct annotations *annotations, struct arena *arena,
                      const struct invocation *invocation)
{
	const char *folder = getenv("GITHUB_WORKSPACE");
	bool has_objects =
		invocation->output_type == OUTPUT_JSON &&
		(invocation->logs_in_json || is_given_as_true(invocation, "outputProgress"));

	*annotations = (struct annotations){
		.are_wanted = str_same(getenv("GITHUB_ACTIONS"), "true") && !has_objects,
	};
	if (!annotations->are_wanted)
		return;
	annotations->workspace =
		fs_canonical(arena, folder != NULL && folder[0] != '\0' ? folder : ".");
}

/* --- one line ------------------------------------------------------------------------------ */

/* The runner takes a line apart at these; in a message the last two have no meaning. */
static void add_escaped(struct buf *line, const char *text, bool is_property)
{
	for (; *text != '\0'; text++) {
		if (*text == '%' || *text == '\r' || *text == '\n' ||
		    (is_property && (*text == ':' || *text == ',')))
			buf_printf(line, "%%%02X", (unsigned char)*text);
		else
			buf_putc(line, *text);
	}
}

static void add_property(struct buf *line, const char *name, const char *value)
{
	buf_printf(line, "%s%s=", line->ptr[line->len - 1] == ' ' ? "" : ",", name);
	add_escaped(line, value, true);
}

static void add_number(struct buf *line, const char *name, size_t number)
{
	if (number > 0)
		buf_printf(line, ",%s=%zu", name, number);
}

/* The path in the repository; NULL if the file is not in it, or is none ("initSql"). */
static const char *path_in(const struct annotations *annotations, struct arena *arena,
                           const char *path)
{
	struct str root = str_of(annotations->workspace);

	if (path == NULL || fs_kind(path) != FS_FILE)
		return NULL;
	const char *full = fs_canonical(arena, path);
	if (!str_starts(str_of(full), root) || full[root.len] != '/')
		return NULL;
	return full + root.len + 1;
}

static void write_line(const struct annotations *annotations, const struct log *log,
                       struct arena *arena, const struct annotation *annotation)
{
	struct buf line = BUF_EMPTY(MAX_LINE);
	const char *path = path_in(annotations, arena, annotation->path);

	buf_add(&line, "::error ");
	if (path != NULL) {
		add_property(&line, "file", path);
		add_number(&line, "line", annotation->line);
		add_number(&line, "col", annotation->line > 0 ? annotation->column : 0);
	}
	add_property(&line, "title", annotation->title);
	buf_add(&line, "::");
	add_escaped(&line, annotation->message, false);
	log_text(log, LOG_LEVEL_ANNOTATION, buf_str(&line));
	buf_release(&line);
}

/* --- a failure ----------------------------------------------------------------------------- */

static void add_line(struct buf *text, struct str line)
{
	if (line.len == 0)
		return;
	if (text->len > 0)
		buf_putc(text, '\n');
	buf_append(text, line.ptr, line.len);
}

/* What comes after the first line of the report, but for the place. */
static const char *message_of(const struct error *err, struct str rest)
{
	struct buf text = BUF_EMPTY(MAX_LINE);
	const char *cause = err->cause != NULL ? report_error_cause(err->arena, err->cause) : NULL;

	if (err->sql != NULL)
		rest = str_of(err->sql->message);
	add_line(&text, str_trim(rest));
	if (cause != NULL && err->sql == NULL)
		add_line(&text, str_trim(str_of(cause)));
	for (size_t i = 0; i < err->notes.n; i++)
		if (err->notes.items[i].kind != NOTE_PLACE)
			add_line(&text, str_of(err->notes.items[i].text));
	const char *message = str_dup(err->arena, buf_str(&text));
	buf_release(&text);
	return message;
}

/* The note knows the column. The driver knows the line; a program that fails is a whole file. */
static void take_place(struct annotation *annotation, const struct result *result,
                       const struct error *err)
{
	const struct note *note = note_list_find(&err->notes, NOTE_PLACE);
	const struct migration *failed =
		result != NULL && result->kind == RESULT_MIGRATE ? result->migrate.failed : NULL;

	if (note != NULL && note->place != NULL) {
		annotation->path = note->place->path;
		annotation->line = note->place->line;
		annotation->column = note->place->column;
	} else if (err->sql != NULL && err->sql->path != NULL) {
		annotation->path = err->sql->absolute_path;
		annotation->line = err->sql->line;
	} else if (failed != NULL) {
		annotation->path = failed->absolute_path;
	}
}

static void annotate_items(const struct annotations *annotations, const struct log *log,
                           const char *title, const struct error *err)
{
	const struct error_item_list *items = &err->items;
	size_t shown = items->n > MOST_SHOWN ? MOST_SHOWN - 1 : items->n;
	struct annotation annotation = {.title = title};

	for (size_t i = 0; i < shown; i++) {
		annotation.path = items->items[i].path;
		annotation.message = items->items[i].text;
		write_line(annotations, log, err->arena, &annotation);
	}
	if (shown == items->n)
		return;
	annotation.path = NULL;
	annotation.message = arena_printf(err->arena, "%zu more are in the log", items->n - shown);
	write_line(annotations, log, err->arena, &annotation);
}

void annotate_failure(const struct annotations *annotations, const struct log *log,
                      const char *target, const struct result *result, const struct error *err)
{
	const char *prefix = err->prefix != NULL ? err->prefix : "";
	struct str rest = str_of(arena_concat(err->arena, prefix, err->message, ""));
	struct annotation annotation = {0};

	if (!annotations->are_wanted)
		return;
	annotation.title = str_dup(err->arena, str_trim(str_cut(&rest, '\n')));
	annotation.message = message_of(err, rest.ptr != NULL ? rest : STR(""));
	if (annotation.message[0] == '\0' && err->items.n == 0) {
		annotation.message = annotation.title;
		annotation.title = "cflyway";
	}
	if (target != NULL)
		annotation.title = arena_printf(err->arena, "%s: %s", target, annotation.title);
	if (err->items.n > 0) {
		annotate_items(annotations, log, annotation.title, err);
		return;
	}
	take_place(&annotation, result, err);
	write_line(annotations, log, err->arena, &annotation);
}
