/* SPDX-License-Identifier: Apache-2.0 */
/* test_next_name.c - names of new migrations in folders of all habits, at 2026-01-02 03:04:05 */
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/migration/next_name.h"

static struct arena arena;
static struct error err;

static void setup(void)
{
	arena_init(&arena);
	error_init(&err, &arena);
}

static void teardown(void)
{
	arena_release(&arena);
}

static struct str_list list_of(const char *text, char separator)
{
	struct str_list list = {0};
	struct str rest = str_of(text);

	while (rest.len > 0)
		str_list_add(&arena, &list, str_dup(&arena, str_cut(&rest, separator)));
	return list;
}

static struct filename_rules rules;

/* "V R B U __ .sql,.ddl" */
static void set_rules(const char *text)
{
	struct str rest = str_of(text);
	const char *parts[6];

	for (size_t i = 0; i < COUNT(parts); i++)
		parts[i] = str_dup(&arena, str_cut(&rest, ' '));
	rules = (struct filename_rules){
		parts[0], parts[1], parts[2], parts[3], parts[4], list_of(parts[5], ','), NULL,
	};
}

static struct next_name_request request_for(const char *files, enum filename_kind kind,
                                            const char *description, const char *version)
{
	return (struct next_name_request){
		.kind = kind,
		.description = description,
		.version = version,
		.timestamp = ADD_TIMESTAMP_AUTO,
		.now = {.tv_sec = 1767323045},
		.rules = &rules,
		.paths = list_of(files, '|'),
	};
}

#define USUAL "V R B U __ .sql"
#define V FILENAME_VERSIONED
#define R FILENAME_REPEATABLE
#define B FILENAME_BASELINE
#define U FILENAME_UNDO

