/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files and rows are written in a small language, so that a case fits on a line:
 * files "V1 B2 U1 R:view"; rows "V1 V2! R:view R:view~ BASELINE:2 SCHEMA: DELETE:1 DELETE:view B2" in
 * order of rank, where "!" is a failed row, "~" one whose checksum is not that of the file, and "^" one
 * with the checksum before placeholder replacement.
 * The expected lists are those that Flyway 12.4.0 shows for the same files and rows, but for those
 * with rows of undo migrations.
 */
#include "suites.h"

#include "cflyway/base/buf.h"
#include "cflyway/core/validate_rules.h"
#include "cflyway/core/info_make.h"

static struct arena arena;

static struct version parse(struct str text)
{
	struct version version;
	struct error err = ERROR_INIT(&arena);

	ck_assert_msg(version_parse(&arena, str_dup(&arena, text), &version, &err), "%s",
	              err.message);
	return version;
}

static struct migration *make_file(struct str word)
{
	struct migration *file = arena_alloc(&arena, sizeof(*file));
	bool repeatable = str_starts(word, STR("R:"));

	file->version = repeatable ? version_empty() : parse(str_sub(word, 1, word.len));
	file->type = word.ptr[0] == 'B'   ? MIGRATION_SQL_BASELINE
	             : word.ptr[0] == 'U' ? MIGRATION_UNDO_SQL
	                                  : MIGRATION_SQL;
	file->description = repeatable ? str_dup(&arena, str_sub(word, 2, word.len)) : "x";
	file->script = str_dup(&arena, word);
	file->checksum = 1;
	file->raw_checksum = 3;
	return file;
}

static struct migration_list make_files(const char *words)
{
	struct migration_list list = {0};
	struct str rest = str_of(words);

	while (rest.len > 0) {
		list.items = arena_grow(&arena, list.items, list.n, sizeof(*list.items));
		list.items[list.n++] = make_file(str_cut(&rest, ' '));
	}
	return list;
}

static struct history_row make_row(struct str word, int rank)
{
	struct history_row row = {
		.installed_rank = rank,
		.version = version_empty(),
		.type = MIGRATION_SQL,
		.description = "x",
		.success = true,
		.has_checksum = true,
		.checksum = 1,
		.installed_by = "",
		.installed_on = "",
	};
	struct str key = word, value;

	if (str_ends(word, STR("!")))
		row.success = false;
	if (str_ends(word, STR("~")))
		row.checksum = 2;
	if (str_ends(word, STR("^")))
		row.checksum = 3;
	if (!row.success || row.checksum != 1)
		key.len--;
	row.script = str_dup(&arena, key);
	value = key;
	key = str_cut(&value, ':');
	if (str_eq(key, STR("R")) || (value.len > 0 && value.ptr[0] >= 'a'))
		row.description = str_dup(&arena, value);
	else if (value.ptr == NULL)
		row.version = parse(str_sub(key, 1, key.len));
	else if (value.len > 0)
		row.version = parse(value);
	if (value.ptr == NULL && key.ptr[0] == 'B')
		row.type = MIGRATION_SQL_BASELINE;
	if (value.ptr != NULL && !str_eq(key, STR("R")))
		ck_assert(migration_type_parse(str_dup(&arena, key), &row.type));
	return row;
}

static struct history_rows make_rows(const char *words)
{
	struct history_rows rows = {0};
	struct str rest = str_of(words);

	while (rest.len > 0) {
		rows.items = arena_grow(&arena, rows.items, rows.n, sizeof(*rows.items));
		rows.items[rows.n] = make_row(str_cut(&rest, ' '), (int)rows.n + 1);
		rows.n++;
	}
	return rows;
}

static void setup(void)
{
	arena_init(&arena);
}

static void teardown(void)
{
	arena_release(&arena);
}

