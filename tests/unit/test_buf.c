/* SPDX-License-Identifier: Apache-2.0 */
/* test_buf.c - growable bytes with a stated maximum */
#include "suites.h"

#include "cflyway/base/buf.h"

#include <stdint.h>

START_TEST(is_always_terminated)
{
	struct buf buf = BUF_EMPTY(SIZE_MAX);

	ck_assert_uint_eq(buf_str(&buf).len, 0);
	ck_assert_str_eq(buf_str(&buf).ptr, "");
	ck_assert(buf_add(&buf, "ab"));
	ck_assert(buf_putc(&buf, 'c'));
	ck_assert(buf_repeat(&buf, '-', 3));
	ck_assert(buf_printf(&buf, "%d|%s", 42, "x"));
	ck_assert(buf_append(&buf, NULL, 0));
	ck_assert_str_eq(buf.ptr, "abc---42|x");
	ck_assert_uint_eq(buf.len, 10);
	buf_clear(&buf);
	ck_assert_str_eq(buf.ptr, "");
	buf_release(&buf);
	buf_release(&buf);
	ck_assert_ptr_null(buf.ptr);
	ck_assert_uint_eq(buf.max, SIZE_MAX);
}
END_TEST

START_TEST(refuses_to_pass_its_maximum)
{
	struct buf buf = BUF_EMPTY(5);

	ck_assert(buf_add(&buf, "abcde"));
	ck_assert(!buf.overflow);
	ck_assert(!buf_putc(&buf, 'f'));
	ck_assert(!buf_printf(&buf, "%d", 1));
	ck_assert(!buf_repeat(&buf, 'x', SIZE_MAX));
	ck_assert_str_eq(buf.ptr, "abcde");
	ck_assert(buf.overflow);
	buf_consume(&buf, 2);
	ck_assert(buf_putc(&buf, 'f'));
	ck_assert(buf.overflow);
	ck_assert_str_eq(buf.ptr, "cdef");
	buf_clear(&buf);
	ck_assert(!buf.overflow);
	ck_assert(buf_append(&buf, "a\0b", 3));
	ck_assert_uint_eq(buf_str(&buf).len, 3);
	buf_release(&buf);
}
END_TEST

START_TEST(grows_and_keeps_contents)
{
	struct buf buf = BUF_EMPTY(1000000);

	for (size_t i = 0; i < 100000; i++)
		buf_putc(&buf, (char)('a' + i % 26));
	ck_assert(!buf.overflow);
	ck_assert_uint_eq(strlen(buf.ptr), 100000);
	for (size_t i = 0; i < 100000; i++)
		if (buf.ptr[i] != (char)('a' + i % 26))
			ck_abort_msg("byte %zu", i);
	buf_wipe(&buf);
	ck_assert_ptr_null(buf.ptr);
	buf_wipe(&buf);
}
END_TEST

START_TEST(reserves_room_to_write_into)
{
	struct buf buf = BUF_EMPTY(100);

	ck_assert(buf_reserve(&buf, 100));
	memset(buf.ptr, 'x', 100);
	buf.len = 100;
	ck_assert(!buf_reserve(&buf, 1));
	ck_assert(buf_reserve(&buf, 0));
	buf_release(&buf);
}
END_TEST

START_TEST(holds_nothing_if_that_is_its_maximum)
{
	struct buf buf = BUF_EMPTY(0);

	ck_assert(buf_add(&buf, ""));
	ck_assert(!buf.overflow);
	ck_assert_str_eq(buf.ptr, "");
	ck_assert(!buf_putc(&buf, 'x'));
	ck_assert(buf.overflow);
	buf_release(&buf);
}
END_TEST

START_TEST(drops_bytes_from_the_front)
{
	struct buf buf = BUF_EMPTY(100);

	buf_consume(&buf, 3);
	ck_assert(buf_add(&buf, "abcdef"));
	buf_consume(&buf, 0);
	buf_consume(&buf, 4);
	ck_assert_str_eq(buf.ptr, "ef");
	buf_consume(&buf, 40);
	ck_assert_str_eq(buf.ptr, "");
	buf_release(&buf);
}
END_TEST

Suite *buf_suite(void)
{
	Suite *suite = suite_create("buf");
	TCase *tc = tcase_create("buf");

	tcase_add_test(tc, is_always_terminated);
	tcase_add_test(tc, refuses_to_pass_its_maximum);
	tcase_add_test(tc, grows_and_keeps_contents);
	tcase_add_test(tc, reserves_room_to_write_into);
	tcase_add_test(tc, holds_nothing_if_that_is_its_maximum);
	tcase_add_test(tc, drops_bytes_from_the_front);
	suite_add_tcase(suite, tc);
	return suite;
}
