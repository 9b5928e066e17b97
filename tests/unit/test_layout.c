/* SPDX-License-Identifier: Apache-2.0 */
/* test_layout.c - names in the layouts of other tools, one by one and together */
#include "scratch.h"
#include "suites.h"

#include "cflyway/migration/layout.h"
#include "cflyway/migration/resolve.h"

static struct scratch scratch;
static struct placeholders placeholders = {.prefix = "${", .suffix = "}", .separator = ":"};

static void setup(void)
{
	scratch_open(&scratch);
}

static void teardown(void)
{
	scratch_close(&scratch);
}

static struct filename_rules rules_of(enum layout_kind kind)
{
	static const char *suffixes[] = {".sql"};

	return (struct filename_rules){"V", "R", "B", "U", "__", {suffixes, 1}, layout_of(kind)};
}

/* The words of the option are the names of the rows. */
START_TEST(has_a_row_for_each_word)
{
	const struct option_choice *choice = option_find("cflyway.layout")->choices;

	ck_assert_ptr_null(layout_of(LAYOUT_FLYWAY));
	for (; choice->text != NULL; choice++) {
		const struct layout *layout = layout_of((enum layout_kind)choice->value);

		if (layout != NULL)
			ck_assert_str_eq(layout->name, choice->text);
	}
}
END_TEST

static const struct {
	const char *name;
	enum layout_kind layout;
	enum filename_kind kind;
	const char *version, *description, *stem;
} names[] = {
	{"000_a.sql", LAYOUT_NUMBERED, FILENAME_VERSIONED, "000", "a", "000_a"},
	{"010_add_price.SQL", LAYOUT_NUMBERED, FILENAME_VERSIONED, "010", "add price",
         "010_add_price"},
	{"010-add-price.sql", LAYOUT_NUMBERED, FILENAME_VERSIONED, "010", "add-price",
         "010-add-price"},
	{"001_x_rollback.sql", LAYOUT_NUMBERED, FILENAME_UNDO, "001", "x", "001_x"},
	{"001__x.sql", LAYOUT_NUMBERED, FILENAME_VERSIONED, "001", " x", "001__x"},
	{"001_x.sql", LAYOUT_UPDOWN, FILENAME_VERSIONED, "001", "x", "001_x"},
	{"001_x.up.sql", LAYOUT_UPDOWN, FILENAME_VERSIONED, "001", "x", "001_x"},
	{"001_x.down.sql", LAYOUT_UPDOWN, FILENAME_UNDO, "001", "x", "001_x"},
	{"001_.up.sql", LAYOUT_UPDOWN, FILENAME_VERSIONED, "001", "", "001_"},
	{"001_x.y.up.sql", LAYOUT_UPDOWN, FILENAME_VERSIONED, "001", "x.y", "001_x.y"},
	{"20240131120000_x_y.up.sql", LAYOUT_UPDOWN, FILENAME_VERSIONED, "20240131120000", "x y",
         "20240131120000_x_y"},
	{"00001_x.sql", LAYOUT_GOOSE, FILENAME_VERSIONED, "00001", "x", "00001_x"},
	{"1_x.up.sql", LAYOUT_GOOSE, FILENAME_VERSIONED, "1", "x.up", "1_x.up"},
	{"001_x.sql", LAYOUT_TERN, FILENAME_VERSIONED, "001", "x", "001_x"},
	{"20240131_add-x.sql", LAYOUT_DBMATE, FILENAME_VERSIONED, "20240131", "add-x",
         "20240131_add-x"},
	{"20240131.sql", LAYOUT_DBMATE, FILENAME_VERSIONED, "20240131", "", "20240131"},
	{"20240131x.sql", LAYOUT_DBMATE, FILENAME_VERSIONED, "20240131", "x", "20240131x"},
	/* Flyway's names beside the layout's */
	{"V7__x.sql", LAYOUT_NUMBERED, FILENAME_VERSIONED, "7", "x", ""},
	{"U7__x.sql", LAYOUT_NUMBERED, FILENAME_UNDO, "7", "x", ""},
	{"V7__x_rollback.sql", LAYOUT_NUMBERED, FILENAME_VERSIONED, "7", "x rollback", ""},
	{"R__x.up.sql", LAYOUT_UPDOWN, FILENAME_REPEATABLE, NULL, "x.up", ""},
	{"afterMigrate.sql", LAYOUT_UPDOWN, FILENAME_CALLBACK, NULL, "", ""},
};