static const struct {
	const char *name, *files, *rows, *target;
	bool out_of_order;
	const char *shown, *current;
} lists[] = {
	{"nothing", "", "", "latest", false, "", NULL},
	{"all pending", "V1 V2 R:a", "", "latest", false, "V1 Pending, V2 Pending, R:a Pending",
         NULL},
	{"applied", "V1 V2 R:a", "V1 R:a", "latest", false, "V1 Success, R:a Success, V2 Pending",
         "1"},
	{"below the last applied", "V1 V2 V3", "V1 V3", "latest", false,
         "V1 Success, V3 Success, V2 Ignored", "3"},
	{"out of order allowed", "V1 V2 V3", "V1 V3", "latest", true,
         "V1 Success, V3 Success, V2 Pending", "3"},
	{"out of order applied", "V1 V2 V3", "V1 V3 V2", "latest", false,
         "V1 Success, V3 Success, V2 Out of Order", "3"},
	{"file gone below", "V1 V3", "V1 V2 V3", "latest", false,
         "V1 Success, V2 Missing, V3 Success", "3"},
	{"file gone above", "V1", "V1 V2", "latest", false, "V1 Success, V2 Future", "2"},
	{"failed", "V1 V2", "V1 V2!", "latest", false, "V1 Success, V2 Failed", "2"},
	{"failed and gone", "V1 V3", "V1 V2! V3", "latest", false,
         "V1 Success, V2 Failed (Missing), V3 Success", "3"},
	{"failed above", "V1", "V1 V2!", "latest", false, "V1 Success, V2 Failed (Future)", "2"},
	{"deleted", "V1 V3", "V1 V2 V3 DELETE:2", "latest", false,
         "V1 Success, V2 Deleted, V3 Success", "3"},
	{"deleted and back", "V1 V2 V3", "V1 V2 V3 DELETE:2", "latest", false,
         "V1 Success, V2 Deleted, V3 Success, V2 Ignored", "3"},
	{"changed repeatable", "R:a", "R:a~", "latest", false, "R:a Outdated, R:a Pending", ""},
	{"repeatable run again", "R:a", "R:a~ R:a", "latest", false, "R:a Superseded, R:a Success",
         ""},
	{"other repeatables in between", "R:a R:b R:c", "R:b~ R:c R:a R:b", "latest", false,
         "R:b Superseded, R:c Success, R:a Success, R:b Success", ""},
	{"repeatable gone", "V1", "V1 R:a", "latest", false, "V1 Success, R:a Missing", "1"},
	{"baseline", "V1 V2 V3", "BASELINE:2", "latest", false,
         "V1 Below Baseline, V2 Ignored (Baseline), BASELINE:2 Baseline, V3 Pending", "2"},
	{"baseline file on an empty history", "V1 V2 B2 V3", "", "latest", false,
         "V1 Below Baseline, V2 Ignored (Baseline), B2 Pending, V3 Pending", NULL},
	{"baseline file later", "V1 B2 V3", "V1", "latest", false,
         "V1 Success, B2 Ignored, V3 Pending", "1"},
	{"target", "V1 V2 V3", "V1", "2", false, "V1 Success, V2 Pending, V3 Above Target", "1"},
	{"target current", "V1 V2", "V1", "current", false, "V1 Success, V2 Above Target", "1"},
	{"target next", "V1 V2 V3", "V1", "next", false, "V1 Success, V2 Pending, V3 Above Target",
         "1"},
	{"target that may be missing", "V1 V3", "", "2?", false, "V1 Pending, V3 Above Target",
         NULL},
	{"schema row", "V1", "SCHEMA: V1", "latest", false, "SCHEMA: Success, V1 Success", "1"},
	{"equal versions are one", "V1.0", "V1", "latest", false, "V1 Success", "1"},
	{"undone", "V1 V2", "V1 V2 UNDO_SQL:2", "latest", false,
         "V1 Success, V2 Undone, UNDO_SQL:2 Future, V2 Pending", "1"},
	{"undone and back", "V1", "V1 UNDO_SQL:1 V1", "latest", false,
         "V1 Undone, UNDO_SQL:1 Future, V1 Success", "1"},
	{"a failed undo takes nothing back", "V1 U1", "V1 UNDO_SQL:1!", "latest", false,
         "V1 Success, UNDO_SQL:1 Failed", "1"},
	{"undone twice", "V1", "V1 V1 UNDO_SQL:1 UNDO_SQL:1", "latest", false,
         "V1 Undone, V1 Undone, UNDO_SQL:1 Future, UNDO_SQL:1 Future, V1 Pending", NULL},
	{"deleted after an undo", "V1", "V1 V1 UNDO_SQL:1 DELETE:1", "latest", false,
         "V1 Success, V1 Deleted, UNDO_SQL:1 Future", "1"},
	{"a deleted row is not undone", "V1", "V1 V1 DELETE:1 UNDO_SQL:1", "latest", false,
         "V1 Undone, V1 Deleted, UNDO_SQL:1 Future, V1 Pending", NULL},
	{"each version has its own runs", "V1 V2", "V1 V2 UNDO_SQL:1 DELETE:2", "latest", false,
         "V1 Undone, V2 Deleted, UNDO_SQL:1 Missing, V1 Pending, V2 Pending", NULL},
	{"a repeatable is deleted", "R:a R:b", "R:a R:b DELETE:a", "latest", false,
         "R:a Deleted, R:b Success, DELETE:a Success, R:a Pending", ""},
	{"a repeatable is deleted, not the version before it", "V1 R:a", "V1 DELETE:a", "latest",
         false, "V1 Success, DELETE:a Success, R:a Pending", "1"},
	{"a DELETE row that failed", "V1", "V1 DELETE:1!", "latest", false,
         "V1 Success, DELETE:1 Success", "1"},
	{"a repeatable that was deleted and ran again", "R:a", "R:a DELETE:a R:a", "latest", false,
         "R:a Deleted, DELETE:a Success, R:a Success", ""},
	{"a repeatable is deleted twice", "R:a", "R:a DELETE:a DELETE:a", "latest", false,
         "R:a Deleted, DELETE:a Success, DELETE:a Success, R:a Pending", NULL},
	{"a deleted repeatable whose file is gone", "V1", "V1 R:a DELETE:a", "latest", false,
         "V1 Success, R:a Deleted, DELETE:a Success", "1"},
	{"baseline file that failed", "B2 V4", "B2! V4", "latest", false, "B2 Failed, V4 Success",
         "4"},
	{"baseline files that are gone", "V4", "B3 V4 B5", "latest", false,
         "B3 Missing, V4 Success, B5 Future", "5"},
	{"baseline file and row", "V1 B2 V3", "B2", "latest", false,
         "V1 Below Baseline, B2 Baseline, V3 Pending", "2"},
	{"several baselines", "V1 V2 V3 V4", "BASELINE:3 BASELINE:2", "latest", false,
         "V1 Below Baseline, V2 Below Baseline, V3 Ignored (Baseline), BASELINE:3 Baseline, BASELINE:2 Baseline, V4 Pending",
         "3"},
	{"several baseline files", "B1 V2 B3 V4", "", "latest", false,
         "B1 Below Baseline, V2 Below Baseline, B3 Pending, V4 Pending", NULL},
	{"a target below the baseline", "V1 V2 V3", "BASELINE:2", "1", false,
         "V1 Below Baseline, V2 Ignored (Baseline), BASELINE:2 Baseline, V3 Above Target", "2"},
	{"target next is repeatable", "V1 R:a", "V1", "next", false, "V1 Success, R:a Pending",
         "1"},
	{"target next with nothing pending", "V1", "V1", "next", false, "V1 Success", "1"},
	{"target next, out of order", "V1 V2 V3", "V2", "next", true,
         "V2 Success, V1 Pending, V3 Above Target", "2"},
	{"target current of an empty history", "V1", "", "current", false, "V1 Above Target", NULL},
	{"a type that is not the file's", "V1", "JDBC:1", "latest", false,
         "JDBC:1 Future, V1 Pending", "1"},
	{"a repeatable that failed", "R:a", "R:a!", "latest", false, "R:a Failed", ""},
	{"repeatables gone: older runs are superseded", "V1", "V1 R:a R:a", "latest", false,
         "V1 Success, R:a Superseded, R:a Missing", "1"},
};

