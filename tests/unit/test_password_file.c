/* SPDX-License-Identifier: Apache-2.0 */
/* test_password_file.c - passwords from files, and which password counts */
#include "suites.h"

#include "scratch.h"

#include "cflyway/base/attr.h"
#include "cflyway/config/password_file.h"
#include "cflyway/config/settings.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct scratch scratch;

static void set_up(void)
{
	scratch_open(&scratch);
}

static void tear_down(void)
{
	scratch_close(&scratch);
}

static void write_private(const char *path, const char *bytes, size_t len)
{
	scratch_write_bytes(path, bytes, len);
	ck_assert_int_eq(chmod(path, 0600), 0);
}

static const struct {
	const char *bytes;
	size_t len; /* 0: that of the text */
	const char *password, *error;
} contents[] = {
	{"secret", 0, "secret", NULL},
	{"secret\n", 0, "secret", NULL},
	{"secret\r\n", 0, "secret", NULL},
	{"secret\r", 0, "secret\r", NULL}, /* not the end of a line */
	{" a b\t\nsecond\n", 0, " a b\t", NULL},
	{"\xEF\xBB\xBFsecret\n", 0, "secret", NULL},
	{"first\n\0", 7, "first", NULL},
	{"", 0, NULL, "The first line of password file p is empty"},
	{"\n", 0, NULL, "The first line of password file p is empty"},
	{"\r\nsecret\n", 0, NULL, "The first line of password file p is empty"},
	{"\xEF\xBB\xBF", 0, NULL, "The first line of password file p is empty"},
	{"a\0b\n", 4, NULL, "The first line of password file p has a NUL"},
};

START_TEST(reads_the_first_line)
{
	const char *password = NULL;
	size_t len = contents[_i].len > 0 ? contents[_i].len : strlen(contents[_i].bytes);
	bool ok;

	write_private("p", contents[_i].bytes, len);
	ok = password_file_read(&scratch.arena, "p", &scratch.log, &password, &scratch.err);
	ck_assert_int_eq(ok, contents[_i].error == NULL);
	ck_assert_pstr_eq(password, contents[_i].password);
	if (!ok)
		ck_assert_str_eq(scratch.err.message, contents[_i].error);
	ck_assert_str_eq(scratch_lines(&scratch), "");
}
END_TEST

START_TEST(reads_long_lines)
{
	enum { LONGEST = (1 << 16) - 1 };
	const size_t len = _i == 0 ? LONGEST : LONGEST + 1;
	char *text = arena_alloc(&scratch.arena, len + 1);
	const char *password = NULL;

	memset(text, 'a', len);
	write_private("p", text, len);
	ck_assert_int_eq(
		password_file_read(&scratch.arena, "p", &scratch.log, &password, &scratch.err),
		_i == 0);
	if (_i == 0)
		ck_assert_str_eq(password, text);
	else
		ck_assert_str_eq(scratch.err.message,
		                 "The first line of password file p is too long for a password");
}
END_TEST

static const struct {
	mode_t mode;
	bool is_private;
} modes[] = {
	{0600, true},  {0400, true},  {0700, true},  {0640, false}, {0604, false},
	{0660, false}, {0644, false}, {0610, false}, {0602, false},
};

START_TEST(says_that_others_can_read_it)
{
	const char *password = NULL;

	scratch_write("p", "secret\n");
	ck_assert_int_eq(chmod("p", modes[_i].mode), 0);
	ck_assert(password_file_read(&scratch.arena, "p", &scratch.log, &password, &scratch.err));
	ck_assert_str_eq(password, "secret");
	ck_assert_str_eq(
		scratch_lines(&scratch),
		modes[_i].is_private
			? ""
			: "INFO cflyway: password file p has group or world access; permissions "
			  "should be u=rw (0600) or less\n");
}
END_TEST

START_TEST(reads_a_pipe)
{
	const char *password = NULL;

	ck_assert_int_eq(mkfifo("p", 0666), 0);
	const pid_t writer = fork();
	if (writer == 0) {
		int fd = open("p", O_WRONLY);

		_exit(write(fd, "secret\n", 7) == 7 ? 0 : 1);
	}
	ck_assert_int_gt(writer, 0);
	ck_assert(password_file_read(&scratch.arena, "p", &scratch.log, &password, &scratch.err));
	ck_assert_int_eq(waitpid(writer, NULL, 0), writer);
	ck_assert_str_eq(password, "secret");
	ck_assert_str_eq(scratch_lines(&scratch), ""); /* its rights tell nothing */
}
END_TEST

START_TEST(names_what_cannot_be_read)
{
	const char *password = NULL;

	if (_i == 1)
		ck_assert_int_eq(mkdir("p", 0700), 0);
	ck_assert(!password_file_read(&scratch.arena, "p", &scratch.log, &password, &scratch.err));
	ck_assert_str_eq(scratch.err.message, _i == 0 ? "Unable to read file p: No such file or "
	                                                "directory"
	                                              : "Unable to read file p: Is a directory");
	ck_assert_str_eq(scratch.err.notes.items[0].text,
	                 "the file is that of cflyway.passwordFile");
}
END_TEST

/* --- which password counts ------------------------------------------------------------------ */

static const struct {
	const char *file, *password, *folder;
	bool ok;
	const char *expected;
} choices[] = {
	{NULL, "given", NULL, true, "given"},
	{"", "given", NULL, true, "given"},
	{"p", NULL, NULL, true, "secret"},
	{"p", "", NULL, true, "secret"}, /* of an unset variable */
	{"p", NULL, "folder", true, "other"},
	{"p", "given", NULL, false,
         "Both password and cflyway.passwordFile are set: only one of them can be the password"},
};

START_TEST(chooses_the_password)
{
	struct settings settings = {
		.password = choices[_i].password,
		.password_file = choices[_i].file,
		.working_directory = choices[_i].folder,
	};
	bool ok;

	write_private("p", "secret\n", 7);
	scratch_write("folder/p", "other\n");
	ck_assert_int_eq(chmod("folder/p", 0600), 0);
	ok = settings_read_password(&scratch.arena, &scratch.log, &settings, &scratch.err);
	ck_assert_int_eq(ok, choices[_i].ok);
	ck_assert_str_eq(ok ? settings.password : scratch.err.message, choices[_i].expected);
}
END_TEST

Suite *password_file_suite(void)
{
	Suite *suite = suite_create("password_file");
	TCase *tc = tcase_create("password file");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, reads_the_first_line, 0, COUNT(contents));
	tcase_add_loop_test(tc, reads_long_lines, 0, 2);
	tcase_add_loop_test(tc, says_that_others_can_read_it, 0, COUNT(modes));
	tcase_add_test(tc, reads_a_pipe);
	tcase_add_loop_test(tc, names_what_cannot_be_read, 0, 2);
	tcase_add_loop_test(tc, chooses_the_password, 0, COUNT(choices));
	suite_add_tcase(suite, tc);
	return suite;
}
