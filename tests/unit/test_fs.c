/* SPDX-License-Identifier: Apache-2.0 */
/* test_fs.c - files: reading, walking directories, paths */
#include "suites.h"

#include "cflyway/base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena arena;
static char root[] = "/tmp/cflyway-test-XXXXXX";

static const char *const directories[] = {"sub",       "sub/.hidden", ".git",    "other",
                                          "other/dot", "closed",      "sub/deep"};

/* In no order on purpose. */
static const char *const files[] = {
	"sub/V3__c.sql",
	"V1__a.sql",
	"V1__a.sql.conf",
	".hidden.sql",
	"sub/.hidden/x.sql",
	".git/V2__b.sql",
	"other/dot/V8__h.sql",
	"sub.sql",
	"sub/deep/R__z.sql",
	"\xEE\x80\x80.sql",
	"😀.sql",
};

static const struct {
	const char *target, *name;
} links[] = {
	{"nowhere", "V5__dangling.sql"}, {"other/dot", "to_directory"},
	{"V1__a.sql", "to_file.sql"},    {".", "loop"},
	{"..", "sub/deep/up"},           {"other", ".to_hidden"},
};

static const char *path(const char *name)
{
	return fs_join(&arena, root, name);
}

static void setup(void)
{
	arena_init(&arena);
	memset(root + strlen(root) - 6, 'X', 6);
	ck_assert_ptr_nonnull(mkdtemp(root));
	for (size_t i = 0; i < COUNT(directories); i++)
		ck_assert_int_eq(mkdir(path(directories[i]), 0755), 0);
	for (size_t i = 0; i < COUNT(files); i++) {
		FILE *file = fopen(path(files[i]), "w");

		ck_assert_ptr_nonnull(file);
		fputs("select 1;\n", file);
		fclose(file);
	}
	for (size_t i = 0; i < COUNT(links); i++)
		ck_assert_int_eq(symlink(links[i].target, path(links[i].name)), 0);
	ck_assert_int_eq(mkfifo(path("V9__fifo.sql"), 0600), 0);
}

static void teardown(void)
{
	unlink(path("V9__fifo.sql"));
	for (size_t i = 0; i < COUNT(links); i++)
		unlink(path(links[i].name));
	for (size_t i = 0; i < COUNT(files); i++)
		unlink(path(files[i]));
	for (size_t i = COUNT(directories); i-- > 0;)
		rmdir(path(directories[i]));
	rmdir(root);
	arena_release(&arena);
}

static const char *const expected[] = {
	".hidden.sql", "V1__a.sql",     "V1__a.sql.conf",    "other/dot/V8__h.sql",
	"sub.sql",     "sub/V3__c.sql", "sub/deep/R__z.sql", "to_directory/V8__h.sql",
	"to_file.sql", "😀.sql",         "\xEE\x80\x80.sql",
};

START_TEST(lists_files_in_order)
{
	struct str_list list;

	ck_assert(fs_list_files(&arena, root, &list));
	ck_assert_uint_eq(list.n, COUNT(expected));
	for (size_t i = 0; i < COUNT(expected); i++)
		ck_assert_str_eq(list.items[i], expected[i]);
}
END_TEST

enum { NOBODY = 65534 };

/* Root reads everything. False: it cannot become somebody else here, so there is nothing to try. */
static bool drop_privileges(void)
{
	return geteuid() != 0 || (setreuid(NOBODY, 0) == 0 && seteuid(NOBODY) == 0);
}

static void regain_privileges(void)
{
	if (seteuid(0) == 0)
		ck_assert_int_eq(setreuid(0, 0), 0);
}

/* Closes two folders and a file; false: nothing is closed for this user. */
static bool close_some(void)
{
	ck_assert_int_eq(chmod(root, 0755), 0);
	ck_assert_int_eq(mkdir(path("lost+found"), 0), 0);
	ck_assert_int_eq(chmod(path("sub"), 0), 0);
	ck_assert_int_eq(chmod(path("V1__a.sql.conf"), 0), 0);
	return drop_privileges();
}

static void open_again(void)
{
	regain_privileges();
	chmod(path("sub"), 0700);
	rmdir(path("lost+found"));
}

START_TEST(skips_what_cannot_be_read)
{
	struct str_list list;
	bool is_closed = close_some();
	bool ok = fs_list_files(&arena, root, &list);
	enum fs_kind kind = fs_kind(path("V1__a.sql.conf"));

	open_again();
	if (!is_closed)
		return;
	ck_assert(ok);
	ck_assert_uint_eq(list.n, COUNT(expected) - 3);
	ck_assert_int_eq(kind, FS_UNREADABLE);
}
END_TEST