START_TEST(reads_names)
{
	struct filename_rules rules = rules_of(names[_i].layout);
	struct filename got;

	filename_parse(&scratch.arena, names[_i].name, &rules, &got);
	ck_assert_msg(got.kind == names[_i].kind, "%s: kind %d, %s", names[_i].name, (int)got.kind,
	              got.message);
	ck_assert_str_eq(got.description, names[_i].description);
	ck_assert_str_eq(got.placeholder, names[_i].name);
	ck_assert_str_eq(str_dup(&scratch.arena, got.stem), names[_i].stem);
	ck_assert_ptr_nonnull(got.prefix);
	ck_assert_int_eq(version_is_set(&got.version), names[_i].version != NULL);
	if (names[_i].version != NULL)
		ck_assert_str_eq(got.version.text, names[_i].version);
}
END_TEST

#define BAD_NAME(layout, name, example)                                                            \
	"Invalid name of a migration in the layout " layout ": " name                              \
	" (It should look like this: " example ")"

static const struct {
	const char *name;
	enum layout_kind layout;
	const char *message;
} invalid[] = {
	{"001.sql", LAYOUT_NUMBERED, BAD_NAME("numbered", "001.sql", "001_add_price.sql")},
	{"001x.sql", LAYOUT_NUMBERED, BAD_NAME("numbered", "001x.sql", "001_add_price.sql")},
	{"001_rollback.sql", LAYOUT_NUMBERED,
         BAD_NAME("numbered", "001_rollback.sql", "001_add_price.sql")},
	{"001-x.up.sql", LAYOUT_UPDOWN, BAD_NAME("updown", "001-x.up.sql", "001_add_price.up.sql")},
	{"9223372036854775807_x.sql", LAYOUT_UPDOWN,
         BAD_NAME("updown", "9223372036854775807_x.sql", "001_add_price.up.sql")},
	{"1-x.sql", LAYOUT_GOOSE, BAD_NAME("goose", "1-x.sql", "001_add_price.sql")},
	{"DROP_ALL.sql", LAYOUT_UPDOWN, "Unrecognised migration name format: DROP_ALL.sql"},
	{"x.down.sql", LAYOUT_UPDOWN, "Unrecognised migration name format: x.down.sql"},
};

START_TEST(says_why_a_name_is_invalid)
{
	struct filename_rules rules = rules_of(invalid[_i].layout);
	struct filename got;

	filename_parse(&scratch.arena, invalid[_i].name, &rules, &got);
	ck_assert_msg(got.kind == FILENAME_INVALID, "%s", invalid[_i].name);
	ck_assert_str_eq(got.message, invalid[_i].message);
	ck_assert(!version_is_set(&got.version));
}
END_TEST

START_TEST(has_no_undo_files_without_undo_prefix)
{
	struct filename_rules rules = rules_of(LAYOUT_UPDOWN);
	struct filename got;

	rules.undo_prefix = "";
	filename_parse(&scratch.arena, "001_x.down.sql", &rules, &got);
	ck_assert_int_eq(got.kind, FILENAME_INVALID);
	filename_parse(&scratch.arena, "001_x.up.sql", &rules, &got);
	ck_assert_int_eq(got.kind, FILENAME_VERSIONED);
}
END_TEST

/* --- files together ------------------------------------------------------------------------ */

/* "path=content;path=content"; without '=' the path is the content. */
static void write_files(const char *files)
{
	struct str rest = str_of(files);

	while (rest.len > 0) {
		struct str content = str_cut(&rest, ';'), path = str_cut(&content, '=');
		const char *name = str_dup(&scratch.arena, path);

		if (content.ptr == NULL)
			content = path;
		scratch_write_bytes(name, content.ptr, content.len);
	}
}

static bool resolve(const char *locations, enum layout_kind kind, bool is_unused,
                    struct migration_list *list)
{
	struct str_list texts = {0};
	struct str rest = str_of(locations);
	struct migration_files files;
	struct unsorted_migrations unsorted;
	struct resolve_options options = {
		.names = rules_of(kind),
		.detects_layout = kind == LAYOUT_AUTO,
		.skip_unreadable_migrations = is_unused,
		.encoding = "UTF-8",
		.placeholders = &placeholders,
		.program_placeholders = &placeholders,
	};