static const struct {
	const char *files; /* "|" between them */
	enum filename_kind kind;
	const char *description, *version; /* as wanted; NULL: not given */
	const char *name, *written;
	const char *rules;
} rows[] = {
	/* empty projects */
	{"", V, "initial state", NULL, "V001__initial_state.sql", "001", USUAL},
	{"", B, "initial state", NULL, "B001__initial_state.sql", "001", USUAL},
	{"", V, NULL, NULL, "V001.sql", "001", USUAL},
	{"", V, "a", "7", "V7__a.sql", "7", USUAL},
	{"", R, "my view", NULL, "R__my_view.sql", "", USUAL},
	{"", V, "a", NULL, "V001__a.ddl", "001", "V R B U __ .ddl,.sql"},
	{"sql/notes.txt|sql/V5__a.txt|sql/beforeMigrate.sql|sql/Vx__a.sql", V, "a", NULL,
         "V001__a.sql", "001", USUAL},

	/* versions */
	{"sql/V1__a.sql|sql/V2__b.sql", V, "c", NULL, "V3__c.sql", "3", USUAL},
	{"sql/V10__a.sql|sql/V9__b.sql", V, "c", NULL, "V11__c.sql", "11", USUAL},
	{"a/V2.0.53__a.sql|b/V2.0.54__b.sql", V, "c", NULL, "V2.0.55__c.sql", "2.0.55", USUAL},
	{"B001__a.sql|V002__b.sql", V, "c", NULL, "V003__c.sql", "003", USUAL},
	{"V001__a.sql|B002__b.sql", V, "c", NULL, "V003__c.sql", "003", USUAL},
	{"V1_1__a.sql|V1_2__b.sql", V, "c", NULL, "V1_3__c.sql", "1_3", USUAL},
	{"V002_20240829162505__a.sql", V, "b", NULL, "V003_20260102030405__b.sql",
         "003_20260102030405", USUAL},
	{"V1__a.sql|U9__a.sql|R__b.sql", V, "c", NULL, "V2__c.sql", "2", USUAL},
	{"V1__a.sql", V, "b", "1.5", "V1.5__b.sql", "1.5", USUAL},
	{"V1__a.sql", V, NULL, NULL, "V2.sql", "2", USUAL},
	{"V1.sql|V2__.sql", V, "a", NULL, "V3__a.sql", "3", USUAL},

	/* prefixes, separators, suffixes */
	{"m1-a.psql|m2-b.psql", V, "add c", NULL, "m3-add_c.psql", "3", "m R B U - .psql"},
	{"V1__a.sql|V2__b.DDL", V, "c", NULL, "V3__c.DDL", "3", "V R B U __ .sql,.ddl"},
	{"V1__a.sql|B2__b.ddl", B, "c", NULL, "B2__c.ddl", "2", "V R B U __ .sql,.ddl"},

	/* undo and baseline */
	{"V001__a.sql|V002__feature_A.sql", U, NULL, NULL, "U002__feature_A.sql", "002", USUAL},
	{"V001__a.sql|V002__feature_A.sql|B003__b.sql", U, NULL, NULL, "U002__feature_A.sql", "002",
         USUAL},
	{"V001__a.sql|V002__b.sql", U, NULL, "1.0", "U001__a.sql", "001", USUAL},
	{"V001__a.sql", U, "drop it", NULL, "U001__drop_it.sql", "001", USUAL},
	{"V1.sql", U, NULL, NULL, "U1.sql", "1", USUAL},
	{"V1__a.sql|V2__b.sql", B, "state", NULL, "B2__state.sql", "2", USUAL},
	{"V1__a.sql|V2__b.sql", B, NULL, "1", "B1.sql", "1", USUAL},

	/* descriptions */
	{"V1__a.sql", V, "  two   words  ", NULL, "V2__two_words.sql", "2", USUAL},
	{"V1__a.sql", V, "one_word", NULL, "V2__one_word.sql", "2", USUAL},
	{"V1__a.sql", V, " ", NULL, "V2.sql", "2", USUAL},
	{"V1__add_a.sql", V, "add b", NULL, "V2__add_b.sql", "2", USUAL},
	{"V1__add-a.sql", V, "add b", NULL, "V2__add-b.sql", "2", USUAL},
	{"V1__add a.sql", V, "add b", NULL, "V2__add b.sql", "2", USUAL},
	{"V1__AddA.sql|V2__AddNew.sql", V, "add b c", NULL, "V3__AddBC.sql", "3", USUAL},
	{"V1__addNew.sql", V, "add b", NULL, "V2__addB.sql", "2", USUAL},
	{"V1__addNew.sql", R, "my view", NULL, "R__myView.sql", "", USUAL},
	{"V1__addNew.sql|V2__a_b.sql", V, "add b", NULL, "V3__add_b.sql", "3", USUAL},
	{"V1__a-b.sql|V2__a-b.sql|V3__a_b.sql", V, "c d", NULL, "V4__c-d.sql", "4", USUAL},
	{"V1__a.sql", V,
         "gr\xc3\xb6\xc3\x9f"
         "e \xc3\xa4ndern",
         NULL,
         "V2__gr\xc3\xb6\xc3\x9f"
         "e_\xc3\xa4ndern.sql",
         "2", USUAL},
	{"V1__a.sql", V, "a__b", NULL, "V2__a__b.sql", "2", USUAL},
};

START_TEST(names_as_the_project_does)
{
	struct next_name next;

	set_rules(rows[_i].rules);
	const struct next_name_request request =
		request_for(rows[_i].files, rows[_i].kind, rows[_i].description, rows[_i].version);
	ck_assert_msg(next_name(&arena, &request, &next, &err), "%s: %s", rows[_i].name,
	              err.message);
	ck_assert_str_eq(next.name, rows[_i].name);
	ck_assert_str_eq(next.version, rows[_i].written);
}
END_TEST

