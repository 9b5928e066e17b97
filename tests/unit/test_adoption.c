/* SPDX-License-Identifier: Apache-2.0 */
/* test_adoption.c - which rows the history of another tool becomes */
#include "adopt_files.h"
#include "suites.h"

#include "cflyway/adopt/adoption.h"

static struct arena arena;

static void setup(void)
{
	arena_init(&arena);
}

static void teardown(void)
{
	arena_release(&arena);
}

/* --- what files say, by their names -------------------------------------------------------- */

/* "rev_b" of "2_rev_b.sql" */
static struct str revision(void *ctx, const struct migration *file)
{
	struct str name = str_of(file->file_name);
	size_t at = str_find(name, STR("rev_"));

	(void)ctx;
	return at < name.len ? str_sub(name, at, name.len - strlen(".sql")) : STR("");
}

static size_t parts(void *ctx, const struct migration *file)
{
	(void)ctx;
	return strstr(file->file_name, "three") != NULL ? 3 : 0;
}

static enum digest_verdict check(void *ctx, const struct migration *file, const char *checksum)
{
	(void)ctx, (void)file;
	return checksum[0] == 'f' ? DIGEST_DIFFERS : DIGEST_SAME;
}

/* "001_a.sql applied 10 who sum": key, state, time, user, checksum, "-" for what is missing. */
static struct old_entry make_entry(struct str text)
{
	static const char *const states[] = {"applied", "back", "failed", "pending"};
	const char *words[6] = {0};
	struct old_entry entry = {.parts = 1};

	for (size_t i = 0; i < COUNT(words) && text.ptr != NULL; i++) {
		struct str word = str_cut(&text, ' ');

		words[i] = str_eq(word, STR("-")) ? NULL : str_dup(&arena, word);
	}
	entry.key = words[0];
	for (size_t i = 0; i < COUNT(states); i++)
		if (words[1] != NULL && strcmp(words[1], states[i]) == 0)
			entry.state = (enum old_state)i;
	entry.applied_on = words[2];
	entry.applied_by = words[3];
	entry.checksum = words[4];
	entry.reason = words[5];
	if (entry.state == OLD_TAKEN_BACK)
		entry.taken_back_on = "99";
	return entry;
}

static struct adoption adopt(const char *format, const char *entries, const char *files,
                             const struct adopt_options *options)
{
	struct str rest = str_of(entries);
	const struct adopt_facts facts = {revision, parts, check, NULL};
	struct migration_list list = adopt_files_make(&arena, files);
	struct old_history history = {.format = adopt_format_find(format)};
	struct adoption adoption;

	history.is_ordered = history.format->columns[ADOPT_ORDER] != NULL;
	while (rest.ptr != NULL && rest.len > 0) {
		history.items =
			arena_grow(&arena, history.items, history.n, sizeof(*history.items));
		history.items[history.n++] = make_entry(str_trim(str_cut(&rest, ';')));
	}
	adoption_make(&arena, &history, &list, &facts, options, &adoption);
	return adoption;
}

static const char *show_rows(const struct adoption *adoption)
{
	struct str_list list = {0};

	for (size_t i = 0; i < adoption->rows.n; i++) {
		const struct history_row *row = &adoption->rows.items[i];

		str_list_add(&arena, &list,
		             arena_printf(&arena, "%d %s '%s' %s #%d %s %s", row->installed_rank,
		                          row->version.text, row->description,
		                          migration_type_name(row->type), (int)row->checksum,
		                          row->installed_on != NULL ? row->installed_on : "now",
		                          row->installed_by));
	}
	return str_list_join(&arena, &list, "; ");
}

static const char *show_others(const struct adoption *adoption)
{
	struct str_list list = {0};

	for (size_t i = 0; i < adoption->n; i++) {
		const struct adopt_line *line = &adoption->lines[i];

		if (strcmp(line->state, "applied") != 0)
			str_list_add(&arena, &list,
			             arena_printf(&arena, "%s %s: %s", line->state,
			                          line->version[0] != '\0' ? line->version
			                                                   : line->description,
			                          line->remark));
	}
	return str_list_join(&arena, &list, "; ");
}