	while (rest.len > 0)
		str_list_add(&scratch.arena, &texts, str_dup(&scratch.arena, str_cut(&rest, ',')));
	if (!location_list_parse(&scratch.arena, &texts, &options.locations, &scratch.err) ||
	    !scan_locations(&scratch.arena, &options, &scratch.log, &files, &scratch.err))
		return false;
	resolve_describe(&scratch.arena, &options, &files, &unsorted);
	for (size_t i = 0; i < unsorted.n; i++)
		if (!resolve_read(&unsorted.items[i], &options, NULL, &scratch.err))
			return false;
	return resolve_sort(&scratch.arena, &unsorted, list, &scratch.err);
}

/* "version script" for each, "undo version script" for undo migrations. */
static const char *show(const struct migration_list *list)
{
	struct str_list lines = {0};

	for (size_t i = 0; i < list->n; i++) {
		const struct migration *migration = list->items[i];

		str_list_add(&scratch.arena, &lines,
		             arena_printf(&scratch.arena, "%s%s %s",
		                          migration_is_undo(migration) ? "undo " : "",
		                          migration_is_versioned(migration)
		                                  ? migration->version.text
		                                  : "-",
		                          migration->script));
	}
	return str_list_join(&scratch.arena, &lines, ", ");
}

static const struct {
	enum layout_kind layout;
	const char *files, *locations;
	const char *migrations, *lines;
} arranged[] = {
	{LAYOUT_NUMBERED, "q/000_c.sql;q/000_a.sql;q/000_b.sql;q/001_x.sql", "filesystem:q",
         "000 000_a.sql, 000.1 000_b.sql, 000.2 000_c.sql, 001 001_x.sql", ""},
	{LAYOUT_NUMBERED, "q/001_x.sql;q/002_y.sql;q/002_y_rollback.sql", "filesystem:q",
         "001 001_x.sql, 002 002_y.sql, undo 002 002_y_rollback.sql", ""},
	/* numbers of different length that are equal */
	{LAYOUT_NUMBERED, "q/01_x.sql;q/1_a.sql", "filesystem:q", "01 01_x.sql, 01.1 1_a.sql", ""},
	/* a rollback belongs to the file of its name, in its folder if there is one there */
	{LAYOUT_NUMBERED, "q/001_a.sql;q/001_b.sql;q/001_b_rollback.sql;q/001_a_rollback.sql",
         "filesystem:q",
         "001 001_a.sql, undo 001 001_a_rollback.sql, 001.1 001_b.sql, undo 001.1 "
         "001_b_rollback.sql",
         ""},
	{LAYOUT_NUMBERED, "q/a/001_a.sql;q/b/001_a.sql;q/b/001_a_rollback.sql", "filesystem:q",
         "001 a/001_a.sql, 001.1 b/001_a.sql, undo 001.1 b/001_a_rollback.sql", ""},
	{LAYOUT_NUMBERED, "q/001_a.sql;q/undo/001_a_rollback.sql", "filesystem:q",
         "001 001_a.sql, undo 001 undo/001_a_rollback.sql", ""},
	{LAYOUT_NUMBERED, "q/001_a.sql;q/002_b_rollback.sql", "filesystem:q", "001 001_a.sql",
         "INFO cflyway: q/002_b_rollback.sql takes nothing back: there is no 002_b without _rollback\n"},
	/* Flyway's names beside them */
	{LAYOUT_NUMBERED, "q/001_a.sql;q/V002__b.sql;q/U002__b.sql;q/R__v.sql;q/afterMigrate.sql",
         "filesystem:q", "001 001_a.sql, 002 V002__b.sql, undo 002 U002__b.sql, - R__v.sql", ""},
	/* the same file through two locations */
	{LAYOUT_NUMBERED, "q/001_a.sql=1;w/001_a.sql=1", "filesystem:q,filesystem:./q",
         "001 001_a.sql", ""},
	{LAYOUT_NUMBERED, "q/s/001_a.sql=1", "filesystem:q/s,filesystem:q/*", "001 001_a.sql", ""},
	{LAYOUT_NUMBERED, "q/001_a.sql=1;w/001_a.sql=1", "filesystem:q,filesystem:w",
         "001 001_a.sql, 001.1 001_a.sql", ""},
	{LAYOUT_UPDOWN, "q/001_a.up.sql;q/001_a.down.sql;q/002_b.sql;q/10_c.up.sql;q/9_d.down.sql",
         "filesystem:q",
         "001 001_a.up.sql, undo 001 001_a.down.sql, 002 002_b.sql, undo 9 9_d.down.sql, 10 "
         "10_c.up.sql",
         ""},
	/* programs */
	{LAYOUT_UPDOWN, "q/001_a.up.py;q/001_a.down.py;q/002_b.sh;q/x.py", "filesystem:q",
         "001 001_a.up.py, undo 001 001_a.down.py, 002 002_b.sh", ""},
	{LAYOUT_GOOSE, "q/001_a.py;q/002_b.sql=-- +goose Up", "filesystem:q",
         "001 001_a.py, 002 002_b.sql", ""},
	/* two migrations in one file */
	{LAYOUT_GOOSE,
         "q/1_a.sql=-- +goose Up\n-- +goose Down\n;q/2_b.sql=-- +goose Up\n;q/10_c.sql=-- +goose "
         "up\n-- +goose down;q/V3__x.sql",
         "filesystem:q",
         "1 1_a.sql, undo 1 1_a.sql, 2 2_b.sql, 3 V3__x.sql, 10 10_c.sql, undo 10 "
         "10_c.sql",
         ""},
	{LAYOUT_DBMATE, "q/1_a.sql=-- migrate:up\n-- migrate:down\n;q/2.sql=-- migrate:up\n",
         "filesystem:q", "1 1_a.sql, undo 1 1_a.sql, 2 2.sql", ""},
	/* golang-migrate pairs by number, whatever the names say */
	{LAYOUT_UPDOWN, "q/001_a.up.sql;q/001_undo_a.down.sql", "filesystem:q",
         "001 001_a.up.sql, undo 001 001_undo_a.down.sql", ""},
};

