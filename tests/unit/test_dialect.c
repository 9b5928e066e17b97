/* SPDX-License-Identifier: Apache-2.0 */
/* test_dialect.c - what the first words of a statement say about it */
#include "suites.h"

#include "../../src/sql/keyword.h"

#include "cflyway/sql/split.h"

#include <stdint.h>

enum {
	NONE = 0,
	COPY_IN = STATEMENT_COPY_IN,
	COPY_OUT = STATEMENT_COPY_OUT,
	ALONE = STATEMENT_NON_TRANSACTIONAL,
	CONTROL = STATEMENT_TRANSACTION_CONTROL,
	SEVERAL = STATEMENT_SEVERAL,
	SYNC = STATEMENT_SYNC,
	UNLOCK = STATEMENT_MAY_UNLOCK,
};

struct flags_case {
	const char *script;
	unsigned flags;
};

static const struct flags_case postgres[] = {
	{"SELECT 1", NONE},
	{"BEGIN", CONTROL},
	{"begin isolation level serializable", CONTROL},
	{"START TRANSACTION", CONTROL},
	{"-- why\nCOMMIT", CONTROL},
	{"COMMIT PREPARED 'x'", CONTROL},
	{"END", CONTROL},
	{"ROLLBACK", CONTROL},
	{"ROLLBACK TO SAVEPOINT a", CONTROL},
	{"ABORT", CONTROL},
	{"SAVEPOINT a", CONTROL},
	{"RELEASE a", CONTROL},
	{"PREPARE TRANSACTION 'x'", CONTROL},
	{"PREPARE p AS SELECT 1", NONE},
	{"CALL p()", CONTROL},
	{"DO $$ BEGIN COMMIT; END $$", NONE},
	{"\"commit\"", NONE},
	{"begin_x", NONE},
	{"COPY t FROM STDIN", COPY_IN},
	{"COPY t(a) FROM STDIN WITH (FORMAT csv)", COPY_IN},
	{"copy s.t from stdin csv", COPY_IN},
	{"COPY t FROM 'stdin'", NONE},
	{"COPY t FROM PROGRAM 'stdin'", NONE},
	{"COPY (SELECT a FROM stdin) TO STDOUT", COPY_OUT},
	{"COPY t TO STDOUT (FORMAT csv)", COPY_OUT},
	{"COPY t TO '/tmp/stdout'", NONE},
	{"COPY (t FROM STDIN", SEVERAL},
	{"SET client_encoding = 'UTF8'", SYNC},
	{"SET LOCAL client_encoding TO utf8", SYNC},
	{"SET NAMES 'UTF8'", SYNC},
	{"SET SESSION NAMES 'UTF8'", SYNC},
	{"set datestyle to iso, dmy", SYNC},
	{"SET TRANSACTION READ ONLY", SYNC},
	{"SET LOCAL transaction_read_only = on", SYNC},
	{"SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", SYNC},
	{"SET SESSION AUTHORIZATION app", SYNC},
	{"SET session_authorization = app", SYNC},
	{"SET ROLE app", SYNC},
	{"SET LOCAL ROLE app", SYNC},
	{"SET \"role\" = app", SYNC},
	{"SET \"role\" TO app", SYNC},
	{"SET app.tenant = 1", SYNC},
	{"RESET ROLE", SYNC},
	{"RESET SESSION AUTHORIZATION", SYNC},
	{"RESET client_encoding", SYNC},
	{"RESET ALL", SYNC},
	{"SET search_path = a, b", NONE},
	{"SET LOCAL search_path TO a, b", NONE},
	{"SET statement_timeout = 0", NONE},
	{"SET TIME ZONE 'UTC'", NONE},
	{"SET CONSTRAINTS ALL DEFERRED", NONE},
	{"RESET search_path", NONE},
	{"UPDATE t SET role = 1", NONE},
	{"DISCARD ALL", ALONE | SYNC | UNLOCK},
	{"DISCARD TEMP", NONE},
	{"SELECT pg_advisory_unlock_all()", UNLOCK},
	{"pg_advisory_unlock", UNLOCK},
	{"DO 'begin perform PG_Advisory_Unlock(1); end'", UNLOCK},
	{"SELECT pg_advisory_unloc(), pg_advisory_lock(1)", NONE},
	{"SELECT pg_pg_advisory_unlock, k", UNLOCK},
	{"VACUUM", ALONE},
	{"CREATE UNIQUE INDEX CONCURRENTLY i ON t(a)", ALONE},
	{"CREATE TABLE concurrently (a int)", NONE},
	{"ALTER TYPE s.e ADD VALUE'x'", NONE},
};

static const struct flags_case sqlite[] = {
	{"SELECT 1", NONE},
	{"COMMIT", CONTROL},
	{"ROLLBACK TO a", CONTROL},
	{"SAVEPOINT a", CONTROL},
	{"RELEASE a", CONTROL},
	{"BEGIN; SELECT 1; END", CONTROL | SEVERAL},
	{"PRAGMA foreign_keys = ON", ALONE},
	{"PRAGMA foreign_key_check", NONE},
	{"VACUUM", NONE},
	{"SELECT 'pg_advisory_unlock'", NONE},
	{"COPY t FROM STDIN", NONE},
	{"SELECT (1", SEVERAL},
};

