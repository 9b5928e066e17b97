/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_split.c - cutting scripts into statements, where it goes beyond what Flyway does
 *
 * What Flyway does too is in test_statements.c, the flags are in test_dialect.c.
 */
#include "suites.h"

#include "cflyway/sql/split.h"

#include <stdint.h>

enum { STATEMENTS_MAX = 6 };

#define SEE                                                                                        \
	". See https://help.red-gate.com/help/flyway-cli12/help_4.aspx?topic="                     \
	"learn-more-about-flyway/troubleshooting/known-parser-limitations for more information. "

static struct arena arena;

static void setup(void)
{
	arena_init(&arena);
}

static void teardown(void)
{
	arena_release(&arena);
}

static struct splitter *open_splitter(const struct dialect *dialect, struct text_source *source)
{
	const struct split_options options = {
		.path = "sql/V1__x.sql",
		.max_statement_size = 1 << 20,
		.context = {.server_version = 15},
	};

	return split_open(dialect, source, &options);
}

/* Statements as "LINE:COLUMN TEXT", with "*" in front of those that may be several. */
static const struct {
	const char *name;
	const struct dialect *dialect;
	const char *script;
	const char *statements[STATEMENTS_MAX];
} scripts[] = {
	{"e strings in lower case have escapes",
         &dialect_postgres,
         "SELECT e'a\\'b; c';\nSELECT 2;",
         {"1:1 SELECT e'a\\'b; c'", "2:1 SELECT 2"}},
	{"a string that continues keeps its escapes",
         &dialect_postgres,
         "SELECT E'a' -- x;\n  'b\\'; c';SELECT 2",
         {"1:1 SELECT E'a' -- x;\n  'b\\'; c'", "2:12 SELECT 2"}},
	{"a string on the same line does not continue one",
         &dialect_postgres,
         "SELECT E'a' 'b\\';SELECT 2",
         {"1:1 SELECT E'a' 'b\\'", "1:18 SELECT 2"}},
	{"an e at the end of a word is no prefix",
         &dialect_postgres,
         "SELECT date'\\';SELECT 2",
         {"1:1 SELECT date'\\'", "1:16 SELECT 2"}},
	{"bit strings have no escapes",
         &dialect_postgres,
         "SELECT X'1F\\', b'\\';SELECT 2;",
         {"1:1 SELECT X'1F\\', b'\\'", "1:21 SELECT 2"}},
	{"backslashes escape when the script says so",
         &dialect_postgres,
         "SET standard_conforming_strings = off;SELECT 'a\\'; b';RESET ALL;SELECT '\\';SELECT 2",
         {"1:1 SET standard_conforming_strings = off", "1:39 SELECT 'a\\'; b'", "1:55 RESET ALL",
          "1:65 SELECT '\\'", "1:76 SELECT 2"}},
	{"the setting may be quoted and local",
         &dialect_postgres,
         "SET LOCAL standard_conforming_strings TO 'False' ;SELECT '\\';'",
         {"1:1 SET LOCAL standard_conforming_strings TO 'False'", "1:51 SELECT '\\';'"}},
	{"parameters are no dollar quotes",
         &dialect_postgres,
         "PREPARE p(int) AS SELECT $1 + $2;SELECT $1$$;$$",
         {"1:1 PREPARE p(int) AS SELECT $1 + $2", "1:34 SELECT $1$$;$$"}},
	{"tags of dollar quotes are names",
         &dialect_postgres,
         "SELECT $ä1$;$ä$;$ä1$;SELECT ${x};$\nx$;$",
         {"1:1 SELECT $ä1$;$ä$;$ä1$", "1:22 SELECT ${x}", "1:34 $\nx$", "2:4 $"}},
	{"nested CASE in an atomic body",
         &dialect_postgres,
         "create or replace function f() returns int begin atomic select case 1 when 1 then case 2 "
         "when 2 then 3 end end; select 4; end; select 5",
         {"1:1 create or replace function f() returns int begin atomic select case 1 when 1 then "
          "case 2 when 2 then 3 end end; select 4; end",
          "1:128 select 5"}},
	{"names after AS and dots in an atomic body",
         &dialect_postgres,
         "CREATE PROCEDURE p() BEGIN ATOMIC SELECT 1 AS end, (t).end, t.case; END; SELECT 5",
         {"1:1 CREATE PROCEDURE p() BEGIN ATOMIC SELECT 1 AS end, (t).end, t.case; END",
          "1:74 SELECT 5"}},
	{"a no-break space ends a run of white space",
         &dialect_postgres,
         "SELECT 1;\n\xC2\xA0\nSELECT 2;\xC2\xA0\n\xC2\xA0 SELECT 3;\n\n\xC2\xA0\nSELECT 4",
         {"1:1 SELECT 1", "3:1 SELECT 2", "4:3 SELECT 3", "7:1 \xC2\xA0\nSELECT 4"}},
	{"the first and the last of the wide blanks are white space, a figure space is none",
         &dialect_postgres,
         "SELECT 1;\n\xE2\x80\x80SELECT 2;\n\xE2\x80\x8ASELECT 3;\n\xE2\x80\x87SELECT 4",
         {"1:1 SELECT 1", "2:2 SELECT 2", "3:2 SELECT 3", "4:1 \xE2\x80\x87SELECT 4"}},
	{"only routines have atomic bodies",
         &dialect_postgres,
         "SELECT begin atomic;SELECT 2",
         {"1:1 SELECT begin atomic", "1:21 SELECT 2"}},
	{"leading parentheses belong to the statement",
         &dialect_postgres,
         " (SELECT 1) UNION (SELECT 2);\n-- x\n( SELECT 3)",
         {"1:2 (SELECT 1) UNION (SELECT 2)", "3:1 -- x\n( SELECT 3)"}},
	{"lines of pg_dump for psql are skipped",
         &dialect_postgres,
         "-- dump\n\n\\restrict ab;c'\n-- from\nSELECT 1;\n\\unrestrict ab;c'\n",
         {"5:1 -- from\nSELECT 1"}},
	{"such a line at the very end",
         &dialect_postgres,
         "SELECT 1;\n\\unrestrict",
         {"1:1 SELECT 1"}},
	{"only these lines, and only lines",
         &dialect_postgres,
         "SELECT 1; \\restrict x\n;\\restricted\n;\nSELECT 2\n\\restrict y",
         {"1:1 SELECT 1", "1:11 \\restrict x", "2:2 \\restricted", "4:1 SELECT 2\n\\restrict y"}},
	{"such a line is nothing special in SQLite",
         &dialect_sqlite,
         "\\restrict x\n;SELECT 1",
         {"1:1 \\restrict x", "2:2 SELECT 1"}},
	{"unbalanced statements may be several",
         &dialect_postgres,
         "SELECT 1;SELECT (2;SELECT 3",
         {"1:1 SELECT 1", "*1:10 SELECT (2;SELECT 3"}},
	{"so may those with one parenthesis too many",
         &dialect_postgres,
         "SELECT 1);SELECT (2;SELECT 3",
         {"*1:1 SELECT 1);SELECT (2", "1:21 SELECT 3"}},
	{"and those with a literal or comment that does not end",
         &dialect_postgres,
         "SELECT $$;",
         {"*1:1 SELECT $$;"}},
	{"a comment that does not end",
         &dialect_postgres,
         "SELECT 1 /* /* */;",
         {"*1:1 SELECT 1 /* /* */;"}},
	{"a name that does not end", &dialect_postgres, "SELECT \"a;", {"*1:1 SELECT \"a;"}},
	{"an escape string that does not end",
         &dialect_postgres,
         "SELECT E'a\\';",
         {"*1:1 SELECT E'a\\';"}},
	{"an escape string that ends in a backslash",
         &dialect_postgres,
         "SELECT E'a;\\",
         {"*1:1 SELECT E'a;\\"}},
	{"a bracket that does not end", &dialect_sqlite, "SELECT [a;", {"*1:1 SELECT [a;"}},
	{"words that are longer than any keyword",
         &dialect_postgres,
         "SELECTSELECTSELECTSELECTSELECTSELECT 1;SELECT 2",
         {"1:1 SELECTSELECTSELECTSELECTSELECTSELECT 1", "1:40 SELECT 2"}},
	{"columns count UTF-16 units",
         &dialect_postgres,
         "SELECT 'aü€';SELECT '！ﬁ';SELECT '😀';SELECT 2",
         {"1:1 SELECT 'aü€'", "1:14 SELECT '！ﬁ'", "1:26 SELECT '😀'", "1:38 SELECT 2"}},
	{"a carriage return begins a column, not a line",
         &dialect_postgres,
         "SELECT 1;\r  SELECT 2;\r\n SELECT 3",
         {"1:1 SELECT 1", "1:3 SELECT 2", "2:2 SELECT 3"}},
	{"byte order marks vanish, but for the second of two",
         &dialect_postgres,
         "\xEF\xBB\xBFSELECT '\xEF\xBB\xBF';SELECT '\xEF\xBB\xBF\xEF\xBB\xBF';SELECT 3",
         {"1:1 SELECT ''", "1:11 SELECT '\xEF\xBB\xBF'", "1:22 SELECT 3"}},
	{"what begins like a byte order mark stays",
         &dialect_postgres,
         "SELECT '\xEF\xBB\xBE\xEF\xBC\xBF';SELECT 2",
         {"1:1 SELECT '\xEF\xBB\xBE\xEF\xBC\xBF'", "1:13 SELECT 2"}},
	{"a NUL between statements is white space", &dialect_postgres, NULL, {"1:2 SELECT 1"}},
	{"names in brackets",
         &dialect_sqlite,
         "CREATE TABLE [a;b] ([it's]);SELECT 2",
         {"1:1 CREATE TABLE [a;b] ([it's])", "1:29 SELECT 2"}},
	{"comments of SQLite do not nest",
         &dialect_sqlite,
         "/* /* ; */ SELECT 1; /*/ ; */ SELECT 2;",
         {"1:12 /* /* ; */ SELECT 1", "1:31 /*/ ; */ SELECT 2"}},
	{"SQLite knows neither escapes nor dollar quotes",
         &dialect_sqlite,
         "SELECT E'\\';SELECT $a$;$a$",
         {"1:1 SELECT E'\\'", "1:13 SELECT $a$", "1:24 $a$"}},
	{"begin and end are legal names",
         &dialect_sqlite,
         "SELECT begin, end FROM t;CREATE TRIGGER x AFTER UPDATE OF end ON t BEGIN SELECT end; "
         "SELECT case when begin then end end; END;SELECT 2",
         {"1:1 SELECT begin, end FROM t",
          "1:26 CREATE TRIGGER x AFTER UPDATE OF end ON t BEGIN SELECT end; SELECT case when begin "
          "then end end; END",
          "1:127 SELECT 2"}},
	{"temporary and explained triggers",
         &dialect_sqlite,
         "CREATE TEMP TRIGGER a BEGIN SELECT 1;END;EXPLAIN QUERY PLAN CREATE TEMPORARY TRIGGER b "
         "BEGIN SELECT 1; -- x\nEND;EXPLAIN CREATE TRIGGER c BEGIN SELECT 1;END",
         {"1:1 CREATE TEMP TRIGGER a BEGIN SELECT 1;END",
          "1:42 EXPLAIN QUERY PLAN CREATE TEMPORARY TRIGGER b BEGIN SELECT 1; -- x\nEND",
          "2:5 EXPLAIN CREATE TRIGGER c BEGIN SELECT 1;END"}},
	{"begin and end are legal names in what is explained",
         &dialect_sqlite,
         "EXPLAIN SELECT begin, end FROM t;EXPLAIN QUERY PLAN SELECT end, begin FROM t;EXPLAIN "
         "QUERY CREATE;EXPLAIN CREATE TABLE begin(a);SELECT 2",
         {"1:1 EXPLAIN SELECT begin, end FROM t",
          "1:34 EXPLAIN QUERY PLAN SELECT end, begin FROM t", "1:78 EXPLAIN QUERY CREATE",
          "1:99 EXPLAIN CREATE TABLE begin(a)", "1:129 SELECT 2"}},
	{"a trigger without a body ends like any statement",
         &dialect_sqlite,
         "CREATE TRIGGER x;CREATE TRIGGER y BEGIN END;SELECT 2",
         {"1:1 CREATE TRIGGER x", "1:18 CREATE TRIGGER y BEGIN END", "1:45 SELECT 2"}},
	{"a transaction in SQLite is one statement",
         &dialect_sqlite,
         "BEGIN; SELECT CASE 1 WHEN 1 THEN 2 END; END TRANSACTION; SELECT 2",
         {"*1:1 BEGIN; SELECT CASE 1 WHEN 1 THEN 2 END; END TRANSACTION", "1:58 SELECT 2"}},
	{"what SQLite does not know has blocks as in Flyway",
         &dialect_sqlite,
         "foo CREATE TRIGGER x BEGIN BEGIN SELECT 1; END; END;EXPLAIN foo BEGIN SELECT 2; END;"
         "DELIMITER |\nCREATE TRIGGER x BEGIN SELECT CASE a WHEN 1 THEN 2 END; END|\nDELIMITER ;",
         {"1:1 foo CREATE TRIGGER x BEGIN BEGIN SELECT 1; END; END",
          "1:53 EXPLAIN foo BEGIN SELECT 2; END",
          "1:85 DELIMITER |\nCREATE TRIGGER x BEGIN SELECT CASE a WHEN 1 THEN 2 END; END|\n"
          "DELIMITER"}},
	{"so has a kind of object that SQLite does not know",
         &dialect_sqlite,
         "CREATE OR REPLACE TRIGGER x BEGIN SELECT 1; END;CREATE TEMP PROCEDURE x BEGIN SELECT 2; "
         "END;EXPLAIN QUERY PLAN CREATE FUNCTION x BEGIN SELECT 3; END;",
         {"1:1 CREATE OR REPLACE TRIGGER x BEGIN SELECT 1; END",
          "1:49 CREATE TEMP PROCEDURE x BEGIN SELECT 2; END",
          "1:93 EXPLAIN QUERY PLAN CREATE FUNCTION x BEGIN SELECT 3; END"}},
	{"begin and end are legal names in all that SQLite can create",
         &dialect_sqlite,
         "CREATE TABLE begin(a);CREATE VIEW end AS SELECT 1;CREATE UNIQUE INDEX begin ON t(a);",
         {"1:1 CREATE TABLE begin(a)", "1:23 CREATE VIEW end AS SELECT 1",
          "1:51 CREATE UNIQUE INDEX begin ON t(a)"}},
	{"and the other statements",
         &dialect_sqlite,
         "CREATE VIRTUAL TABLE begin USING x;CREATE TEMP VIEW end AS VALUES (1);"
         "WITH begin AS (SELECT 1) SELECT * FROM begin;ALTER TABLE begin ADD a",
         {"1:1 CREATE VIRTUAL TABLE begin USING x", "1:36 CREATE TEMP VIEW end AS VALUES (1)",
          "1:71 WITH begin AS (SELECT 1) SELECT * FROM begin", "1:116 ALTER TABLE begin ADD a"}},
	{"SQLite says what is wrong with a trigger that ends only for Flyway",
         &dialect_sqlite,
         "CREATE TRIGGER x BEGIN SELECT case a when 1 then 2 end END;",
         {"1:1 CREATE TRIGGER x BEGIN SELECT case a when 1 then 2 end END;"}},
};

