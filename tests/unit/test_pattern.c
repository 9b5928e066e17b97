/* SPDX-License-Identifier: Apache-2.0 */
/* test_pattern.c - ignoreMigrationPatterns; all recorded from Flyway 12.4.0 */
#include "suites.h"

#include "cflyway/migration/pattern.h"

#define HELP                                                                                       \
	"https://help.red-gate.com/help/flyway-cli12/help_4.aspx?topic=reference/configuration/"   \
	"flyway-namespace/flyway-ignore-migration-patterns-setting"
#define NO_PATTERN(text)                                                                           \
	"Invalid pattern '" text "'. Pattern must be of the form <migration_type>:"                \
	"<migration_state> See " HELP " for full details"
#define NO_TYPE(text)                                                                              \
	"Invalid migration type '" text "'. Valid types are: [*, repeatable, versioned]"
#define NO_STATE(text)                                                                             \
	"Invalid migration state '" text                                                           \
	"'. Valid states are: [*, missing, pending, ignored, future]"

static struct arena arena;

static void setup(void)
{
	arena_init(&arena);
}

static void teardown(void)
{
	arena_release(&arena);
}

static struct str_list list_of(const char *text)
{
	struct str_list list = {0};
	struct str rest = str_of(text);

	while (rest.ptr != NULL)
		str_list_add(&arena, &list, str_dup(&arena, str_cut(&rest, ',')));
	return list;
}

static struct pattern_list parsed(const char *text)
{
	struct str_list texts = list_of(text);
	struct pattern_list list;
	struct error err = ERROR_INIT(&arena);

	ck_assert_msg(pattern_list_parse(&arena, &texts, &list, &err), "%s: %s", text, err.message);
	return list;
}

static const struct {
	const char *text, *message;
} invalid[] = {
	{"versioned", NO_PATTERN("versioned")},
	{"a:b:c", NO_PATTERN("a:b:c")},
	{":", NO_PATTERN(":")},
	{"*:", NO_PATTERN("*:")},
	{"*::pending", NO_PATTERN("*::pending")},
	{",*:pending", NO_PATTERN("")},
	{"foo:pending", NO_TYPE("foo")},
	{" Foo : pending", NO_TYPE(" Foo ")},
	{"foo:bar", NO_TYPE("foo")},
	{":*", NO_TYPE("")},
	{"*:bogus", NO_STATE("bogus")},
	{"versioned : pending,repeatable:x", NO_STATE("x")},
	{"*:failed (missing)", NO_STATE("failed (missing)")},
};

START_TEST(refuses_what_is_no_pattern)
{
	struct str_list texts = list_of(invalid[_i].text);
	struct pattern_list list;
	struct error err = ERROR_INIT(&arena);

	ck_assert(!pattern_list_parse(&arena, &texts, &list, &err));
	ck_assert_str_eq(err.message, invalid[_i].message);
}
END_TEST

/* Pending versioned, pending repeatable, missing versioned; is pending ignored? */
static const struct {
	const char *text, *result;
} matching[] = {
	{"", "no no no no"},
	{"*:future", "no no no no"},
	{"*:pending", "yes yes no yes"},
	{"*:pending:", "yes yes no yes"},
	{"VERSIONED:Pending", "yes no no no"},
	{" versioned : pending ", "yes no no no"},
	{"repeatable:pending", "no yes no no"},
	{"versioned:Pending,repeatable:PENDING", "yes yes no yes"},
	{"*:*", "yes yes yes no"},
	{"versioned:*,*:missing", "yes no yes no"},
};

START_TEST(matches_types_and_states)
{
	struct pattern_list list = parsed(matching[_i].text);
	bool results[] = {
		pattern_list_matches(&list, true, PATTERN_PENDING),
		pattern_list_matches(&list, false, PATTERN_PENDING),
		pattern_list_matches(&list, true, PATTERN_MISSING),
		pattern_list_ignores(&list, PATTERN_PENDING),
	};
	struct str_list words = {0};

	for (size_t i = 0; i < COUNT(results); i++)
		str_list_add(&arena, &words, results[i] ? "yes" : "no");
	ck_assert_str_eq(str_list_join(&arena, &words, " "), matching[_i].result);
}
END_TEST

START_TEST(states_without_a_name_match_the_star_only)
{
	struct pattern_list all = parsed("versioned:*"), pending = parsed("*:pending");

	ck_assert(pattern_list_matches(&all, true, PATTERN_ANY_STATE));
	ck_assert(!pattern_list_matches(&all, false, PATTERN_ANY_STATE));
	ck_assert(!pattern_list_matches(&pending, true, PATTERN_ANY_STATE));
}
END_TEST

START_TEST(adds_a_pattern_to_a_copy)
{
	struct pattern_list list = parsed("*:future");
	struct pattern_list longer =
		pattern_list_with(&arena, &list, PATTERN_ANY_TYPE, PATTERN_PENDING);

	ck_assert_uint_eq(list.n, 1);
	ck_assert_uint_eq(longer.n, 2);
	ck_assert(pattern_list_ignores(&longer, PATTERN_PENDING));
	ck_assert(pattern_list_ignores(&longer, PATTERN_FUTURE));
}
END_TEST

Suite *pattern_suite(void)
{
	Suite *suite = suite_create("pattern");
	TCase *tc = tcase_create("pattern");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, refuses_what_is_no_pattern, 0, COUNT(invalid));
	tcase_add_loop_test(tc, matches_types_and_states, 0, COUNT(matching));
	tcase_add_test(tc, states_without_a_name_match_the_star_only);
	tcase_add_test(tc, adds_a_pattern_to_a_copy);
	suite_add_tcase(suite, tc);
	return suite;
}
