/* SPDX-License-Identifier: Apache-2.0 */
/* test_option_value.c - the value of an option: from text to its type */
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/config/option_value.h"

#include <limits.h>

static struct arena arena;

static void setup(void)
{
	arena_init(&arena);
}

static void teardown(void)
{
	arena_release(&arena);
}

static const struct {
	const char *text;
	int expected; /* -1: refused */
} booleans[] = {
	{"true", true}, {"TRUE", true}, {"false", false}, {"False", false}, {"", -1},
	{"yes", -1},    {"1", -1},      {"true ", -1},    {"tru", -1},
};

START_TEST(reads_a_boolean)
{
	bool value = !(bool)booleans[_i].expected;
	bool before = value;
	bool ok = option_parse_bool(booleans[_i].text, &value);

	ck_assert_int_eq(ok, booleans[_i].expected >= 0);
	ck_assert_int_eq(value, ok ? booleans[_i].expected : before);
}
END_TEST

static const struct {
	const char *text;
	bool ok;
	int expected;
} integers[] = {
	{"0", true, 0},
	{"17", true, 17},
	{"+1", true, 1},
	{"-5", true, -5},
	{"007", true, 7},
	{"2147483647", true, INT_MAX},
	{"-2147483648", true, INT_MIN},
	{"2147483648", false, 0},
	{"-2147483649", false, 0},
	{"99999999999999999999999999", false, 0},
	{"", false, 0},
	{"-", false, 0},
	{"+", false, 0},
	{"1.5", false, 0},
	{" 1", false, 0},
	{"1 ", false, 0},
	{"--1", false, 0},
	{"/", false, 0},
	{":", false, 0},
};

START_TEST(reads_an_integer)
{
	int value = 77;

	ck_assert_int_eq(option_parse_int(integers[_i].text, &value), integers[_i].ok);
	ck_assert_int_eq(value, integers[_i].ok ? integers[_i].expected : 77);
}
END_TEST

static const struct {
	const char *text;
	size_t expected; /* 0: refused */
} sizes[] = {
	{"1", 1},
	{"1B", 1},
	{"1kB", 1024},
	{"3kb", 3072},
	{"64 mb", 64u << 20},
	{"64MB ", 64u << 20},
	{"1GB", 1u << 30},
	{"1024MB", 1u << 30},
	{"1048576kB", 1u << 30},
	{"1073741824", 1u << 30},
	{"1073741824B", 1u << 30},
	{"1073741825", 0},
	{"1025MB", 0},
	{"2GB", 0},
	{"99999999999999999999B", 0},
	{"18446744073709551617", 0},
	{"0", 0},
	{"0MB", 0},
	{"", 0},
	{"MB", 0},
	{"1TB", 0},
	{"-1", 0},
	{"1MBx", 0},
};

START_TEST(reads_a_size)
{
	size_t value = 77;

	ck_assert_int_eq(option_parse_size(sizes[_i].text, &value), sizes[_i].expected > 0);
	ck_assert_uint_eq(value, sizes[_i].expected > 0 ? sizes[_i].expected : 77);
}
END_TEST

static const struct {
	const char *text;
	int expected; /* -2: refused */
} durations[] = {
	{"0", 0},
	{"00", 0},
	{"0s", 0},
	{"500ms", 500},
	{"5s", 5000},
	{" 5 s ", 5000},
	{"2min", 120000},
	{"1h", 3600000},
	{"596h", 2145600000},
	{"597h", -2},
	{"2147483647ms", 2147483647},
	{"2147483648ms", -2},
	{"99999999999999999999s", -2},
	{"server", DURATION_OF_SERVER},
	{"Server", -2},
	{"5", -2},
	{"5000", -2},
	{"-1", -2},
	{"-5s", -2},
	{"1.5s", -2},
	{"5S", -2},
	{"5m", -2},
	{"s", -2},
	{"", -2},
	{"5sx", -2},
};

START_TEST(reads_a_duration)
{
	int value = -2;

	ck_assert_int_eq(
		option_parse_duration(&option_specs[ROW_lock_timeout], durations[_i].text, &value),
		durations[_i].expected != -2);
	ck_assert_int_eq(value, durations[_i].expected);
}
END_TEST

START_TEST(knows_words_only_where_the_option_has_them)
{
	const struct option_spec *pause = &option_specs[ROW_migration_retry_pause];
	int value = 0;

	ck_assert(!option_parse_duration(pause, "server", &value));
	ck_assert_str_eq(option_durations_list(&arena, pause),
	                 "a time with its unit, such as 500ms, 5s or 2min");
	ck_assert_str_eq(option_durations_list(&arena, &option_specs[ROW_lock_timeout]),
	                 "a time with its unit, such as 500ms, 5s or 2min, or server");
}
END_TEST

static const struct {
	const char *text, *expected;
	size_t n;
} lists[] = {
	{"a", "a", 1},   {"a,b", "a|b", 2}, {" a , b ", "a|b", 2}, {"a,,b", "a||b", 3},
	{",a", "|a", 2}, {"a,,,", "a", 1},  {"", "", 1},           {",", "", 0},
	{",,", "", 0},   {" ", "", 1},
};

START_TEST(reads_a_list)
{
	struct str_list list = option_parse_list(&arena, lists[_i].text);

	ck_assert_uint_eq(list.n, lists[_i].n);
	ck_assert_str_eq(str_list_join(&arena, &list, "|"), lists[_i].expected);
}
END_TEST

START_TEST(lists_choices_as_in_a_sentence)
{
	ck_assert_str_eq(option_choices_list(&arena, option_find("outputType"), "'"), "'json'");
	ck_assert_str_eq(option_choices_list(&arena, option_find("cflyway.durability"), ""),
	                 "migration or run");
	ck_assert_str_eq(option_choices_list(&arena, option_find("color"), "'"),
	                 "'always', 'never', or 'auto'");
}
END_TEST

Suite *option_value_suite(void)
{
	Suite *suite = suite_create("option_value");
	TCase *tc = tcase_create("option_value");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, reads_a_boolean, 0, COUNT(booleans));
	tcase_add_loop_test(tc, reads_an_integer, 0, COUNT(integers));
	tcase_add_loop_test(tc, reads_a_duration, 0, COUNT(durations));
	tcase_add_test(tc, knows_words_only_where_the_option_has_them);
	tcase_add_loop_test(tc, reads_a_size, 0, COUNT(sizes));
	tcase_add_loop_test(tc, reads_a_list, 0, COUNT(lists));
	tcase_add_test(tc, lists_choices_as_in_a_sentence);
	suite_add_tcase(suite, tc);
	return suite;
}
