/* SPDX-License-Identifier: Apache-2.0 */
/* test_location.c - parsing and scanning of locations; recorded from Flyway 12.4.0 */
#include "scratch.h"
#include "suites.h"

#include "cflyway/migration/location.h"

#include <sys/stat.h>
#include <unistd.h>

static struct scratch scratch;

static void setup(void)
{
	scratch_open(&scratch);
}

static void teardown(void)
{
	scratch_close(&scratch);
}

static bool parse(const char *text, struct location_list *list)
{
	struct str_list texts = {0};
	struct str rest = str_of(text);

	while (rest.ptr != NULL)
		str_list_add(&scratch.arena, &texts, str_dup(&scratch.arena, str_cut(&rest, ',')));
	if (!location_list_parse(&scratch.arena, &texts, list, &scratch.err))
		return false;
	location_list_warn(list, &scratch.log);
	return true;
}

#define DUPLICATE(text) "WARN Discarding duplicate location '" text "'\n"
#define BELOW(text, parent)                                                                        \
	"WARN Discarding location '" text "' as it is a sub-location of '" parent "'\n"

static const struct {
	const char *texts, *list, *lines;
} parsed[] = {
	{"filesystem:sql", "filesystem:sql", ""},
	{"sql", "classpath:sql", ""},
	{"/abs/sql2", "classpath:abs/sql2", ""},
	{"//a//b/", "classpath:/a//b", ""},
	{"classpath:/a/b/", "classpath:a/b", ""},
	{"C:\\x", "classpath:C:\\x", ""},
	{"c:/x", "classpath:c:/x", ""},
	{"file:///a/b", "classpath:file:///a/b", ""},
	{"FileSystem:nope", "filesystem:nope", ""},
	{"fileSystem:C:/x", "filesystem:C:/x", ""},
	{"filesystem:file:/abs", "filesystem:file:/abs", ""},
	{"filesystem:", "filesystem:", ""},
	{"filesystem://tmp//sql/", "filesystem:/tmp/sql", ""},
	{" filesystem:nope/ ", "filesystem:nope", ""},
	{"filesystem: sql", "filesystem: sql", ""},
	{"a,,b", "classpath: classpath:a classpath:b", ""},
	{"filesystem:sql,filesystem:sql/,filesystem:./sql,filesystem:sql//sub",
         "filesystem:./sql filesystem:sql",
         DUPLICATE("filesystem:sql") BELOW("filesystem:sql/sub", "filesystem:sql")},
	{"filesystem:sql,filesystem:sql2,filesystem:sql-a,filesystem:sql/b,classpath:a,classpath:a/"
         "b,a/c",
         "classpath:a filesystem:sql filesystem:sql-a filesystem:sql2",
         BELOW("classpath:a/b", "classpath:a") BELOW("classpath:a/c", "classpath:a")
                 BELOW("filesystem:sql/b", "filesystem:sql")},
	{"classpath:/a,classpath:a", "classpath:a", DUPLICATE("classpath:a")},
	{"filesystem:a/b/,filesystem:a//b,filesystem:a", "filesystem:a",
         BELOW("filesystem:a/b", "filesystem:a") BELOW("filesystem:a/b", "filesystem:a")},
	{"filesystem:sql/*,filesystem:sql/*", "filesystem:sql/*", DUPLICATE("filesystem:sql/*")},
	{"filesystem:sql/*,filesystem:sql/sub/x", "filesystem:sql/* filesystem:sql/sub/x", ""},
	{"filesystem:sql/*,filesystem:sql", "filesystem:sql filesystem:sql/*", ""},
};

START_TEST(parses_lists)
{
	struct location_list list;
	struct str_list texts = {0};

	ck_assert_msg(parse(parsed[_i].texts, &list), "%s: %s", parsed[_i].texts,
	              scratch.err.message);
	for (size_t i = 0; i < list.n; i++)
		str_list_add(&scratch.arena, &texts, list.items[i].text);
	ck_assert_str_eq(str_list_join(&scratch.arena, &texts, " "), parsed[_i].list);
	ck_assert_str_eq(scratch_lines(&scratch), parsed[_i].lines);
}
END_TEST

static const struct {
	const char *texts, *named;
} unknown[] = {
	{"gcs:b/x", "gcs:b/x"}, {"gcs:b/x,s3:x/y", "gcs:b/x"},
	{"s3:x/y", "s3:x/y"},   {"GCS:b//x/", "GCS:b//x/"},
	{"file:/x", "file:/x"}, {":x", ":x"},
	{"a:b:c", "a:b:c"},     {"C:x", "C:x"},
	{"AB:/x", "AB:/x"},     {"1:/x", "1:/x"},
	{"é:x", "é:x"},
};

