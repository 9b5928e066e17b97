/* SPDX-License-Identifier: Apache-2.0 */
/* result_log.c - logs the output of the statements of a script: notices and tables of results */
#include "cflyway/db/result_log.h"

#include "cflyway/base/table.h"

void result_log_notice(const struct log *log, const char *sqlstate, const char *message)
{
	if (strcmp(sqlstate, "00000") == 0)
		log_info(log, "DB: %s", message);
	else
		log_warn(log, "DB: %s (SQL State: %s - Error Code: 0)", message, sqlstate);
}

/* A table whose rows are read while it is drawn. */
struct drawing {
	const struct log *log;
	struct row_set *rows;
};

static const char *title_of(const void *ctx, size_t column)
{
	const struct drawing *drawing = ctx;

	return drawing->rows->titles[column];
}

static struct str cell_of(const void *ctx, size_t row, size_t column)
{
	const struct drawing *drawing = ctx;
	struct row_set *rows = drawing->rows;

	(void)row;
	if (column == 0 && !row_set_next(rows))
		return STR(""); /* the failure is reported after the table */
	if (rows->has_failed || rows->values[column] == NULL)
		return STR("");
	return (struct str){rows->values[column], rows->lengths[column]};
}

/* The log adds a line end to each piece; an empty line follows the last one. */
static void write_piece(void *ctx, struct str piece)
{
	const struct drawing *drawing = ctx;
	bool is_last = drawing->rows->rows == 0;

	log_text(drawing->log, LOG_LEVEL_INFO, str_sub(piece, 0, piece.len - (is_last ? 0 : 1)));
}

void result_log_rows(const struct log *log, struct row_set *rows)
{
	struct drawing drawing = {log, rows};
	size_t n = rows->rows;
	const struct table table = {
		.columns = rows->columns,
		.rows = n,
		.title = title_of,
		.cell = cell_of,
		.ctx = &drawing,
		.when_empty = "No rows returned",
		.widths = rows->widths,
	};

	if (rows->columns == 0)
		return; /* "select" alone is a query without columns: nothing to draw */
	row_set_rewind(rows);
	if (!rows->has_failed)
		table_write(&table, write_piece, &drawing);
	if (rows->has_failed)
		log_cflyway(log, "a result of %zu rows cannot be shown: %s", n, rows->err.message);
}
