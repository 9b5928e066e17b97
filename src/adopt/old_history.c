/* SPDX-License-Identifier: Apache-2.0 */
/* old_history.c - finds the history of another tool in the database, and reads it */
#include "cflyway/adopt/old_history.h"

#include "cflyway/base/ascii.h"
#include "cflyway/base/buf.h"
#include "cflyway/base/nearest.h"
#include "cflyway/core/session.h"
#include "cflyway/db/foreign_table.h"

#include <assert.h>

#define AUTO "auto"
#define CUSTOM "custom"

/* --- finding ------------------------------------------------------------------------------- */

struct search {
	const struct run *run;
	struct old_history *items; /* what was found */
	size_t n;
};

/* Divides "schema.name"; without a schema the table is in the default schema. */
static void place(const struct run *run, const char *name, const char **schema, const char **table)
{
	struct str rest = str_of(name);
	struct str first = str_cut(&rest, '.');

	*schema = rest.ptr != NULL ? str_dup(run->arena, first) : run->session->default_schema;
	*table = rest.ptr != NULL ? str_dup(run->arena, rest) : name;
}

static bool is_known(const struct search *search, const char *schema, const char *table)
{
	for (size_t i = 0; i < search->n; i++)
		if (strcmp(search->items[i].schema, schema) == 0 &&
		    strcmp(search->items[i].table, table) == 0)
			return true;
	return false;
}

/* The history that adopt writes is not one to be adopted. */
static bool is_own(const struct run *run, const char *schema, const char *table)
{
	const struct history *own = &run->session->history;

	return strcmp(own->schema, schema) == 0 && strcmp(own->table, table) == 0;
}

static bool has_companion(const struct run *run, const struct adopt_format *format,
                          const char *schema, bool *has, struct error *err)
{
	struct str_list columns = {0};

	*has = format->companion == NULL;
	if (*has)
		return true;
	if (!foreign_table_columns(run->arena, run->db, schema, format->companion, &columns, err))
		return false;
	*has = columns.n > 0;
	return true;
}

static void add(struct search *search, const struct adopt_format *format, const char *schema,
                const char *table, const struct adopt_columns *columns)
{
	struct arena *arena = search->run->arena;

	search->items = arena_grow(arena, search->items, search->n, sizeof(*search->items));
	search->items[search->n++] = (struct old_history){
		.format = format,
		.schema = schema,
		.table = table,
		.quoted = arena_printf(arena, "%s.%s", db_quote_identifier(arena, schema),
	                               db_quote_identifier(arena, table)),
		.columns = *columns,
		.is_ordered = columns->names[ADOPT_ORDER] != NULL,
	};
}

/* Looks at one table with the eyes of one format. list: the columns that it has. */
static bool look(struct search *search, const struct adopt_format *format, const char *name,
                 struct str_list *list, struct error *err)
{
	const struct run *run = search->run;
	struct adopt_columns columns;
	const char *schema, *table;
	bool fits;

	place(run, name, &schema, &table);
	*list = (struct str_list){0};
	if (is_known(search, schema, table) || is_own(run, schema, table))
		return true;
	if (!foreign_table_columns(run->arena, run->db, schema, table, list, err))
		return false;
	if (list->n == 0 || !adopt_format_fits(format, list, &columns))
		return true;
	if (!has_companion(run, format, schema, &fits, err))
		return false;
	if (fits)
		add(search, format, schema, table, &columns);
	return true;
}

/* The tables that a format usually has. */
static bool look_everywhere(struct search *search, const struct adopt_format *format,
                            struct error *err)
{
	struct str_list columns;

	for (size_t i = 0; i < ADOPT_TABLES_MAX && format->tables[i] != NULL; i++)
		if (!look(search, format, format->tables[i], &columns, err))
			return false;
	return true;
}