START_TEST(arranges_files)
{
	struct migration_list list;

	write_files(arranged[_i].files);
	ck_assert_msg(resolve(arranged[_i].locations, arranged[_i].layout, false, &list), "%s: %s",
	              arranged[_i].files, scratch.err.message);
	ck_assert_str_eq(show(&list), arranged[_i].migrations);
	ck_assert_str_eq(scratch_lines(&scratch), arranged[_i].lines);
}
END_TEST

#define NO_TRANSACTION "-- +goose NO TRANSACTION\n"
#define BOTH "-- +goose Up\n-- +goose Down\n"

static const struct {
	enum layout_kind layout;
	const char *files;
	enum tristate up, down; /* is it to run in a transaction? */
} transactional[] = {
	{LAYOUT_GOOSE, "q/1_a.sql=" BOTH, UNSET, UNSET},
	{LAYOUT_GOOSE, "q/1_a.sql=" NO_TRANSACTION BOTH, NO, NO},
	{LAYOUT_GOOSE, "q/1_a.sql=" BOTH ";q/1_a.sql.conf=executeInTransaction=true", YES, YES},
	{LAYOUT_GOOSE, "q/1_a.sql=" NO_TRANSACTION BOTH ";q/1_a.sql.conf=executeInTransaction=true",
         YES, YES},
	{LAYOUT_DBMATE, "q/1_a.sql=-- migrate:up transaction:false\n-- migrate:down\n", NO, UNSET},
	{LAYOUT_DBMATE, "q/1_a.sql=-- migrate:up\n-- migrate:down transaction:false\n", UNSET, NO},
};

/* What the configuration of the file says counts more than its markers. */
START_TEST(knows_which_parts_run_in_a_transaction)
{
	struct migration_list list;

	write_files(transactional[_i].files);
	ck_assert_msg(resolve("filesystem:q", transactional[_i].layout, false, &list), "%s: %s",
	              transactional[_i].files, scratch.err.message);
	ck_assert_uint_eq(list.n, 2);
	ck_assert_int_eq(list.items[0]->execute_in_transaction, transactional[_i].up);
	ck_assert_int_eq(list.items[1]->execute_in_transaction, transactional[_i].down);
}
END_TEST

