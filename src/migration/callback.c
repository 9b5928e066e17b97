/* SPDX-License-Identifier: Apache-2.0 */
/* callback.c - find the scripts that run at an event, and put them in order */
#include "cflyway/migration/callback.h"

#include "migration_file.h"

#include "cflyway/base/utf8.h"
#include "cflyway/migration/script_limits.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	enum event_place place;
} events[] = {
#define CALLBACK_EVENT(constant, name, place) [EVENT_##constant] = {name, EVENT_PLACE_##place},
#include "cflyway/migration/callback_events.def"
#undef CALLBACK_EVENT
};

const char *event_name(enum event event)
{
	return events[event].name;
}

enum event_place event_place(enum event event)
{
	return events[event].place;
}

/* The name must be that of an event. */
static enum event find_event(const char *name)
{
	size_t i = 0;

	while (i + 1 < COUNT(events) && strcmp(events[i].name, name) != 0)
		i++;
	return (enum event)i;
}

/* Orders the callbacks of one event by description, programs before SQL. */
static int compare(const struct callback *a, const struct callback *b)
{
	if (a->event != b->event)
		return a->event < b->event ? -1 : 1;
	int order =
		utf8_compare_utf16(str_of(a->script.description), str_of(b->script.description));
	return order != 0 ? order : (a->script.program == NULL) - (b->script.program == NULL);
}

/* Orders equal callbacks by path, because Flyway leaves their order open. */
static int compare_items(const void *a, const void *b)
{
	const struct callback *left = a, *right = b;
	int order = compare(left, right);

	return order != 0 ? order : strcmp(left->script.absolute_path, right->script.absolute_path);
}

/* Measured: several programs for one event and description are allowed. */
static bool check_duplicates(const struct callback *items, size_t n, const char *separator,
                             struct error *err)
{
	for (size_t i = 1; i < n; i++) {
		const struct callback *callback = &items[i];
		const char *description = callback->script.description;

		if (callback->script.program != NULL || compare(callback - 1, callback) != 0)
			continue;
		return error_set(err, ERROR_GENERAL,
		                 "Found more than 1 SQL callback script called %s%s%s!\n"
		                 "Offenders:\n-> %s\n-> %s",
		                 event_name(callback->event), *description ? separator : "",
		                 description, callback[-1].script.absolute_path,
		                 callback->script.absolute_path);
	}
	return true;
}

/* Its transaction is that of the migration, and so are the limits. */
static bool check_limits(const struct callback *callback, struct error *err)
{
	enum event_place place = event_place(callback->event);

	if (callback->script.limits == NULL ||
	    (place != EVENT_PLACE_MIGRATION && place != EVENT_PLACE_UNDO))
		return true;
	return error_set(err, ERROR_CONFIGURATION,
	                 "%s" SCRIPT_LIMITS_SUFFIX " has no effect: %s callbacks run inside of "
	                 "each migration, under its limits",
	                 callback->script.path, event_name(callback->event));
}

static bool collect(struct arena *arena, const struct resolve_options *options,
                    const struct migration_files *files, struct callback **items, size_t *n,
                    struct error *err)
{
	for (size_t i = 0; i < files->n; i++) {
		const struct migration_file *file = &files->items[i];

		if (file->parts.kind != FILENAME_CALLBACK || file->is_switched_off)
			continue;
		struct callback callback = {
			find_event(file->parts.prefix),
			migration_file_describe(file, options),
		};
		if (!check_limits(&callback, err))
			return false;
		if (file->program == NULL &&
		    !migration_file_detect_encoding(&callback.script, options, err))
			return false;
		*items = arena_grow(arena, *items, *n, sizeof(callback));
		(*items)[(*n)++] = callback;
	}
	return true;
}

bool callbacks_resolve(struct arena *arena, const struct resolve_options *options,
                       const struct migration_files *files, struct callback_list *list,
                       struct error *err)
{
	struct callback *items = NULL;
	size_t n = 0;

	*list = (struct callback_list){0};
	if (!collect(arena, options, files, &items, &n, err))
		return false;
	if (n > 0)
		qsort(items, n, sizeof(items[0]), compare_items);
	*list = (struct callback_list){items, n};
	return check_duplicates(items, n, options->names.separator, err);
}