static bool search_all(struct search *search, struct error *err)
{
	struct str_list names = {0};
	const struct run *run = search->run;

	for (size_t i = 0; i < adopt_format_count; i++)
		if (!look_everywhere(search, &adopt_formats[i], err))
			return false;
	if (search->n == 1)
		return true;
	if (search->n == 0)
		return error_set(err, ERROR_GENERAL,
		                 "No history of another tool was found in schema %s. If it has a "
		                 "name of its own, give it: -from=TABLE",
		                 run->session->quoted_schema);
	for (size_t i = 0; i < search->n; i++)
		str_list_add(run->arena, &names,
		             arena_printf(run->arena, "%s (-from=%s)", search->items[i].quoted,
		                          search->items[i].format->name));
	return error_set(err, ERROR_GENERAL,
	                 "Several histories were found: %s. Say which one is to be adopted.",
	                 str_list_join(run->arena, &names, ", "));
}

/* The table may be the misspelt name of a tool: -from=gose. */
static bool fail_table(const struct run *run, const char *schema, const char *table,
                       struct error *err)
{
	struct nearest nearest;

	error_set(err, ERROR_GENERAL, "There is no table %s in schema %s", table,
	          db_quote_identifier(run->arena, schema));
	nearest_init(&nearest, str_of(table));
	for (size_t i = 0; i < adopt_format_count; i++)
		nearest_consider(&nearest, str_of(adopt_formats[i].name), adopt_formats[i].name);
	nearest_note(&nearest, err);
	return false;
}

/* One table, and all formats or only one. */
static bool search_table(struct search *search, const struct adopt_format *only, const char *name,
                         struct error *err)
{
	const struct run *run = search->run;
	struct str_list columns = {0};
	const char *schema, *table;

	place(run, name, &schema, &table);
	if (is_own(run, schema, table))
		return error_set(err, ERROR_GENERAL, "%s is the history of cflyway itself",
		                 run->session->history.quoted);
	for (size_t i = 0; i < adopt_format_count && search->n == 0; i++)
		if ((only == NULL || only == &adopt_formats[i]) &&
		    !look(search, &adopt_formats[i], name, &columns, err))
			return false;
	if (search->n == 1)
		return true;
	if (columns.n == 0)
		return fail_table(run, schema, table, err);
	return error_set(err, ERROR_GENERAL,
	                 "The columns of %s (%s) are not those of %s. -from=custom with "
	                 "-source=%s and -keyColumn=NAME says which column is what.",
	                 name, str_list_join(run->arena, &columns, ", "),
	                 only != NULL ? only->title : "a history that adopt knows", name);
}

static bool search_format(struct search *search, const struct adopt_format *format,
                          struct error *err)
{
	struct str_list names = {0};

	if (!look_everywhere(search, format, err))
		return false;
	if (search->n == 1)
		return true;
	for (size_t i = 0; i < ADOPT_TABLES_MAX && format->tables[i] != NULL; i++)
		str_list_add(err->arena, &names, format->tables[i]);
	return error_set(err, ERROR_GENERAL,
	                 search->n == 0
	                         ? "No history of %s was found: there is no table %s that fits"
	                         : "More than one history of %s was found among the tables %s: "
	                           "-source=TABLE says which one is meant",
	                 format->title, str_list_join(err->arena, &names, ", "));
}

/* A format of the user's own words. */
static bool search_custom(struct search *search, const struct adopt_request *request,
                          struct error *err)
{
	const struct run *run = search->run;
	struct adopt_format *format = arena_alloc(run->arena, sizeof(*format));
	struct str_list columns;

	if (request->source == NULL || request->columns[ADOPT_KEY] == NULL)
		return error_set(err, ERROR_CONFIGURATION,
		                 "-from=custom needs -source=TABLE and -keyColumn=NAME, the column "
		                 "that names the migration");
	*format = (struct adopt_format){
		.name = CUSTOM,
		.title = "a tool of your own",
		.last_state_decides = true,
		.states = adopt_own_states,
	};
	for (size_t i = 0; i < ADOPT_COLUMN_COUNT; i++)
		if (request->columns[i] != NULL)
			format->columns[i] = arena_printf(run->arena, "!%s", request->columns[i]);
	if (!look(search, format, request->source, &columns, err))
		return false;
	return search->n == 1 ||
	       error_set(err, ERROR_GENERAL, "There is no table %s with these columns%s%s",
	                 request->source, columns.n > 0 ? ": it has " : "",
	                 str_list_join(run->arena, &columns, ", "));
}

