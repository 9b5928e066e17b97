/* SPDX-License-Identifier: Apache-2.0 */
/* history.c - reads and writes the rows of the schema history table */
#include "cflyway/db/history.h"
#include "cflyway/db/answer_shape.h"

#include "sql_template.h"

#include "cflyway/base/str.h"
#include "cflyway/base/utf8.h"
#include "cflyway/db/driver.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>

void history_init(struct arena *arena, struct history *history, const char *schema,
                  const char *table)
{
	history->schema = schema;
	history->table = table;
	history->quoted = arena_printf(arena, "%s.%s", db_quote_identifier(arena, schema),
	                               db_quote_identifier(arena, table));
}

int history_last_rank(const struct history_rows *rows)
{
	return rows->n > 0 ? rows->items[rows->n - 1].installed_rank : -1;
}

bool history_check_ranks(const struct history *history, int last, size_t n, const char *consequence,
                         struct error *err)
{
	if (last < 0 || n <= (size_t)(INT_MAX - last))
		return true;
	return error_set(err, ERROR_GENERAL,
	                 "The history table %s has a row with installed_rank %d, and no greater "
	                 "one is left. %s: give this row a smaller installed_rank.",
	                 history->quoted, last, consequence);
}

void history_log_missing(const struct history *history, const struct log *log)
{
	log_info(log, "Schema history table %s does not exist yet", history->quoted);
}

static const char *fill_table(struct arena *arena, const struct history *history, const char *sql)
{
	const struct sql_param blank = {'t', history->quoted};

	return sql_template_expand(arena, sql, &blank, 1);
}

/* --- reading ------------------------------------------------------------------------------- */

/* Columns of history_select, in its order. */
enum {
	COLUMN_INSTALLED_RANK,
	COLUMN_VERSION,
	COLUMN_DESCRIPTION,
	COLUMN_TYPE,
	COLUMN_SCRIPT,
	COLUMN_CHECKSUM,
	COLUMN_INSTALLED_ON,
	COLUMN_INSTALLED_BY,
	COLUMN_EXECUTION_TIME,
	COLUMN_SUCCESS,
	COLUMN_COUNT,
};

enum { FIRST_ROOM = 64 }; /* rows */

struct reading {
	struct arena *arena;
	struct history_rows rows;
	size_t room; /* capacity of rows.items */
};

static bool read_truth(const char *text)
{
	return text != NULL && (text[0] == 't' || text[0] == '1');
}

static const char *keep(struct arena *arena, const char *text)
{
	return arena_strdup(arena, text != NULL ? text : "");
}

/* Most rows have the same user as the row before, and many the same second. */
static const char *keep_shared(struct arena *arena, const char *text, const char *before)
{
	return before != NULL && str_same(text, before) ? before : keep(arena, text);
}

static void add_row(struct reading *reading, const struct history_row *row)
{
	struct history_rows *rows = &reading->rows;
	const size_t size = sizeof(*rows->items);

	if (rows->n == reading->room) {
		rows->items = arena_realloc(reading->arena, rows->items, rows->n * size,
		                            2 * reading->room * size);
		reading->room *= 2;
	}
	rows->items[rows->n++] = *row;
}

