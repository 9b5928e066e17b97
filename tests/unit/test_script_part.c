/* SPDX-License-Identifier: Apache-2.0 */
/* test_script_part.c - parts of files as goose and dbmate write them */
#include "scratch.h"
#include "suites.h"

#include "cflyway/migration/checksum.h"
#include "cflyway/migration/part_watch.h"
#include "cflyway/migration/checksum.h"
#include "cflyway/migration/script_part.h"

static struct scratch scratch;

static void setup(void)
{
	scratch_open(&scratch);
}

static void teardown(void)
{
	scratch_close(&scratch);
}

#define GOOSE &part_syntax_goose
#define DBMATE &part_syntax_dbmate
#define TERN &part_syntax_tern
#define BELOW "---- create above / drop below ----\n"
#define UP "-- +goose Up\n"
#define DOWN "-- +goose Down\n"

/* Text of the parts: each other line is an empty one. '|' marks a part without a transaction. */
static const struct {
	const struct part_syntax *syntax;
	const char *file, *up, *down;
} divided[] = {
	{GOOSE, UP "a;\n" DOWN "b;\n", "\na;\n\n\n", "\n\n\nb;\n"},
	{GOOSE, UP "a;\n", "\na;\n", NULL},
	{GOOSE, UP DOWN, "\n\n", "\n\n"},
	{GOOSE, "\n-- x\n\n" UP "a\n\nb;\n" DOWN, "\n\n\n\na\n\nb;\n\n", "\n\n\n\n\n\n\n\n"},
	{GOOSE, UP "a;" /* no line end */, "\na;", NULL},
	{GOOSE, UP "a;\n-- +goose Down", "\na;\n", "\n\n"},
	{GOOSE, UP "-- +goose StatementBegin\na;\n-- +goose StatementEnd\nb;\n", "\n\na;\n\nb;\n",
         NULL},
	{GOOSE, "-- +goose up\r\na;\r\n-- +goose DOWN\r\nb;\r\n", "\na;\r\n\n\n", "\n\n\nb;\r\n"},
	{GOOSE, "--+goose   Up  \na;\n--\t+goose Down\n", "\na;\n\n", "\n\n\n"},
	{GOOSE, "-- +goose Up --\na;\n", "\na;\n", NULL},
	{GOOSE, "-- +goose NO TRANSACTION\n" UP "a;\n" DOWN "b;\n", "|\n\na;\n\n\n",
         "|\n\n\n\nb;\n"},
	{GOOSE, UP "-- +goose no transaction\na;\n", "|\n\na;\n", NULL},
	{GOOSE, UP "-- +goose ENVSUB OFF\na;\n", "\n\na;\n", NULL},
	{GOOSE, UP "-- comment\n  -- other\na; -- +goose Down\n",
         "\n-- comment\n  -- other\na; -- +goose Down\n", NULL},
	{GOOSE, UP "-- migrate:down\na;\n", "\n-- migrate:down\na;\n", NULL},
	{GOOSE, "\xEF\xBB\xBF" UP "a;\n", "\na;\n", NULL},
	{GOOSE, UP "\xC3\xA4;\n", "\n\xC3\xA4;\n", NULL},
	{DBMATE, "-- migrate:up\na;\n-- migrate:down\nb;\n", "\na;\n\n\n", "\n\n\nb;\n"},
	{DBMATE, "--migrate:up transaction:false\na;\n--   migrate:down\nb;\n", "|\na;\n\n\n",
         "\n\n\nb;\n"},
	{DBMATE, "-- migrate:up x:y\na;\n-- migrate:down a transaction:false\r\nb;\n", "\na;\n\n\n",
         "|\n\n\nb;\n"},
	{DBMATE, "-- migrate:up transaction:falsely\na;\n", "\na;\n", NULL},
	{DBMATE, "-- migrate:up transaction:true\na;\n", "\na;\n", NULL},
	{DBMATE, "-- migrate:update\n-- migrate:up\na;\n-- migrate:downs\n",
         "\n\na;\n-- migrate:downs\n", NULL},
	{DBMATE, "-- migrate:up\n-- Migrate:down\n", "\n-- Migrate:down\n", NULL},
	{TERN, "a;\n" BELOW "b;\n", "a;\n\n\n", "\n\nb;\n"},
	{TERN, "a;\n-- migrate:down\n", "a;\n-- migrate:down\n", NULL},
	{TERN, "---- create above / drop below ----", "", ""},
	{TERN, "-- x\na;\r\n---- create above / drop below ----\r\nb;", "-- x\na;\r\n\n",
         "\n\n\nb;"},
	{TERN, "---- tern: disable-tx ----\na;\n" BELOW "b;\n", "|\na;\n\n\n", "\n\n\nb;\n"},
	{TERN, "a;\n" BELOW "---- tern: disable-tx ----\nb;\n", "a;\n\n\n\n", "|\n\n\nb;\n"},
};

