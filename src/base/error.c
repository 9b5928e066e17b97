/* SPDX-License-Identifier: Apache-2.0 */
/* error.c - records one failure: its code, its message, and the report of the database */
#include "cflyway/base/error.h"

#include "cflyway/base/str.h"

#include <ctype.h>

const char *error_code_name(enum error_code code)
{
	static const char *const names[] = {
#define ERROR_CODE_NAME(name, json) [ERROR_##name] = (json),
		ERROR_CODES(ERROR_CODE_NAME)
#undef ERROR_CODE_NAME
	};

	return names[code];
}

void error_init(struct error *err, struct arena *arena)
{
	*err = (struct error)ERROR_INIT(arena);
}

void error_clear(struct error *err)
{
	error_init(err, err->arena);
}

static void set(struct error *err, enum error_code code, const char *format, va_list args)
	PRINTF(3, 0);

static void set(struct error *err, enum error_code code, const char *format, va_list args)
{
	err->is_set = true;
	err->code = code;
	err->exit_status = EXIT_FAILED;
	err->message = arena_vprintf(err->arena, format, args);
	err->prefix = NULL;
	err->cause = NULL;
	err->root_cause = NULL;
	err->is_cause_logged = false;
	err->is_of_callback = false;
	err->sub_code = NULL;
	err->sql = NULL;
	err->items.n = 0;
}

bool error_set(struct error *err, enum error_code code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set(err, code, format, args);
	va_end(args);
	return false;
}

bool error_wrap(struct error *err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	const char *message = arena_vprintf(err->arena, format, args);
	va_end(args);
	err->is_set = true;
	err->cause = err->message;
	err->message = message;
	return false;
}

bool error_prefix(struct error *err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	err->prefix = arena_vprintf(err->arena, format, args);
	va_end(args);
	return false;
}

static const char *copy(struct arena *arena, const char *text)
{
	return text != NULL ? arena_strdup(arena, text) : NULL;
}

bool error_set_sql(struct error *err, enum error_code code, const struct sql_failure *sql,
                   const char *format, ...)
{
	struct sql_failure *kept = arena_alloc(err->arena, sizeof(*kept));
	va_list args;

	*kept = *sql;
	kept->state = copy(err->arena, sql->state);
	kept->message = copy(err->arena, sql->message);
	kept->hidden_state = copy(err->arena, sql->hidden_state);
	kept->batch = copy(err->arena, sql->batch);
	kept->place.internal_query = copy(err->arena, sql->place.internal_query);
	kept->place.context = copy(err->arena, sql->place.context);
	kept->place.detail = copy(err->arena, sql->place.detail);
	kept->object = sql_object_copy(err->arena, &sql->object);
	kept->routine = copy(err->arena, sql->routine);
	kept->path = copy(err->arena, sql->path);
	kept->absolute_path = copy(err->arena, sql->absolute_path);
	kept->statement = copy(err->arena, sql->statement);
	va_start(args, format);
	set(err, code, format, args);
	va_end(args);
	err->sql = kept;
	return false;
}

bool error_refuse(struct error *err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set(err, ERROR_GENERAL, format, args);
	va_end(args);
	err->exit_status = EXIT_REFUSED;
	return false;
}

const char *error_without_class(const char *text)
{
	size_t i = 0;

	if (!str_starts(str_of(text), STR("java.")))
		return text;
	while (isalnum((unsigned char)text[i]) || text[i] == '.')
		i++;
	if (text[i] == '\0')
		return NULL;
	return str_starts(str_of(text + i), STR(": ")) ? text + i + 2 : text;
}

void error_add_item(struct error *err, const char *path, const char *text)
{
	struct error_item_list *list = &err->items;

	list->items = arena_grow(err->arena, list->items, list->n, sizeof(*list->items));
	list->items[list->n++] = (struct error_item){path, text};
}

static void add_note(struct error *err, enum note_kind kind, const struct note_place *place,
                     const char *format, va_list args) PRINTF(4, 0);

static void add_note(struct error *err, enum note_kind kind, const struct note_place *place,
                     const char *format, va_list args)
{
	const struct note note = {
		.kind = kind,
		.text = arena_vprintf(err->arena, format, args),
		.place = place,
	};

	note_list_add(err->arena, &err->notes, &note);
}

void error_note(struct error *err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_note(err, NOTE_REMARK, NULL, format, args);
	va_end(args);
}

void error_explain(struct error *err, enum note_kind kind, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_note(err, kind, NULL, format, args);
	va_end(args);
}

void error_locate(struct error *err, enum note_kind kind, const struct note_place *place,
                  const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_note(err, kind, place, format, args);
	va_end(args);
}

void error_name_object(struct error *err)
{
	struct note *items = err->notes.items;
	size_t i = 0, n = err->notes.n;

	while (i < n && items[i].kind != NOTE_CAUSE)
		i++;
	if (i == n)
		while (i > 0 && items[i - 1].kind != NOTE_REMARK)
			i--;
	else
		i++;
	if (i > 0 && err->sql != NULL && sql_object_is_known(&err->sql->object))
		items[i - 1].object = &err->sql->object;
}
