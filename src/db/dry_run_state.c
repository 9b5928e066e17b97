/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dry_run_state.c - what a dry run has "written": rows of the history, schemas
 *
 * The rows are read from the database once. From then on they are what later reads see, with the
 * changes of this run.
 */
#include "cflyway/db/answer_shape.h"
#include "dry_run_state.h"

#include "sql_template.h"

enum { FIRST_ROOM = 64 };

/* --- the history --------------------------------------------------------------------------- */

static struct dry_row *add_row(struct dry_run *dry_run)
{
	struct dry_history *history = &dry_run->history;
	const size_t size = sizeof(*history->rows);

	if (history->n == history->room) {
		size_t room = history->room == 0 ? FIRST_ROOM : 2 * history->room;

		history->rows = arena_realloc(&dry_run->arena, history->rows, history->room * size,
		                              room * size);
		history->room = room;
	}
	struct dry_row *row = &history->rows[history->n++];

	*row = (struct dry_row){0};
	return row;
}

static const char *keep(struct dry_run *dry_run, const char *value)
{
	return value != NULL ? arena_strdup(&dry_run->arena, value) : NULL;
}

static bool keep_row(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	struct dry_run *dry_run = ctx;

	if (columns < DRY_COLUMNS)
		return error_set(err, ERROR_GENERAL, "The history has %zu columns only", columns);
	struct dry_row *row = add_row(dry_run);

	for (size_t i = 0; i < DRY_COLUMNS; i++)
		row->values[i] = keep(dry_run, values[i]);
	row->rank = answer_int(values[DRY_RANK]);
	return true;
}

static bool read_rows(struct dry_run *dry_run, struct db *real, struct error *err)
{
	static const char *const lowest[] = {"-2147483648"};
	struct dry_history *history = &dry_run->history;
	const struct sql_param table = {'t', history->quoted};
	const char *sql = sql_template_expand(&dry_run->arena,
	                                      real->driver->catalog->history_select, &table, 1);

	history->n = 0;
	history->is_read =
		real->driver->connection.query(real, sql, lowest, 1, keep_row, dry_run, err);
	return history->is_read;
}

void dry_history_find(struct dry_run *dry_run, struct db *real, const char *schema,
                      const char *table, bool exists)
{
	struct dry_history *history = &dry_run->history;
	struct error ignored = ERROR_INIT(&dry_run->arena);

	history->schema = keep(dry_run, schema);
	history->table = keep(dry_run, table);
	history->quoted =
		arena_printf(&dry_run->arena, "%s.%s", db_quote_identifier(&dry_run->arena, schema),
	                     db_quote_identifier(&dry_run->arena, table));
	history->exists = exists;
	history->is_read = !exists || read_rows(dry_run, real, &ignored);
}

bool dry_history_is(const struct dry_run *dry_run, const char *schema, const char *table)
{
	const struct dry_history *history = &dry_run->history;

	return history->quoted != NULL && strcmp(history->schema, schema) == 0 &&
	       strcmp(history->table, table) == 0;
}

bool dry_history_select(struct dry_run *dry_run, struct db *real, const char *sql,
                        const char *const *args, db_row_fn *row, void *ctx, struct error *err)
{
	const struct dry_history *history = &dry_run->history;
	const int above = answer_int(args[0]);

	if (history->quoted == NULL)
		return real->driver->connection.query(real, sql, args, 1, row, ctx, err);
	if (!history->is_read && !read_rows(dry_run, real, err))
		return false;
	for (size_t i = 0; i < history->n; i++)
		if (!history->rows[i].is_deleted && history->rows[i].rank > above &&
		    !row(ctx, DRY_COLUMNS, history->rows[i].values, err))
			return false;
	return true;
}

void dry_history_created(struct dry_run *dry_run)
{
	struct dry_history *history = &dry_run->history;

	history->exists = history->is_read = true;
	dry_run->has_objects = true;
}

/* A new row has the highest rank of all that are left, so that the order stays. */
void dry_history_insert(struct dry_run *dry_run, const char *const *args)
{
	/* from the order of history_insert to that of history_select */
	static const int columns[] = {0, 1, 2, 3, 4, 5, 7, 8, 9};
	struct dry_row *row = add_row(dry_run);

	for (size_t i = 0; i < COUNT(columns); i++)
		row->values[columns[i]] = keep(dry_run, args[i]);
	row->values[DRY_INSTALLED_ON] =
		clock_format_local(&dry_run->arena, dry_run->clock->now(dry_run->clock));
	row->rank = answer_int(args[DRY_RANK]);
}

static void note_change(struct dry_run *dry_run, size_t index)
{
	struct dry_history *history = &dry_run->history;

	history->changes = arena_grow(&dry_run->arena, history->changes, history->changes_n,
	                              sizeof(*history->changes));
	history->changes[history->changes_n++] = (struct dry_change){index, history->rows[index]};
}

