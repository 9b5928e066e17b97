/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_statements.c - the statements that Flyway finds, recorded, against those of the splitter
 *
 * tests/golden/statements/README.md describes the files. A case in exceptions.tsv must differ: one
 * that has become equal has to leave that file.
 */
#include "suites.h"

#include "cflyway/base/excerpt.h"
#include "cflyway/base/fs.h"
#include "cflyway/sql/placeholder.h"
#include "cflyway/sql/split.h"

#include <stdint.h>
#include <stdlib.h>

#define FOLDER "tests/golden/statements/"

static const struct {
	const char *name;
	const struct dialect *dialect;
} databases[] = {
	{"postgresql", &dialect_postgres},
	{"sqlite", &dialect_sqlite},
};

/* The result must not depend on how the text comes. */
static const size_t piece_sizes[] = {0, 1, 7, 100};

struct test_case {
	struct str name, input, expected;
	struct placeholders placeholders;
	bool replacement;
	int server_version;
};

/* A line of words, the last of which is a length, and that many bytes. */
static bool take_field(struct str *rest, struct str *head, struct str *value)
{
	if (rest->len == 0)
		return false;
	*head = str_cut(rest, '\n');
	size_t digits = head->len;
	while (digits > 0 && head->ptr[digits - 1] != ' ')
		digits--;
	size_t len = strtoul(head->ptr + digits, NULL, 10);
	ck_assert_uint_lt(len, rest->len);
	*value = str_sub(*rest, 0, len);
	*rest = str_sub(*rest, len + 1, rest->len);
	return true;
}

static bool is_field(struct str head, const char *name)
{
	return str_eq(str_cut(&head, ' '), str_of(name));
}

static void print_field(struct buf *out, const char *head, struct str value)
{
	buf_printf(out, "%s %zu\n", head, value.len);
	buf_append(out, value.ptr, value.len);
	buf_putc(out, '\n');
}

/* Of a statement that does not end, cflyway quotes no more than its beginning. */
static struct str shorten_quote(struct arena *arena, struct str message)
{
	const struct str incomplete = STR("Incomplete statement at line ");
	size_t at = str_find(message, incomplete);
	size_t quote = at + str_find(str_sub(message, at, message.len), STR(": ")) + 2;

	if (at == message.len)
		return message;
	return str_of(arena_printf(arena, "%.*s%s", (int)quote, message.ptr,
	                           excerpt(arena, str_sub(message, quote, message.len))));
}

static struct str add_error(struct arena *arena, struct str expected, struct str message)
{
	struct buf all = BUF_EMPTY(SIZE_MAX / 4);

	buf_append(&all, expected.ptr, expected.len);
	print_field(&all, "error", shorten_quote(arena, message));
	struct str copy = {arena_strndup(arena, all.ptr, all.len), all.len};
	buf_release(&all);
	return copy;
}

static bool take_case(struct arena *arena, struct str *rest, struct test_case *test)
{
	struct str head, value, before, name = {0};

	*test = (struct test_case){
		.replacement = true,
		.server_version = 15,
		.placeholders = {.prefix = "${", .suffix = "}", .separator = ":"},
	};
	if (!take_field(rest, &head, &test->name))
		return false;
	ck_assert(is_field(head, "case"));
	for (before = *rest; take_field(rest, &head, &value); before = *rest) {
		if (is_field(head, "case")) {
			*rest = before;
			break;
		}
		if (is_field(head, "input"))
			test->input = value;
		else if (is_field(head, "server_version"))
			test->server_version = (int)strtol(value.ptr, NULL, 10);
		else if (is_field(head, "replacement"))
			test->replacement = false;
		else if (is_field(head, "prefix"))
			test->placeholders.prefix = str_dup(arena, value);
		else if (is_field(head, "suffix"))
			test->placeholders.suffix = str_dup(arena, value);
		else if (is_field(head, "placeholder"))
			name = value;
		else if (is_field(head, "error"))
			test->expected = add_error(arena, test->expected, value);
		else if (is_field(head, "value"))
			placeholders_add(arena, &test->placeholders, str_dup(arena, name),
			                 str_dup(arena, value));
		else
			test->expected = (struct str){
				test->expected.ptr != NULL ? test->expected.ptr : before.ptr,
				test->expected.len + (size_t)(rest->ptr - before.ptr)};
	}
	return true;
}