static const char *shown_name(const struct info_entry *entry)
{
	return entry->row != NULL ? entry->row->script : entry->file->script;
}

static bool make(const char *files, const char *rows, const char *target, bool out_of_order,
                 struct info *info, struct error *err)
{
	/* in the arena: the entries point to them */
	struct migration_list *list = arena_alloc(&arena, sizeof(*list));
	struct history_rows *history = arena_alloc(&arena, sizeof(*history));
	struct info_options options = {.target = target, .out_of_order = out_of_order};

	*list = make_files(files);
	*history = make_rows(rows);
	return info_make(&arena, list, history, &options, info, err);
}

START_TEST(merges_files_and_rows)
{
	struct error err = ERROR_INIT(&arena);
	struct buf shown = BUF_EMPTY(4096);
	struct info info;

	ck_assert_msg(make(lists[_i].files, lists[_i].rows, lists[_i].target,
	                   lists[_i].out_of_order, &info, &err),
	              "%s: %s", lists[_i].name, err.message);
	for (size_t i = 0; i < info.n; i++)
		buf_printf(&shown, "%s%s %s", i > 0 ? ", " : "", shown_name(&info.entries[i]),
		           state_spec(info.entries[i].state)->title);
	ck_assert_msg(strcmp(buf_str(&shown).ptr, lists[_i].shown) == 0, "%s:\n%s\n%s",
	              lists[_i].name, lists[_i].shown, buf_str(&shown).ptr);
	buf_release(&shown);
	const struct info_entry *current = info_current(&info);
	if (lists[_i].current == NULL)
		ck_assert_ptr_null(current);
	else if (lists[_i].current[0] == '\0')
		ck_assert(!info_entry_is_versioned(current));
	else
		ck_assert_str_eq(current->row->version.text, lists[_i].current);
}
END_TEST