/* Reads the part in pieces of a size; "" and an error message if that fails. */
static const char *read_part(const char *text, const struct part_of_file *part, size_t piece_size)
{
	struct text_memory memory;
	struct part_source source;
	struct buf all = BUF_EMPTY(1 << 20);
	struct str piece;
	const char *result;

	text_memory_init(&memory, str_of(text), piece_size);
	struct text_source *input = part_source_open(&source, part, "f.sql", &memory.source);
	do {
		ck_assert_msg(input->next(input, &piece, &scratch.err), "%s", scratch.err.message);
		buf_append(&all, piece.ptr, piece.len);
	} while (piece.len > 0);
	result = str_dup(&scratch.arena, buf_str(&all));
	buf_release(&all);
	part_source_close(&source);
	part_source_close(&source);
	return result;
}

static void check_part(const struct part_syntax *syntax, const char *text,
                       const struct file_parts *parts, enum script_part which, const char *wanted)
{
	struct part_of_file part = {syntax, which};
	bool without_transaction = wanted != NULL && wanted[0] == '|';

	ck_assert_msg(parts->has[which] == (wanted != NULL), "%s: part %d", text, (int)which);
	if (wanted == NULL)
		return;
	ck_assert_msg(parts->without_transaction[which] == without_transaction, "%s", text);
	for (size_t size = 0; size < 20; size++)
		ck_assert_str_eq(read_part(text, &part, size), wanted + without_transaction);
}

START_TEST(divides_files)
{
	struct file_parts parts;
	const char *text = divided[_i].file;

	scratch_write("f.sql", text);
	ck_assert_msg(file_parts_read("f.sql", "UTF-8", divided[_i].syntax, &parts, &scratch.err),
	              "%s: %s", text, scratch.err.message);
	check_part(divided[_i].syntax, text, &parts, PART_UP, divided[_i].up);
	check_part(divided[_i].syntax, text, &parts, PART_DOWN, divided[_i].down);
}
END_TEST

