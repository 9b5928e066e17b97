/* SPDX-License-Identifier: Apache-2.0 */
/* test_seeds.c - which scripts are seeds, in which order, of which database */
#include "suites.h"

#include "scratch.h"

#include "cflyway/base/attr.h"
#include "cflyway/migration/resolve.h"
#include "cflyway/migration/seeds.h"

#include <sys/stat.h>

static struct scratch scratch;

static void setup(void)
{
	scratch_open(&scratch);
}

static void teardown(void)
{
	scratch_close(&scratch);
}

static void write_files(const char *files)
{
	struct str rest = str_of(files);

	while (rest.len > 0)
		scratch_write(str_dup(&scratch.arena, str_cut(&rest, ' ')), "select 1;");
}

static bool scan(const struct seed_options *seeds, struct unsorted_migrations *found)
{
	static const char *sql = ".sql";
	static struct executor_option executor = {.suffix = ".cql"};
	const struct executor_options executors = {&executor, 1};
	const struct resolve_options options = {
		.names = {.suffixes = {&sql, 1}},
		.programs = program_kinds_make(&scratch.arena, &executors),
		.encoding = "UTF-8",
	};
	struct migration_files files = {0};

	if (!seeds_scan(&scratch.arena, &options, seeds, &scratch.log, &files, &scratch.err))
		return false;
	resolve_describe(&scratch.arena, &options, &files, found);
	return true;
}

/* Descriptions without "seed ", in the order of the seeds. */
static const char *show(const struct unsorted_migrations *found)
{
	struct str_list names = {0};

	for (unsigned number = 1; number <= found->n; number++)
		for (size_t i = 0; i < found->n; i++)
			if (found->items[i].seed == number)
				str_list_add(&scratch.arena, &names,
				             found->items[i].description + strlen("seed "));
	return str_list_join(&scratch.arena, &names, " ");
}

static const struct {
	enum seeds mode;
	const char *database, *target, *environment;
	const char *files, *seeds, *lines;
} found[] = {
	{SEEDS_NONE, NULL, NULL, "default", "", "", ""},
	{SEEDS_REFERENCE, NULL, NULL, "default",
         "q/reference/b.sql q/reference/a.sql q/sample/c.sql q/x/d.sql q/e.sql",
         "reference/a reference/b", ""},
	{SEEDS_SAMPLE, NULL, NULL, "default", "q/reference/b.sql q/sample/a.sql q/x/d.sql",
         "reference/b sample/a", ""},
	{SEEDS_FULL, NULL, NULL, "default",
         "q/zoo/a.sql q/customer/z.sql q/sample/a.sql q/reference/b.sql",
         "reference/b sample/a customer/z zoo/a", ""},
	/* names of any kind, in the order of their bytes */
	{SEEDS_REFERENCE, NULL, NULL, "default",
         "q/reference/V1__x.sql q/reference/10.SQL q/reference/9_a.cql q/reference/README.md "
         "q/reference/s/1.sql q/reference/x.sh q/reference/.sql",
         "reference/10 reference/9 a reference/V1  x reference/s/1", ""},
	{SEEDS_SAMPLE, NULL, NULL, "default", "q/reference/b.sql", "reference/b",
         "INFO cflyway: cflyway.seeds=sample: there are no scripts in q/sample\n"},
	{SEEDS_SAMPLE, NULL, NULL, "default", "q/sample/b.sql", "sample/b", ""},
	{SEEDS_FULL, NULL, NULL, "default", "q/x/b.sql q/.git/c.sql", "x/b", ""},
	/* folders of databases */
	{SEEDS_FULL, "a", NULL, "default",
         "q/a/reference/1.sql q/a/x/2.sql q/b/reference/3.sql q/reference/4.sql", "reference/1 x/2",
         ""},
	{SEEDS_FULL, NULL, NULL, "default",
         "q/a/reference/1.sql q/b/sample/2.sql q/c/3.sql q/reference/4.sql", "reference/4 c/3", ""},
	{SEEDS_REFERENCE, NULL, "a", "b", "q/a/reference/1.sql q/b/reference/2.sql", "reference/1",
         ""},
	{SEEDS_REFERENCE, NULL, "c", "b", "q/a/reference/1.sql q/b/reference/2.sql", "reference/2",
         ""},
	{SEEDS_REFERENCE, "b", "a", "a", "q/a/reference/1.sql q/b/reference/2.sql", "reference/2",
         ""},
	{SEEDS_REFERENCE, NULL, "c", "d", "q/a/reference/1.sql q/reference/2.sql", "reference/2",
         ""},
	{SEEDS_REFERENCE, NULL, NULL, "reference", "q/reference/1.sql", "reference/1", ""},
	{SEEDS_REFERENCE, "", NULL, "default", "q/reference/1.sql", "reference/1", ""},
};