static void check_flags(const struct dialect *dialect, const struct flags_case *test, int version)
{
	const struct split_options options = {
		.path = "x.sql",
		.max_statement_size = SIZE_MAX,
		.context = {.server_version = version},
	};
	struct arena arena = ARENA_EMPTY;
	struct error err = ERROR_INIT(&arena);
	struct text_memory memory;
	struct statement statement;

	text_memory_init(&memory, str_of(test->script), 0);
	struct splitter *splitter = split_open(dialect, &memory.source, &options);
	ck_assert_int_eq(split_next(splitter, &statement, &err), SPLIT_STATEMENT);
	ck_assert_msg(statement.flags == test->flags, "%s: %x", test->script, statement.flags);
	split_close(splitter);
	arena_release(&arena);
}

/* The search for the name looks at its last byte first, and skips as many bytes as that allows. */
START_TEST(finds_the_unlock_after_any_text)
{
	static const char name[] = "pg_advisory_unlock", upper[] = "PG_ADVISORY_UNLOCK";
	struct arena arena = ARENA_EMPTY;

	for (size_t tail = 0; tail < sizeof(name); tail++)
		for (size_t gap = 0; gap < 20; gap++) {
			struct flags_case test = {.flags = UNLOCK};

			test.script = arena_printf(&arena, "SELECT %.*s%.*s%s", (int)gap,
			                           "xxxxxxxxxxxxxxxxxxxx", (int)tail,
			                           gap % 2 == 0 ? name : upper, name);
			check_flags(&dialect_postgres, &test, 15);
		}
	arena_release(&arena);
}
END_TEST

/* Whatever the server takes for false, in any case. */
static const struct {
	const char *setting;
	bool escapes;
} settings[] = {
	{"= off", true},
	{"= OF", true},
	{"TO false", true},
	{"= 'fals'", true},
	{"TO fal", true},
	{"= Fa", true},
	{"=f", true},
	{"= no", true},
	{"= 'n' ", true},
	{"= 0", true},
	{"=\toff", true},
	{"=\n'off'", true},
	{"= on", false},
	{"= true", false},
	{"TO DEFAULT", false},
	{"= o", false},
	{"= 1", false},
	{"= 00", false},
	{"= xoff", false},
	{"= offx", false},
	{"= off;SET x = on", true},
	{"= off;RESET x", true},
	{"= off;RESET ALL", false},
	{"= off;SET x TO ALL", true},
	{"= off;RESET standard_conforming_strings", false},
};

START_TEST(follows_the_setting_of_backslashes)
{
	struct arena arena = ARENA_EMPTY;
	struct error err = ERROR_INIT(&arena);
	struct text_memory memory;
	const struct split_options options = {.path = "x.sql", .max_statement_size = SIZE_MAX};
	const char *script =
		arena_printf(&arena, "SET standard_conforming_strings %s;SELECT '\\'; x';",
	                     settings[_i].setting);
	struct statement statement;
	const char *last = "";

	text_memory_init(&memory, str_of(script), 0);
	struct splitter *splitter = split_open(&dialect_postgres, &memory.source, &options);
	while (split_next(splitter, &statement, &err) == SPLIT_STATEMENT)
		last = arena_strdup(&arena, statement.text);
	ck_assert_msg(strcmp(last, settings[_i].escapes ? "SELECT '\\'; x'" : "x';") == 0, "%s: %s",
	              settings[_i].setting, last);
	split_close(splitter);
	arena_release(&arena);
}
END_TEST

START_TEST(knows_statements_of_postgres)
{
	check_flags(&dialect_postgres, &postgres[_i], 15);
}
END_TEST

START_TEST(knows_statements_of_sqlite)
{
	check_flags(&dialect_sqlite, &sqlite[_i], 0);
}
END_TEST

/* An unknown version counts as old, as in Flyway. */
START_TEST(asks_for_the_version)
{
	static const struct flags_case add_value = {"ALTER TYPE s.e ADD VALUE'x'", ALONE};

	check_flags(&dialect_postgres, &add_value, 11);
	check_flags(&dialect_postgres, &add_value, 0);
}
END_TEST

static const struct {
	const char *word;
	enum keyword keyword;
} words[] = {
	{"begin", KEYWORD_BEGIN},
	{"Begin", KEYWORD_BEGIN},
	{"begins", KEYWORD_OTHER},
	{"", KEYWORD_OTHER},
	{"a_name_of_the_length_of_32_bytes", KEYWORD_OTHER},
	{"begin_a_name_that_is_longer_than_every_keyword", KEYWORD_OTHER},
};

START_TEST(finds_keywords)
{
	ck_assert_int_eq(keyword_find(str_of(words[_i].word)), words[_i].keyword);
}
END_TEST

Suite *dialect_suite(void)
{
	Suite *suite = suite_create("dialect");
	TCase *flags = tcase_create("flags");

	tcase_add_test(flags, finds_the_unlock_after_any_text);
	tcase_add_loop_test(flags, follows_the_setting_of_backslashes, 0, COUNT(settings));
	tcase_add_loop_test(flags, knows_statements_of_postgres, 0, COUNT(postgres));
	tcase_add_loop_test(flags, knows_statements_of_sqlite, 0, COUNT(sqlite));
	tcase_add_test(flags, asks_for_the_version);
	tcase_add_loop_test(flags, finds_keywords, 0, COUNT(words));
	suite_add_tcase(suite, flags);
	return suite;
}