static bool read_row(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	struct reading *reading = ctx;
	struct arena *arena = reading->arena;
	const char *type = values[COLUMN_TYPE] != NULL ? values[COLUMN_TYPE] : "null";
	const struct history_row none = {0};
	const struct history_row *before =
		reading->rows.n > 0 ? &reading->rows.items[reading->rows.n - 1] : &none;
	struct history_row row = {
		.installed_rank = answer_int(values[COLUMN_INSTALLED_RANK]),
		.version = version_empty(),
		.description = keep(arena, values[COLUMN_DESCRIPTION]),
		.script = keep(arena, values[COLUMN_SCRIPT]),
		.has_checksum = values[COLUMN_CHECKSUM] != NULL,
		.checksum = answer_int(values[COLUMN_CHECKSUM]),
		.installed_by =
			keep_shared(arena, values[COLUMN_INSTALLED_BY], before->installed_by),
		.installed_on =
			keep_shared(arena, values[COLUMN_INSTALLED_ON], before->installed_on),
		.execution_time = answer_int(values[COLUMN_EXECUTION_TIME]),
		.success = read_truth(values[COLUMN_SUCCESS]),
	};

	(void)columns;
	if (!migration_type_parse(type, &row.type))
		return error_set(err, ERROR_GENERAL,
		                 "Unknown migration type '%s' found in schema history.\n"
		                 "You might be missing a required extension JAR on the classpath.",
		                 type);
	if (values[COLUMN_VERSION] != NULL &&
	    !version_parse(arena, values[COLUMN_VERSION], &row.version, err))
		return false;
	add_row(reading, &row);
	return true;
}

/* Existing rows keep their addresses, because other structures may point to them. */
static struct reading start_reading(struct arena *arena, const struct history_rows *rows)
{
	struct reading reading = {.arena = arena, .room = rows->n + FIRST_ROOM};

	reading.rows.items = arena_array(arena, reading.room, sizeof(*rows->items));
	reading.rows.n = rows->n;
	if (rows->n > 0)
		memcpy(reading.rows.items, rows->items, rows->n * sizeof(*rows->items));
	return reading;
}

bool history_read(struct arena *arena, struct db *db, const struct history *history,
                  struct history_rows *rows, struct error *err)
{
	char last_rank[16];
	const char *const args[] = {last_rank};
	const char *sql = fill_table(arena, history, db->driver->catalog->history_select);
	static const struct answer_shape shape = {"the history", "nnnnnnnnnn", false};
	struct reading reading = start_reading(arena, rows);

	snprintf(last_rank, sizeof(last_rank), "%d", history_last_rank(rows));
	if (db_query_shaped(db, sql, args, COUNT(args), &shape, read_row, &reading, err)) {
		*rows = reading.rows;
		return true;
	}
	return db_title(err, ERROR_DB_CONNECTION,
	                "Error while retrieving the list of applied migrations from Schema History "
	                "table %s",
	                history->quoted);
}

/* --- writing ------------------------------------------------------------------------------- */

enum {
	MAX_DESCRIPTION = 200, /* UTF-16 units, the width of the column */
	MAX_SCRIPT = 1000,
};

const char *history_abbreviate_description(struct arena *arena, const char *description)
{
	struct str text = str_of(description);

	if (text.len <= MAX_DESCRIPTION || utf8_length_utf16(text) <= MAX_DESCRIPTION)
		return description;
	text = utf8_truncate_utf16(text, MAX_DESCRIPTION - 3);
	return arena_printf(arena, "%.*s...", (int)text.len, text.ptr);
}

/* Flyway keeps the units from 3 to 999, however long the text is. */
const char *history_abbreviate_script(struct arena *arena, const char *script)
{
	struct str text = str_of(script);

	if (text.len <= MAX_SCRIPT || utf8_length_utf16(text) <= MAX_SCRIPT)
		return script;
	struct str head = utf8_truncate_utf16(text, 3),
		   rest = utf8_truncate_utf16(text, MAX_SCRIPT);

	rest = str_sub(rest, head.len, rest.len);
	return arena_printf(arena, "...%.*s", (int)rest.len, rest.ptr);
}

/* A row as the arguments of history_insert. */
struct insert_args {
	char installed_rank[16], checksum[16], execution_time[16];
	const char *values[9];
};

