/* SPDX-License-Identifier: Apache-2.0 */
/* test_git_history.c - reads what git log prints */
#include "suites.h"

#include "cflyway/core/git_history.h"

#include <string.h>

#define COMMIT_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define COMMIT_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define BLOB_1 "1111111111111111111111111111111111111111"
#define BLOB_2 "2222222222222222222222222222222222222222"
#define NO_BLOB "0000000000000000000000000000000000000000"
#define SHA256 "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
#define BEGIN_A                                                                                    \
	"\x01" COMMIT_A "\x01"                                                                     \
	"2026-01-02\x01"
#define BEGIN_B                                                                                    \
	"\x01" COMMIT_B "\x01"                                                                     \
	"2025-12-31\x01"

static struct arena arena;
static struct git_versions versions;

static void setup(void)
{
	arena_init(&arena);
	versions = (struct git_versions){0};
}

static void teardown(void)
{
	arena_release(&arena);
}

static bool parse(struct str output)
{
	return git_parse_log(&arena, output, &versions);
}

START_TEST(reads_commits)
{
	ck_assert(parse(STR(BEGIN_A "it's \x01 new\0\n:100644 100644 " BLOB_1 " " BLOB_2
	                            " M\0sql/a\n.sql\0" BEGIN_B "\0\n:000000 100644 " NO_BLOB
	                            " " BLOB_1 " A\0sql/a\n.sql\0")));
	ck_assert_uint_eq(versions.n, 2);
	ck_assert_str_eq(versions.items[0].commit, COMMIT_A);
	ck_assert_str_eq(versions.items[0].name, "aaaaaaaaaa");
	ck_assert_str_eq(versions.items[0].date, "2026-01-02");
	ck_assert_str_eq(versions.items[0].subject, "it's \x01 new");
	ck_assert_str_eq(versions.items[0].blob, BLOB_2);
	ck_assert_str_eq(versions.items[0].path, "sql/a\n.sql");
	ck_assert_str_eq(versions.items[1].commit, COMMIT_B);
	ck_assert_str_eq(versions.items[1].subject, "");
	ck_assert_str_eq(versions.items[1].blob, BLOB_1);
}
END_TEST

START_TEST(follows_a_new_name)
{
	ck_assert(parse(STR(BEGIN_A "move\0\n:100644 100644 " BLOB_1 " " BLOB_1
	                            " R100\0:old\0\x01new\0" BEGIN_B
	                            "add\0\n:000000 100644 " NO_BLOB " " BLOB_1 " A\0:old\0")));
	ck_assert_uint_eq(versions.n, 2);
	ck_assert_str_eq(versions.items[0].path, "\x01new");
	ck_assert_str_eq(versions.items[1].path, ":old");
}
END_TEST

/* What merge commits print. */
START_TEST(takes_the_result_of_a_merge)
{
	ck_assert(parse(STR(BEGIN_A "merge\0\0::100644 100644 100644 " NO_BLOB " " NO_BLOB
	                            " " BLOB_2 " RM\0a.sql\0")));
	ck_assert_uint_eq(versions.n, 1);
	ck_assert_str_eq(versions.items[0].blob, BLOB_2);
	ck_assert_str_eq(versions.items[0].path, "a.sql");
}
END_TEST

START_TEST(knows_deleted_files_and_sha256)
{
	ck_assert(
		parse(STR("\x01" SHA256 "\x01"
	                  "2026-01-02\x01x\0\n:100644 000000 " BLOB_1 " " NO_BLOB " D\0a.sql\0")));
	ck_assert_uint_eq(versions.n, 1);
	ck_assert_ptr_null(versions.items[0].blob);
	ck_assert_str_eq(versions.items[0].commit, SHA256);
}
END_TEST

START_TEST(knows_files_without_commits)
{
	ck_assert(parse(STR("")));
	ck_assert_uint_eq(versions.n, 0);
	ck_assert(parse(STR(BEGIN_A "nothing follows\0")));
	ck_assert_uint_eq(versions.n, 0);
}
END_TEST

#define TEXT(literal) {(literal), sizeof(literal) - 1}
#define CHANGE ":100644 100644 " BLOB_1 " " BLOB_2 " M\0"

static const struct str broken[] = {
	//HIDDEN 	TEXT("fatal: bad revision"),
	TEXT("\n" CHANGE "a.sql\0"),
	TEXT(BEGIN_A "x\0\n" CHANGE),
	TEXT(BEGIN_A "x\0\n" CHANGE "a.sql"),
	TEXT(BEGIN_A "x\0\n" CHANGE "\0"),
	TEXT(BEGIN_A "x\0\n:100644 100644 " BLOB_1 " " BLOB_2 " R90\0a.sql\0"),
	TEXT(BEGIN_A "x\0\n:100644 100644 " BLOB_1 " 22222 M\0a.sql\0"),
	TEXT(BEGIN_A "x\0\n:100644 100644 " BLOB_1
                     " --output=2222222222222222222222222222222 M\0a\0"),
	TEXT(BEGIN_A "x\0\n:100644 100644 " BLOB_1 " " BLOB_2 "\0a.sql\0"),
	TEXT(BEGIN_A "x\0\n:\0a.sql\0"),
	TEXT("\x01\0\n" CHANGE "a.sql\0"),
	TEXT("\x01" COMMIT_A "\x01\0\n" CHANGE "a.sql\0"),
	TEXT("\x01"
             "12ab\x01"
             "2026-01-02\x01x\0\n" CHANGE "a.sql\0"),
	TEXT("\x01"
             "gggggggggggggggggggggggggggggggggggggggg\x01"
             "2026-01-02\x01x\0\n" CHANGE "a\0"),
};

START_TEST(refuses_other_output)
{
	ck_assert(!parse(broken[_i]));
}
END_TEST

Suite *git_history_suite(void)
{
	Suite *suite = suite_create("git_history");
	TCase *tc = tcase_create("core");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, reads_commits);
	tcase_add_test(tc, follows_a_new_name);
	tcase_add_test(tc, takes_the_result_of_a_merge);
	tcase_add_test(tc, knows_deleted_files_and_sha256);
	tcase_add_test(tc, knows_files_without_commits);
	tcase_add_loop_test(tc, refuses_other_output, 0, COUNT(broken));
	suite_add_tcase(suite, tc);
	return suite;
}