static const size_t piece_sizes[] = {0, 1, 2, 5};

START_TEST(cuts_scripts)
{
	struct str script = str_of(scripts[_i].script);

	if (scripts[_i].script == NULL)
		script = (struct str){"\0SELECT 1\0;\0", 12};
	for (size_t i = 0; i < COUNT(piece_sizes); i++) {
		struct error err = ERROR_INIT(&arena);
		struct text_memory memory;
		struct statement statement;
		size_t n = 0;

		text_memory_init(&memory, script, piece_sizes[i]);
		struct splitter *splitter = open_splitter(scripts[_i].dialect, &memory.source);
		while (split_next(splitter, &statement, &err) == SPLIT_STATEMENT) {
			ck_assert_uint_lt(n, STATEMENTS_MAX);
			ck_assert_msg(scripts[_i].statements[n], "%s", statement.text);
			const char *found =
				arena_printf(&arena, "%s%zu:%zu %s",
			                     statement.flags & STATEMENT_SEVERAL ? "*" : "",
			                     statement.line, statement.column, statement.text);
			ck_assert_str_eq(found, scripts[_i].statements[n++]);
			ck_assert_uint_eq(statement.len, strlen(statement.text));
		}
		ck_assert_msg(!err.is_set, "%s", err.message);
		ck_assert_msg(n == STATEMENTS_MAX || !scripts[_i].statements[n], "%s: %zu found",
		              scripts[_i].name, n);
		split_close(splitter);
	}
}
END_TEST