static void make_args(struct arena *arena, const struct history_row *row, struct insert_args *args)
{
	const char *const values[] = {
		args->installed_rank,
		version_is_set(&row->version) ? row->version.text : NULL,
		history_abbreviate_description(arena, row->description),
		migration_type_name(row->type),
		history_abbreviate_script(arena, row->script),
		row->has_checksum ? args->checksum : NULL,
		row->installed_by,
		args->execution_time,
		row->success ? "1" : "0",
	};

	snprintf(args->installed_rank, sizeof(args->installed_rank), "%d", row->installed_rank);
	snprintf(args->checksum, sizeof(args->checksum), "%" PRId32, row->checksum);
	snprintf(args->execution_time, sizeof(args->execution_time), "%d", row->execution_time);
	memcpy(args->values, values, sizeof(values));
}

/* In a transaction, the look at its last row is enough, unless the table has triggers or rules. */
static bool insert(struct db *db, const struct history *history, const struct history_row *row,
                   struct error *err)
{
	struct insert_args args;
	const char *sql = fill_table(db->arena, history, db->driver->catalog->history_insert);
	const bool looks = db->history_has_triggers || db_tx_status(db) == TX_IDLE;

	make_args(db->arena, row, &args);
	return db_insert_row(db, sql, args.values, COUNT(args.values), err) &&
	       (!looks || db_look_for_row(db, history->quoted, row->installed_rank, err));
}

static bool fail_insert(const struct history *history, const struct history_row *row,
                        struct error *err)
{
	return db_title(err, ERROR_DB_CONNECTION,
	                "Unable to insert row for version '%s' in Schema History table %s",
	                version_is_set(&row->version) ? row->version.text : "null",
	                history->quoted);
}

bool history_insert(struct db *db, const struct history *history, const struct history_row *row,
                    struct error *err)
{
	return insert(db, history, row, err) || fail_insert(history, row, err);
}

bool history_insert_dated(struct db *db, const struct history *history,
                          const struct history_row *row, struct error *err)
{
	char installed_rank[16];
	const char *const args[] = {row->installed_on, installed_rank};

	if (!history_insert(db, history, row, err))
		return false;
	if (row->installed_on == NULL)
		return true;
	snprintf(installed_rank, sizeof(installed_rank), "%d", row->installed_rank);
	return db_query(db, fill_table(db->arena, history, db->driver->catalog->history_set_time),
	                args, COUNT(args), NULL, NULL, err) ||
	       fail_insert(history, row, err);
}

static bool commit_row(struct db *db, const struct history *history, const struct history_row *row,
                       bool is_queued, enum db_flush flush, struct error *err)
{
	struct insert_args args;
	const struct db_commit commit = {
		.sql = fill_table(db->arena, history, db->driver->catalog->history_insert),
		.args = args.values,
		.n = COUNT(args.values),
		.rank = row->installed_rank,
		.table = history->quoted,
		.is_queued = is_queued,
		.flush = flush,
	};

	make_args(db->arena, row, &args);
	return db_commit_row(db, &commit, err);
}

bool history_fail_commit(const struct db *db, const struct history *history,
                         const struct history_row *row, struct error *err)
{
	return db->failed_part == DB_PART_ROW
	               ? fail_insert(history, row, err)
	               : db_title(err, ERROR_DB_CONNECTION, "Unable to commit transaction");
}

bool history_commit(struct db *db, const struct history *history, const struct history_row *row,
                    bool is_queued, enum db_flush flush, struct error *err)
{
	return commit_row(db, history, row, is_queued, flush, err) ||
	       history_fail_commit(db, history, row, err);
}

#define UNABLE_TO_UPDATE "Unable to repair Schema History table %s for version %s"

bool history_update(struct db *db, const struct history *history, const struct history_row *row,
                    struct error *err)
{
	char installed_rank[16], checksum[16];
	/* DIFFERS: Flyway does not abbreviate here and fails on long descriptions. */
	const char *const args[] = {
		history_abbreviate_description(db->arena, row->description),
		migration_type_name(row->type),
		row->has_checksum ? checksum : NULL,
		installed_rank,
	};
	const char *sql = fill_table(db->arena, history, db->driver->catalog->history_update);