START_TEST(refuses_unknown_prefixes)
{
	struct location_list list;

	ck_assert(!parse(unknown[_i].texts, &list));
	ck_assert_str_eq(scratch.err.message,
	                 arena_printf(&scratch.arena,
	                              "Unknown prefix for location (should be one of "
	                              "classpath:, filesystem:): %s",
	                              unknown[_i].named));
	ck_assert_uint_eq(scratch.err.notes.n, 1);
}
END_TEST

static void write_tree(void)
{
	static const char *const files[] = {
		"sql/V1__a.sql",       "sql/sub/V2__b.sql", "sql/sub/V2__b.sql.conf",
		"sql/other/V3__b.sql", "sql/a/b/V7__x.sql", "sql/a/b/c/V8__x.sql",
		"sql/.git/V9__no.sql", "sql/notes.md",      "sql/notes.md.conf",
		"sql/lone.sql.conf",
	};

	for (size_t i = 0; i < COUNT(files); i++)
		scratch_write(files[i], "");
}

/* The files of one location: "relative<path", with "+" before those that have a configuration, "!"
 * before those that cannot be read. */
static const char *scan(const char *text, unsigned flags)
{
	struct location_list list;
	struct location_files files;
	struct str_list texts = {0};

	ck_assert(parse(text, &list));
	if (!location_scan(&scratch.arena, &list.items[0], flags, &scratch.log, &files,
	                   &scratch.err))
		return scratch_error(&scratch);
	for (size_t i = 0; i < files.n; i++) {
		const struct location_file *file = &files.items[i];

		ck_assert_str_eq(scratch_shorten(&scratch, file->absolute),
		                 file->path[0] == '/'
		                         ? scratch_shorten(&scratch, file->path)
		                         : arena_printf(&scratch.arena, "@/%s", file->path));
		str_list_add(&scratch.arena, &texts,
		             arena_printf(&scratch.arena, "%s%s%s<%s",
		                          file->unreadable != 0 ? "!" : "",
		                          file->has_config ? "+" : "", file->relative, file->path));
	}
	return scratch_shorten(&scratch, str_list_join(&scratch.arena, &texts, " "));
}

static const struct {
	const char *location, *files;
} scanned[] = {
	{"filesystem:sql/sub",
         "+V2__b.sql<sql/sub/V2__b.sql V2__b.sql.conf<sql/sub/V2__b.sql.conf"},
	{"filesystem:./sql/other/", "V3__b.sql<./sql/other/V3__b.sql"},
	{"filesystem:sql/../sql/other", "V3__b.sql<sql/../sql/other/V3__b.sql"},
	{"filesystem:sql", "V1__a.sql<sql/V1__a.sql a/b/V7__x.sql<sql/a/b/V7__x.sql "
                           "a/b/c/V8__x.sql<sql/a/b/c/V8__x.sql lone.sql.conf<sql/lone.sql.conf "
                           "+notes.md<sql/notes.md notes.md.conf<sql/notes.md.conf "
                           "other/V3__b.sql<sql/other/V3__b.sql +sub/V2__b.sql<sql/sub/V2__b.sql "
                           "sub/V2__b.sql.conf<sql/sub/V2__b.sql.conf"},
	{"filesystem:sql/*/*.sql",
         "other/V3__b.sql<sql/other/V3__b.sql +sub/V2__b.sql<sql/sub/V2__b.sql"},
	{"filesystem:sql/o*", "V3__b.sql<sql/other/V3__b.sql"},
	{"filesystem:./s?l/V1__a.sql", "sql/V1__a.sql<./sql/V1__a.sql"},
	{"filesystem:sql/a*", ""},
	{"filesystem:sql/?/b", "V7__x.sql<sql/a/b/V7__x.sql c/V8__x.sql<sql/a/b/c/V8__x.sql"},
	{"filesystem:sql/**", ""},
};

START_TEST(lists_files)
{
	write_tree();
	ck_assert_str_eq(scan(scanned[_i].location, 0), scanned[_i].files);
	ck_assert_str_eq(scratch_lines(&scratch), "");
}
END_TEST

START_TEST(lists_absolute_locations)
{
	write_tree();
	ck_assert_str_eq(
		scan(arena_printf(&scratch.arena, "filesystem:%s/sql/o*", scratch.root), 0),
		"V3__b.sql<@/sql/other/V3__b.sql");
}
END_TEST

#define HERE "; there is a folder @/sql"

static const struct {
	const char *location, *what, *looked_at;
} missing[] = {
	{"filesystem:nope", "nope (not found)", "@/nope" HERE},
	{"filesystem:nope/*", "nope (not found)", "@/nope" HERE},
	{"filesystem:", " (not found)", "@/" HERE},
	{"filesystem:sql*", " (not found)", "@/" HERE},
	{"filesystem:/t?p/none/x", " (not found)", "@/" HERE},
	{"filesystem:sql/V1__a.sql", "sql/V1__a.sql (not a directory)", "@/sql/V1__a.sql"},
	{"filesystem:sql\\sub", "sql\\sub (not found)", "@/sql\\sub" HERE},
};

