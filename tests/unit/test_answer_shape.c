/* SPDX-License-Identifier: Apache-2.0 */
/* test_answer_shape.c - tests how numbers of a server's answer are read */
#include "cflyway/db/answer_shape.h"
#include "suites.h"

#include "cflyway/base/attr.h"

#define MOST (INT64_C(1) << 50)

static const struct {
	const char *text;
	int64_t number;
} numbers[] = {
	{NULL, 0},
	{"", 0},
	{"x", 0},
	{"42", 42},
	{"-7", -7},
	{"1125899906842624", MOST},
	{"1125899906842625", MOST},
	{"9223372036854775807", MOST},
	{"99999999999999999999999", MOST},
	{"-1125899906842625", -MOST},
	{"-99999999999999999999999", -MOST},
};

START_TEST(reads_numbers_that_can_be_added_up)
{
	ck_assert_int_eq(answer_number(numbers[_i].text), numbers[_i].number);
}
END_TEST

Suite *answer_shape_suite(void)
{
	Suite *suite = suite_create("answer_shape");
	TCase *tc = tcase_create("numbers");

	tcase_add_loop_test(tc, reads_numbers_that_can_be_added_up, 0, COUNT(numbers));
	suite_add_tcase(suite, tc);
	return suite;
}
