/* SPDX-License-Identifier: Apache-2.0 */
/* test_copy_data.c - the rows that follow a COPY … FROM STDIN */
#include "suites.h"

#include "cflyway/sql/split.h"

static struct arena arena;

static void setup(void)
{
	arena_init(&arena);
}

static void teardown(void)
{
	arena_release(&arena);
}

static struct splitter *open_splitter(struct text_source *source)
{
	const struct split_options options = {
		.path = "sql/V1__x.sql",
		.max_statement_size = 1 << 20,
	};

	return split_open(&dialect_postgres, source, &options);
}

static const size_t piece_sizes[] = {0, 1, 2, 5};

static const struct {
	const char *script, *rows;
	size_t line; /* of the statement that follows */
} copies[] = {
	{"COPY t FROM STDIN;\n\\.\nSELECT 2", "", 3},
	{"COPY t FROM STDIN; rest\n1\n2\n\\.\nSELECT 2", "1\n2\n", 5},
	{"COPY t FROM STDIN;\n \t\\\n.\\.\n\\.\\.\n\\.x\n \t\\. \r\nSELECT 2",
         " \t\\\n.\\.\n\\.\\.\n\\.x\n", 7},
	{"COPY t FROM STDIN;\n\n  \n\\N\t\\N\n\t\\.\nSELECT 2", "\n  \n\\N\t\\N\n", 6},
	{"COPY t FROM STDIN;\r\nx\r\n\\.\r\nSELECT 2", "x\r\n", 4},
	{"COPY t FROM STDIN;\n1\n\\.", "1\n", 0},
	{"COPY t FROM STDIN;\n1\n  \\. ", "1\n", 0},
	{"COPY t FROM STDIN;\n\\.\n\\.\n;SELECT 2", "", 3},
	{"COPY t FROM STDIN;\n1\\.\n\\. x\n\\\n.\n\\.\nSELECT 2", "1\\.\n\\. x\n\\\n.\n", 7},
	{"COPY t FROM STDIN;\n\001\\.\002\nSELECT 2", "", 3},
};

START_TEST(streams_rows)
{
	for (size_t i = 0; i < 2 * COUNT(piece_sizes); i++) {
		struct error err = ERROR_INIT(&arena);
		struct buf rows = BUF_EMPTY(1 << 20);
		struct text_memory memory;
		struct statement statement;
		struct str piece;

		text_memory_init(&memory, str_of(copies[_i].script), piece_sizes[i / 2]);
		struct splitter *splitter = open_splitter(&memory.source);
		ck_assert_int_eq(split_next(splitter, &statement, &err), SPLIT_STATEMENT);
		ck_assert_str_eq(statement.text, "COPY t FROM STDIN");
		ck_assert_uint_eq(statement.flags, STATEMENT_COPY_IN);
		while (i % 2 == 0 && split_copy_data(splitter, &piece, &err) && piece.len > 0)
			buf_append(&rows, piece.ptr, piece.len);
		if (i % 2 == 0)
			ck_assert_str_eq(buf_str(&rows).ptr, copies[_i].rows);
		ck_assert(!err.is_set);
		ck_assert_int_eq(split_next(splitter, &statement, &err),
		                 copies[_i].line > 0 ? SPLIT_STATEMENT : SPLIT_END);
		if (copies[_i].line > 0)
			ck_assert_uint_eq(statement.line, copies[_i].line);
		ck_assert(split_copy_data(splitter, &piece, &err));
		ck_assert_uint_eq(piece.len, 0);
		split_close(splitter);
		buf_release(&rows);
	}
}
END_TEST

/* Past all that is read ahead: the mark arrives in parts, too. */
START_TEST(streams_more_rows_than_are_read_ahead)
{
	enum { ROWS = 500 };
	const size_t piece_size = (size_t)_i;
	struct buf script = BUF_EMPTY(1 << 20), expected = BUF_EMPTY(1 << 20);
	struct buf rows = BUF_EMPTY(1 << 20);
	struct error err = ERROR_INIT(&arena);
	struct text_memory memory;
	struct statement statement;
	struct str piece;

	for (int i = 0; i < ROWS; i++)
		buf_add(&expected, i % 2 == 0 ? "1\t\\N\n" : "\\.x\n");
	buf_printf(&script, "COPY t FROM STDIN;\n%s \\.\nSELECT 2", expected.ptr);
	text_memory_init(&memory, buf_str(&script), piece_size);
	struct splitter *splitter = open_splitter(&memory.source);
	ck_assert_int_eq(split_next(splitter, &statement, &err), SPLIT_STATEMENT);
	while (split_copy_data(splitter, &piece, &err) && piece.len > 0)
		buf_append(&rows, piece.ptr, piece.len);
	ck_assert_msg(!err.is_set, "%s", err.message);
	ck_assert_msg(str_eq(buf_str(&rows), buf_str(&expected)), "pieces of %zu", piece_size);
	ck_assert_int_eq(split_next(splitter, &statement, &err), SPLIT_STATEMENT);
	ck_assert_str_eq(statement.text, "SELECT 2");
	ck_assert_uint_eq(statement.line, ROWS + 3);
	split_close(splitter);
	buf_release(&rows);
	buf_release(&expected);
	buf_release(&script);
}
END_TEST