static bool print_copy(struct splitter *splitter, struct buf *out, struct error *err)
{
	struct buf rows = BUF_EMPTY(SIZE_MAX / 4);
	struct str piece;
	bool ok;

	while ((ok = split_copy_data(splitter, &piece, err)) && piece.len > 0)
		buf_append(&rows, piece.ptr, piece.len);
	if (ok)
		print_field(out, "copy", buf_str(&rows));
	buf_release(&rows);
	return ok;
}

/* What the splitter finds, in the form of the recorded result. */
static void print_result(const struct dialect *dialect, const struct test_case *test,
                         struct text_source *source, struct arena *arena, struct buf *out)
{
	const struct split_options options = {
		.path = "",
		.max_statement_size = SIZE_MAX,
		.context = {.server_version = test->server_version < 12 ? 0 : test->server_version},
	};
	struct splitter *splitter = split_open(dialect, source, &options);
	struct error err = ERROR_INIT(arena);
	struct statement statement;

	while (split_next(splitter, &statement, &err) == SPLIT_STATEMENT) {
		const char *head = arena_printf(
			arena, "statement %zu %zu %d %d", statement.line, statement.column,
			!(statement.flags & STATEMENT_NON_TRANSACTIONAL), statement.batchable);
		ck_assert_uint_eq(statement.len, strlen(statement.text));
		print_field(out, head, (struct str){statement.text, statement.len});
		if (statement.flags & STATEMENT_COPY_IN && !print_copy(splitter, out, &err))
			break;
	}
	if (err.is_set)
		print_field(out, "error", str_of(err.message));
	split_close(splitter);
}

static struct str split(const struct dialect *dialect, const struct test_case *test,
                        size_t piece_size, struct arena *arena)
{
	struct buf out = BUF_EMPTY(SIZE_MAX / 4);
	struct placeholder_source filter;
	struct text_memory memory;

	text_memory_init(&memory, test->input, piece_size);
	placeholder_source_open(&filter, &memory.source, &test->placeholders, "V1__x.sql");
	print_result(dialect, test, test->replacement ? &filter.source : &memory.source, arena,
	             &out);
	placeholder_source_close(&filter);
	struct str result = {arena_strndup(arena, out.ptr != NULL ? out.ptr : "", out.len),
	                     out.len};
	buf_release(&out);
	return result;
}

static struct str read_file(struct arena *arena, const char *path)
{
	struct buf text = BUF_EMPTY(1 << 24);
	struct error err = ERROR_INIT(arena);

	ck_assert_msg(fs_read_all(path, &text, &err), "%s", err.message);
	struct str copy = {arena_strndup(arena, text.ptr, text.len), text.len};
	buf_release(&text);
	return copy;
}

/* Lines "database/case<TAB>reason". */
static bool is_exception(struct str exceptions, const char *database, struct str name)
{
	while (exceptions.len > 0) {
		struct str line = str_cut(&exceptions, '\n');
		struct str id = str_cut(&line, '\t');
		if (str_eq(str_cut(&id, '/'), str_of(database)) && str_eq(id, name))
			return true;
	}
	return false;
}

START_TEST(finds_the_statements_of_flyway)
{
	struct arena arena = ARENA_EMPTY;
	const char *database = databases[_i].name;
	struct str rest = read_file(&arena, arena_printf(&arena, FOLDER "%s.vectors", database));
	struct str exceptions = read_file(&arena, FOLDER "exceptions.tsv");
	struct str_list wrong = {0};
	struct test_case test;

	while (take_case(&arena, &rest, &test)) {
		bool excepted = is_exception(exceptions, database, test.name);
		for (size_t i = 0; i < COUNT(piece_sizes); i++) {
			struct str result =
				split(databases[_i].dialect, &test, piece_sizes[i], &arena);
			if (str_eq(result, test.expected) == excepted)
				str_list_add(
					&arena, &wrong,
					arena_printf(&arena, "%s (%zu)%s%s",
				                     str_dup(&arena, test.name), piece_sizes[i],
				                     getenv("VERBOSE") != NULL ? "\n" : "",
				                     getenv("VERBOSE") != NULL ? result.ptr : ""));
		}
	}
	ck_assert_msg(wrong.n == 0, "%s: %s", database, str_list_join(&arena, &wrong, ", "));
	arena_release(&arena);
}
END_TEST

Suite *statements_suite(void)
{
	Suite *suite = suite_create("statements");
	TCase *golden = tcase_create("golden");

	tcase_add_loop_test(golden, finds_the_statements_of_flyway, 0, COUNT(databases));
	suite_add_tcase(suite, golden);
	return suite;
}
