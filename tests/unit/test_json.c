/* SPDX-License-Identifier: Apache-2.0 */
/* test_json.c - the layout of JSON, and its strings */
#include "suites.h"

#include "cflyway/output/json.h"

static struct json json;

static void setup(void)
{
	json_init(&json);
}

static void teardown(void)
{
	json_release(&json);
}

#define BYTES(literal) {literal, sizeof(literal) - 1}

static const struct {
	struct str text;
	const char *quoted;
} strings[] = {
	{BYTES(""), "\"\""},
	{BYTES("plain / text"), "\"plain / text\""},
	{BYTES("say \"hi\" \\ twice"), "\"say \\\"hi\\\" \\\\ twice\""},
	{BYTES("a\nb\tc\rd\be\ff"), "\"a\\nb\\tc\\rd\\be\\ff\""},
	{BYTES("\x01\x1f\x7f"), "\"\\u0001\\u001F\x7f\""},
	{BYTES("a\0b"), "\"a\\u0000b\""},
	{BYTES("äöü € \xf0\x9f\x90\x98"), "\"äöü € \xf0\x9f\x90\x98\""},
	{BYTES("bad \xff byte"), "\"bad \xef\xbf\xbd byte\""},
	{BYTES("cut \xe2\x82"), "\"cut \xef\xbf\xbd\xef\xbf\xbd\""},
	{BYTES("\"\xc3"), "\"\\\"\xef\xbf\xbd\""},
};

START_TEST(quotes_strings)
{
	struct buf out = BUF_EMPTY(1000);

	json_quote(&out, strings[_i].text);
	ck_assert_str_eq(out.ptr, strings[_i].quoted);
	buf_release(&out);
}
END_TEST

START_TEST(gives_each_key_a_line)
{
	json_open_object(&json);
	json_add_string(&json, "text", "a \"b\"");
	json_add_string(&json, "nothing", NULL);
	json_add_null(&json, "null");
	json_add_int(&json, "number", -1234567890123);
	json_add_bool(&json, "yes", true);
	json_add_bool(&json, "no", false);
	json_close_object(&json);
	ck_assert_str_eq(json.text.ptr, "{\n"
	                                "  \"text\" : \"a \\\"b\\\"\",\n"
	                                "  \"nothing\" : null,\n"
	                                "  \"null\" : null,\n"
	                                "  \"number\" : -1234567890123,\n"
	                                "  \"yes\" : true,\n"
	                                "  \"no\" : false\n"
	                                "}");
}
END_TEST

START_TEST(keeps_arrays_on_the_line)
{
	const char *items[] = {"a", "b"};
	const struct str_list none = {0}, one = {items, 1}, two = {items, 2};

	json_open_object(&json);
	json_add_list(&json, "none", &none);
	json_add_list(&json, "one", &one);
	json_add_list(&json, "two", &two);
	json_close_object(&json);
	ck_assert_str_eq(json.text.ptr, "{\n"
	                                "  \"none\" : [ ],\n"
	                                "  \"one\" : [ \"a\" ],\n"
	                                "  \"two\" : [ \"a\", \"b\" ]\n"
	                                "}");
}
END_TEST

START_TEST(nests_objects_and_arrays)
{
	json_open_object(&json);
	json_key(&json, "list");
	json_open_array(&json);
	for (int i = 0; i < 2; i++) {
		json_open_object(&json);
		json_key(&json, "inner");
		json_open_object(&json);
		json_add_int(&json, "i", i);
		json_close_object(&json);
		json_close_object(&json);
	}
	json_close_array(&json);
	json_key(&json, "empty");
	json_open_object(&json);
	json_close_object(&json);
	json_add_bool(&json, "last", true);
	json_close_object(&json);
	ck_assert_str_eq(json.text.ptr, "{\n"
	                                "  \"list\" : [ {\n"
	                                "    \"inner\" : {\n"
	                                "      \"i\" : 0\n"
	                                "    }\n"
	                                "  }, {\n"
	                                "    \"inner\" : {\n"
	                                "      \"i\" : 1\n"
	                                "    }\n"
	                                "  } ],\n"
	                                "  \"empty\" : { },\n"
	                                "  \"last\" : true\n"
	                                "}");
}
END_TEST

START_TEST(begins_again)
{
	json_open_object(&json);
	json_key(&json, "unfinished");
	json_clear(&json);
	json_open_object(&json);
	json_close_object(&json);
	ck_assert_str_eq(json.text.ptr, "{ }");
}
END_TEST

Suite *json_suite(void)
{
	Suite *suite = suite_create("json");
	TCase *tc = tcase_create("json");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, quotes_strings, 0, COUNT(strings));
	tcase_add_test(tc, gives_each_key_a_line);
	tcase_add_test(tc, keeps_arrays_on_the_line);
	tcase_add_test(tc, nests_objects_and_arrays);
	tcase_add_test(tc, begins_again);
	suite_add_tcase(suite, tc);
	return suite;
}
