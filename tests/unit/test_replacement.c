/* SPDX-License-Identifier: Apache-2.0 */
/* test_replacement.c - a file is replaced by all of the new one, or stays as it is */
#include "suites.h"

#include "scratch.h"

#include "cflyway/base/fs.h"
#include "cflyway/base/replacement.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static struct scratch scratch;

static void set_up(void)
{
	scratch_open(&scratch);
	scratch_write("old", "what it held");
}

static void tear_down(void)
{
	scratch_close(&scratch);
}

static void check_holds(const char *path, const char *expected)
{
	struct error err = ERROR_INIT(&scratch.arena);
	struct buf out = BUF_EMPTY(1000);

	ck_assert_msg(fs_read_all(path, &out, &err), "%s", err.message);
	ck_assert_str_eq(buf_str(&out).ptr, expected);
	buf_release(&out);
}

static size_t count_files(void)
{
	struct str_list files = {0};

	ck_assert(fs_list_files(&scratch.arena, ".", &files));
	return files.n;
}

static mode_t mode_of(const char *path)
{
	struct stat about;

	ck_assert_int_eq(stat(path, &about), 0);
	return about.st_mode & 0777;
}

START_TEST(replaces_at_the_end)
{
	struct error err = ERROR_INIT(&scratch.arena);
	struct replacement replacement = REPLACEMENT_NONE;

	ck_assert_int_eq(chmod("old", 0640), 0);
	ck_assert(replacement_write(&replacement, &scratch.arena, "old", STR("new"), &err));
	check_holds("old", "what it held");
	ck_assert(replacement_finish(&replacement, &err));
	check_holds("old", "new");
	ck_assert_uint_eq(mode_of("old"), 0640);
	replacement_drop(&replacement);
	check_holds("old", "new");
	ck_assert_uint_eq(count_files(), 1);
}
END_TEST

START_TEST(leaves_the_old_file_when_dropped)
{
	struct error err = ERROR_INIT(&scratch.arena);
	struct replacement replacement = REPLACEMENT_NONE;

	ck_assert(replacement_write(&replacement, &scratch.arena, "old", STR("new"), &err));
	replacement_drop(&replacement);
	check_holds("old", "what it held");
	ck_assert_uint_eq(count_files(), 1);
}
END_TEST

START_TEST(makes_a_new_file)
{
	struct error err = ERROR_INIT(&scratch.arena);
	struct replacement replacement = REPLACEMENT_NONE;
	mode_t mask = umask(027);
	bool ok = replacement_write(&replacement, &scratch.arena, "new", STR("text"), &err) &&
	          replacement_finish(&replacement, &err);

	umask(mask);
	ck_assert_msg(ok, "%s", err.message);
	check_holds("new", "text");
	ck_assert_uint_eq(mode_of("new"), 0640);
}
END_TEST

START_TEST(follows_links)
{
	struct error err = ERROR_INIT(&scratch.arena);
	struct replacement replacement = REPLACEMENT_NONE;
	static const char *const links[] = {"link", "dangling"}, *const targets[] = {"old", "none"};
	struct stat about;

	ck_assert_int_eq(symlink(targets[_i], links[_i]), 0);
	ck_assert(replacement_write(&replacement, &scratch.arena, links[_i], STR("new"), &err));
	ck_assert(replacement_finish(&replacement, &err));
	ck_assert(lstat(links[_i], &about) == 0 && S_ISLNK(about.st_mode));
	check_holds(targets[_i], "new");
}
END_TEST

START_TEST(writes_to_devices)
{
	struct error err = ERROR_INIT(&scratch.arena);
	struct replacement replacement = REPLACEMENT_NONE;
	struct stat about;

	ck_assert(replacement_write(&replacement, &scratch.arena, "/dev/null", STR("x"), &err));
	ck_assert(replacement_finish(&replacement, &err));
	ck_assert(stat("/dev/null", &about) == 0 && S_ISCHR(about.st_mode));
	ck_assert(!replacement_write(&replacement, &scratch.arena, "/dev/full", STR("x"), &err));
	ck_assert_str_eq(err.message, "Unable to write file /dev/full: No space left on device");
}
END_TEST

/* As on a full disk: the file may have four bytes. */
static bool write_too_much(struct replacement *replacement, const char *path, struct error *err)
{
	struct rlimit old, low;
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;

	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
	low = (struct rlimit){.rlim_cur = 4, .rlim_max = old.rlim_max};
	sigaction(SIGXFSZ, &ignore, &before);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &low), 0);
	bool ok = replacement_write(replacement, &scratch.arena, path, STR("too long"), err);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &old), 0);
	sigaction(SIGXFSZ, &before, NULL);
	return ok;
}

START_TEST(leaves_nothing_on_a_full_disk)
{
	static const char *const paths[] = {"old", "new"};
	struct error err = ERROR_INIT(&scratch.arena);
	struct replacement replacement = REPLACEMENT_NONE;

	ck_assert(!write_too_much(&replacement, paths[_i], &err));
	ck_assert_str_eq(
		err.message,
		arena_printf(&scratch.arena, "Unable to write file %s: File too large", paths[_i]));
	replacement_drop(&replacement);
	check_holds("old", "what it held");
	ck_assert_uint_eq(count_files(), 1);
}
END_TEST

/* The name is so long that none can be beside it. */
START_TEST(writes_at_once_where_no_file_can_be_beside)
{
	enum { LONGEST_NAME = 255 };
	struct error err = ERROR_INIT(&scratch.arena);
	struct replacement replacement = REPLACEMENT_NONE;
	char name[LONGEST_NAME + 1];

	memset(name, 'n', LONGEST_NAME);
	name[LONGEST_NAME] = '\0';
	ck_assert(!write_too_much(&replacement, name, &err));
	ck_assert_uint_eq(count_files(), 1);
	error_clear(&err);
	ck_assert(replacement_write(&replacement, &scratch.arena, name, STR("text"), &err));
	check_holds(name, "text");
	ck_assert(!write_too_much(&replacement, name, &err));
	ck_assert_uint_eq(count_files(), 2);
}
END_TEST

START_TEST(says_why_it_cannot_replace)
{
	struct error err = ERROR_INIT(&scratch.arena);
	struct replacement replacement = REPLACEMENT_NONE;

	ck_assert(!replacement_write(&replacement, &scratch.arena, "none/x", STR("x"), &err));
	ck_assert_str_eq(err.message, "Unable to write file none/x: No such file or directory");
	error_clear(&err);
	ck_assert(replacement_write(&replacement, &scratch.arena, "new", STR("x"), &err));
	ck_assert_int_eq(mkdir("new", 0700), 0);
	ck_assert(!replacement_finish(&replacement, &err));
	ck_assert_str_eq(err.message, "Unable to write file new: Is a directory");
	replacement_drop(&replacement);
	ck_assert_uint_eq(count_files(), 1);
}
END_TEST

Suite *replacement_suite(void)
{
	Suite *suite = suite_create("replacement");
	TCase *tc = tcase_create("replacement");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, replaces_at_the_end);
	tcase_add_test(tc, leaves_the_old_file_when_dropped);
	tcase_add_test(tc, makes_a_new_file);
	tcase_add_loop_test(tc, follows_links, 0, 2);
	tcase_add_test(tc, writes_to_devices);
	tcase_add_loop_test(tc, leaves_nothing_on_a_full_disk, 0, 2);
	tcase_add_test(tc, writes_at_once_where_no_file_can_be_beside);
	tcase_add_test(tc, says_why_it_cannot_replace);
	suite_add_tcase(suite, tc);
	return suite;
}