static bool search_as_told(struct search *search, const struct adopt_request *request,
                           struct error *err)
{
	const struct adopt_format *format = adopt_format_find(request->from);

	if (strcmp(request->from, CUSTOM) == 0)
		return search_custom(search, request, err);
	if (strcmp(request->from, AUTO) == 0)
		return request->source != NULL ? search_table(search, NULL, request->source, err)
		                               : search_all(search, err);
	if (format == NULL)
		return search_table(search, NULL, request->from, err);
	return request->source != NULL ? search_table(search, format, request->source, err)
	                               : search_format(search, format, err);
}

bool old_history_find(const struct run *run, const struct adopt_request *request,
                      struct old_history *history, struct error *err)
{
	struct search search = {.run = run};

	if (!search_as_told(&search, request, err))
		return false;
	assert(search.n == 1 && search.items != NULL);
	*history = search.items[0];
	log_cflyway(run->log, "%s has the history of %s", history->quoted, history->format->title);
	return true;
}

/* --- reading ------------------------------------------------------------------------------- */

struct reading {
	struct arena *arena;
	struct old_history *history;
	const char *store;
	struct str_list stores;
};

static const char *keep(struct arena *arena, const char *text)
{
	return text != NULL && text[0] != '\0' ? arena_strdup(arena, text) : NULL;
}

static bool is_of_store(struct reading *reading, const char *store)
{
	const char *name = store != NULL ? store : "";

	if (!str_list_has(&reading->stores, name))
		str_list_add(reading->arena, &reading->stores, arena_strdup(reading->arena, name));
	return reading->store == NULL || strcmp(reading->store, name) == 0;
}

static bool read_entry(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	struct reading *reading = ctx;
	struct old_history *history = reading->history;
	const struct adopt_format *format = history->format;
	struct arena *arena = reading->arena;
	struct old_entry entry = {
		.key = keep(arena, values[ADOPT_KEY]),
		.applied_on = keep(arena, values[ADOPT_APPLIED_ON]),
		.applied_by = keep(arena, values[ADOPT_APPLIED_BY]),
		.checksum = keep(arena, values[ADOPT_CHECKSUM]),
		.taken_back_on = keep(arena, values[ADOPT_TAKEN_BACK_ON]),
		.reason = keep(arena, values[ADOPT_REASON]),
		.parts = 1,
	};

	(void)columns;
	if (entry.key == NULL || str_same(entry.key, format->start) ||
	    !is_of_store(reading, values[ADOPT_STORE]))
		return true;
	if (!adopt_state_parse(format->states, values[ADOPT_STATE], &entry.state))
		return error_set(err, ERROR_GENERAL,
		                 "The entry %s of %s has a state that is not known: %s", entry.key,
		                 history->quoted, values[ADOPT_STATE]);
	if (history->columns.names[ADOPT_STATE] == NULL && entry.taken_back_on != NULL)
		entry.state = OLD_TAKEN_BACK;
	history->items = arena_grow(arena, history->items, history->n, sizeof(*history->items));
	history->items[history->n++] = entry;
	return true;
}

/* goose has no column for the time of a rollback: the entry that says so has it. */
static void merge_into(struct old_entry *first, const struct old_entry *next, bool adds_parts)
{
	const struct old_entry before = *first;

	*first = *next;
	if (next->state == OLD_TAKEN_BACK && before.state == OLD_APPLIED) {
		if (first->taken_back_on == NULL)
			first->taken_back_on = next->applied_on;
		first->applied_on = before.applied_on;
		first->applied_by = before.applied_by;
	}
	if (!adds_parts)
		return;
	first->parts = before.parts + (next->state == OLD_APPLIED);
	if (before.state == OLD_FAILED || next->state == OLD_PENDING)
		first->state = before.state;
}

