/* SPDX-License-Identifier: Apache-2.0 */
/* test_table.c - tables of text; the frames are recorded from Flyway 12.4.0 */
#include "suites.h"

#include "cflyway/base/table.h"

enum { MOST = 4 };

struct rows {
	size_t columns, rows;
	const char *titles[MOST];
	const char *cells[2][MOST];
	const char *expected;
};

static const struct rows tables[] = {
	{2,
         1,
         {"", "b"},
         {{"1", "2"}},
         "+---+---+\n"
         "|   | b |\n"
         "+---+---+\n"
         "| 1 | 2 |\n"
         "+---+---+\n"},
	{4,
         1,
         {"a😀b", "long column", "n", "nl"},
         {{"1", "x😀y日本e", NULL, "a\nb"}},
         "+------+-------------+---+-----+\n"
         "| a😀b | long column | n | nl  |\n"
         "+------+-------------+---+-----+\n"
         "| 1    | x😀y日本e     |   | a\nb |\n"
         "+------+-------------+---+-----+\n"},
	{1,
         0,
         {"i"},
         {{NULL}},
         "+---+\n"
         "| i |\n"
         "+---+\n"
         "| N |\n"
         "+---+\n"},
	{1,
         0,
         {""},
         {{NULL}},
         "+--+\n"
         "|  |\n"
         "+--+\n"
         "|  |\n"
         "+--+\n"},
	{2,
         0,
         {"héé", "ab"},
         {{NULL}},
         "+-----+----+\n"
         "| héé | ab |\n"
         "+-----+----+\n"
         "| No rows  |\n"
         "+-----+----+\n"},
};

static const char *title(const void *ctx, size_t column)
{
	const struct rows *rows = ctx;

	return rows->titles[column];
}

static struct str cell(const void *ctx, size_t row, size_t column)
{
	const struct rows *rows = ctx;

	return str_of(rows->cells[row][column]);
}

static struct table table_of(const struct rows *rows)
{
	return (struct table){
		.columns = rows->columns,
		.rows = rows->rows,
		.title = title,
		.cell = cell,
		.ctx = rows,
		.when_empty = "No rows returned",
	};
}

START_TEST(draws_what_flyway_draws)
{
	const struct table table = table_of(&tables[_i]);
	struct buf out = BUF_EMPTY(10000);

	ck_assert(table_print(&table, &out));
	ck_assert_str_eq(out.ptr, tables[_i].expected);
	buf_release(&out);
}
END_TEST

START_TEST(names_columns_without_title)
{
	const struct rows rows = {1,
	                          1,
	                          {NULL},
	                          {{"x"}},
	                          "+------------------+\n"
	                          "| (No column name) |\n"
	                          "+------------------+\n"
	                          "| x                |\n"
	                          "+------------------+\n"};
	const struct table table = table_of(&rows);
	struct buf out = BUF_EMPTY(10000), small = BUF_EMPTY(50);

	ck_assert(table_print(&table, &out));
	ck_assert_str_eq(out.ptr, rows.expected);
	ck_assert(!table_print(&table, &small));
	buf_release(&out);
	buf_release(&small);
}
END_TEST

static const char *long_title(const void *ctx, size_t column)
{
	(void)ctx;
	return column == 0 ? "number" : "text";
}

static struct str long_cell(const void *ctx, size_t row, size_t column)
{
	(void)ctx;
	return str_of(column == 0 ? (row % 7 == 0 ? NULL : "7") : "some text that is not short");
}

struct pieces {
	struct buf text;
	size_t n;
};

static void take_piece(void *ctx, struct str piece)
{
	struct pieces *pieces = ctx;

	ck_assert(str_ends(piece, STR("\n")));
	ck_assert(str_starts(piece, STR("+")) || str_starts(piece, STR("| ")));
	buf_append(&pieces->text, piece.ptr, piece.len);
	pieces->n++;
}

START_TEST(writes_the_same_in_pieces)
{
	static const size_t widths[] = {1, 27};
	struct table table = {
		.columns = 2,
		.rows = 10000,
		.title = long_title,
		.cell = long_cell,
	};
	struct pieces pieces = {.text = BUF_EMPTY(1 << 20)};
	struct buf whole = BUF_EMPTY(1 << 20);

	ck_assert(table_print(&table, &whole));
	table.widths = widths;
	table_write(&table, take_piece, &pieces);
	ck_assert_uint_gt(pieces.n, 3);
	ck_assert_uint_eq(pieces.text.len, whole.len);
	ck_assert_str_eq(pieces.text.ptr, whole.ptr);
	buf_release(&pieces.text);
	buf_release(&whole);
}
END_TEST

Suite *table_suite(void)
{
	Suite *suite = suite_create("table");
	TCase *tc = tcase_create("table");

	tcase_add_loop_test(tc, draws_what_flyway_draws, 0, COUNT(tables));
	tcase_add_test(tc, names_columns_without_title);
	tcase_add_test(tc, writes_the_same_in_pieces);
	suite_add_tcase(suite, tc);
	return suite;
}
