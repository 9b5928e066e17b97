/* SPDX-License-Identifier: Apache-2.0 */
/* fake_store.c - what is in the fake database: changes, and who sees them */
#include "fake_store.h"

#include "cflyway/db/db.h"

#include <stdlib.h>
#include <string.h>

enum { RANK, VERSION, DESCRIPTION, TYPE, SCRIPT, CHECKSUM, SUCCESS = FAKE_COLUMNS - 1 };

struct viewing {
	struct arena *arena;
	struct fake_view view;
};

static long rank_of(const struct fake_row *row)
{
	return strtol(row->values[RANK], NULL, 10);
}

int fake_view_last_rank(const struct fake_view *view)
{
	return view->n > 0 ? (int)rank_of(&view->rows[view->n - 1]) : -1;
}

bool fake_is_in(struct arena *arena, const char *quoted, const char *schema)
{
	const char *prefix = arena_printf(arena, "%s.", db_quote_identifier(arena, schema));

	return quoted != NULL && str_starts(str_of(quoted), str_of(prefix));
}

bool fake_view_is_empty(const struct fake_view *view, const char *schema)
{
	struct arena arena = ARENA_EMPTY;
	bool is_empty = !fake_is_in(&arena, view->table, schema);

	for (size_t i = 0; i < view->objects.n; i++)
		is_empty = is_empty && !fake_is_in(&arena, view->objects.items[i], schema);
	arena_release(&arena);
	return is_empty;
}

static void insert(struct viewing *viewing, const struct fake_row *row)
{
	struct fake_view *view = &viewing->view;
	size_t i = view->n;

	view->rows = arena_grow(viewing->arena, view->rows, view->n++, sizeof(*view->rows));
	for (; i > 0 && rank_of(&view->rows[i - 1]) > rank_of(row); i--)
		view->rows[i] = view->rows[i - 1];
	view->rows[i] = *row;
}

static void update(struct fake_view *view, const struct fake_row *change)
{
	static const size_t columns[] = {DESCRIPTION, TYPE, CHECKSUM};

	for (size_t i = 0; i < view->n; i++)
		for (size_t j = 0; j < COUNT(columns); j++)
			if (rank_of(&view->rows[i]) == rank_of(change))
				view->rows[i].values[columns[j]] = change->values[columns[j]];
}

/* By version if the change has one, otherwise by description. */
static bool is_deleted(const struct fake_row *row, const struct fake_row *change)
{
	size_t column = change->values[VERSION] != NULL ? VERSION : DESCRIPTION;

	return row->values[SUCCESS][0] == '0' &&
	       str_same(row->values[column], change->values[column]);
}

static void delete_rank(struct fake_view *view, const struct fake_row *change)
{
	size_t kept = 0;

	for (size_t i = 0; i < view->n; i++)
		if (rank_of(&view->rows[i]) != rank_of(change))
			view->rows[kept++] = view->rows[i];
	view->n = kept;
}

static void delete_failed(struct fake_view *view, const struct fake_row *change)
{
	size_t kept = 0;

	for (size_t i = 0; i < view->n; i++)
		if (!is_deleted(&view->rows[i], change))
			view->rows[kept++] = view->rows[i];
	view->n = kept;
}

static struct str_list without(struct viewing *viewing, const struct str_list *list,
                               const char *name)
{
	struct str_list rest = {0};

	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->items[i], name) != 0)
			str_list_add(viewing->arena, &rest, list->items[i]);
	return rest;
}

static void clean(struct viewing *viewing, const char *schema)
{
	struct fake_view *view = &viewing->view;
	struct str_list kept = {0};

	for (size_t i = 0; i < view->objects.n; i++)
		if (!fake_is_in(viewing->arena, view->objects.items[i], schema))
			str_list_add(viewing->arena, &kept, view->objects.items[i]);
	view->objects = kept;
	if (!fake_is_in(viewing->arena, view->table, schema))
		return;
	view->table = NULL;
	view->n = 0;
}

static void apply(struct viewing *viewing, const struct fake_change *change)
{
	struct fake_view *view = &viewing->view;

	switch (change->kind) {
	case FAKE_CREATE_SCHEMA:
		str_list_add(viewing->arena, &view->schemas, change->name);
		break;
	case FAKE_DROP_SCHEMA:
		clean(viewing, change->name);
		view->schemas = without(viewing, &view->schemas, change->name);
		break;
	case FAKE_CLEAN_SCHEMA:
		clean(viewing, change->name);
		break;
	case FAKE_DROP_OBJECT:
		view->objects = without(viewing, &view->objects, change->name);
		break;
	case FAKE_CREATE_OBJECT:
		str_list_add(viewing->arena, &view->objects, change->name);
		break;
	case FAKE_CREATE_TABLE:
		view->table = change->name;
		view->n = 0;
		break;
	case FAKE_INSERT:
		insert(viewing, &change->row);
		break;
	case FAKE_UPDATE:
		update(view, &change->row);
		break;
	case FAKE_DELETE:
		delete_rank(view, &change->row);
		break;
	case FAKE_DELETE_FAILED:
		delete_failed(view, &change->row);
		break;
	case FAKE_STATEMENT:
		str_list_add(viewing->arena, &view->statements, change->name);
		break;
	}
}

struct fake_view fake_store_view(const struct fake_store *store, size_t owner)
{
	struct viewing viewing = {.arena = store->arena};

	for (size_t i = 0; i < store->n; i++)
		if (store->changes[i].owner == FAKE_COMMITTED || store->changes[i].owner == owner)
			apply(&viewing, &store->changes[i]);
	return viewing.view;
}

static const char *keep(struct fake_store *store, const char *text)
{
	return text != NULL ? arena_strdup(store->arena, text) : NULL;
}

void fake_store_add(struct fake_store *store, struct fake_change change)
{
	change.name = keep(store, change.name);
	for (size_t i = 0; i < FAKE_COLUMNS; i++)
		change.row.values[i] = keep(store, change.row.values[i]);
	store->changes = arena_grow(store->arena, store->changes, store->n, sizeof(change));
	store->changes[store->n++] = change;
}

void fake_store_commit(struct fake_store *store, size_t owner)
{
	for (size_t i = 0; i < store->n; i++)
		if (store->changes[i].owner == owner)
			store->changes[i].owner = FAKE_COMMITTED;
}

void fake_store_roll_back(struct fake_store *store, size_t owner)
{
	fake_store_roll_back_to(store, owner, 0);
}

void fake_store_roll_back_to(struct fake_store *store, size_t owner, size_t n)
{
	size_t kept = n;

	for (size_t i = n; i < store->n; i++)
		if (store->changes[i].owner != owner)
			store->changes[kept++] = store->changes[i];
	store->n = kept;
}
