/* SPDX-License-Identifier: Apache-2.0 */
/* note.c - what cflyway says of its own, beside the words of Flyway */
#include "cflyway/base/note.h"

#include <string.h>

const char *note_kind_name(enum note_kind kind)
{
	static const char *const names[] = {
#define NOTE_KIND_NAME(name, json) [NOTE_##name] = (json),
		NOTE_KINDS(NOTE_KIND_NAME)
#undef NOTE_KIND_NAME
	};

	return names[kind];
}

static const struct note_place *copy_place(struct arena *arena, const struct note_place *place)
{
	struct note_place *copy;

	if (place == NULL)
		return NULL;
	copy = arena_alloc(arena, sizeof(*copy));
	*copy = *place;
	copy->path = arena_strdup(arena, place->path);
	return copy;
}

static const struct sql_object *copy_object(struct arena *arena, const struct sql_object *object)
{
	struct sql_object *copy;

	if (object == NULL)
		return NULL;
	copy = arena_alloc(arena, sizeof(*copy));
	*copy = sql_object_copy(arena, object);
	return copy;
}

void note_list_add(struct arena *arena, struct note_list *list, const struct note *note)
{
	size_t at = list->n;

	list->items = arena_grow(arena, list->items, list->n, sizeof(list->items[0]));
	while (at > 0 && list->items[at - 1].kind > note->kind)
		at--;
	memmove(&list->items[at + 1], &list->items[at], (list->n - at) * sizeof(list->items[0]));
	list->n++;
	list->items[at] = (struct note){
		.kind = note->kind,
		.text = arena_strdup(arena, note->text),
		.place = copy_place(arena, note->place),
		.object = copy_object(arena, note->object),
	};
}

void note_list_join(struct arena *arena, struct note_list *list, const struct note_list *other)
{
	for (size_t i = 0; i < other->n; i++)
		note_list_add(arena, list, &other->items[i]);
}

const struct note *note_list_find(const struct note_list *list, enum note_kind kind)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i].kind == kind)
			return &list->items[i];
	return NULL;
}