static size_t find_key(const struct old_entry *items, size_t n, const char *key)
{
	size_t i = 0;

	while (i < n && strcmp(items[i].key, key) != 0)
		i++;
	return i;
}

void old_history_merge(struct arena *arena, struct old_history *history)
{
	const bool adds_parts = history->format->keys == ADOPT_EACH_PART_OF_FILE;
	struct old_entry *merged = arena_array(arena, history->n, sizeof(*merged));
	size_t n = 0;

	for (size_t i = 0; i < history->n; i++) {
		struct old_entry next = history->items[i];
		size_t at = find_key(merged, n, next.key);

		if (at == n) {
			next.parts = next.state == OLD_APPLIED;
			merged[n++] = next;
			continue;
		}
		struct old_entry entry = merged[at];
		merge_into(&entry, &next, adds_parts);
		/* what was applied again is applied last */
		if (next.state == OLD_APPLIED && !adds_parts) {
			memmove(&merged[at], &merged[at + 1], (n - at - 1) * sizeof(*merged));
			at = n - 1;
		}
		merged[at] = entry;
	}
	history->items = merged;
	history->n = n;
}

static bool check_stores(const struct reading *reading, struct error *err)
{
	const char *names = str_list_join(err->arena, &reading->stores, ", ");

	if (reading->store == NULL && reading->stores.n > 1)
		return error_set(err, ERROR_GENERAL,
		                 "%s has the entries of several stores: %s. -store=NAME says which "
		                 "of them this database is.",
		                 reading->history->quoted, names);
	if (reading->store == NULL || str_list_has(&reading->stores, reading->store))
		return true;
	return error_set(err, ERROR_GENERAL, "%s has no entries of the store %s, only of: %s",
	                 reading->history->quoted, reading->store, names);
}

/* Where one entry says how far the database is. */
static bool check_single(const struct old_history *history, struct error *err)
{
	bool is_single = history->format->keys == ADOPT_UP_TO_NUMBER ||
	                 history->format->keys == ADOPT_UP_TO_REVISION;

	if (!is_single || history->n < 2)
		return true;
	return error_set(err, ERROR_GENERAL,
	                 "%s has %zu entries, and a history of %s without branches has one: merge "
	                 "the branches first",
	                 history->quoted, history->n, history->format->title);
}

static struct foreign_column column_of(const struct old_history *history, size_t i)
{
	return (struct foreign_column){
		.name = history->columns.names[i],
		.is_time = i == ADOPT_APPLIED_ON || i == ADOPT_TAKEN_BACK_ON,
	};
}

bool old_history_read(const struct run *run, const char *store, struct old_history *history,
                      struct error *err)
{
	struct reading reading = {.arena = run->arena, .history = history, .store = store};
	struct foreign_column columns[ADOPT_COLUMN_COUNT] = {{0}};
	const char *const *names = history->columns.names;

	if (store != NULL && names[ADOPT_STORE] == NULL)
		return error_set(err, ERROR_CONFIGURATION,
		                 "%s has no column that says which store an entry belongs to",
		                 history->quoted);
	for (size_t i = 0; i < ADOPT_COLUMN_COUNT; i++)
		columns[i] = column_of(history, i);
	const struct foreign_query query = {
		.schema = history->schema,
		.table = history->table,
		.columns = columns,
		.n = ADOPT_COLUMN_COUNT,
		.order = names[ADOPT_ORDER] != NULL ? names[ADOPT_ORDER] : names[ADOPT_APPLIED_ON],
		.has_utc_times = history->format->has_utc_times,
	};
	if (!foreign_table_read(run->arena, run->db, &query, read_entry, &reading, err) ||
	    !check_stores(&reading, err) || !check_single(history, err))
		return false;
	old_history_merge(run->arena, history);
	return true;
}