static const struct {
	const struct part_syntax *syntax;
	const char *file, *message;
} failing[] = {
	{GOOSE, "", "f.sql has no line '-- +goose Up'"},
	{GOOSE, "-- migrate:up\n", "f.sql has no line '-- +goose Up'"},
	{GOOSE, "a;\n" UP, "f.sql, line 1: SQL before '-- +goose Up'"},
	{GOOSE, "\n\n-- x\n  /* y */\n" UP, "f.sql, line 4: SQL before '-- +goose Up'"},
	{GOOSE, UP "a;\n" UP, "f.sql, line 3: a second '-- +goose Up': the file must be divided"},
	{GOOSE, DOWN, "f.sql, line 1: '-- +goose Down' without '-- +goose Up' before it"},
	{GOOSE, UP DOWN "a;\n" DOWN, "f.sql, line 4: a second '-- +goose Down'"},
	{GOOSE, UP "-- +goose StatementBegin\na;\n" DOWN,
         "f.sql, line 2: StatementBegin without StatementEnd"},
	{GOOSE, UP "-- +goose StatementBegin\na;\n",
         "f.sql, line 2: StatementBegin without StatementEnd"},
	{GOOSE, UP "-- +goose StatementBegin\n-- +goose StatementBegin\n",
         "f.sql, line 2: StatementBegin without StatementEnd"},
	{GOOSE, UP "-- +goose StatementBegin\na;\n" DOWN "-- +goose StatementEnd\n",
         "f.sql, line 2: StatementBegin without StatementEnd"},
	{GOOSE, UP "-- +goose StatementBegin\n-- +goose StatementBegin\n-- +goose StatementEnd\n",
         "f.sql, line 2: StatementBegin without StatementEnd"},
	{GOOSE, UP "-- +goose StatementEnd\n",
         "f.sql, line 2: StatementEnd without StatementBegin"},
	{GOOSE, "-- +goose StatementBegin\n" UP,
         "f.sql, line 1: StatementBegin before '-- +goose Up'"},
	{GOOSE, UP "-- +goose Donw\n", "f.sql, line 2: unknown marker: -- +goose Donw"},
	{GOOSE, UP "-- +goose Donw", "f.sql, line 2: unknown marker: -- +goose Donw"},
	{GOOSE, UP "-- +goose\n", "f.sql, line 2: unknown marker: -- +goose"},
	{GOOSE, UP "-- see +goose Down\n", "f.sql, line 2: unknown marker: -- see +goose Down"},
	{GOOSE, UP "a;\n  -- +goose Down\n",
         "f.sql, line 3: a marker begins in the first column: -- +goose Down"},
	{GOOSE, UP "-- +goose ENVSUB ON\n",
         "f.sql, line 2: variables of the environment are not replaced: use placeholders"},
	{DBMATE, "-- migrate:up\n\t-- migrate:down\n",
         "f.sql, line 2: a marker begins in the first column: -- migrate:down"},
	{DBMATE, "-- migrate:up\n-- migrate:down\n-- migrate:up\n",
         "f.sql, line 3: a second '-- migrate:up': the file must be divided"},
	{DBMATE, "create table a(id int);\n-- migrate:up\n",
         "f.sql, line 1: SQL before '-- migrate:up'"},
};

START_TEST(says_what_is_wrong_with_markers)
{
	struct file_parts parts;

	scratch_write("f.sql", failing[_i].file);
	ck_assert_msg(!file_parts_read("f.sql", "UTF-8", failing[_i].syntax, &parts, &scratch.err),
	              "%s", failing[_i].file);
	ck_assert_str_eq(scratch_error(&scratch), failing[_i].message);
}
END_TEST

/* So that a file can be divided later. */
START_TEST(has_the_checksum_of_a_file_with_its_lines)
{
	const struct part_of_file up = {GOOSE, PART_UP}, down = {GOOSE, PART_DOWN};
	int32_t of_part, of_file;

	scratch_write("f.sql",
	              "-- x\n" UP "create table a(id int);\n-- y\n" DOWN "drop table a;\n");
	scratch_write("up.sql", "create table a(id int);\n-- y\n");
	scratch_write("down.sql", "drop table a;\r\n");
	ck_assert(checksum_part("f.sql", "UTF-8", &up, &of_part, &scratch.err));
	ck_assert(checksum_file("up.sql", "UTF-8", &of_file, &scratch.err));
	ck_assert_int_eq(of_part, of_file);
	ck_assert(checksum_part("f.sql", "UTF-8", &down, &of_part, &scratch.err));
	ck_assert(checksum_file("down.sql", "UTF-8", &of_file, &scratch.err));
	ck_assert_int_eq(of_part, of_file);
}
END_TEST

