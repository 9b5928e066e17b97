/* SPDX-License-Identifier: Apache-2.0 */
/* test_adopt_match.c - which file an entry of an old history means */
#include "adopt_files.h"
#include "suites.h"

#include "cflyway/adopt/match.h"

static struct arena arena;

static void setup(void)
{
	arena_init(&arena);
}

static void teardown(void)
{
	arena_release(&arena);
}

#define NUMBERED                                                                                   \
	"=000|a|000_a.sql;=000.1|b|000_b.sql;=001|add price|001_add_price.sql;"                    \
	"U=001|add price|001_add_price_rollback.sql"
#define UPDOWN "1|users|1_users.up.sql;U1|users|1_users.down.sql;2|b.c|2_b.c.sql;10|x|010_x.up.sql"
#define FLYWAY                                                                                     \
	"B1|all|B1__all.sql;1|add price|V1__add_price.sql;1.2|more|V1_2__more.sql;"                \
	"3|add tax|V3__add_tax.sql;R|view|R__view.sql;4|view|V4__view.sql"

static const struct {
	const char *key, *files;
	enum adopt_match_kind kind;
	const char *file;
	size_t n;
} matches[] = {
	/* names, with and without what may surround them */
	{"001_add_price.sql", NUMBERED, ADOPT_MATCH_FILE, "001_add_price.sql", 1},
	{"database/migrations/001_add_price.sql", NUMBERED, ADOPT_MATCH_FILE, "001_add_price.sql",
         1},
	{"db\\001_add_price.sql", NUMBERED, ADOPT_MATCH_FILE, "001_add_price.sql", 1},
	{"001_add_price", NUMBERED, ADOPT_MATCH_FILE, "001_add_price.sql", 1},
	{" 000_b ", NUMBERED, ADOPT_MATCH_FILE, "000_b.sql", 1},
	{"1_users.up.sql", UPDOWN, ADOPT_MATCH_FILE, "1_users.up.sql", 1},
	{"1_users.sql", UPDOWN, ADOPT_MATCH_FILE, "1_users.up.sql", 1},
	{"1_users", UPDOWN, ADOPT_MATCH_FILE, "1_users.up.sql", 1},
	{"2_b.c", UPDOWN, ADOPT_MATCH_FILE, "2_b.c.sql", 1},
	{"R__view.sql", FLYWAY, ADOPT_MATCH_FILE, "R__view.sql", 1},
	/* what takes back is not what was applied */
	{"001_add_price_rollback.sql", NUMBERED, ADOPT_MATCH_OTHER_NAME, "001_add_price.sql", 1},
	{"1_users.down.sql", UPDOWN, ADOPT_MATCH_OTHER_NAME, "1_users.up.sql", 1},
	/* number and description */
	{"001_add_price.sql", FLYWAY, ADOPT_MATCH_FILE, "V1__add_price.sql", 1},
	{"0001.add-price", FLYWAY, ADOPT_MATCH_FILE, "V1__add_price.sql", 1},
	{"V003__Add_Tax", FLYWAY, ADOPT_MATCH_FILE, "V3__add_tax.sql", 1},
	{"000_B.SQL", NUMBERED, ADOPT_MATCH_FILE, "000_b.sql", 1},
	{"001_remove_price.sql", FLYWAY, ADOPT_MATCH_OTHER_NAME, "V1__add_price.sql", 1},
	/* numbers alone */
	{"1", FLYWAY, ADOPT_MATCH_FILE, "V1__add_price.sql", 1},
	{"V001", FLYWAY, ADOPT_MATCH_FILE, "V1__add_price.sql", 1},
	{"1.2", FLYWAY, ADOPT_MATCH_FILE, "V1_2__more.sql", 1},
	{"1_2", FLYWAY, ADOPT_MATCH_FILE, "V1_2__more.sql", 1},
	{"0010", UPDOWN, ADOPT_MATCH_FILE, "010_x.up.sql", 1},
	{"001", NUMBERED, ADOPT_MATCH_FILE, "001_add_price.sql", 1},
	{"000", NUMBERED, ADOPT_MATCH_SEVERAL, "000_a.sql", 2},
	{"7", FLYWAY, ADOPT_MATCH_NONE, NULL, 0},
	{"99999999999999999999999999", FLYWAY, ADOPT_MATCH_NONE, NULL, 0},
	/* descriptions alone */
	{"add_price", FLYWAY, ADOPT_MATCH_FILE, "V1__add_price.sql", 1},
	{"changelog/add-tax.sql", FLYWAY, ADOPT_MATCH_FILE, "V3__add_tax.sql", 1},
	{"view", FLYWAY, ADOPT_MATCH_FILE, "V4__view.sql", 1},
	{"b", "1|b|V1__b.sql;2|b|V2__b.sql", ADOPT_MATCH_SEVERAL, "V1__b.sql", 2},
	{"2fa", "1|2fa|V1__2fa.sql", ADOPT_MATCH_FILE, "V1__2fa.sql", 1},
	{"all", FLYWAY, ADOPT_MATCH_NONE, NULL, 0},
	{"", FLYWAY, ADOPT_MATCH_NONE, NULL, 0},
	{"/", FLYWAY, ADOPT_MATCH_NONE, NULL, 0},
	{"V", "", ADOPT_MATCH_NONE, NULL, 0},
};

START_TEST(finds_the_file_of_an_entry)
{
	struct migration_list files = adopt_files_make(&arena, matches[_i].files);
	struct adopt_match got = adopt_match_key(&arena, matches[_i].key, &files);

	ck_assert_msg(got.kind == matches[_i].kind, "%s: %d", matches[_i].key, (int)got.kind);
	ck_assert_msg(str_same(got.file != NULL ? got.file->file_name : NULL, matches[_i].file),
	              "%s: %s", matches[_i].key,
	              got.file != NULL ? got.file->file_name : "nothing");
	ck_assert_uint_eq(got.n, matches[_i].n);
}
END_TEST

static const struct {
	const char *head, *revision;
} heads[] = {
	{"-- Alembic revision 1975ea83b712\ncreate table a(id int);", "1975ea83b712"},
	{"\n-- x\n-- alembic revision ae10 (after 19)\n", "ae10"},
	{"-- Alembic revision ae10\r\n", "ae10"},
	{"select 1;\n-- Alembic revision ae10\n", ""},
	{"-- Alembic revision \n", ""},
	{"-- Alembic revision", ""},
	{"", ""},
};

START_TEST(finds_the_revision_that_a_script_names)
{
	struct str got = adopt_find_revision(str_of(heads[_i].head));

	ck_assert_str_eq(str_dup(&arena, got), heads[_i].revision);
}
END_TEST

static const struct {
	const char *text;
	size_t n;
} parts[] = {
	{"--liquibase formatted sql\n--changeset a:1\nselect 1;\n-- changeset a:2\n  --CHANGESET b:3",
         3},
	{"select '--changeset x';\n--changesets\n", 0},
	{"", 0},
};

START_TEST(counts_the_parts_of_a_script)
{
	ck_assert_uint_eq(adopt_count_parts(str_of(parts[_i].text)), parts[_i].n);
}
END_TEST

Suite *adopt_match_suite(void)
{
	Suite *suite = suite_create("adopt_match");
	TCase *tc = tcase_create("adopt_match");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, finds_the_file_of_an_entry, 0, COUNT(matches));
	tcase_add_loop_test(tc, finds_the_revision_that_a_script_names, 0, COUNT(heads));
	tcase_add_loop_test(tc, counts_the_parts_of_a_script, 0, COUNT(parts));
	suite_add_tcase(suite, tc);
	return suite;
}
