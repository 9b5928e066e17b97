/* SPDX-License-Identifier: Apache-2.0 */
/* foreign_table.c - reads a table that another program has made */
#include "cflyway/db/foreign_table.h"
#include "cflyway/db/answer_shape.h"

#include "sql_template.h"

#include "cflyway/base/buf.h"
#include "cflyway/db/driver.h"

enum { QUERY_MAX = 1 << 20 };

struct names {
	struct arena *arena;
	struct str_list *list;
};

static bool add_name(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	const struct names *names = ctx;

	(void)columns, (void)err;
	str_list_add(names->arena, names->list, arena_strdup(names->arena, values[0]));
	return true;
}

bool foreign_table_columns(struct arena *arena, struct db *db, const char *schema,
                           const char *table, struct str_list *columns, struct error *err)
{
	const char *const args[] = {schema, table};
	static const struct answer_shape shape = {"the columns of a table", "v", false};
	struct names names = {arena, columns};
	bool exists = false;

	*columns = (struct str_list){0};
	/* SQLite fails if the schema is not attached. */
	if (!db_schema_exists(db, schema, &exists, err))
		return false;
	return !exists ||
	       db_query_shaped(db, db->driver->catalog->table_columns, args, COUNT(args), &shape,
	                       add_name, &names, err) ||
	       db_title(err, ERROR_DB_CONNECTION, "Unable to look for the table %s.%s", schema,
	                table);
}

static void put_column(struct arena *arena, const struct db *db, const struct foreign_query *query,
                       const struct foreign_column *column, struct buf *sql)
{
	if (column->name == NULL) {
		buf_add(sql, "NULL");
		return;
	}
	const char *quoted = db_quote_identifier(arena, column->name);
	const struct sql_param blanks[] = {
		{'c', quoted},
		{'u', query->has_utc_times ? "TRUE" : "FALSE"},
	};

	if (column->is_time)
		buf_add(sql, sql_template_expand(arena, db->driver->catalog->time_text, blanks,
		                                 COUNT(blanks)));
	else
		buf_printf(sql, "CAST(%s AS TEXT)", quoted);
}

bool foreign_table_read(struct arena *arena, struct db *db, const struct foreign_query *query,
                        db_row_fn *row, void *ctx, struct error *err)
{
	struct buf sql = BUF_EMPTY(QUERY_MAX);
	const char *table = arena_printf(arena, "%s.%s", db_quote_identifier(arena, query->schema),
	                                 db_quote_identifier(arena, query->table));

	buf_add(&sql, "SELECT ");
	for (size_t i = 0; i < query->n; i++) {
		buf_add(&sql, i > 0 ? ", " : "");
		put_column(arena, db, query, &query->columns[i], &sql);
	}
	buf_printf(&sql, " FROM %s", table);
	if (query->order != NULL)
		buf_printf(&sql, " ORDER BY %s", db_quote_identifier(arena, query->order));
	char *columns = arena_alloc(arena, query->n + 1);
	const struct answer_shape shape = {"the rows of a table", columns, false};

	memset(columns, 'n', query->n);
	columns[query->n] = '\0';
	bool ok = db_query_shaped(db, sql.ptr, NULL, 0, &shape, row, ctx, err) ||
	          db_title(err, ERROR_DB_CONNECTION, "Unable to read the table %s", table);
	buf_release(&sql);
	return ok;
}