static const struct {
	const struct dialect *dialect;
	struct str script;
	const char *message, *cause;
} refused[] = {
	{&dialect_postgres,
         {"SELECT 1;\nSELECT\0 2;", 21},
         "Unable to parse statement in sql/V1__x.sql at line 2 col 1" SEE
         "The statement holds a NUL character.",
         "The statement holds a NUL character."},
	{&dialect_postgres,
         {"SELECT 1;\n-- a\0b\nSELECT 2;", 26},
         "Unable to parse statement in sql/V1__x.sql at line 3 col 1" SEE
         "The statement holds a NUL character.",
         "The statement holds a NUL character."},
	{&dialect_postgres,
         {"SELECT E'a\0b;';SELECT 2;", 24},
         "Unable to parse statement in sql/V1__x.sql at line 1 col 1" SEE
         "The statement holds a NUL character.",
         "The statement holds a NUL character."},
	{&dialect_sqlite,
         {"SELECT 1;\n-- x\n end;", 20},
         "Unable to parse statement in sql/V1__x.sql at line 2 col 1" SEE
         "Parsing failed: unable to decrease block depth below 0",
         "Parsing failed: unable to decrease block depth below 0"},
	{&dialect_sqlite,
         {"-- x\n \n end;", 13},
         "Unable to parse statement in sql/V1__x.sql at line 1 col 5" SEE
         "Parsing failed: unable to decrease block depth below 0",
         "Parsing failed: unable to decrease block depth below 0"},
	{&dialect_sqlite,
         {"SELECT 1;\n-- x\n begin;\n", 23},
         "Unable to parse statement in sql/V1__x.sql at line 3 col 2" SEE
         "Incomplete statement at line 3 col 2: -- x\n begin;\n",
         "Incomplete statement at line 3 col 2: -- x\n begin;\n"},
	{&dialect_sqlite,
         {"SELECT 1;\n \n\n  \xC2\xA0 BEGIN x", 25},
         "Unable to parse statement in sql/V1__x.sql at line 4 col 5" SEE
         "Incomplete statement at line 4 col 5: \n \n\n  \xC2\xA0 BEGIN x",
         "Incomplete statement at line 4 col 5: \n \n\n  \xC2\xA0 BEGIN x"},
	{&dialect_sqlite,
         {"CREATE TRIGGER x BEGIN SELECT 1;\nSELECT 2;", 42},
         "Unable to parse statement in sql/V1__x.sql at line 1 col 1" SEE
         "Incomplete statement at line 1 col 1: CREATE TRIGGER x BEGIN SELECT 1;\nSELECT 2;",
         "Incomplete statement at line 1 col 1: CREATE TRIGGER x BEGIN SELECT 1;\nSELECT 2;"},
	{&dialect_sqlite,
         {"SELECT 1;foo END", 16},
         "Unable to parse statement in sql/V1__x.sql at line 1 col 10" SEE
         "Parsing failed: unable to decrease block depth below 0",
         "Parsing failed: unable to decrease block depth below 0"},
	{&dialect_postgres,
         {"SELECT 1;\nCOPY t FROM STDIN;\n1\n2\n", 33},
         "The rows of the COPY statement in sql/V1__x.sql at line 2 do not end: there is no line "
         "\"\\.\" behind them.",
         NULL},
	{&dialect_postgres,
         {"COPY t FROM STDIN", 17},
         "The rows of the COPY statement in sql/V1__x.sql at line 1 do not end: there is no line "
         "\"\\.\" behind them.",
         NULL},
};