static const struct {
	const char *files, *rows, *target, *message;
} failures[] = {
	{"V1", "", "9",
         "No migration with a target version 9 could be found. Ensure target is specified correctly "
         "and the migration exists."},
	{"V1", "", "abc", "Version may only contain 0..9 and . (dot). Invalid version: abc"},
	{"V1", "V1 DELETE:1 DELETE:1", "latest",
         "Corrupted schema history: multiple delete entries for version 1"},
};

START_TEST(refuses_what_makes_no_sense)
{
	struct error err = ERROR_INIT(&arena);
	struct info info;

	ck_assert(!make(failures[_i].files, failures[_i].rows, failures[_i].target, false, &info,
	                &err));
	ck_assert_str_eq(err.message, failures[_i].message);
}
END_TEST

static const struct {
	const char *files, *rows, *patterns;
	const char *errors; /* the codes of all */
} checks[] = {
	{"V1", "V1", "*:future", ""},
	{"V1", "V1~", "*:future", "CHECKSUM_MISMATCH"},
	{"V1 V2", "V1", "*:future", "RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED"},
	{"V1 V2", "V1", "*:pending", ""},
	{"V1", "V1 V2", "*:future", ""},
	{"V1", "V1 V2", "", "APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED"},
	{"V1 V3", "V1 V2 V3", "*:future", "APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED"},
	{"V1 V3", "V1 V2 V3", "versioned:missing", ""},
	{"V1", "V1 V2", "*:missing", "APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED"},
	{"V1", "V1 V2!", "*:missing", "FAILED_VERSIONED_MIGRATION"},
	{"V1 V3", "V1 V2! V3", "*:missing", "FAILED_VERSIONED_MIGRATION"},
	{"V1 V3", "V1 V2! V3", "*:future", "FAILED_VERSIONED_MIGRATION"},
	{"V1 V3", "V1 V2 V3", "repeatable:missing", "APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED"},
	{"V1", "V1!", "*:future", "FAILED_VERSIONED_MIGRATION"},
	{"V1 V2", "V2", "*:future", "RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED"},
	{"V1 V2", "V2", "*:ignored", ""},
	{"R:a", "R:a~", "*:future",
         "OUTDATED_REPEATABLE_MIGRATION RESOLVED_REPEATABLE_MIGRATION_NOT_APPLIED"},
	{"R:a", "", "*:future", "RESOLVED_REPEATABLE_MIGRATION_NOT_APPLIED"},
	{"V1 V2", "V1~ BASELINE:2", "*:future", ""},
	{"V1", "JDBC:1~", "*:future", "RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED"},
	{"B1", "V1", "*:future", ""},
	{"V1 V2", "BASELINE:1 V2~", "*:future", "CHECKSUM_MISMATCH"},
	{"V1 V2 V3", "V1~ V2! V3~", "*:future",
         "CHECKSUM_MISMATCH FAILED_VERSIONED_MIGRATION CHECKSUM_MISMATCH"},
	{"R:a R:b", "R:a! R:b~", "*:pending", "FAILED_REPEATABLE_MIGRATION"},
	{"R:a", "R:a~ R:a", "*:pending", ""},
	{"R:a", "R:a~", "*:pending", ""},
	{"V1", "V1 R:a R:a", "*:future", "APPLIED_REPEATABLE_MIGRATION_NOT_RESOLVED"},
	{"V1", "V1 R:a R:a", "*:missing", ""},
	{"V1", "V1 V2!", "*:future", ""},
	{"V1 V2", "V1~ V2 DELETE:1", "*:ignored", ""},
	{"V1 V2", "V1~ UNDO_SQL:1 V2", "*:ignored", ""},
	{"V1 V2", "V1 V2 UNDO_SQL:2 V2~", "*:future", "CHECKSUM_MISMATCH"},
	{"R:a", "R:a^", "*:future", ""},
	{"R:a", "R:a^", "*:pending", "CHECKSUM_MISMATCH"},
	{"R:a", "JDBC:a^", "*:pending", "TYPE_MISMATCH"},
	{"V1", "V1^", "*:future", "CHECKSUM_MISMATCH"},
	{"V1 B2", "V1", "*:future", ""},
	{"B1 V2", "V2", "*:future", ""},
	{"V1 V3", "V1 SCHEMA: V3 BASELINE:4", "*:future", ""},
	{"V1", "V1", "*:missing", ""},
};