static const struct {
	enum layout_kind layout;
	const char *files, *message;
} failing[] = {
	{LAYOUT_NUMBERED, "q/10_b.sql;q/9_a.sql",
         "In the layout numbered files are ordered by their names, and q/10_b.sql comes before "
         "q/9_a.sql: fill the numbers with zeros so that all have the same length"},
	{LAYOUT_NUMBERED, "q/001_a.up.sql",
         "q/001_a.up.sql has a name of the layout updown, but cflyway.layout is numbered"},
	{LAYOUT_NUMBERED, "q/001_a.sql;q/001_a.down.sql",
         "q/001_a.down.sql has a name of the layout updown, but cflyway.layout is numbered"},
	{LAYOUT_UPDOWN, "q/001_a.sql;q/001_a_rollback.sql",
         "q/001_a_rollback.sql has a name of the layout numbered, but cflyway.layout is updown"},
	{LAYOUT_UPDOWN, "q/001_a.sql;q/001_b.up.sql",
         "Found more than one migration with version 001\nOffenders:\n-> @/q/001_a.sql (SQL)\n-> "
         "@/q/001_b.up.sql (SQL)"},
	{LAYOUT_UPDOWN, "q/001_a.down.sql;q/1_b.down.sql",
         "Found more than one undo migration with version 001\nOffenders:\n-> "
         "@/q/001_a.down.sql (UNDO_SQL)\n-> @/q/1_b.down.sql (UNDO_SQL)"},
	{LAYOUT_GOOSE, "q/1_a.sql=-- +goose Up;q/2_b.go",
         "q/2_b.go is a program, and only goose itself can run it"},
	{LAYOUT_GOOSE, "q/1_a.sql=select 1\n", "q/1_a.sql, line 1: SQL before '-- +goose Up'"},
	{LAYOUT_GOOSE, "q/1_a.sql=-- +goose Up;q/01_b.sql=-- +goose Up",
         "Found more than one migration with version 01\nOffenders:\n-> @/q/01_b.sql (SQL)\n-> "
         "@/q/1_a.sql (SQL)"},
	{LAYOUT_DBMATE, "q/10_a.sql=-- migrate:up;q/9_b.sql=-- migrate:up",
         "In the layout dbmate files are ordered by their names, and q/10_a.sql comes before "
         "q/9_b.sql: fill the numbers with zeros so that all have the same length"},
	/* a name of Flyway's with the number of another file */
	{LAYOUT_NUMBERED, "q/001_a.sql;q/V1__b.sql",
         "Found more than one migration with version 001\nOffenders:\n-> @/q/001_a.sql (SQL)\n-> "
         "@/q/V1__b.sql (SQL)"},
};

START_TEST(says_why_files_do_not_fit)
{
	struct migration_list list;

	write_files(failing[_i].files);
	ck_assert_msg(!resolve("filesystem:q", failing[_i].layout, false, &list), "%s",
	              failing[_i].files);
	ck_assert_str_eq(scratch_shorten(&scratch, scratch_error(&scratch)), failing[_i].message);
}
END_TEST

#define AUTO "INFO cflyway: cflyway.layout=auto: "

static const struct {
	const char *files, *migrations, *lines;
} detected[] = {
	{"q/001_a.sql;q/002_b.sql", "001 001_a.sql, 002 002_b.sql",
         AUTO "numbered, as 2 files such as q/001_a.sql\n"},
	{"q/001_a.sql;q/001_a_rollback.sql", "001 001_a.sql, undo 001 001_a_rollback.sql",
         AUTO "numbered, as 2 files such as q/001_a_rollback.sql\n"},
	{"q/001_a.sql;q/002_b.up.sql;q/002_b.down.sql",
         "001 001_a.sql, 002 002_b.up.sql, undo 002 002_b.down.sql",
         AUTO "updown, as 3 files such as q/002_b.down.sql\n"},
	{"q/1_a.sql=-- x\n-- +goose Up\n-- +goose Down", "1 1_a.sql, undo 1 1_a.sql",
         AUTO "goose, as 1 file such as q/1_a.sql\n"},
	{"q/1_a.sql=-- migrate:up\n;q/2.sql=-- migrate:up\n;q/R__x.sql",
         "1 1_a.sql, 2 2.sql, - R__x.sql", AUTO "dbmate, as 2 files such as q/1_a.sql\n"},
	{"q/V1__a.sql;q/U1__a.sql;q/README.sql", "1 V1__a.sql, undo 1 U1__a.sql",
         AUTO "flyway, as 2 files such as q/U1__a.sql\n"
              "INFO 1 SQL migrations were detected but not run because they did not follow the "
              "filename convention.\nINFO Set 'validateMigrationNaming' to true to fail fast and "
              "see a list of the invalid file names.\n"},
	{"q/R__a.sql;q/x.txt", "- R__a.sql", AUTO "no migrations found\n"},
};

START_TEST(detects_the_layout)
{
	struct migration_list list;

	write_files(detected[_i].files);
	ck_assert_msg(resolve("filesystem:q", LAYOUT_AUTO, false, &list), "%s: %s",
	              detected[_i].files, scratch.err.message);
	ck_assert_str_eq(show(&list), detected[_i].migrations);
	ck_assert_str_eq(scratch_lines(&scratch), detected[_i].lines);
}
END_TEST