static const struct {
	enum layout_kind layout;
	const char *files;
	enum filename_kind kind;
	const char *description, *version;
	const char *name, *content; /* name NULL: content is the error */
} in_layouts[] = {
	{LAYOUT_NUMBERED, "", V, "add price", NULL, "001_add_price.sql", ""},
	{LAYOUT_NUMBERED, "q/000_a.sql|q/000_b.sql|q/002_c.ddl", V, "add price", NULL,
         "003_add_price.ddl", ""},
	{LAYOUT_NUMBERED, "001-a.sql", V, "b c", NULL, "002-b_c.sql", ""},
	{LAYOUT_NUMBERED, "001_a_b.sql|002_c_rollback.sql", U, NULL, NULL, "001_a_b_rollback.sql",
         ""},
	/* It belongs to the file of the same name. */
	{LAYOUT_NUMBERED, "001_a_b.sql", U, "other", NULL, "001_a_b_rollback.sql", ""},
	{LAYOUT_NUMBERED, "001_a.sql", R, "my view", NULL, "R__my_view.sql", ""},
	{LAYOUT_NUMBERED, "001_a.sql|V005__b.sql", V, "c", NULL, "006_c.sql", ""},
	{LAYOUT_UPDOWN, "1_a.sql", V, "b", NULL, "2_b.up.sql", ""},
	{LAYOUT_UPDOWN, "001_a.up.sql|001_a.down.sql", V, "b", NULL, "002_b.up.sql", ""},
	{LAYOUT_UPDOWN, "001_a.up.sql|002_b_c.up.sql", U, NULL, NULL, "002_b_c.down.sql", ""},
	{LAYOUT_UPDOWN, "001_a.up.sql|002_b.up.sql", U, "drop a", "1", "001_drop_a.down.sql", ""},
	{LAYOUT_GOOSE, "00001_a.sql", V, "b", NULL, "00002_b.sql",
         "-- +goose Up\n\n-- +goose Down\n"},
	{LAYOUT_GOOSE, "00001_a.sql", R, "b", NULL, "R__b.sql", ""},
	{LAYOUT_GOOSE, "00001_a.sql", U, NULL, NULL, NULL,
         "In the layout goose an undo migration has no file of its own: write it after the line "
         "'-- +goose Down'"},
	{LAYOUT_DBMATE, "20240829162505_a.sql", V, "b", NULL, "20260102030405_b.sql",
         "-- migrate:up\n\n-- migrate:down\n"},
	{LAYOUT_DBMATE, "20240829162505.sql", V, "b", NULL, "20260102030405_b.sql",
         "-- migrate:up\n\n-- migrate:down\n"},
};

START_TEST(names_as_the_layout_wants_it)
{
	struct next_name next;

	set_rules("V R B U __ .sql,.ddl");
	rules.layout = layout_of(in_layouts[_i].layout);
	const struct next_name_request request =
		request_for(in_layouts[_i].files, in_layouts[_i].kind, in_layouts[_i].description,
	                    in_layouts[_i].version);
	if (in_layouts[_i].name == NULL) {
		ck_assert(!next_name(&arena, &request, &next, &err));
		ck_assert_str_eq(err.message, in_layouts[_i].content);
		return;
	}
	ck_assert_msg(next_name(&arena, &request, &next, &err), "%s: %s", in_layouts[_i].name,
	              err.message);
	ck_assert_str_eq(next.name, in_layouts[_i].name);
	ck_assert_str_eq(next.content, in_layouts[_i].content);
}
END_TEST

START_TEST(stamps_wanted_versions_only_if_told)
{
	struct next_name next;

	set_rules(USUAL);
	struct next_name_request request = request_for("V1_20240829162505__a.sql", V, "b", "7");
	ck_assert(next_name(&arena, &request, &next, &err));
	ck_assert_str_eq(next.name, "V7__b.sql");
	request.timestamp = ADD_TIMESTAMP_ALWAYS;
	ck_assert(next_name(&arena, &request, &next, &err));
	ck_assert_str_eq(next.name, "V7_20260102030405__b.sql");
}
END_TEST