#define THREE "1|a|1_a.sql;2|b|2_b.sql;3|c|3_c.sql"
#define WITH_UNDO THREE ";U2|b|2_b.down.sql"
#define PENDING "not applied: stays pending"
#define BELOW "not applied, below the last one: migrate needs outOfOrder=true"

static const struct {
	const char *name, *format, *entries, *files, *rows, *others;
	size_t obstacles;
	struct adopt_options options;
} adoptions[] = {
	{"nothing was applied",
         "goose",
         "",
         THREE,
         "",
         "pending 1: " PENDING "; pending 2: " PENDING "; pending 3: " PENDING,
         0,
         {0}},
	{"times and users are taken over",
         "own",
         "1_a.sql applied 10 eve; 2_b.sql applied 11 -",
         THREE,
         "1 1 'a' SQL #1 10 eve; 2 2 'b' SQL #2 11 me",
         "pending 3: " PENDING,
         0,
         {0}},
	{"the order of the old history stays",
         "goose",
         "1 applied 10; 3 applied 11; 2 applied 12",
         THREE,
         "1 1 'a' SQL #1 10 me; 2 3 'c' SQL #3 11 me; 3 2 'b' SQL #2 12 me",
         "",
         0,
         {0}},
	{"times decide about the order",
         "own",
         "3_c applied 11; 2_b applied 10; 1_a applied 10",
         THREE,
         "1 1 'a' SQL #1 10 me; 2 2 'b' SQL #2 10 me; 3 3 'c' SQL #3 11 me",
         "",
         0,
         {0}},
	{"versions do where there is nothing else",
         "dbmate",
         "3; 1",
         THREE,
         "1 1 'a' SQL #1 now me; 2 3 'c' SQL #3 now me",
         "pending 2: " BELOW,
         0,
         {0}},
	{"one number stands for all below",
         "golang-migrate",
         "2",
         THREE,
         "1 1 'a' SQL #1 now me; 2 2 'b' SQL #2 now me",
         "pending 3: " PENDING,
         0,
         {0}},
	{"and no file has it",
         "golang-migrate",
         "7",
         THREE,
         "",
         "left out 7: the database is at this version, and no file has it; pending 1: " PENDING
         "; pending 2: " PENDING "; pending 3: " PENDING,
         1,
         {0}},
	{"dirty",
         "golang-migrate",
         "2 failed",
         "1|a|1_a.sql",
         "",
         "left out 2: dirty: it failed half-way. Look what it has left, finish it or take it back "
         "by hand, and tell the old tool (migrate force VERSION); pending 1: " PENDING,
         1,
         {0}},
	{"a revision stands for all before it",
         "alembic",
         "rev_b",
         "1|x|1_rev_a.sql;2|x|2_rev_b.sql;3|x|3_rev_c.sql;U2|x|2_rev_b.down.sql",
         "1 1 'x' SQL #1 now me; 2 2 'x' SQL #2 now me",
         "pending 3: " PENDING,
         0,
         {0}},
	{"a revision that is not known",
         "alembic",
         "rev_z",
         "1|x|1_rev_a.sql",
         "",
         "left out rev_z: no script names this revision; \"cflyway import alembic FOLDER\" makes "
         "scripts that do; pending 1: " PENDING,
         1,
         {0}},
	{"a file of parts",
         "liquibase",
         "three.sql applied 10; a.sql applied 9",
         "1|a|V1__a.sql;2|three|V2__three.sql",
         "1 1 'a' SQL #1 9 me",
         "left out three.sql: 1 of 3 changesets are applied",
         1,
         {0}},
	{"no file",
         "own",
         "9_z.sql applied 10; 1_a applied 9",
         "1|a|1_a.sql",
         "1 1 'a' SQL #1 9 me",
         "left out 9_z.sql: in the database, but there is no file",
         1,
         {0}},
	{"no file, and it is left out",
         "own",
         "9_z.sql applied 10; 1_a applied 9",
         "1|a|1_a.sql",
         "1 1 'a' SQL #1 9 me",
         "left out 9_z.sql: in the database, but there is no file",
         0,
         {.skip_missing = true}},
	{"several files are never left out",
         "own",
         "000 applied 1",
         "=000|a|000_a.sql;=000.1|b|000_b.sql",
         "",
         "left out 000: 2 files fit, such as sql/000_a.sql; pending 000: " PENDING
         "; pending 000.1: " PENDING,
         1,
         {.skip_missing = true}},
	{"a file has another name",
         "own",
         "1_z.sql applied 10",
         "1|a|1_a.sql",
         "",
         "left out 1_z.sql: no file has this name; sql/1_a.sql has its number; pending 1: " PENDING,
         1,
         {0}},
	{"two entries for one file",
         "own",
         "1_a applied 10; 1_a.sql applied 11",
         "1|a|1_a.sql",
         "1 1 'a' SQL #1 10 me",
         "left out 1_a.sql: another entry means the same file",
         1,
         {0}},
	{"a failed entry",
         "own",
         "1_a failed 10",
         "1|a|1_a.sql",
         "",
         "left out 1_a: failed or interrupted: finish it or take it back, and correct the entry; "
         "pending 1: " PENDING,
         1,
         {0}},
	{"an entry that waits",
         "own",
         "1_a pending -",
         "1|a|1_a.sql",
         "",
         "pending 1: " PENDING,
         0,
         {0}},
	{"taken back, with its reason",
         "own",
         "2_b back 21 eve - locks; 1_a applied 20",
         WITH_UNDO,
         "1 1 'a' SQL #1 20 me; 2 2 'b' SQL #2 21 eve; 3 2 'Undone: locks' DELETE #2 99 eve",
         "rolled back 2: rolled back on 99: locks; pending 3: " PENDING,
         0,
         {0}},
	{"taken back as paid editions write it",
         "own",
         "2_b back 10",
         WITH_UNDO,
         "1 2 'b' SQL #2 10 me; 2 2 'b' UNDO_SQL #4 99 me",
         "rolled back 2: rolled back on 99; pending 1: " PENDING "; pending 3: " PENDING,
         0,
         {.undo_history = UNDO_HISTORY_UNDO}},
	{"taken back, and nothing is kept",
         "own",
         "2_b back 10",
         "2|b|2_b.sql",
         "",
         "rolled back 2: rolled back on 99",
         0,
         {.undo_history = UNDO_HISTORY_DELETE}},
	{"taken back, and the file is gone",
         "own",
         "9_z back 10",
         "2|b|2_b.sql",
         "",
         "left out 9_z: in the database, but there is no file; pending 2: " PENDING,
         0,
         {0}},
	{"a file that has changed",
         "own",
         "1_a applied 10 - ff",
         "1|a|1_a.sql",
         "1 1 'a' SQL #1 10 me",
         "",
         1,
         {0}},
	{"a file that has changed, accepted",
         "own",
         "1_a applied 10 - ff",
         "1|a|1_a.sql",
         "1 1 'a' SQL #1 10 me",
         "",
         0,
         {.accept_changed = true}},
	{"equal numbers have versions of their own",
         "own",
         "000_b.sql applied 1; 000_a.sql applied 2; 001_c.sql applied 3",
         "=000|a|000_a.sql;=000.1|b|000_b.sql;=001|c|001_c.sql",
         "1 000.1 'b' SQL #2 1 me; 2 000 'a' SQL #1 2 me; 3 001 'c' SQL #3 3 me",
         "",
         0,
         {0}},
};