static const struct {
	const char *files, *message;
} ambiguous[] = {
	{"q/001_a.up.sql;q/001_b_rollback.sql",
         "numbered (q/001_b_rollback.sql) and updown (q/001_a.up.sql)"},
	{"q/001_a.sql;q/V1__b.sql", "flyway (q/V1__b.sql) and numbered (q/001_a.sql)"},
	{"q/001_a.sql;q/2_b.sql=-- +goose Up", "numbered (q/001_a.sql) and goose (q/2_b.sql)"},
	{"q/1_a.sql=-- migrate:up;q/2_b.sql=-- +goose Up",
         "goose (q/2_b.sql) and dbmate (q/1_a.sql)"},
};

START_TEST(stops_when_two_layouts_fit)
{
	struct migration_list list;

	write_files(ambiguous[_i].files);
	ck_assert_msg(!resolve("filesystem:q", LAYOUT_AUTO, false, &list), "%s",
	              ambiguous[_i].files);
	ck_assert_str_eq(
		scratch.err.message,
		arena_printf(&scratch.arena,
	                     "cflyway.layout=auto: two layouts fit, %s. Say which one it is",
	                     ambiguous[_i].message));
	error_clear(&scratch.err);
	ck_assert_msg(resolve("filesystem:q", LAYOUT_AUTO, true, &list), "%s", ambiguous[_i].files);
}
END_TEST

static const struct {
	const char *files, *hint; /* NULL: none */
} hints[] = {
	{"q/001_a.sql;q/002_b.sql", "numbered reads files such as q/001_a.sql"},
	{"q/001_a.up.sql", "updown reads files such as q/001_a.up.sql"},
	{"q/001_a.up.sql;q/2_a.sql=-- +goose Up;q/3_a.sql=-- +goose Up",
         "goose reads files such as q/2_a.sql"},
	{"q/V1__a.sql;q/001_a.sql", NULL},
	{"q/R__a.sql;q/001_a.sql", NULL},
	{"q/beforeMigrate.sql;q/001_a.sql", "numbered reads files such as q/001_a.sql"},
	{"q/Users.sql;q/001.sql", NULL},
};

START_TEST(gives_a_hint_if_nothing_is_found)
{
	struct migration_list list;
	const char *line =
		hints[_i].hint == NULL
			? ""
			: arena_printf(&scratch.arena,
	                               "INFO cflyway: no migration has a name of Flyway's; "
	                               "cflyway.layout=%s\n",
	                               hints[_i].hint);

	write_files(hints[_i].files);
	ck_assert(resolve("filesystem:q", LAYOUT_FLYWAY, false, &list));
	const char *lines = scratch_lines(&scratch);
	const char *own = strstr(lines, "INFO cflyway");
	ck_assert_str_eq(own != NULL ? own : "", line);
}
END_TEST

START_TEST(is_not_in_the_way_of_a_command_without_migrations)
{
	struct migration_list list;

	write_files(failing[0].files);
	ck_assert_msg(resolve("filesystem:q", failing[0].layout, true, &list), "%s",
	              scratch.err.message);
}
END_TEST

Suite *layout_suite(void)
{
	Suite *suite = suite_create("layout");
	TCase *tc = tcase_create("layout");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, has_a_row_for_each_word);
	tcase_add_loop_test(tc, reads_names, 0, COUNT(names));
	tcase_add_loop_test(tc, says_why_a_name_is_invalid, 0, COUNT(invalid));
	tcase_add_test(tc, has_no_undo_files_without_undo_prefix);
	tcase_add_loop_test(tc, arranges_files, 0, COUNT(arranged));
	tcase_add_loop_test(tc, knows_which_parts_run_in_a_transaction, 0, COUNT(transactional));
	tcase_add_loop_test(tc, says_why_files_do_not_fit, 0, COUNT(failing));
	tcase_add_loop_test(tc, detects_the_layout, 0, COUNT(detected));
	tcase_add_loop_test(tc, stops_when_two_layouts_fit, 0, COUNT(ambiguous));
	tcase_add_loop_test(tc, gives_a_hint_if_nothing_is_found, 0, COUNT(hints));
	tcase_add_test(tc, is_not_in_the_way_of_a_command_without_migrations);
	suite_add_tcase(suite, tc);
	return suite;
}