static const struct {
	const char *files;
	enum filename_kind kind;
	const char *description, *version, *message, *rules;
} wrong[] = {
	{"", R, NULL, NULL, "A repeatable migration needs a description: -description=\"my view\"",
         USUAL},
	{"", R, "a", "1", "A repeatable migration has no version", USUAL},
	{"R__a.sql|B1__a.sql", U, NULL, NULL,
         "There is no versioned migration that could be undone", USUAL},
	{"V1__a.sql", U, NULL, "2", "There is no versioned migration 2 that could be undone",
         USUAL},
	{"V-1__a.sql", V, "a", NULL,
         "Unable to continue version -1: give the next one with -version", USUAL},
	{"", V, "a", "x", "Version may only contain 0..9 and . (dot). Invalid version: x", USUAL},
	{"", V, "a", "latest", "Version may only contain 0..9 and . (dot). Invalid version: latest",
         USUAL},
	{"", V, "a", "", "Version may only contain 0..9 and . (dot). Invalid version: ", USUAL},
	{"", V, "a/b", NULL,
         "The description becomes part of a file name and cannot have a slash or a control "
         "character: a/b",
         USUAL},
	{"", V, "a\tb", NULL,
         "The description becomes part of a file name and cannot have a slash or a control "
         "character: a\tb",
         USUAL},
	{"", V, "a", "1_2",
         "V1_2_a.sql would not be the name of such a migration: look at the prefixes, the "
         "separator and the suffixes of the configuration",
         "V R B U _ .sql"},
	{"V1__a.sql", U, "a", NULL,
         "V1__a.sql would not be the name of such a migration: look at the prefixes, the "
         "separator and the suffixes of the configuration",
         "V R B V __ .sql"},
};

START_TEST(refuses_what_makes_no_name)
{
	struct next_name next;

	set_rules(wrong[_i].rules);
	const struct next_name_request request = request_for(
		wrong[_i].files, wrong[_i].kind, wrong[_i].description, wrong[_i].version);
	ck_assert(!next_name(&arena, &request, &next, &err));
	ck_assert_str_eq(err.message, wrong[_i].message);
}
END_TEST

static const struct {
	const char *files, *path, *taken; /* taken: NULL for none */
} paths[] = {
	{"sql/V1__a.sql", "sql/V2__b.sql", NULL},
	{"sql/V1__a.sql", "sql/V1__b.sql", "sql/V1__a.sql"},
	{"sql/V1__a.sql", "sql/V1.0__b.sql", "sql/V1__a.sql"},
	{"sql/V1__a.sql", "sql/V1__a.sql", NULL}, /* the file itself */
	{"sql/x/V1__a.sql", "sql/V1__a.sql", "sql/x/V1__a.sql"},
	{"sql/V1__a.sql|sql/B1__a.sql", "sql/U1__b.sql", NULL},
	{"sql/U1__a.sql", "sql/U1__b.sql", "sql/U1__a.sql"},
	{"sql/R__my_view.sql", "sql/R__my view.sql", "sql/R__my_view.sql"},
	{"sql/R__my_view.sql", "sql/R__other.sql", NULL},
	{"sql/notes.txt|sql/V1", "sql/V1__a.sql", NULL},
};

START_TEST(finds_the_same_migration_under_another_name)
{
	set_rules(USUAL);
	const struct next_name_request request = request_for(paths[_i].files, V, NULL, NULL);
	const char *taken = next_name_taken(&arena, &request, paths[_i].path);

	ck_assert_msg(str_same(taken, paths[_i].taken), "%s: %s", paths[_i].path,
	              taken != NULL ? taken : "none");
}
END_TEST

Suite *next_name_suite(void)
{
	Suite *suite = suite_create("next_name");
	TCase *tc = tcase_create("next_name");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, names_as_the_project_does, 0, COUNT(rows));
	tcase_add_loop_test(tc, names_as_the_layout_wants_it, 0, COUNT(in_layouts));
	tcase_add_test(tc, stamps_wanted_versions_only_if_told);
	tcase_add_loop_test(tc, refuses_what_makes_no_name, 0, COUNT(wrong));
	tcase_add_loop_test(tc, finds_the_same_migration_under_another_name, 0, COUNT(paths));
	suite_add_tcase(suite, tc);
	return suite;
}
