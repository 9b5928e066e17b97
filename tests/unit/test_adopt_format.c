/* SPDX-License-Identifier: Apache-2.0 */
/* test_adopt_format.c - how the histories of other tools are recognised, and their checksums */
#include "suites.h"

#include "cflyway/adopt/digest.h"
#include "cflyway/adopt/old_history.h"

static struct arena arena;

static void setup(void)
{
	arena_init(&arena);
}

static void teardown(void)
{
	arena_release(&arena);
}

static struct str_list split(const char *text)
{
	struct str rest = str_of(text);
	struct str_list list = {0};

	while (rest.ptr != NULL)
		str_list_add(&arena, &list, str_dup(&arena, str_trim(str_cut(&rest, ','))));
	return list;
}

/* Every row is found by its name, names a key, and can be told from nothing. */
START_TEST(has_rows_that_are_complete)
{
	const struct adopt_format *format = &adopt_formats[_i];
	const struct str_list none = {0};
	struct adopt_columns columns;

	ck_assert_ptr_eq(adopt_format_find(format->name), format);
	ck_assert_int_gt((int)strlen(format->title), 0);
	ck_assert_ptr_nonnull(format->tables[0]);
	ck_assert_ptr_nonnull(format->columns[ADOPT_KEY]);
	ck_assert_int_eq(format->columns[ADOPT_KEY][0], '!');
	ck_assert(!adopt_format_fits(format, &none, &columns));
	ck_assert_int_eq(format->columns[ADOPT_STATE] != NULL && format->keys != ADOPT_FLYWAY,
	                 format->states != NULL);
}
END_TEST

/* The first format that fits the columns of a table with this name. */
static const char *recognise(const char *table, const char *text)
{
	struct str_list list = split(text);
	struct adopt_columns columns;

	for (size_t i = 0; i < adopt_format_count; i++)
		for (size_t j = 0; j < ADOPT_TABLES_MAX; j++)
			if (str_same(adopt_formats[i].tables[j], table) &&
			    adopt_formats[i].companion == NULL &&
			    adopt_format_fits(&adopt_formats[i], &list, &columns))
				return adopt_formats[i].name;
	return "none";
}

static const struct {
	const char *table, *columns, *format;
} tables[] = {
	{"goose_db_version", "id, version_id, is_applied, tstamp", "goose"},
	{"schema_migrations", "version, dirty", "golang-migrate"},
	{"schema_migrations", "version", "dbmate"},
	{"schema_migrations", "version, other", "none"},
	{"alembic_version", "version_num", "alembic"},
	{"databasechangelog", "ID,AUTHOR,FILENAME,DATEEXECUTED,ORDEREXECUTED,EXECTYPE,MD5SUM",
         "liquibase"},
	{"sqitch.changes", "change_id,change,project,committed_at,committer_name", "sqitch"},
	{"_yoyo_migration", "migration_hash,migration_id,applied_at_utc", "yoyo"},
	{"_yoyo_migration", "id,ctime", "yoyo"},
	{"schema_version", "version", "tern"},
	{"schema_version",
         "installed_rank,version,description,type,script,checksum,installed_by,installed_on,"
         "execution_time,success",
         "flyway"},
	{"schema_migrations", "version, applied_at, status, rolled_back_at, rollback_reason",
         "own"},
	{"schema_migrations", "id, migration_name, applied_at", "own"},
	{"schema_migrations", "database_type, migration_file, applied_at, checksum", "own"},
	{"_schema_migrations", "version, name, checksum, applied_at", "own"},
	{"_schema_migrations", "version, checksum", "none"},
};

START_TEST(recognises_a_table_by_its_columns)
{
	ck_assert_msg(str_same(recognise(tables[_i].table, tables[_i].columns), tables[_i].format),
	              "%s (%s): %s", tables[_i].table, tables[_i].columns,
	              recognise(tables[_i].table, tables[_i].columns));
}
END_TEST