START_TEST(tells_what_cannot_be_read)
{
	static const struct fs_entry unreadable[] = {
		{"V1__a.sql.conf", EACCES, false},
		{"V5__dangling.sql", ENOENT, false},
		{"sub", EACCES, true},
		{"to_directory/V8__h.sql", EACCES, false},
	};
	struct fs_listing listing;
	size_t n = 0;

	ck_assert_int_eq(chmod(path("other/dot/V8__h.sql"), 0), 0);
	bool is_closed = close_some();
	int reason = fs_list(&arena, root, &listing);
	int reason_of_sub = fs_list(&arena, path("sub"), &(struct fs_listing){0});
	open_again();
	if (!is_closed)
		return;
	ck_assert_int_eq(reason, 0);
	ck_assert_int_eq(reason_of_sub, EACCES);
	for (size_t i = 0; i < listing.n; i++) {
		const struct fs_entry *entry = &listing.items[i];

		if (entry->unreadable == 0 || strcmp(entry->path, "other/dot/V8__h.sql") == 0)
			continue;
		ck_assert_uint_lt(n, COUNT(unreadable));
		ck_assert_str_eq(entry->path, unreadable[n].path);
		ck_assert_int_eq(entry->unreadable, unreadable[n].unreadable);
		ck_assert_int_eq(entry->is_directory, unreadable[n].is_directory);
		n++;
	}
	ck_assert_uint_eq(n, COUNT(unreadable));
}
END_TEST

START_TEST(lists_directories_too)
{
	struct fs_listing listing;
	size_t n = 0;

	ck_assert_int_eq(fs_list(&arena, root, &listing), 0);
	for (size_t i = 0; i < listing.n; i++)
		n += strcmp(listing.items[i].path, "sub") == 0 && listing.items[i].is_directory &&
		     listing.items[i].unreadable == 0;
	ck_assert_uint_eq(n, 1);
}
END_TEST

START_TEST(refuses_to_list_what_is_no_directory)
{
	struct str_list list;

	ck_assert(!fs_list_files(&arena, path("nothing"), &list));
	ck_assert(!fs_list_files(&arena, path("sub.sql"), &list));
	ck_assert(fs_list_files(&arena, path("closed"), &list));
	ck_assert_uint_eq(list.n, 0);
}
END_TEST

START_TEST(tells_kinds)
{
	ck_assert_int_eq(fs_kind(root), FS_DIRECTORY);
	ck_assert_int_eq(fs_kind(path("loop")), FS_DIRECTORY);
	ck_assert_int_eq(fs_kind(path("sub.sql")), FS_FILE);
	ck_assert_int_eq(fs_kind(path("to_file.sql")), FS_FILE);
	ck_assert_int_eq(fs_kind(path("nothing")), FS_MISSING);
	ck_assert_int_eq(fs_kind(path("sub.sql/x")), FS_MISSING);
	ck_assert_int_eq(fs_kind(path("V5__dangling.sql")), FS_MISSING);
	ck_assert_int_eq(fs_kind(path("V9__fifo.sql")), FS_OTHER);
}
END_TEST

START_TEST(reads_files)
{
	struct error err = ERROR_INIT(&arena);
	struct buf out = BUF_EMPTY(15);
	struct file file = FILE_CLOSED;
	char bytes[4];
	size_t len;

	ck_assert(fs_read_all(path("sub.sql"), &out, &err));
	ck_assert_str_eq(out.ptr, "select 1;\n");
	ck_assert(!fs_read_all(path("sub.sql"), &out, &err));
	buf_release(&out);
	file_close(&file);
	ck_assert(file_open(&file, path("sub.sql"), &err));
	ck_assert(file_read(&file, "sub.sql", bytes, sizeof(bytes), &len, &err));
	ck_assert_uint_eq(len, 4);
	ck_assert_int_eq(memcmp(bytes, "sele", 4), 0);
	for (size_t i = 0; i < 4; i++)
		ck_assert(file_read(&file, "sub.sql", bytes, sizeof(bytes), &len, &err));
	ck_assert_uint_eq(len, 0);
	file_close(&file);
	file_close(&file);
}
END_TEST

START_TEST(says_why_a_file_cannot_be_read)
{
	struct error err = ERROR_INIT(&arena);
	struct buf out = BUF_EMPTY(100);

	ck_assert(!fs_read_all("/nowhere/x", &out, &err));
	ck_assert_str_eq(err.message, "Unable to read file /nowhere/x: No such file or directory");
	ck_assert(!fs_read_all("/", &out, &err));
	ck_assert_str_eq(err.message, "Unable to read file /: Is a directory");
	buf_release(&out);
}
END_TEST

START_TEST(creates_a_file_that_is_not_there)
{
	struct buf out = BUF_EMPTY(1 << 10);
	struct error err = ERROR_INIT(&arena);
	struct stat about;

	ck_assert(fs_create(path("new"), STR("text"), 0600, &err));
	ck_assert(fs_read_all(path("new"), &out, &err));
	ck_assert_str_eq(out.ptr, "text");
	ck_assert_int_eq(stat(path("new"), &about), 0);
	ck_assert_int_eq(about.st_mode & 0777, 0600);
	buf_release(&out);
}
END_TEST