START_TEST(refuses_scripts)
{
	for (size_t i = 0; i < COUNT(piece_sizes); i++) {
		struct error err = ERROR_INIT(&arena);
		struct text_memory memory;
		struct statement statement;
		enum split_result result;

		text_memory_init(&memory, refused[_i].script, piece_sizes[i]);
		struct splitter *splitter = open_splitter(refused[_i].dialect, &memory.source);
		do
			result = split_next(splitter, &statement, &err);
		while (result == SPLIT_STATEMENT);
		ck_assert_int_eq(result, SPLIT_FAILED);
		ck_assert_str_eq(err.message, refused[_i].message);
		ck_assert_pstr_eq(err.cause, refused[_i].cause);
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

/*
 * Recorded: n statements "SELECT 1;" with a line end each, then blanks, then a statement with a
 * placeholder without value, and the place that is blamed.
 */
static const struct {
	size_t n, blanks;
	char blank;
	size_t line, column;
} blamed[] = {
	{0, 0, ' ', 1, 1},         {1, 0, ' ', 1, 1},     {24, 0, ' ', 1, 1},
	{25, 0, ' ', 26, 1},       {30, 0, ' ', 26, 1},   {60, 0, ' ', 51, 1},
	{100, 0, ' ', 77, 1},      {1, 300, ' ', 1, 10},  {1, 300, '\n', 1, 10},
	{25, 300, ' ', 25, 10},    {30, 20, '\n', 26, 1}, {3, 260, ' ', 3, 10},
	{100, 500, '\n', 100, 10},
};

START_TEST(blames_the_statement_that_flyway_blames)
{
	for (size_t i = 0; i < COUNT(piece_sizes); i++) {
		struct failing_source failing = {.source = {.next = failing_next}};
		struct buf text = BUF_EMPTY(SIZE_MAX / 4);
		struct error err = ERROR_INIT(&arena);
		struct statement statement;
		enum split_result result;

		for (size_t n = 0; n < blamed[_i].n; n++)
			buf_add(&text, "SELECT 1;\n");
		buf_repeat(&text, blamed[_i].blank, blamed[_i].blanks);
		buf_add(&text, "SELECT ");
		text_memory_init(&failing.memory, buf_str(&text), piece_sizes[i]);
		struct splitter *splitter = open_splitter(&dialect_postgres, &failing.source);
		do
			result = split_next(splitter, &statement, &err);
		while (result == SPLIT_STATEMENT);
		ck_assert_int_eq(result, SPLIT_FAILED);
		ck_assert_str_eq(err.message,
		                 arena_printf(&arena,
		                              "Unable to parse statement in sql/V1__x.sql at line "
		                              "%zu col %zu" SEE "no value",
		                              blamed[_i].line, blamed[_i].column));
		ck_assert_str_eq(err.cause, "no value");
		split_close(splitter);
		buf_release(&text);
	}
}
END_TEST

static const struct {
	const char *script;
	bool fits;
} sizes[] = {
	{"SELECT 12;", true},
	{"SELECT 123;", false},
	{"SELECT 123", false},
	{"     \n SELECT 1", true},
	{"--789012\n;S", true},
	{"-- 90123 S", true},
	{"SELECT '8901234';", false},
	{"SELECT\n\n\n\n\n", false},
	{"COPY t FROM STDIN;", false},
	{"SELECT 1; 3456789012;", false},
	{"\\restrict 1", true},
	{"-- x\n\n\n\n\n\n;", true},
	{"-- 4567890\nSELECT 12;", true},
	{"/* 67 */ SELECT 123;", false},
	{"/* 4567890 */SELECT 12;", true},
	{"/* 4567890 */SELECT 123;", false},
	{"/* 4567890", true},
	{"\n\n\n\n\n\n\n\n\n\n\n\nSELECT 12", true},
	{"/* 4567890 */COPY t FROM STDIN;", false},
};

START_TEST(limits_the_size_of_statements)
{
	const struct split_options options = {.path = "x.sql", .max_statement_size = 9};

	for (size_t i = 0; i < COUNT(piece_sizes); i++) {
		struct error err = ERROR_INIT(&arena);
		struct text_memory memory;
		struct statement statement;
		enum split_result result;

		text_memory_init(&memory, str_of(sizes[_i].script), piece_sizes[i]);
		struct splitter *splitter = split_open(&dialect_postgres, &memory.source, &options);
		do
			result = split_next(splitter, &statement, &err);
		while (result == SPLIT_STATEMENT);
		ck_assert_msg(result == (sizes[_i].fits ? SPLIT_END : SPLIT_FAILED), "%s in %zu",
		              sizes[_i].script, piece_sizes[i]);
		if (!sizes[_i].fits)
			ck_assert_str_eq(err.message,
			                 "The statement in x.sql at line 1 is longer than 9 bytes. "
			                 "Set cflyway.maxStatementSize to allow longer "
			                 "statements.");
		split_close(splitter);
	}
}
END_TEST

/* What of the comments and blank lines goes to the server; at most nine bytes are kept. */
static const struct {
	const char *script, *text;
	size_t line, column;
} leading[] = {
	{"-- 456\nS", "-- 456\nS", 2, 1},
	{"-- 45678\nS", "-- 45678\nS", 2, 1},
	{"-- 4567890\nS", "S", 2, 1},
	{"/* 678 */S", "/* 678 */S", 1, 10},
	{"/* 67890 */S", "S", 1, 12},
	{"/* 67890 */ /*+*/ S", "/*+*/ S", 1, 19},
	{"--x\n--y\nS", "--x\n--y\nS", 3, 1},
	{"--x\n\n--y\nS", "--y\nS", 4, 1},
	{"--x\n\n\n\n\n\n\n\n\n\nS", "S", 11, 1},
	{"\n\n\n\n\n\n\n\n\n\n\n--y\nS", "--y\nS", 13, 1},
	{"S;--x\n/* 67890 */\n--z\nT", "--z\nT", 4, 1},
};

START_TEST(drops_long_comments)
{
	const struct split_options options = {.path = "x.sql", .max_statement_size = 9};

	for (size_t i = 0; i < COUNT(piece_sizes); i++) {
		struct error err = ERROR_INIT(&arena);
		struct text_memory memory;
		struct statement statement;

		text_memory_init(&memory, str_of(leading[_i].script), piece_sizes[i]);
		struct splitter *splitter = split_open(&dialect_postgres, &memory.source, &options);
		enum split_result result = split_next(splitter, &statement, &err);
		if (str_starts(str_of(leading[_i].script), STR("S;")))
			result = split_next(splitter, &statement, &err);
		ck_assert_int_eq(result, SPLIT_STATEMENT);
		ck_assert_str_eq(statement.text, leading[_i].text);
		ck_assert_uint_eq(statement.line, leading[_i].line);
		ck_assert_uint_eq(statement.column, leading[_i].column);
		split_close(splitter);
	}
}
END_TEST

Suite *split_suite(void)
{
	Suite *suite = suite_create("split");
	TCase *cuts = tcase_create("cuts");

	tcase_add_checked_fixture(cuts, setup, teardown);
	tcase_add_loop_test(cuts, cuts_scripts, 0, COUNT(scripts));
	tcase_add_loop_test(cuts, refuses_scripts, 0, COUNT(refused));
	tcase_add_loop_test(cuts, blames_the_statement_that_flyway_blames, 0, COUNT(blamed));
	tcase_add_loop_test(cuts, limits_the_size_of_statements, 0, COUNT(sizes));
	tcase_add_loop_test(cuts, drops_long_comments, 0, COUNT(leading));
	suite_add_tcase(suite, cuts);
	return suite;
}