START_TEST(prefers_the_name_of_the_file_to_its_number)
{
	struct str_list list = split("ID, VERSION, FileName, applied_at, sha256, status");
	struct adopt_columns columns;

	ck_assert(adopt_format_fits(adopt_format_find("own"), &list, &columns));
	ck_assert_str_eq(columns.names[ADOPT_KEY], "FileName");
	ck_assert_str_eq(columns.names[ADOPT_CHECKSUM], "sha256");
	ck_assert_str_eq(columns.names[ADOPT_STATE], "status");
	ck_assert_ptr_null(columns.names[ADOPT_STORE]);
	ck_assert_ptr_null(columns.names[ADOPT_ORDER]);
}
END_TEST

static const struct {
	const char *format, *word;
	bool is_known;
	enum old_state state;
} words[] = {
	{"goose", "t", true, OLD_APPLIED},
	{"goose", "0", true, OLD_TAKEN_BACK},
	{"golang-migrate", "true", true, OLD_FAILED},
	{"golang-migrate", "f", true, OLD_APPLIED},
	{"liquibase", "MARK_RAN", true, OLD_APPLIED},
	{"own", "Applied", true, OLD_APPLIED},
	{"own", " rolled_back ", true, OLD_TAKEN_BACK},
	{"own", "failed", true, OLD_FAILED},
	{"own", "pending", true, OLD_PENDING},
	{"own", "whatever", false, OLD_APPLIED},
	{"own", NULL, true, OLD_APPLIED},
	{"dbmate", "whatever", true, OLD_APPLIED},
};

START_TEST(knows_the_words_for_states)
{
	const struct adopt_format *format = adopt_format_find(words[_i].format);
	enum old_state state;

	ck_assert_int_eq(adopt_state_parse(format->states, words[_i].word, &state),
	                 words[_i].is_known);
	ck_assert_int_eq(state, words[_i].state);
}
END_TEST

/* --- entries of one key -------------------------------------------------------------------- */

/* "1 t 10, 1 f 11": key, state, time. */
static struct old_history make_history(const char *format, const char *text)
{
	struct old_history history = {.format = adopt_format_find(format)};
	struct str_list list = split(text);

	history.items = arena_array(&arena, list.n, sizeof(*history.items));
	for (; history.n < list.n; history.n++) {
		struct str rest = str_of(list.items[history.n]);
		struct old_entry *entry = &history.items[history.n];

		entry->key = str_dup(&arena, str_cut(&rest, ' '));
		const char *word = str_dup(&arena, str_cut(&rest, ' '));
		ck_assert(adopt_state_parse(history.format->states, word, &entry->state));
		entry->applied_on = str_dup(&arena, rest);
	}
	return history;
}

static const char *show(const struct old_history *history)
{
	static const char *const states[] = {"applied", "back", "failed", "pending"};
	const bool has_parts = history->format->keys == ADOPT_EACH_PART_OF_FILE;
	struct str_list list = {0};

	for (size_t i = 0; i < history->n; i++) {
		const struct old_entry *entry = &history->items[i];
		const char *back = entry->taken_back_on != NULL ? entry->taken_back_on : "-";

		str_list_add(
			&arena, &list,
			arena_printf(&arena, "%s %s %s %s%s", entry->key, states[entry->state],
		                     entry->applied_on, back,
		                     has_parts ? arena_printf(&arena, " x%zu", entry->parts) : ""));
	}
	return str_list_join(&arena, &list, ", ");
}

static const struct {
	const char *format, *entries, *merged;
} merges[] = {
	{"goose", "1 t 10, 2 t 11", "1 applied 10 -, 2 applied 11 -"},
	{"goose", "1 t 10, 2 t 11, 1 f 12", "1 back 10 12, 2 applied 11 -"},
	/* what was applied again is applied last */
	{"goose", "1 t 10, 2 t 11, 1 f 12, 1 t 13", "2 applied 11 -, 1 applied 13 -"},
	{"liquibase", "a EXECUTED 1, b EXECUTED 2, a RERAN 3",
         "a applied 3 - x2, b applied 2 - x1"},
	{"liquibase", "a EXECUTED 1, a SKIPPED 2", "a applied 2 - x1"},
	{"liquibase", "a FAILED 1, a EXECUTED 2", "a failed 2 - x1"},
};

