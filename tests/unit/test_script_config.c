/* SPDX-License-Identifier: Apache-2.0 */
/* test_script_config.c - V1__a.sql.conf; recorded from Flyway 12.4.0 */
#include "scratch.h"
#include "suites.h"

#include "cflyway/base/about.h"
#include "cflyway/migration/script_config.h"

static struct scratch scratch;

static void setup(void)
{
	scratch_open(&scratch);
}

static void teardown(void)
{
	scratch_close(&scratch);
}

static bool read_config(const char *text, const char *encoding, struct script_config *config)
{
	scratch_write("a.sql.conf", text);
	return script_config_read(&scratch.arena, "a.sql", true, encoding, config, &scratch.err);
}

static const struct {
	const char *text;
	enum tristate transaction, placeholders;
	const char *encoding;
} valid[] = {
	{"", UNSET, UNSET, NULL},
	{"executeInTransaction=true", YES, UNSET, NULL},
	{"executeInTransaction=TRUE", YES, UNSET, NULL},
	{"executeInTransaction= false ", NO, UNSET, NULL},
	{"placeholderReplacement=False", UNSET, NO, NULL},
	{"encoding=latin1", UNSET, UNSET, "latin1"},
	{"encoding=q\nencoding=UTF-8", UNSET, UNSET, "UTF-8"},
	{"# x\n\n ! y\nencoding : UTF-8", UNSET, UNSET, "UTF-8"},
	{"executeInTransaction=tr\\\nue", YES, UNSET, NULL},
};

START_TEST(reads_settings)
{
	struct script_config config;

	ck_assert_msg(read_config(valid[_i].text, "UTF-8", &config), "%s: %s", valid[_i].text,
	              scratch.err.message);
	ck_assert_int_eq(config.execute_in_transaction, valid[_i].transaction);
	ck_assert_int_eq(config.placeholder_replacement, valid[_i].placeholders);
	if (valid[_i].encoding == NULL)
		ck_assert_ptr_null(config.encoding);
	else
		ck_assert_str_eq(config.encoding, valid[_i].encoding);
}
END_TEST

#define UNKNOWN(key)                                                                               \
	"Unknown configuration property: " key ". Please check your script config files"
#define NEITHER(key, value) "Invalid value for " key " (should be either true or false): " value
#define UNSUPPORTED(name) "java.nio.charset.UnsupportedCharsetException: " name
#define ILLEGAL(name) "java.nio.charset.IllegalCharsetNameException: " name

static const struct {
	const char *text, *encoding, *message;
} invalid[] = {
	{"executeInTransaction=", "UTF-8", NEITHER("executeInTransaction", "")},
	{"executeInTransaction", "UTF-8", NEITHER("executeInTransaction", "")},
	{"executeInTransaction=true\\\nflyway.x=ue", "UTF-8",
         NEITHER("executeInTransaction", "true\\")},
	{"executeInTransaction=\\\nencoding=x", "UTF-8",
         NEITHER("executeInTransaction", "encoding=x")},
	{"executeInTransaction=yes\nfoo=1", "UTF-8", NEITHER("executeInTransaction", "yes")},
	{"executeInTransaction=yes\nplaceholderReplacement=nope", "UTF-8",
         NEITHER("executeInTransaction", "yes")},
	{"\xEF\xBB\xBF"
         "executeInTransaction=x",
         "UTF-8", NEITHER("executeInTransaction", "x")},
	{"placeholderReplacement=x", "UTF-8", NEITHER("placeholderReplacement", "x")},
	{"shouldExecute=1\nplaceholderReplacement=q", "UTF-8",
         NEITHER("placeholderReplacement", "q")},
	{"encoding=q\nplaceholderReplacement=q", "UTF-8", NEITHER("placeholderReplacement", "q")},
	{"encoding=q\nfoo=q", "UTF-8", UNKNOWN("foo")},
	{"flyway.encoding=UTF-8", "UTF-8", UNKNOWN("flyway.encoding")},
	{"=x", "UTF-8", UNKNOWN("")},
	{"[sec]\nencoding=UTF-8", "UTF-8", UNKNOWN("[sec]")},
	{"\xE9=c", "ISO-8859-1", UNKNOWN("é")},
	{"encoding=nope", "UTF-8", UNSUPPORTED("nope")},
	{"encoding=", "UTF-8", ILLEGAL("")},
	{"encoding=b ad", "UTF-8", ILLEGAL("b ad")},
	{"encoding=${HOME}", "UTF-8", ILLEGAL("${HOME}")},
	{"\xFF=x", "UTF-8",
         "Unable to read config\n+ java.nio.charset.MalformedInputException: Input length = 1"},
	/* The order of several keys is our own. */
	{"foo=1\nabc=4\nFoo=1", "UTF-8",
         "Unknown configuration properties: Foo,abc,foo. Please check your script config files"},
};