	snprintf(installed_rank, sizeof(installed_rank), "%d", row->installed_rank);
	snprintf(checksum, sizeof(checksum), "%" PRId32, row->checksum);
	const char *version = version_is_set(&row->version) ? row->version.text : "null";

	if (!db_query(db, sql, args, COUNT(args), NULL, NULL, err))
		return db_title(err, ERROR_DB_CONNECTION, UNABLE_TO_UPDATE, history->quoted,
		                version);
	return db->affected != 0 ||
	       error_set(err, ERROR_DB_CONNECTION,
	                 UNABLE_TO_UPDATE ": the row is not there, or something keeps it as it is",
	                 history->quoted, version);
}

#define UNABLE_TO_DELETE "Unable to delete row for version '%s' from Schema History table %s"

static bool count_row(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	size_t *rows = ctx;

	(void)columns, (void)values, (void)err;
	++*rows;
	return true;
}

bool history_delete(struct db *db, const struct history *history, const struct history_row *row,
                    struct error *err)
{
	char installed_rank[16];
	const char *const args[] = {installed_rank, row->version.text, row->script};
	const char *sql = fill_table(db->arena, history, db->driver->catalog->history_delete);
	size_t deleted = 0;

	snprintf(installed_rank, sizeof(installed_rank), "%d", row->installed_rank);
	if (!db_query(db, sql, args, COUNT(args), count_row, &deleted, err))
		return db_title(err, ERROR_DB_CONNECTION, UNABLE_TO_DELETE, row->version.text,
		                history->quoted);
	if (deleted > 0)
		return true;
	return error_set(err, ERROR_DB_CONNECTION,
	                 UNABLE_TO_DELETE ": the row is not there, or something keeps it",
	                 row->version.text, history->quoted);
}

bool history_delete_failed(struct db *db, const struct history *history,
                           const struct history_row *row, struct error *err)
{
	const struct db_catalog *catalog = db->driver->catalog;
	bool is_versioned = version_is_set(&row->version);
	const char *const args[] = {is_versioned ? row->version.text : row->description};
	const char *sql = is_versioned ? catalog->history_delete_failed_version
	                               : catalog->history_delete_failed_description;

	if (db_query(db, fill_table(db->arena, history, sql), args, COUNT(args), NULL, NULL, err))
		return true;
	return db_title(err, ERROR_DB_CONNECTION, "Unable to repair Schema History table %s",
	                history->quoted);
}

/* --- creating ------------------------------------------------------------------------------ */

/* Flyway runs this as a script without a name, and reports its failures that way. */
static bool fail_creation(const struct db *db, size_t line, struct error *err)
{
	struct sql_failure failure;

	if (err->sql == NULL)
		return false;
	failure = *err->sql;
	failure.path = failure.absolute_path = "";
	failure.line = line;
	return db_fail_script(db, ERROR_DB_CONNECTION, &failure, "", err);
}

static size_t count_lines(const char *text)
{
	size_t lines = 1;

	for (const char *c = text; *c; c++)
		lines += *c == '\n';
	return lines;
}

bool history_create(struct db *db, const struct history *history, const char *tablespace,
                    const struct history_row *baseline, struct error *err)
{
	size_t n, line = 1;
	const char *const *statements = db->driver->catalog->history_ddl(
		db, history->schema, history->table, tablespace, &n);

	for (size_t i = 0; i < n; i++) {
		if (!db_query(db, statements[i], NULL, 0, NULL, NULL, err))
			return fail_creation(db, line, err);
		line += count_lines(statements[i]);
		if (i > 0 || baseline == NULL)
			continue;
		/* DIFFERS: Flyway pastes the values of the row into the SQL, and a ' breaks it. */
		if (!insert(db, history, baseline, err))
			return fail_creation(db, line, err);
		line++;
	}
	return true;
}
