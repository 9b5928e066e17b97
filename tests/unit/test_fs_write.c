/* SPDX-License-Identifier: Apache-2.0 */
/* test_fs_write.c - files that are written, a full disk, signals in the middle of a call */
#include "suites.h"

#include "scratch.h"

#include "cflyway/base/fs.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

static struct scratch scratch;

static void set_up(void)
{
	scratch_open(&scratch);
	scratch_write("file", "what it held");
}

static void tear_down(void)
{
	scratch_close(&scratch);
}

START_TEST(says_why_a_file_cannot_be_written)
{
	struct error err = ERROR_INIT(&scratch.arena);
	struct file full = {open("/dev/full", O_WRONLY | O_CLOEXEC)};

	ck_assert(!fs_write_all("/nowhere/x", STR("text"), &err));
	ck_assert_str_eq(err.message, "Unable to write file /nowhere/x: No such file or directory");
	ck_assert(!fs_write_all("/dev/full", STR("text"), &err));
	ck_assert_str_eq(err.message, "Unable to write file /dev/full: No space left on device");
	ck_assert_int_ge(full.fd, 0);
	ck_assert(!file_write(&full, "text", 4, &err));
	ck_assert_str_eq(err.message,
	                 "Unable to write to a temporary file: No space left on device");
	file_close(&full);
}
END_TEST

START_TEST(replaces_what_a_file_held)
{
	struct error err = ERROR_INIT(&scratch.arena);
	struct buf out = BUF_EMPTY(100);

	ck_assert(fs_write_all("file", STR("new"), &err));
	ck_assert(fs_read_all("file", &out, &err));
	ck_assert_str_eq(out.ptr, "new");
	buf_release(&out);
}
END_TEST

START_TEST(makes_the_folders_above_a_file)
{
	struct error err = ERROR_INIT(&scratch.arena);

	ck_assert(fs_make_parents("a/b/file", &err));
	ck_assert(fs_make_parents("a/b/file", &err));
	ck_assert_int_eq(fs_kind("a/b"), FS_DIRECTORY);
	ck_assert_int_eq(fs_kind("a/b/file"), FS_MISSING);
	ck_assert_int_eq(rmdir("a/b"), 0);
	ck_assert_int_eq(rmdir("a"), 0);
	ck_assert(fs_make_parents("file", &err));
	ck_assert(!fs_make_parents("file/a/file", &err));
	ck_assert_str_eq(err.message, "Unable to create directory file/a: Not a directory");
}
END_TEST

/* --- signals that come while it reads or writes -------------------------------------------- */

static int ends[2]; /* of a pipe */

static void write_one(int number)
{
	(void)number;
	(void)!write(ends[1], "x", 1);
}

static void read_all(int number)
{
	char bytes[4096];

	(void)number;
	while (read(ends[0], bytes, sizeof(bytes)) > 0)
		;
}

/* Calls react in a signal handler, a moment from now and once more. */
static void interrupt_soon(void (*react)(int))
{
	const struct itimerval soon = {.it_value = {.tv_usec = 10000},
	                               .it_interval = {.tv_usec = 100000}};
	const struct sigaction action = {.sa_handler = react};

	ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
	ck_assert_int_eq(setitimer(ITIMER_REAL, &soon, NULL), 0);
}

static void stop_interrupting(void)
{
	const struct itimerval never = {0};

	setitimer(ITIMER_REAL, &never, NULL);
	signal(SIGALRM, SIG_DFL);
}

START_TEST(goes_on_reading_after_a_signal)
{
	struct error err = ERROR_INIT(&scratch.arena);
	struct file file;
	size_t len = 7;
	char byte;

	ck_assert_int_eq(pipe(ends), 0);
	file.fd = ends[0];
	interrupt_soon(write_one);
	bool ok = file_read(&file, "pipe", &byte, 1, &len, &err);
	stop_interrupting();
	ck_assert_msg(ok, "%s", err.message);
	ck_assert_uint_eq(len, 1);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

START_TEST(goes_on_writing_after_a_signal)
{
	struct error err = ERROR_INIT(&scratch.arena);
	struct file file;
	char byte = 'x';

	ck_assert_int_eq(pipe(ends), 0);
	file.fd = ends[1];
	ck_assert_int_eq(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	ck_assert_int_eq(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
	while (write(ends[1], &byte, 1) == 1)
		;
	ck_assert_int_eq(fcntl(ends[1], F_SETFL, 0), 0);
	interrupt_soon(read_all);
	bool ok = file_write(&file, "abc", 3, &err);
	stop_interrupting();
	ck_assert_msg(ok, "%s", err.message);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

START_TEST(knows_nothing_of_what_could_not_be_read)
{
	struct error err = ERROR_INIT(&scratch.arena);
	struct file file = {open("/", O_RDONLY | O_CLOEXEC)};
	size_t len = 7;
	char byte;

	ck_assert(!file_read(&file, "/", &byte, 1, &len, &err));
	ck_assert_uint_eq(len, 0);
	file_close(&file);
}
END_TEST

START_TEST(finds_where_a_link_leads)
{
	struct arena *arena = &scratch.arena;

	ck_assert_int_eq(symlink("file", "link"), 0);
	ck_assert_str_eq(fs_canonical(arena, "link"), fs_canonical(arena, "file"));
	ck_assert_str_eq(fs_canonical(arena, "/nowhere/../x"), "/nowhere/../x");
	ck_assert_str_eq(fs_canonical(arena, "nowhere"),
	                 arena_printf(arena, "%s/nowhere", fs_current_directory(arena)));
}
END_TEST

Suite *fs_write_suite(void)
{
	Suite *suite = suite_create("fs_write");
	TCase *tc = tcase_create("fs_write");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, says_why_a_file_cannot_be_written);
	tcase_add_test(tc, replaces_what_a_file_held);
	tcase_add_test(tc, makes_the_folders_above_a_file);
	tcase_add_test(tc, goes_on_reading_after_a_signal);
	tcase_add_test(tc, goes_on_writing_after_a_signal);
	tcase_add_test(tc, knows_nothing_of_what_could_not_be_read);
	tcase_add_test(tc, finds_where_a_link_leads);
	suite_add_tcase(suite, tc);
	return suite;
}