START_TEST(creates_no_file_over_another)
{
	static const char *const taken[] = {"sub.sql", "sub", "V5__dangling.sql"};

	for (size_t i = 0; i < COUNT(taken); i++) {
		struct error err = ERROR_INIT(&arena);

		ck_assert(!fs_create(path(taken[i]), STR("text"), 0600, &err));
		ck_assert_str_eq(err.message,
		                 arena_printf(&arena, "File %s exists already", path(taken[i])));
	}
	ck_assert_int_eq(access(path("nowhere"), F_OK), -1); /* where the link goes */
}
END_TEST

START_TEST(says_why_a_file_cannot_be_created)
{
	struct error err = ERROR_INIT(&arena);

	ck_assert(!fs_create(path("sub/none/x"), STR("text"), 0600, &err));
	ck_assert(str_starts(str_of(err.message), STR("Unable to write file ")));
	ck_assert(str_ends(str_of(err.message), STR(": No such file or directory")));
}
END_TEST

START_TEST(knows_a_file_by_its_stamp)
{
	struct error err = ERROR_INIT(&arena);
	struct file_stamp stamp, other;
	struct file file, again;

	ck_assert(file_open(&file, "/bin/sh", &err));
	ck_assert(file_open(&again, "/bin/sh", &err));
	ck_assert(file_stamp(&file, &stamp));
	ck_assert(stamp.is_settled);
	ck_assert(file_has_stamp(&again, &stamp));
	other = stamp;
	other.changed.tv_nsec++;
	ck_assert(!file_has_stamp(&again, &other));
	other = stamp;
	other.size++;
	ck_assert(!file_has_stamp(&again, &other));
	file_close(&again);
	ck_assert(file_open(&again, path("sub.sql"), &err));
	ck_assert(!file_has_stamp(&again, &stamp));
	ck_assert(file_stamp(&again, &other));
	ck_assert_msg(!other.is_settled, "it has only just been written");
	file_close(&again);
	file_close(&file);
}
END_TEST

/* Paths of this length are not rare: the first guess at their size is too small. */
START_TEST(knows_where_it_is_however_long_the_path)
{
	enum { LEVELS = 12 };
	const char *where[LEVELS + 1] = {fs_canonical(&arena, root)};
	int previous = open(".", O_RDONLY | O_CLOEXEC);
	char name[101];

	memset(name, 'd', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	ck_assert_int_ge(previous, 0);
	for (size_t i = 1; i <= LEVELS; i++) {
		where[i] = fs_join(&arena, where[i - 1], name);
		ck_assert_int_eq(mkdir(where[i], 0755), 0);
		ck_assert_int_eq(chdir(where[i]), 0);
		ck_assert_str_eq(fs_current_directory(&arena), where[i]);
	}
	for (size_t i = LEVELS; i > 0; i--)
		ck_assert_int_eq(rmdir(where[i]), 0);
	ck_assert_str_eq(fs_current_directory(&arena), "/");
	ck_assert_int_eq(fchdir(previous), 0);
	close(previous);
}
END_TEST

START_TEST(makes_paths)
{
	const char *here = fs_current_directory(&arena);

	ck_assert_int_eq(here[0], '/');
	ck_assert_str_eq(fs_absolute(&arena, "/a/../b"), "/a/../b");
	ck_assert_str_eq(fs_absolute(&arena, "./a"), arena_printf(&arena, "%s/./a", here));
	ck_assert_str_eq(fs_join(&arena, "a", "b"), "a/b");
	ck_assert_str_eq(fs_join(&arena, "/", "b"), "/b");
	ck_assert_str_eq(fs_base_name("a/b/c.sql"), "c.sql");
	ck_assert_str_eq(fs_base_name("c.sql"), "c.sql");
	ck_assert_str_eq(fs_base_name("a/"), "");
}
END_TEST

Suite *fs_suite(void)
{
	Suite *suite = suite_create("fs");
	TCase *tc = tcase_create("fs");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, lists_files_in_order);
	tcase_add_test(tc, skips_what_cannot_be_read);
	tcase_add_test(tc, tells_what_cannot_be_read);
	tcase_add_test(tc, lists_directories_too);
	tcase_add_test(tc, refuses_to_list_what_is_no_directory);
	tcase_add_test(tc, tells_kinds);
	tcase_add_test(tc, reads_files);
	tcase_add_test(tc, says_why_a_file_cannot_be_read);
	tcase_add_test(tc, creates_a_file_that_is_not_there);
	tcase_add_test(tc, creates_no_file_over_another);
	tcase_add_test(tc, says_why_a_file_cannot_be_created);
	tcase_add_test(tc, knows_a_file_by_its_stamp);
	tcase_add_test(tc, knows_where_it_is_however_long_the_path);
	tcase_add_test(tc, makes_paths);
	suite_add_tcase(suite, tc);
	return suite;
}
