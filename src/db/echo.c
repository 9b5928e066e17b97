/* echo.c - shows what the statements of a script bring back: notices and tables of results */
#include "cflyway/db/echo.h"

#include "cflyway/base/buf.h"
#include "cflyway/base/table.h"

enum { MAX_TABLE_SIZE = 1 << 30 };

void echo_notice(const struct log *log, const char *sqlstate, const char *message)
{
	if (strcmp(sqlstate, "00000") == 0)
		log_info(log, "DB: %s", message);
	else
		log_warn(log, "DB: %s (SQL State: %s - Error Code: 0)", message, sqlstate);
}

static const char *title_of(const void *ctx, size_t column)
{
	const struct db_result *result = ctx;

	return result->title(result, column);
}

static const char *cell_of(const void *ctx, size_t row, size_t column)
{
	const struct db_result *result = ctx;

	return result->value(result, row, column);
}

void echo_result(const struct log *log, const struct db_result *result)
{
	struct buf text = BUF_EMPTY(MAX_TABLE_SIZE);
	const struct table table = {
		.columns = result->columns,
		.rows = result->rows,
		.title = title_of,
		.cell = cell_of,
		.ctx = result,
		.when_empty = "No rows returned",
	};

	if (result->columns == 0)
		return; /* "select" alone is a query without columns: nothing to draw */
	if (table_print(&table, &text))
		log_text(log, LOG_LEVEL_INFO, buf_str(&text));
	else
		log_own(log, "a result of %zu rows is too large to be shown", result->rows);
	buf_release(&text);
}