START_TEST(passes_errors_of_the_file_on)
{
	const struct part_of_file up = {GOOSE, PART_UP};
	struct file_parts parts;
	int32_t sum;

	ck_assert(!file_parts_read("nowhere.sql", "UTF-8", GOOSE, &parts, &scratch.err));
	error_clear(&scratch.err);
	ck_assert(!checksum_part("nowhere.sql", "UTF-8", &up, &sum, &scratch.err));
	error_clear(&scratch.err);
	scratch_write("f.sql", UP "\xFF\n");
	ck_assert(!file_parts_read("f.sql", "UTF-8", GOOSE, &parts, &scratch.err));
	error_clear(&scratch.err);
	ck_assert(!checksum_part("f.sql", "UTF-8", &up, &sum, &scratch.err));
	error_clear(&scratch.err);
	scratch_write("f.sql", UP UP);
	ck_assert(!checksum_part("f.sql", "UTF-8", &up, &sum, &scratch.err));
}
END_TEST

START_TEST(passes_a_whole_file_as_it_is)
{
	const struct part_of_file whole = {NULL, PART_NONE};

	ck_assert_str_eq(read_part("a" UP DOWN, &whole, 0), "a" UP DOWN);
}
END_TEST

/* A line that is longer than any marker passes in pieces. */
START_TEST(passes_long_lines)
{
	const struct part_of_file up = {GOOSE, PART_UP};
	char line[3000] = {0};

	memset(line, '-', sizeof(line) - 1);
	const char *text = arena_printf(&scratch.arena, UP "%s\n" DOWN "x", line);
	for (size_t size = 1; size < 2000; size += 37) {
		const char *got = read_part(text, &up, size);

		ck_assert_uint_eq(strlen(got), sizeof(line) + 2);
		ck_assert_int_eq(got[0], '\n');
		ck_assert_int_eq(got[1], '-');
	}
}
END_TEST

static const struct {
	const char *text, *tool;
} scripts_with_marks[] = {
	{UP "a;\n" DOWN "b;\n", "goose"},
	{"-- +goose up\n-- +goose DOWN", "goose"},
	{DOWN UP, "goose"},
	{"a;\n-- migrate:up\nb;\r\n--migrate:down transaction:false\r\n", "dbmate"},
	{UP "a;\n", NULL},
	{DOWN, NULL},
	{UP "-- migrate:down\n", NULL},
	{UP " " DOWN, NULL},
	{UP "a; " DOWN, NULL},
	{"-- migrate:up\n-- migrate:downs\n", NULL},
	{"", NULL},
};

START_TEST(notices_two_parts_in_one_script)
{
	const char *tool = scripts_with_marks[_i].tool, *text = scripts_with_marks[_i].text;

	for (size_t size = 0; size < 20; size++) {
		struct text_memory memory;
		struct part_watch watch;
		struct buf all = BUF_EMPTY(1 << 20);
		struct str piece;

		text_memory_init(&memory, str_of(text), size);
		struct text_source *source = part_watch_open(&watch, &memory.source);
		do {
			ck_assert(source->next(source, &piece, &scratch.err));
			buf_append(&all, piece.ptr, piece.len);
		} while (piece.len > 0);
		ck_assert(str_eq(buf_str(&all), str_of(text)));
		const struct part_syntax *found = part_watch_found(&watch);
		ck_assert_msg(str_same(found != NULL ? found->tool : NULL, tool), "%s", text);
		part_watch_close(&watch);
		buf_release(&all);
	}
}
END_TEST

Suite *script_part_suite(void)
{
	Suite *suite = suite_create("script_part");
	TCase *tc = tcase_create("script_part");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, divides_files, 0, COUNT(divided));
	tcase_add_loop_test(tc, says_what_is_wrong_with_markers, 0, COUNT(failing));
	tcase_add_test(tc, has_the_checksum_of_a_file_with_its_lines);
	tcase_add_test(tc, passes_errors_of_the_file_on);
	tcase_add_test(tc, passes_a_whole_file_as_it_is);
	tcase_add_test(tc, passes_long_lines);
	tcase_add_loop_test(tc, notices_two_parts_in_one_script, 0, COUNT(scripts_with_marks));
	suite_add_tcase(suite, tc);
	return suite;
}
