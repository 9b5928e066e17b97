/* SPDX-License-Identifier: Apache-2.0 */
/* test_error_overrides.c - the rules of errorOverrides */
#include "suites.h"

#include "cflyway/config/error_overrides.h"
#include "cflyway/config/option_value.h"

static bool parse(struct arena *arena, const char *list, struct error_overrides *overrides,
                  struct error *err)
{
	struct str_list texts = option_parse_list(arena, list);

	return error_overrides_parse(arena, &texts, overrides, err);
}

/* shown: the behaviour and the line of the rule that counts; NULL: none matches. */
static const struct {
	const char *list, *state;
	int code;
	char behaviour;
	const char *line;
} cases[] = {
	{"42P01:0:D", "42P01", 0, 'D', "text (SQL state: 42P01, error code: 0)"},
	{"42P01:0:I", "42P01", 0, 'I', "text (SQL state: 42P01, error code: 0)"},
	{"42P01:0:W", "42P01", 0, 'W', "text (SQL state: 42P01, error code: 0)"},
	{"42P01:0:E", "42P01", 0, 'E', "text (SQL state: 42P01, error code: 0)"},
	{"42P01:0:D-", "42P01", 0, 'D', "text"},
	{"42P01:0:I-", "42P01", 0, 'I', "text"},
	{"42P01:0:W-", "42P01", 0, 'W', "text"},
	{"42P01:0:E-", "42P01", 0, 'E', "text"},
	{"42P01:0:D+", "42P01", 0, 'D', "(SQL state: 42P01, error code: 0)"},
	{"42P01:0:I+", "42P01", 0, 'I', "(SQL state: 42P01, error code: 0)"},
	{"42P01:0:W+", "42P01", 0, 'W', "(SQL state: 42P01, error code: 0)"},
	{"42P01:0:E+", "42P01", 0, 'E', "(SQL state: 42P01, error code: 0)"},
	{"42P01:1:W", "42P01", 0, 0, NULL},
	{"42P02:0:W", "42P01", 0, 0, NULL},
	{"42p01:0:W", "42P01", 0, 0, NULL},
	{"*:0:W-", "42P01", 0, 'W', "text"},
	{"42P01:*:W-", "42P01", 7, 'W', "text"},
	{"*:*:W-", "99999", -3, 'W', "text"},
	{"*:-3:I-", "99999", -3, 'I', "text"},
	{"*:19:W", NULL, 19, 'W', "text (SQL state: null, error code: 19)"},
	{"00000:19:W", NULL, 19, 0, NULL},
	{"42P01:0:I-,42P01:0:W", "42P01", 0, 'I', "text"},
	{"*:*:E,42P01:0:W", "42P01", 0, 'E', "text (SQL state: 42P01, error code: 0)"},
	{"42P02:0:I, 42P01:0:W- ", "42P01", 0, 'W', "text"},
	{"", "42P01", 0, 0, NULL},
};

START_TEST(finds_the_first_rule)
{
	struct arena arena = ARENA_EMPTY;
	struct error err = ERROR_INIT(&arena);
	struct error_overrides overrides;

	ck_assert_msg(parse(&arena, cases[_i].list, &overrides, &err), "%s", err.message);
	const struct error_override *rule =
		error_overrides_find(&overrides, cases[_i].state, cases[_i].code);
	ck_assert_msg((rule != NULL) == (cases[_i].line != NULL), "%s", cases[_i].list);
	if (rule != NULL) {
		ck_assert_int_eq("DIWE"[rule->behaviour], cases[_i].behaviour);
		ck_assert_str_eq(
			error_override_line(rule, &arena, cases[_i].state, cases[_i].code, "text"),
			cases[_i].line);
	}
	arena_release(&arena);
}
END_TEST

static const char *const invalid[] = {
	"x",          "42P01",      "42P01:0",     "42P01:0:",   "42P01:0:X",  "42P01:0:w",
	"42P01:0:W*", "42P01:0:WW", "42P01:0:W+-", "42P01::W",   ":0:W",       "42P0:0:W",
	"42P012:0:W", "42P0*:0:W",  "42P01:x:W",   "42P01:1x:W", "42P01:0:W:", "'42P01:0:W'",
};

START_TEST(refuses_other_forms)
{
	struct arena arena = ARENA_EMPTY;
	struct error err = ERROR_INIT(&arena);
	struct error_overrides overrides;

	ck_assert(!parse(&arena, invalid[_i], &overrides, &err));
	ck_assert_str_eq(err.message,
	                 arena_printf(&arena,
	                              "Invalid error override: %s (STATE:CODE:BEHAVIOUR, e.g. "
	                              "42P01:0:W)",
	                              invalid[_i]));
	ck_assert_int_eq(err.code, ERROR_CONFIGURATION);
	arena_release(&arena);
}
END_TEST

static const struct {
	const char *list;
	bool can_downgrade;
} downgrades[] = {
	{"", false},     {"01000:0:E", false},           {"01000:0:E,*:*:E+", false},
	{"*:*:D", true}, {"01000:0:E,42P01:0:I-", true}, {"*:*:W,*:*:E", true},
};

START_TEST(knows_whether_errors_can_pass)
{
	struct arena arena = ARENA_EMPTY;
	struct error err = ERROR_INIT(&arena);
	struct error_overrides overrides;

	ck_assert(parse(&arena, downgrades[_i].list, &overrides, &err));
	ck_assert(overrides.can_downgrade == downgrades[_i].can_downgrade);
	arena_release(&arena);
}
END_TEST

Suite *error_overrides_suite(void)
{
	Suite *suite = suite_create("error_overrides");
	TCase *tc = tcase_create("error_overrides");

	tcase_add_loop_test(tc, finds_the_first_rule, 0, COUNT(cases));
	tcase_add_loop_test(tc, refuses_other_forms, 0, COUNT(invalid));
	tcase_add_loop_test(tc, knows_whether_errors_can_pass, 0, COUNT(downgrades));
	suite_add_tcase(suite, tc);
	return suite;
}