START_TEST(merges_the_entries_of_a_key)
{
	struct old_history history = make_history(merges[_i].format, merges[_i].entries);

	old_history_merge(&arena, &history);
	ck_assert_str_eq(show(&history), merges[_i].merged);
}
END_TEST

/* --- checksums ----------------------------------------------------------------------------- */

#define SHA256_OF_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

/* "abc", "a\nb\n" and "a\r\nb\r\n", as sha256sum, sha1sum and md5sum print them */
static const struct {
	const char *checksum, *text;
	enum digest_verdict verdict;
} sums[] = {
	{SHA256_OF_ABC, "abc", DIGEST_SAME},
	{"sha256:" SHA256_OF_ABC, "abc", DIGEST_SAME},
	{"\\xBA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD", "abc", DIGEST_SAME},
	{SHA256_OF_ABC, "abd", DIGEST_DIFFERS},
	{SHA256_OF_ABC, "", DIGEST_DIFFERS},
	{"900150983cd24fb0d6963f7d28e17f72", "abc", DIGEST_SAME},
	{"900150983cd24fb0d6963f7d28e17f73", "abc", DIGEST_DIFFERS},
	{"a9993e364706816aba3e25717850c26c9cd0d89d", "abc", DIGEST_SAME},
	{"dd8c6a395b5dd36c56d23275028f526c", "a\nb\n", DIGEST_SAME},
	{"dd8c6a395b5dd36c56d23275028f526c", "a\r\nb\r\n", DIGEST_SAME_BUT_LINE_ENDS},
	{"900150983cd24fb0d6963f7d28e17f7", "abc", DIGEST_UNKNOWN_KIND},
	{"g00150983cd24fb0d6963f7d28e17f72", "abc", DIGEST_UNKNOWN_KIND},
	{"9:abc", "abc", DIGEST_UNKNOWN_KIND},
	{"", "", DIGEST_UNKNOWN_KIND},
};

START_TEST(checks_sums)
{
	enum digest_verdict got = digest_check(sums[_i].checksum, str_of(sums[_i].text));

	/* without the library nothing can be compared, and that is what it says */
	if (got == DIGEST_CANNOT_CHECK && digest_kind(sums[_i].checksum) != NULL)
		return;
	ck_assert_msg(got == sums[_i].verdict, "%s: %d", sums[_i].checksum, (int)got);
}
END_TEST

START_TEST(tells_kinds_by_their_length)
{
	ck_assert_str_eq(digest_kind(SHA256_OF_ABC), "SHA-256");
	ck_assert_str_eq(digest_kind("a9993e364706816aba3e25717850c26c9cd0d89d"), "SHA-1");
	ck_assert_str_eq(digest_kind("900150983cd24fb0d6963f7d28e17f72"), "MD5");
	ck_assert_ptr_null(digest_kind("abc123..."));
}
END_TEST

Suite *adopt_format_suite(void)
{
	Suite *suite = suite_create("adopt_format");
	TCase *tc = tcase_create("adopt_format");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, has_rows_that_are_complete, 0, (int)adopt_format_count);
	tcase_add_loop_test(tc, recognises_a_table_by_its_columns, 0, COUNT(tables));
	tcase_add_test(tc, prefers_the_name_of_the_file_to_its_number);
	tcase_add_loop_test(tc, knows_the_words_for_states, 0, COUNT(words));
	tcase_add_loop_test(tc, merges_the_entries_of_a_key, 0, COUNT(merges));
	tcase_add_loop_test(tc, checks_sums, 0, COUNT(sums));
	tcase_add_test(tc, tells_kinds_by_their_length);
	suite_add_tcase(suite, tc);
	return suite;
}