START_TEST(finds_the_seeds_of_a_mode)
{
	const struct seed_options seeds = {
		.mode = found[_i].mode,
		.location = _i % 2 ? "filesystem:q" : " q/ ",
		.database = found[_i].database,
		.names = {found[_i].target, found[_i].environment},
	};
	struct unsorted_migrations list;

	write_files(found[_i].files);
	ck_assert_msg(scan(&seeds, &list), "%s", scratch.err.message);
	ck_assert_str_eq(show(&list), found[_i].seeds);
	ck_assert_str_eq(scratch_lines(&scratch), found[_i].lines);
	for (size_t i = 0; i < list.n; i++) {
		ck_assert(!migration_is_versioned(&list.items[i]));
		ck_assert(seed_is_script(list.items[i].script));
	}
}
END_TEST

static const struct {
	enum seeds mode;
	const char *database, *location, *files, *error;
} bad[] = {
	{SEEDS_REFERENCE, NULL, "q", "",
         "Failed to find filesystem location: q (not found)\n"
         "looked at @/q\n"
         "cflyway.seeds=reference wants seeds; cflyway.seedsLocation names their folder"},
	{SEEDS_REFERENCE, NULL, "q", "q/sample/a.sql",
         "cflyway.seeds=reference: there are no scripts in q/reference"},
	{SEEDS_FULL, NULL, "q", "q/a.sql", "cflyway.seeds=full: there are no scripts in q/*"},
	{SEEDS_FULL, NULL, "q", "q/b/sample/a.sql q/a/reference/x.sql q/b/reference/x.sql",
         "cflyway.seeds=full: there are no scripts in q/*\n"
         "there are folders of databases; cflyway.seedsDatabase names one: a, b"},
	{SEEDS_SAMPLE, "x", "q", "q/reference/a.sql",
         "cflyway.seedsDatabase=x: there is nothing in q/x"},
	{SEEDS_SAMPLE, "x", "q", "q/x/a.sql",
         "cflyway.seeds=sample: there are no scripts in q/x/reference"},
	{SEEDS_SAMPLE, NULL, "filesystem:q*", "q/reference/a.sql",
         "cflyway.seedsLocation is one folder, without wildcards: filesystem:q*"},
	{SEEDS_SAMPLE, NULL, "", "", "cflyway.seedsLocation is one folder, without wildcards: "},
};

START_TEST(says_what_is_missing)
{
	const struct seed_options seeds = {
		.mode = bad[_i].mode,
		.location = bad[_i].location,
		.database = bad[_i].database,
	};
	struct unsorted_migrations list;
	struct str_list lines = {0};

	write_files(bad[_i].files);
	ck_assert(!scan(&seeds, &list));
	str_list_add(&scratch.arena, &lines, scratch.err.message);
	for (size_t i = 0; i < scratch.err.notes.n; i++)
		str_list_add(&scratch.arena, &lines, scratch.err.notes.items[i].text);
	ck_assert_str_eq(scratch_shorten(&scratch, str_list_join(&scratch.arena, &lines, "\n")),
	                 bad[_i].error);
}
END_TEST

START_TEST(refuses_names_that_the_history_cannot_hold)
{
	const struct seed_options seeds = {.mode = SEEDS_FULL, .location = "q"};
	struct unsorted_migrations list;
	char name[200];

	memset(name, 'x', sizeof(name));
	/* "seed reference/" and the name: 200 bytes fit, and one more does not */
	scratch_write(arena_printf(&scratch.arena, "q/reference/%.185s.sql", name), "");
	ck_assert_msg(scan(&seeds, &list), "%s", scratch.err.message);
	scratch_write(arena_printf(&scratch.arena, "q/reference/%.186s.sql", name), "");
	ck_assert(!scan(&seeds, &list));
	ck_assert_ptr_nonnull(strstr(scratch.err.message, "has at most 195 bytes"));
}
END_TEST

START_TEST(leaves_out_no_file_that_it_cannot_read)
{
	const struct seed_options seeds = {.mode = SEEDS_FULL, .location = "q"};
	struct unsorted_migrations list;

	write_files("q/reference/a.sql q/reference/b.md");
	ck_assert_int_eq(chmod("q/reference/a.sql", 0), 0);
	ck_assert_int_eq(chmod("q/reference/b.md", 0), 0);
	if (!scratch_drop_root(&scratch))
		return;
	bool ok = scan(&seeds, &list);
	scratch_regain_root();
	ck_assert(!ok);
	ck_assert_str_eq(scratch.err.message,
	                 "Unable to read file q/reference/a.sql: Permission denied");
}
END_TEST

Suite *seeds_suite(void)
{
	Suite *suite = suite_create("seeds");
	TCase *tc = tcase_create("seeds");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, finds_the_seeds_of_a_mode, 0, COUNT(found));
	tcase_add_loop_test(tc, says_what_is_missing, 0, COUNT(bad));
	tcase_add_test(tc, leaves_out_no_file_that_it_cannot_read);
	tcase_add_test(tc, refuses_names_that_the_history_cannot_hold);
	suite_add_tcase(suite, tc);
	return suite;
}
