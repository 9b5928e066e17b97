/* SPDX-License-Identifier: Apache-2.0 */
/* test_version.c - parse, compare and print versions; all recorded from Flyway 12.4.0 */
#include "suites.h"

#include "cflyway/base/utf8.h"
#include "cflyway/migration/version.h"

static struct arena arena;

static void setup(void)
{
	arena_init(&arena);
}

static void teardown(void)
{
	arena_release(&arena);
}

static struct version parsed(const char *text)
{
	struct version version;
	struct error err = ERROR_INIT(&arena);

	ck_assert_msg(version_parse(&arena, text, &version, &err), "%s: %s", text, err.message);
	return version;
}

static const struct {
	const char *raw, *text;
} shown[] = {
	{"1", "1"},
	{"01.2", "01.2"},
	{"1_3", "1.3"},
	{"2.0", "2.0"},
	{"+6.5", "+6.5"},
	{"１７", "１７"},
	{"12345678901234567890123456789012", "12345678901234567890123456789012"},
	{"latest", "<< Latest Version >>"},
	{"LaTest", "<< Latest Version >>"},
	{"current", "<< Current Version >>"},
	{"next", "<< Next Version >>"},
	{"9223372036854775807", "<< Latest Version >>"},
	{"09223372036854775807", "09223372036854775807"},
};

START_TEST(shows_versions_as_written)
{
	struct version version = parsed(shown[_i].raw);

	ck_assert_str_eq(version.text, shown[_i].text);
	ck_assert_str_eq(version.raw, shown[_i].raw);
	ck_assert(version_is_set(&version));
}
END_TEST

static const struct {
	const char *text, *shown;
} invalid[] = {
	{"", ""},       {"1_a", "1.a"},   {" 1", " 1"},     {"+-1", "+-1"},   {"+", "+"},
	{"--1", "--1"}, {"-", "-"},       {".1", ".1"},     {"0x1", "0x1"},   {"1+2", "1+2"},
	{"1,2", "1,2"}, {"1-2", "1-2"},   {"1.+2", "1.+2"}, {"1.-2", "1.-2"}, {"1..2", "1..2"},
	{"1.", "1."},   {"1.２", "1.２"}, {"11 ", "11 "},   {"1_-2", "1.-2"}, {"1a", "1a"},
	{"_1", ".1"},   {"1e3", "1e3"},   {"²", "²"},       {"Ⅳ", "Ⅳ"},       {"𝟏", "𝟏"},
	{"−1", "−1"},
};

START_TEST(refuses_what_is_no_version)
{
	struct version version;
	struct error err = ERROR_INIT(&arena);

	ck_assert_msg(!version_parse(&arena, invalid[_i].text, &version, &err), "%s",
	              invalid[_i].text);
	ck_assert_str_eq(err.message,
	                 arena_printf(&arena,
	                              "Version may only contain 0..9 and . (dot). Invalid "
	                              "version: %s",
	                              invalid[_i].shown));
}
END_TEST

/* The zeros of Unicode 13's category Nd in the basic plane, which Java 17 knows. */
static const uint32_t unicode_zeros[] = {
	0x30,   0x660,  0x6F0,  0x7C0,  0x966,  0x9E6,  0xA66,  0xAE6,  0xB66,  0xBE6,
	0xC66,  0xCE6,  0xD66,  0xDE6,  0xE50,  0xED0,  0xF20,  0x1040, 0x1090, 0x17E0,
	0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620,
	0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
};

static const char *as_text(uint32_t code_point)
{
	char bytes[8];
	size_t len = utf8_encode(code_point, bytes);

	return arena_strndup(&arena, bytes, len);
}

START_TEST(knows_the_digits_of_all_scripts)
{
	uint32_t zero = unicode_zeros[_i];
	struct version version;
	struct error err = ERROR_INIT(&arena);

	for (uint32_t i = 0; i < 10; i++) {
		struct version ascii = parsed(arena_printf(&arena, "%u", (unsigned)i));
		struct version other = parsed(as_text(zero + i));

		ck_assert_msg(version_compare(&ascii, &other) == 0, "%x", (unsigned)(zero + i));
	}
	ck_assert_msg(!version_parse(&arena, as_text(zero - 1), &version, &err), "%x", zero - 1);
	ck_assert_msg(!version_parse(&arena, as_text(zero + 10), &version, &err), "%x", zero + 10);
}
END_TEST

static const char *const ascending[] = {
	"current",
	"-5",
	"-5.0.0.7",
	"-1.5",
	"0",
	"-0.0.1",
	"0.1",
	"1",
	"01.2",
	"1.2.0.0.1",
	"1_3",
	"1.9",
	"1.10",
	"2.0",
	"２.1",
	"٣",
	"+6.5",
	"007.008",
	"1２",
	"１７",
	"20240131120000",
	"09223372036854775807",
	"9223372036854775808",
	"99999999999999999999.1",
	"12345678901234567890123456789012",
	"next",
	"latest",
};

START_TEST(orders_versions_by_number)
{
	struct version empty = version_empty(), nothing = {0};

	ck_assert_int_eq(version_compare(&empty, &nothing), 0);
	ck_assert(!version_is_set(&nothing));
	ck_assert_str_eq(empty.text, "<< Empty Schema >>");
	for (size_t i = 0; i < COUNT(ascending); i++) {
		struct version left = parsed(ascending[i]);

		ck_assert_int_lt(version_compare(&empty, &left), 0);
		for (size_t j = 0; j < COUNT(ascending); j++) {
			struct version right = parsed(ascending[j]);
			int order = version_compare(&left, &right);

			ck_assert_msg((i > j) - (i < j) == (order > 0) - (order < 0),
			              "%s and %s: %d", ascending[i], ascending[j], order);
		}
	}
}
END_TEST

static const struct {
	const char *a, *b;
} equal[] = {
	{"current", "CURRENT"},
	{"latest", "9223372036854775807"},
	{"17", "１７"},
	{"1", "1.0.0"},
	{"0", "-0"},
	{"1.0", "+1"},
	{"007.8", "7.08.0"},
	{"1", "1_0"},
};

START_TEST(takes_different_spellings_as_equal)
{
	struct version a = parsed(equal[_i].a), b = parsed(equal[_i].b);

	ck_assert_msg(version_compare(&a, &b) == 0, "%s and %s", equal[_i].a, equal[_i].b);
}
END_TEST

Suite *version_suite(void)
{
	Suite *suite = suite_create("version");
	TCase *tc = tcase_create("version");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, shows_versions_as_written, 0, COUNT(shown));
	tcase_add_loop_test(tc, refuses_what_is_no_version, 0, COUNT(invalid));
	tcase_add_loop_test(tc, knows_the_digits_of_all_scripts, 0, COUNT(unicode_zeros));
	tcase_add_test(tc, orders_versions_by_number);
	tcase_add_loop_test(tc, takes_different_spellings_as_equal, 0, COUNT(equal));
	suite_add_tcase(suite, tc);
	return suite;
}