void dry_history_update(struct dry_run *dry_run, const char *const *args)
{
	struct dry_history *history = &dry_run->history;
	const int rank = answer_int(args[3]);

	for (size_t i = 0; i < history->n; i++) {
		struct dry_row *row = &history->rows[i];

		if (row->is_deleted || row->rank != rank)
			continue;
		note_change(dry_run, i);
		row->values[DRY_DESCRIPTION] = keep(dry_run, args[0]);
		row->values[DRY_TYPE] = keep(dry_run, args[1]);
		row->values[DRY_CHECKSUM] = keep(dry_run, args[2]);
	}
}

size_t dry_history_delete(struct dry_run *dry_run, const char *const *args, const int *columns,
                          size_t n)
{
	struct dry_history *history = &dry_run->history;
	size_t deleted = 0;

	for (size_t i = 0; i < history->n; i++) {
		struct dry_row *row = &history->rows[i];
		bool is_wanted = !row->is_deleted;

		for (size_t k = 0; k < n; k++)
			is_wanted = is_wanted && row->values[columns[k]] != NULL &&
			            str_same(row->values[columns[k]], args[k]);
		if (!is_wanted)
			continue;
		note_change(dry_run, i);
		row->is_deleted = true;
		deleted++;
	}
	return deleted;
}

static bool is_failed(const struct dry_row *row)
{
	const char *success = row->values[DRY_SUCCESS];

	return success != NULL && (success[0] == 'f' || success[0] == '0');
}

size_t dry_history_delete_failed(struct dry_run *dry_run, int column, const char *value)
{
	struct dry_history *history = &dry_run->history;
	size_t deleted = 0;

	for (size_t i = 0; i < history->n; i++) {
		struct dry_row *row = &history->rows[i];

		if (row->is_deleted || !is_failed(row) || !str_same(row->values[column], value))
			continue;
		note_change(dry_run, i);
		row->is_deleted = true;
		deleted++;
	}
	return deleted;
}

int64_t dry_history_checksums(const struct dry_run *dry_run)
{
	const struct dry_history *history = &dry_run->history;
	int64_t sum = 0;

	for (size_t i = 0; i < history->n; i++) {
		sum += answer_number(history->rows[i].values[DRY_CHECKSUM]);
	}
	return sum;
}

size_t dry_history_successes(const struct dry_run *dry_run)
{
	const struct dry_history *history = &dry_run->history;
	size_t n = 0;

	for (size_t i = 0; i < history->n; i++)
		n += !is_failed(&history->rows[i]);
	return n;
}

int dry_history_last_rank(const struct dry_run *dry_run)
{
	const struct dry_history *history = &dry_run->history;

	for (size_t i = history->n; i > 0; i--)
		if (!history->rows[i - 1].is_deleted)
			return history->rows[i - 1].rank;
	return -1;
}

/* --- schemas ------------------------------------------------------------------------------- */

struct dry_schema *dry_schema_find(const struct dry_run *dry_run, const char *name)
{
	for (size_t i = dry_run->schemas_n; i > 0; i--)
		if (strcmp(dry_run->schemas[i - 1].name, name) == 0)
			return &dry_run->schemas[i - 1];
	return NULL;
}

void dry_schema_set(struct dry_run *dry_run, const char *name, enum dry_schema_state state)
{
	struct dry_history *history = &dry_run->history;

	dry_run->schemas = arena_grow(&dry_run->arena, dry_run->schemas, dry_run->schemas_n,
	                              sizeof(*dry_run->schemas));
	dry_run->schemas[dry_run->schemas_n++] =
		(struct dry_schema){.name = arena_strdup(&dry_run->arena, name), .state = state};
	dry_run->has_objects |= state == DRY_CREATED;
	if (state == DRY_CREATED || history->quoted == NULL || strcmp(history->schema, name) != 0)
		return;
	history->exists = false;
	history->is_read = true;
	history->n = 0; /* the rows stay where they are, for a rollback */
}

/* --- rollback ------------------------------------------------------------------------------ */

struct dry_mark dry_mark(const struct dry_run *dry_run)
{
	return (struct dry_mark){
		.exists = dry_run->history.exists,
		.is_read = dry_run->history.is_read,
		.n = dry_run->history.n,
		.changes_n = dry_run->history.changes_n,
		.schemas_n = dry_run->schemas_n,
	};
}

void dry_rewind(struct dry_run *dry_run, const struct dry_mark *mark)
{
	struct dry_history *history = &dry_run->history;

	for (size_t i = history->changes_n; i > mark->changes_n; i--) {
		const struct dry_change *change = &history->changes[i - 1];

		history->rows[change->index] = change->before;
	}
	history->changes_n = mark->changes_n;
	history->exists = mark->exists;
	history->is_read = mark->is_read;
	history->n = mark->n;
	dry_run->schemas_n = mark->schemas_n;
}