START_TEST(skips_missing_locations_aloud)
{
	write_tree();
	ck_assert_str_eq(scan(missing[_i].location, 0), "");
	ck_assert_str_eq(scratch_lines(&scratch),
	                 arena_printf(&scratch.arena,
	                              "ERROR Skipping filesystem location: %s\n"
	                              "INFO cflyway: looked at %s\n",
	                              missing[_i].what, missing[_i].looked_at));
	ck_assert_str_eq(scan(missing[_i].location, LOCATION_MUST_EXIST),
	                 arena_printf(&scratch.arena, "Failed to find filesystem location: %s",
	                              missing[_i].what));
	ck_assert_str_eq(scratch_lines(&scratch), "");
}
END_TEST

/* Links to nothing cannot be read, whoever tries. */
START_TEST(lists_files_that_cannot_be_read)
{
	write_tree();
	ck_assert_int_eq(symlink("nowhere", "sql/sub/V3__gone.sql"), 0);
	ck_assert_int_eq(symlink("nowhere", "sql/sub/V2__b.sql.conf.conf"), 0);
	ck_assert_str_eq(scan("filesystem:sql/s*", 0),
	                 "+V2__b.sql<sql/sub/V2__b.sql V2__b.sql.conf<sql/sub/V2__b.sql.conf "
	                 "!V2__b.sql.conf.conf<sql/sub/V2__b.sql.conf.conf "
	                 "!V3__gone.sql<sql/sub/V3__gone.sql");
	ck_assert_str_eq(scan("filesystem:sql/s*", LOCATION_SKIP_UNREADABLE),
	                 "+V2__b.sql<sql/sub/V2__b.sql V2__b.sql.conf<sql/sub/V2__b.sql.conf");
}
END_TEST

/* The lines that begin with "cflyway: " are our own. */
static const struct {
	const char *location, *line, *failure;
} classpath[] = {
	{"sql",
         "INFO cflyway: location 'sql' has no prefix and means the Java class path; write "
         "filesystem:sql\n",
         "Unable to resolve location classpath:sql."},
	{"classpath:db/*",
         "INFO cflyway: location 'classpath:db/*' holds nothing without a Java class path; write "
         "filesystem:db/*\n",
         "Unable to resolve location classpath:db/*."},
	{"/abs//sql",
         "INFO cflyway: location '/abs//sql' has no prefix and means the Java class path; write "
         "filesystem:/abs//sql\n",
         "Unable to resolve location classpath:abs//sql."},
	{"file:///abs",
         "INFO cflyway: location 'file:///abs' has no prefix and means the Java class path; write "
         "filesystem:/abs\n",
         "Unable to resolve location classpath:file:///abs."},
	{"", "", ""},
};

START_TEST(explains_the_class_path)
{
	ck_assert_str_eq(scan(classpath[_i].location, 0), "");
	ck_assert_str_eq(scratch_lines(&scratch), classpath[_i].line);
	ck_assert_str_eq(scan(classpath[_i].location, LOCATION_MUST_EXIST), classpath[_i].failure);
}
END_TEST

/* Recorded with -workingDirectory. */
static const struct {
	const char *location, *directory, *text;
} moved[] = {
	{"filesystem:sql/*", "/tmp/x", "filesystem:/tmp/x/sql/*"},
	{"filesystem:nope", "/tmp/x", "filesystem:/tmp/x/nope"},
	{"filesystem:./nope", "..", "filesystem:@/.././nope"},
	{"filesystem:/abs", "/tmp/x", "filesystem:/abs"},
	{"classpath:a", "/tmp/x", "classpath:a"},
};

START_TEST(moves_below_a_directory)
{
	struct location_list list;

	ck_assert(parse(moved[_i].location, &list));
	struct location below = location_below(&scratch.arena, &list.items[0], moved[_i].directory);
	ck_assert_str_eq(scratch_shorten(&scratch, below.text), moved[_i].text);
}
END_TEST

Suite *location_suite(void)
{
	Suite *suite = suite_create("location");
	TCase *tc = tcase_create("location");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, parses_lists, 0, COUNT(parsed));
	tcase_add_loop_test(tc, refuses_unknown_prefixes, 0, COUNT(unknown));
	tcase_add_loop_test(tc, lists_files, 0, COUNT(scanned));
	tcase_add_test(tc, lists_absolute_locations);
	tcase_add_loop_test(tc, skips_missing_locations_aloud, 0, COUNT(missing));
	tcase_add_test(tc, lists_files_that_cannot_be_read);
	tcase_add_loop_test(tc, explains_the_class_path, 0, COUNT(classpath));
	tcase_add_loop_test(tc, moves_below_a_directory, 0, COUNT(moved));
	suite_add_tcase(suite, tc);
	return suite;
}