START_TEST(finds_what_is_wrong)
{
	struct str_list texts = {0}, codes = {0};
	struct error err = ERROR_INIT(&arena);
	struct pattern_list patterns;
	struct validate_errors errors;
	struct info info;

	str_list_add(&arena, &texts, checks[_i].patterns);
	ck_assert(pattern_list_parse(&arena, &texts, &patterns, &err));
	ck_assert(make(checks[_i].files, checks[_i].rows, "latest", false, &info, &err));
	validate_info(&arena, &info, &patterns, &errors, NULL);
	for (size_t i = 0; i < errors.n; i++)
		str_list_add(&arena, &codes, error_code_name(errors.items[i].code));
	const char *found = str_list_join(&arena, &codes, " ");
	ck_assert_msg(strcmp(found, checks[_i].errors) == 0, "files %s, rows %s: %s",
	              checks[_i].files, checks[_i].rows, found);
}
END_TEST

/* With a list of changes, a changed checksum hides nothing else. */
static const struct {
	const char *files, *rows, *patterns, *changed, *errors;
} changes[] = {
	{"V1", "V1^", "*:pending", "V1", ""},
	{"V1 V2", "V1^ V2^", "*:pending", "V1 V2", ""},
	{"R:a", "JDBC:a^", "*:pending", "", "TYPE_MISMATCH"},
	{"R:a", "R:a^", "*:pending", "R:a", ""},
	{"V1 V3", "V1^ V2 V3", "*:pending", "V1", "APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED"},
};

START_TEST(lists_changed_files_beside_the_errors)
{
	struct str_list texts = {0}, changed = {0}, codes = {0};
	struct error err = ERROR_INIT(&arena);
	struct pattern_list patterns;
	struct validate_errors errors, warned = {0};
	struct info info;

	str_list_add(&arena, &texts, changes[_i].patterns);
	ck_assert(pattern_list_parse(&arena, &texts, &patterns, &err));
	ck_assert(make(changes[_i].files, changes[_i].rows, "latest", false, &info, &err));
	validate_info(&arena, &info, &patterns, &errors, &warned);
	for (size_t i = 0; i < errors.n; i++)
		str_list_add(&arena, &codes, error_code_name(errors.items[i].code));
	for (size_t i = 0; i < warned.n; i++)
		str_list_add(&arena, &changed, shown_name(warned.items[i].entry));
	ck_assert_str_eq(str_list_join(&arena, &codes, " "), changes[_i].errors);
	ck_assert_str_eq(str_list_join(&arena, &changed, " "), changes[_i].changed);
}
END_TEST

Suite *info_suite(void)
{
	Suite *suite = suite_create("info");
	TCase *tc = tcase_create("states");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, merges_files_and_rows, 0, COUNT(lists));
	tcase_add_loop_test(tc, refuses_what_makes_no_sense, 0, COUNT(failures));
	tcase_add_loop_test(tc, finds_what_is_wrong, 0, COUNT(checks));
	tcase_add_loop_test(tc, lists_changed_files_beside_the_errors, 0, COUNT(changes));
	suite_add_tcase(suite, tc);
	return suite;
}
