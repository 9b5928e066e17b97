/* SPDX-License-Identifier: Apache-2.0 */
/* test_spool.c - bytes that wait in memory or in a temporary file, and a disk that fails */
#include "scratch.h"
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/base/spool.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { IN_FILE = 100 };

static const size_t block = (size_t)64 * 1024;

static struct scratch scratch;
static struct spool spool;
static char bytes[4 * 64 * 1024];

static void setup(void)
{
	scratch_open(&scratch);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)('a' + i % 23);
}

static void teardown(void)
{
	spool_close(&spool);
	unsetenv("TMPDIR");
	scratch_close(&scratch);
}

static bool write_in_pieces(size_t total, size_t piece)
{
	for (size_t at = 0; at < total; at += piece) {
		size_t len = total - at < piece ? total - at : piece;

		if (!spool_write(&spool, bytes + at, len, &scratch.err))
			return false;
	}
	return true;
}

static bool read_in_pieces(size_t total, size_t piece)
{
	char got[sizeof(bytes)];

	for (size_t at = 0; at < total; at += piece) {
		size_t len = total - at < piece ? total - at : piece;

		if (!spool_read(&spool, got, len, &scratch.err))
			return false;
		ck_assert_mem_eq(got, bytes + at, len);
	}
	return true;
}

static const struct {
	size_t limit, total, written, read;
	bool has_file;
} sizes[] = {
	{IN_FILE, 0, 1, 1, false},
	{IN_FILE, IN_FILE, 1, 7, false},
	{IN_FILE, IN_FILE + 1, IN_FILE, 1, true},
	{IN_FILE, block, 1000, 999, true},
	{IN_FILE, block + 1, block, block + 1, true},
	{IN_FILE, 4 * block, 5000, 3 * block, true},
	{IN_FILE, 4 * block, 4 * block, 1777, true},
	{SPOOL_IN_MEMORY, 4 * block, 5000, 1777, false},
};

START_TEST(gives_back_what_it_got)
{
	spool_open(&spool, sizes[_i].limit);
	ck_assert(write_in_pieces(sizes[_i].total, sizes[_i].written));
	ck_assert(spool_rewind(&spool, &scratch.err));
	ck_assert_int_eq(spool.file.fd >= 0, sizes[_i].has_file);
	ck_assert(read_in_pieces(sizes[_i].total, sizes[_i].read));
	ck_assert(!scratch.err.is_set);
}
END_TEST

START_TEST(frees_the_memory_of_what_is_in_the_file)
{
	spool_open(&spool, sizeof(bytes) - 1);
	ck_assert(write_in_pieces(sizeof(bytes), block));
	ck_assert_uint_eq(spool.bytes.cap, 0);
	ck_assert(write_in_pieces(IN_FILE, IN_FILE));
	ck_assert_uint_eq(spool.bytes.len, IN_FILE);
	ck_assert(write_in_pieces(block, block));
	ck_assert_uint_eq(spool.bytes.len, 0);
}
END_TEST

START_TEST(closes_its_file)
{
	spool_open(&spool, 0);
	ck_assert(write_in_pieces(block, block));
	int fd = spool.file.fd;
	ck_assert_int_ge(fd, 0);
	spool_close(&spool);
	ck_assert_int_eq(fcntl(fd, F_GETFD), -1);
}
END_TEST

START_TEST(needs_a_folder_for_its_file)
{
	setenv("TMPDIR", "/nowhere", 1);
	spool_open(&spool, IN_FILE);
	ck_assert(!write_in_pieces(IN_FILE + 1, 1));
	ck_assert_str_eq(scratch_error(&scratch),
	                 "Unable to create a temporary file: No such file or directory");
}
END_TEST

/* The file is on a disk that is full. */
static void fill_disk(void)
{
	int full = open("/dev/full", O_RDWR | O_CLOEXEC);

	ck_assert_int_ge(full, 0);
	ck_assert_int_ge(dup2(full, spool.file.fd), 0);
	close(full);
}

START_TEST(says_that_the_disk_is_full)
{
	spool_open(&spool, IN_FILE);
	ck_assert(write_in_pieces(IN_FILE + 1, 1));
	fill_disk();
	ck_assert(!write_in_pieces(block + 1, block + 1));
	ck_assert(strstr(scratch_error(&scratch), "No space left on device") != NULL);
}
END_TEST

START_TEST(says_that_the_last_block_does_not_fit)
{
	spool_open(&spool, IN_FILE);
	ck_assert(write_in_pieces(IN_FILE + 1, 1));
	ck_assert(write_in_pieces(1, 1));
	fill_disk();
	ck_assert(!spool_rewind(&spool, &scratch.err));
	ck_assert(strstr(scratch_error(&scratch), "No space left on device") != NULL);
}
END_TEST

START_TEST(says_that_the_file_has_been_cut)
{
	spool_open(&spool, IN_FILE);
	ck_assert(write_in_pieces(2 * block, 2 * block));
	ck_assert(spool_rewind(&spool, &scratch.err));
	ck_assert_int_eq(ftruncate(spool.file.fd, (off_t)block), 0);
	ck_assert(!read_in_pieces(2 * block, 2 * block));
	ck_assert_str_eq(scratch_error(&scratch),
	                 "Unable to read file a temporary file: it has been cut");
}
END_TEST

START_TEST(says_that_the_file_cannot_be_read)
{
	int folder = open("/", O_RDONLY | O_CLOEXEC);

	ck_assert_int_ge(folder, 0);
	spool_open(&spool, IN_FILE);
	ck_assert(write_in_pieces(block, block));
	ck_assert(spool_rewind(&spool, &scratch.err));
	ck_assert_int_ge(dup2(folder, spool.file.fd), 0);
	close(folder);
	ck_assert(!read_in_pieces(block, block));
	ck_assert_str_eq(scratch_error(&scratch),
	                 "Unable to read file a temporary file: Is a directory");
}
END_TEST

Suite *spool_suite(void)
{
	Suite *suite = suite_create("spool");
	TCase *tc = tcase_create("spool");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, gives_back_what_it_got, 0, COUNT(sizes));
	tcase_add_test(tc, frees_the_memory_of_what_is_in_the_file);
	tcase_add_test(tc, closes_its_file);
	tcase_add_test(tc, needs_a_folder_for_its_file);
	tcase_add_test(tc, says_that_the_disk_is_full);
	tcase_add_test(tc, says_that_the_last_block_does_not_fit);
	tcase_add_test(tc, says_that_the_file_has_been_cut);
	tcase_add_test(tc, says_that_the_file_cannot_be_read);
	suite_add_tcase(suite, tc);
	return suite;
}
