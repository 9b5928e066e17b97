/* SPDX-License-Identifier: Apache-2.0 */
/* test_shelf.c - pieces of text that are taken back in another order, from memory and a file */
#include "scratch.h"
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/base/shelf.h"

#include <stdlib.h>

enum { PIECES = 20 };

static struct scratch scratch;
static struct shelf shelf;

static void setup(void)
{
	scratch_open(&scratch);
}

static void teardown(void)
{
	shelf_close(&shelf);
	unsetenv("TMPDIR");
	scratch_close(&scratch);
}

/* A limit, and how many bytes the file has after 20 pieces of 1 to 20 bytes. */
static const struct {
	size_t limit, in_file;
} limits[] = {
	{210, 0}, {209, 210}, {105, 120}, {0, 210}, {SIZE_MAX, 0},
};

START_TEST(gives_pieces_back_in_any_order)
{
	struct shelf_piece pieces[PIECES];
	struct buf got = BUF_EMPTY(1 << 20);

	shelf_open(&shelf, limits[_i].limit);
	for (size_t i = 0; i < PIECES; i++) {
		const char *text = arena_printf(&scratch.arena, "%0*zu", (int)i + 1, i % 10);

		ck_assert(shelf_put(&shelf, str_of(text), &pieces[i], &scratch.err));
	}
	ck_assert_uint_eq(shelf.in_file, limits[_i].in_file);
	for (size_t i = PIECES; i-- > 0;) {
		buf_clear(&got);
		buf_add(&got, "<");
		ck_assert(shelf_get(&shelf, pieces[i], &got, &scratch.err));
		ck_assert_str_eq(got.ptr,
		                 arena_printf(&scratch.arena, "<%0*zu", (int)i + 1, i % 10));
	}
	buf_release(&got);
}
END_TEST

START_TEST(keeps_empty_pieces)
{
	struct shelf_piece piece;
	struct buf got = BUF_EMPTY(100);

	shelf_open(&shelf, 0);
	ck_assert(shelf_put(&shelf, STR(""), &piece, &scratch.err));
	ck_assert(shelf_get(&shelf, piece, &got, &scratch.err));
	ck_assert_uint_eq(got.len, 0);
	buf_release(&got);
}
END_TEST

START_TEST(says_that_there_is_no_room)
{
	struct shelf_piece piece;

	setenv("TMPDIR", arena_printf(&scratch.arena, "%s/nope", scratch.root), 1);
	shelf_open(&shelf, 1);
	ck_assert(!shelf_put(&shelf, STR("two"), &piece, &scratch.err));
	ck_assert_str_eq(scratch.err.message,
	                 "Unable to create a temporary file: No such file or directory");
}
END_TEST

START_TEST(says_that_the_file_was_cut)
{
	struct buf got = BUF_EMPTY(100);
	struct shelf_piece piece;

	shelf_open(&shelf, 1);
	ck_assert(shelf_put(&shelf, STR("two"), &piece, &scratch.err));
	piece.len++;
	ck_assert(!shelf_get(&shelf, piece, &got, &scratch.err));
	ck_assert_str_eq(scratch.err.message, "Unable to read a temporary file: it has been cut");
	buf_release(&got);
}
END_TEST

Suite *shelf_suite(void)
{
	Suite *suite = suite_create("shelf");
	TCase *tc = tcase_create("shelf");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, gives_pieces_back_in_any_order, 0, COUNT(limits));
	tcase_add_test(tc, keeps_empty_pieces);
	tcase_add_test(tc, says_that_there_is_no_room);
	tcase_add_test(tc, says_that_the_file_was_cut);
	suite_add_tcase(suite, tc);
	return suite;
}