START_TEST(says_what_is_wrong)
{
	struct script_config config;

	ck_assert_msg(!read_config(invalid[_i].text, invalid[_i].encoding, &config), "%s",
	              invalid[_i].text);
	ck_assert_str_eq(scratch_error(&scratch), invalid[_i].message);
	ck_assert_int_eq(scratch.err.exit_status, EXIT_FAILED);
}
END_TEST

/* As they are written: placeholders are replaced later, and nobody looks at the form here. */
static const struct {
	const char *text, *condition;
} conditions[] = {
	{"shouldExecute=true", "true"},
	{"encoding=UTF-8\nshouldExecute = ${a}==b \n", "${a}==b"},
	{"shouldExecute=a==b && \\\n  c!=d", "a==b && c!=d"},
	{"shouldExecute==a", "=a"},
	{"shouldExecute=", ""},
	{"encoding=UTF-8", NULL},
};

START_TEST(reads_conditions)
{
	struct script_config config;

	ck_assert_msg(read_config(conditions[_i].text, "UTF-8", &config), "%s",
	              scratch.err.message);
	ck_assert_msg(str_same(config.should_execute, conditions[_i].condition), "%s: %s",
	              conditions[_i].text,
	              config.should_execute != NULL ? config.should_execute : "none");
}
END_TEST

START_TEST(opens_nothing_without_a_file)
{
	struct script_config config;

	ck_assert(
		script_config_read(&scratch.arena, "a.sql", false, "UTF-8", &config, &scratch.err));
	ck_assert_int_eq(config.execute_in_transaction, UNSET);
}
END_TEST

START_TEST(refuses_a_folder)
{
	struct script_config config;

	scratch_write("a.sql.conf/V1__a.sql", "");
	ck_assert(
		!script_config_read(&scratch.arena, "a.sql", true, "UTF-8", &config, &scratch.err));
	ck_assert_str_eq(scratch_error(&scratch), "Unable to read config\n+ Is a directory");
}
END_TEST

static const struct {
	const char *what;
	size_t bytes;
	const char *message;
} sizes[] = {
	{"a megabyte", 1 << 20, ""},
	{"more than a megabyte", (1 << 20) + 1, "a.sql.conf is longer than 1048576 bytes"},
};

START_TEST(limits_the_size)
{
	struct buf text = BUF_EMPTY(2 << 20);
	struct script_config config;

	buf_repeat(&text, '\n', sizes[_i].bytes);
	scratch_write_bytes("a.sql.conf", text.ptr, text.len);
	buf_release(&text);
	bool ok = script_config_read(&scratch.arena, "a.sql", true, "UTF-8", &config, &scratch.err);
	const char *said = ok ? "" : scratch_error(&scratch);
	ck_assert_msg(str_same(said, sizes[_i].message), "%s: %s", sizes[_i].what, said);
}
END_TEST

START_TEST(says_that_there_is_no_file)
{
	struct script_config config;

	ck_assert(
		!script_config_read(&scratch.arena, "a.sql", true, "UTF-8", &config, &scratch.err));
	ck_assert_str_eq(scratch_error(&scratch),
	                 "Unable to read file a.sql.conf: No such file or directory");
}
END_TEST

Suite *script_config_suite(void)
{
	Suite *suite = suite_create("script_config");
	TCase *tc = tcase_create("script_config");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, reads_settings, 0, COUNT(valid));
	tcase_add_loop_test(tc, says_what_is_wrong, 0, COUNT(invalid));
	tcase_add_loop_test(tc, reads_conditions, 0, COUNT(conditions));
	tcase_add_test(tc, opens_nothing_without_a_file);
	tcase_add_test(tc, refuses_a_folder);
	tcase_add_loop_test(tc, limits_the_size, 0, COUNT(sizes));
	tcase_add_test(tc, says_that_there_is_no_file);
	suite_add_tcase(suite, tc);
	return suite;
}
