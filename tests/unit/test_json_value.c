/* SPDX-License-Identifier: Apache-2.0 */
/* test_json_value.c - JSON that is read back and written again */
#include "suites.h"

#include "cflyway/output/json_value.h"

static struct arena arena;
static struct json json;

static void setup(void)
{
	arena_init(&arena);
	json_init(&json);
}

static void teardown(void)
{
	json_release(&json);
	arena_release(&arena);
}

static const struct {
	const char *text, *written;
} good[] = {
	{"null", "null"},
	{" \t\r\ntrue ", "true"},
	{"false", "false"},
	{"0", "0"},
	{"-12.50e+3", "-12.50e+3"},
	{"1E9", "1E9"},
	{"\"\"", "\"\""},
	{"\"a \\\"\\\\\\/\\b\\f\\n\\r\\t b\"", "\"a \\\"\\\\/\\b\\f\\n\\r\\t b\""},
	{"\"\\u00e4\\u20AC\\ud83d\\ude00 ä€\"", "\"ä€😀 ä€\""},
	{"\"\\ud83d \\ude00 \\ud83d\\u0041 \\u0000\"", "\"� � �A �\""},
	{"\"\\ud7ff \\ud800\\udc00 \\udbff\\udfff \\ue000\"",
         "\"\xED\x9F\xBF 𐀀 \xF4\x8F\xBF\xBF \xEE\x80\x80\""},
	{"\"\\udc00\\ud800 \\udfff \\ud800\\ud800\\udc00 \\ud800\\ue000\"",
         "\"�� � �𐀀 �\xEE\x80\x80\""},
	{"\"\\ud800\\n\\uABCD\\uabcd\"", "\"�\\n\xEA\xAF\x8D\xEA\xAF\x8D\""},
	{"[]", "[ ]"},
	{"[ ]", "[ ]"},
	{"{ \"a\" : [ 1 , 2 ] , \"b\" : \"c\" }", "{\n  \"a\" : [ 1, 2 ],\n  \"b\" : \"c\"\n}"},
	{"[1,[ ],[2]]", "[ 1, [ ], [ 2 ] ]"},
	{"{}", "{ }"},
	{"{\"a\":{\"b\":[{\"c\":1},{}]},\"d\":null}",
         "{\n  \"a\" : {\n    \"b\" : [ {\n      \"c\" : 1\n    }, { } ]\n  },\n  \"d\" : null\n}"},
};

START_TEST(reads_and_writes)
{
	struct error err = ERROR_INIT(&arena);
	struct json_value value;

	ck_assert_msg(json_parse(&arena, str_of(good[_i].text), &value, &err), "%s: %s",
	              good[_i].text, err.message);
	json_write(&json, &value);
	ck_assert_str_eq(json.text.ptr, good[_i].written);
}
END_TEST

#define NESTED_10 "[[[[[[[[[["
#define NESTED_64 NESTED_10 NESTED_10 NESTED_10 NESTED_10 NESTED_10 NESTED_10 "[[[["
#define NESTED_70 NESTED_10 NESTED_10 NESTED_10 NESTED_10 NESTED_10 NESTED_10 NESTED_10

static const struct {
	const char *text, *message;
} bad[] = {
	{"", "line 1: a value is missing"},
	{"\n\n nonsense", "line 3: a value is missing"},
	{"nul", "line 1: a value is missing"},
	{"1 2", "line 1: there is something behind the end"},
	{"01", "line 1: there is something behind the end"},
	{"1:", "line 1: there is something behind the end"},
	{"1/", "line 1: there is something behind the end"},
	{":", "line 1: a value is missing"},
	{"1e:", "line 1: a value is missing"},
	{"-", "line 1: a value is missing"},
	{"1.", "line 1: a value is missing"},
	{"1e", "line 1: a value is missing"},
	{"+1", "line 1: a value is missing"},
	{"[1,]", "line 1: a value is missing"},
	{"[1 2]", "line 1: a comma or the closing bracket is missing"},
	{"[1", "line 1: a comma or the closing bracket is missing"},
	{"{\"a\" 1}", "line 1: a colon is missing"},
	{"{\"a\":1,}", "line 1: a string is missing"},
	{"{a:1}", "line 1: a string is missing"},
	{"{\"a\":1]", "line 1: a comma or the closing bracket is missing"},
	{"\"a", "line 1: a string has no end"},
	{"\"a\nb\"", "line 1: a control character in a string"},
	{"\"\\x\"", "line 1: unknown escape in a string"},
	{"\"\\", "line 1: unknown escape in a string"},
	{"\"\\u00g0\"", "line 1: \\u needs four hexadecimal digits"},
	{"\"\\u00G0\"", "line 1: \\u needs four hexadecimal digits"},
	{"\"\\u00@0\"", "line 1: \\u needs four hexadecimal digits"},
	{"\"\\u000", "line 1: \\u needs four hexadecimal digits"},
	{"\"a\x1f\"", "line 1: a control character in a string"},
	{"1e+", "line 1: a value is missing"},
	{"1e-", "line 1: a value is missing"},
	{"[1}", "line 1: a comma or the closing bracket is missing"},
	{"// no comments\n1", "line 1: a value is missing"},
	{"\xEF\xBB\xBF{}", "line 1: a value is missing"},
	{"\n\"\xff\"", "line 2: the text is not UTF-8"},
	{NESTED_64 "1", "line 1: a comma or the closing bracket is missing"},
	{NESTED_64 "[1", "line 1: too deeply nested"},
	{NESTED_70, "line 1: too deeply nested"},
};

START_TEST(refuses)
{
	struct error err = ERROR_INIT(&arena);
	struct json_value value;

	ck_assert(!json_parse(&arena, str_of(bad[_i].text), &value, &err));
	ck_assert_str_eq(err.message, bad[_i].message);
}
END_TEST

START_TEST(finds_members)
{
	struct error err = ERROR_INIT(&arena);
	struct json_value value;
	const struct str text =
		STR("{\"a\":\"first\",\"n\":12,\"b\":true,\"o\":{\"a\":\"inner\"},\"a\":\"last\"}");

	ck_assert(json_parse(&arena, text, &value, &err));
	ck_assert_str_eq(json_member_text(&value, "a"), "last");
	ck_assert_str_eq(json_member_text(&value, "n"), "12");
	ck_assert_ptr_null(json_member_text(&value, "b"));
	ck_assert_int_eq(json_member(&value, "b")->kind, JSON_TRUE);
	ck_assert_ptr_null(json_member(&value, "c"));
	ck_assert_str_eq(json_member_text(json_member(&value, "o"), "a"), "inner");
	ck_assert_ptr_null(json_member(json_member(&value, "a"), "a"));
}
END_TEST

Suite *json_value_suite(void)
{
	Suite *suite = suite_create("json_value");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, reads_and_writes, 0, COUNT(good));
	tcase_add_loop_test(tc, refuses, 0, COUNT(bad));
	tcase_add_test(tc, finds_members);
	suite_add_tcase(suite, tc);
	return suite;
}