START_TEST(makes_rows)
{
	struct adopt_options options = adoptions[_i].options;

	options.installed_by = "me";
	struct adoption adoption =
		adopt(adoptions[_i].format, adoptions[_i].entries, adoptions[_i].files, &options);

	ck_assert_msg(strcmp(show_rows(&adoption), adoptions[_i].rows) == 0, "%s: %s",
	              adoptions[_i].name, show_rows(&adoption));
	ck_assert_msg(strcmp(show_others(&adoption), adoptions[_i].others) == 0, "%s: %s",
	              adoptions[_i].name, show_others(&adoption));
	ck_assert_msg(adoption.obstacles.n == adoptions[_i].obstacles, "%s: %zu",
	              adoptions[_i].name, adoption.obstacles.n);
}
END_TEST

START_TEST(says_that_a_checksum_was_checked)
{
	static const char sum[] = "900150983cd24fb0d6963f7d28e17f72";
	const struct adopt_options options = {.installed_by = "me"};
	const char *entries =
		arena_printf(&arena, "1_a applied 10 - %s; 2_b applied 11 - f%s", sum, sum + 1);
	struct adoption adoption = adopt("own", entries, THREE, &options);

	ck_assert_str_eq(adoption.lines[0].remark, "MD5 is right");
	ck_assert_str_eq(adoption.lines[1].remark,
	                 "changed since it was applied: its MD5 is another one");
	ck_assert_str_eq(str_list_join(&arena, &adoption.obstacles, "; "),
	                 "sql/2_b.sql: changed since it was applied: its MD5 is another one");
}
END_TEST