/* The search for the mark looks at many bytes at once. */
START_TEST(finds_the_end_of_rows_wherever_it_is)
{
	enum { WIDTH_MAX = 150 };

	for (size_t width = 0; width < WIDTH_MAX; width++) {
		struct buf script = BUF_EMPTY(1 << 20), rows = BUF_EMPTY(1 << 20);
		struct error err = ERROR_INIT(&arena);
		struct text_memory memory;
		struct statement statement;
		struct str piece;

		buf_add(&script, "COPY t FROM STDIN;\n");
		buf_repeat(&script, 'x', width);
		buf_add(&script, "\n\\.\nSELECT 2");
		text_memory_init(&memory, buf_str(&script), 0);
		struct splitter *splitter = open_splitter(&memory.source);
		ck_assert_int_eq(split_next(splitter, &statement, &err), SPLIT_STATEMENT);
		while (split_copy_data(splitter, &piece, &err) && piece.len > 0)
			buf_append(&rows, piece.ptr, piece.len);
		ck_assert_uint_eq(rows.len, width + 1);
		ck_assert_int_eq(split_next(splitter, &statement, &err), SPLIT_STATEMENT);
		ck_assert_str_eq(statement.text, "SELECT 2");
		split_close(splitter);
		buf_release(&rows);
		buf_release(&script);
	}
}
END_TEST

/* Only statements are held in memory as a whole. */
START_TEST(does_not_limit_the_rest_of_the_line_of_a_copy)
{
	const struct split_options options = {.path = "x.sql", .max_statement_size = 20};

	for (size_t i = 0; i < COUNT(piece_sizes); i++) {
		struct error err = ERROR_INIT(&arena);
		struct text_memory memory;
		struct statement statement;

		text_memory_init(&memory,
		                 STR("COPY t FROM STDIN; -- longer than a statement may be\n"
		                     "rows that are longer as well\n\\.\nSELECT 2"),
		                 piece_sizes[i]);
		struct splitter *splitter = split_open(&dialect_postgres, &memory.source, &options);
		ck_assert_int_eq(split_next(splitter, &statement, &err), SPLIT_STATEMENT);
		ck_assert_msg(split_next(splitter, &statement, &err) == SPLIT_STATEMENT,
		              "pieces of %zu: %s", piece_sizes[i], err.message);
		ck_assert_str_eq(statement.text, "SELECT 2");
		ck_assert_int_eq(split_next(splitter, &statement, &err), SPLIT_END);
		split_close(splitter);
	}
}
END_TEST

/* Text that fails behind a number of bytes, like a file with a placeholder without value. */
struct failing_source {
	struct text_source source;
	struct text_memory memory;
};

static bool failing_next(struct text_source *source, struct str *piece, struct error *err)
{
	struct failing_source *failing = (struct failing_source *)source;

	if (!failing->memory.source.next(&failing->memory.source, piece, err))
		return false;
	return piece->len > 0 || error_set(err, ERROR_GENERAL, "no value");
}

/* The text ends in an error, in the line of the COPY and in its rows. */
static const char *const torn[] = {"COPY t FROM STDIN; x", "COPY t FROM STDIN;\n1\n2",
                                   "COPY t FROM STDIN;\n", "COPY t FROM STDIN;\n1\n\\"};

START_TEST(blames_the_copy_whose_rows_cannot_be_read)
{
	for (size_t i = 0; i < COUNT(piece_sizes); i++) {
		struct failing_source failing = {.source = {.next = failing_next}};
		struct buf text = BUF_EMPTY(1 << 20);
		struct error err = ERROR_INIT(&arena);
		struct statement statement;
		struct str piece;

		for (size_t n = 0; n < 60; n++) /* beyond what Flyway reads ahead */
			buf_add(&text, "SELECT 1;\n");
		buf_add(&text, torn[_i]);
		text_memory_init(&failing.memory, buf_str(&text), piece_sizes[i]);
		struct splitter *splitter = open_splitter(&failing.source);
		enum split_result result;
		do
			result = split_next(splitter, &statement, &err);
		while (result == SPLIT_STATEMENT && (statement.flags & STATEMENT_COPY_IN) == 0);
		while (result == SPLIT_STATEMENT && split_copy_data(splitter, &piece, &err) &&
		       piece.len > 0)
			;
		ck_assert_msg(err.is_set && strstr(err.message, "no value") != NULL, "%s",
		              err.message);
		split_close(splitter);
		buf_release(&text);
	}
}
END_TEST

Suite *copy_data_suite(void)
{
	Suite *suite = suite_create("copy_data");
	TCase *tc = tcase_create("copy_data");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, streams_rows, 0, COUNT(copies));
	tcase_add_loop_test(tc, streams_more_rows_than_are_read_ahead, 1, 12);
	tcase_add_test(tc, finds_the_end_of_rows_wherever_it_is);
	tcase_add_test(tc, does_not_limit_the_rest_of_the_line_of_a_copy);
	tcase_add_loop_test(tc, blames_the_copy_whose_rows_cannot_be_read, 0, COUNT(torn));
	suite_add_tcase(suite, tc);
	return suite;
}