/* --- rows that are there ------------------------------------------------------------------- */

static const struct {
	const char *name;
	size_t rows;
	int checksum;
	const char *on;
	bool is_there;
} existing[] = {
	{"the same", 2, 1, "10", true},
	{"one row less", 1, 1, "10", false},
	{"another checksum", 2, 7, "10", false},
	{"another time", 2, 1, "12", false},
};

START_TEST(compares_with_the_rows_that_are_there)
{
	const struct adopt_options options = {.installed_by = "me"};
	struct adoption adoption = adopt("own", "1_a applied 10; 2_b applied -", THREE, &options);
	struct history_rows rows = {adoption.rows.items, existing[_i].rows};
	struct history_row *copy = arena_array(&arena, rows.n, sizeof(*copy));

	memcpy(copy, rows.items, rows.n * sizeof(*copy));
	rows.items = copy;
	/* sorted by time, what has none comes first; its time is when it was written */
	copy[0].installed_on = "now";
	copy[rows.n - 1].installed_on = existing[_i].on;
	copy[rows.n - 1].checksum = existing[_i].checksum;
	ck_assert_msg(adoption_is_there(&adoption, &rows) == existing[_i].is_there, "%s",
	              existing[_i].name);
}
END_TEST

START_TEST(copies_rows_of_flyway)
{
	struct migration_list files = adopt_files_make(&arena, THREE);
	struct adoption adoption;
	const struct history_rows rows = {arena_array(&arena, 4, sizeof(*rows.items)), 4};

	for (size_t i = 0; i < rows.n; i++)
		rows.items[i] = (struct history_row){
			.installed_rank = (int)i + 1,
			.type = i == 0 ? MIGRATION_BASELINE : MIGRATION_SQL,
			.version = files.items[i < 3 ? i : 2]->version,
			.description = "x",
			.script = "x.sql",
			.has_checksum = true,
			.checksum = i == 1 ? 7 : (int32_t)i + 1,
			.installed_by = "eve",
			.installed_on = "10",
			.success = i != 3,
		};
	adoption_copy(&arena, &rows, &files, &adoption);
	ck_assert_uint_eq(adoption.rows.n, 4);
	ck_assert_str_eq(adoption.lines[0].remark, "");
	ck_assert_str_eq(adoption.lines[1].remark,
	                 "changed since it was applied: its checksum is another one");
	ck_assert_str_eq(adoption.lines[2].file, "sql/3_c.sql");
	ck_assert_str_eq(adoption.lines[3].state, "failed");
	ck_assert_str_eq(str_list_join(&arena, &adoption.obstacles, "; "),
	                 "x.sql: failed: repair the old history first");
}
END_TEST

Suite *adoption_suite(void)
{
	Suite *suite = suite_create("adoption");
	TCase *tc = tcase_create("adoption");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, makes_rows, 0, COUNT(adoptions));
	tcase_add_test(tc, says_that_a_checksum_was_checked);
	tcase_add_loop_test(tc, compares_with_the_rows_that_are_there, 0, COUNT(existing));
	tcase_add_test(tc, copies_rows_of_flyway);
	suite_add_tcase(suite, tc);
	return suite;
}
