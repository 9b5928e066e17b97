/* SPDX-License-Identifier: Apache-2.0 */
/* test_undo_turns.c - whose migrations are taken back, when several targets take turns */
#include "scratch.h"
#include "suites.h"

#include "cflyway/base/attr.h"

#include "../../src/main/undo_turns.h"

#include <string.h>

enum { CANDIDATES_MAX = 16 };

static struct scratch scratch;

static void setup(void)
{
	scratch_open(&scratch);
}

static void teardown(void)
{
	scratch_close(&scratch);
}

/*
 * Candidates are words, "a5": target a has one that was applied at 5; those of a target stand in the
 * order of its undo. Turns are shown likewise: "a2" takes two of a back.
 */
static const struct {
	const char *what, *candidates;
	size_t limit;
	const char *turns, *one_each;
} cases[] = {
	{"the last of all", "a1 b2", 1, "b1", "b1"},
	{"one after the other", "a3 a1 b2", 3, "a1 b1 a1", "a2 b1"},
	{"several of one target are one turn", "a3 a2 b1", 3, "a2 b1", "a2 b1"},
	{"fewer than wanted", "a1", 5, "a1", "a1"},
	{"none", "", 5, "", ""},
	{"none is wanted", "a1", 0, "", ""},
	{"the last target has the last of equal times", "a1 b1 c1", 2, "c1 b1", "c1 b1"},
	{"of equal times in one target, as its undo has them", "a1 a1 b0", 2, "a2", "a2"},
	{"times in the wrong order: a target keeps to the clock", "a1 a2 b1", 2, "a1 b1", "a1 b1"},
};

static size_t read_candidates(const char *text, struct undo_turn_candidate *candidates)
{
	struct str rest = str_of(text);
	size_t n = 0, places[CANDIDATES_MAX] = {0};

	while (rest.len > 0) {
		const char *word = str_dup(&scratch.arena, str_cut(&rest, ' '));
		size_t target = (size_t)(word[0] - 'a');

		candidates[n++] = (struct undo_turn_candidate){target, word + 1, places[target]++};
	}
	return n;
}

static const char *divide(const char *text, size_t limit, bool one_each)
{
	struct undo_turn_candidate candidates[CANDIDATES_MAX];
	struct undo_turn turns[CANDIDATES_MAX];
	struct str_list shown = {0};
	size_t n = read_candidates(text, candidates);

	n = undo_turns_divide(candidates, n, limit, one_each, turns);
	for (size_t i = 0; i < n; i++)
		str_list_add(&scratch.arena, &shown,
		             arena_printf(&scratch.arena, "%c%zu", 'a' + (int)turns[i].target,
		                          turns[i].steps));
	return str_list_join(&scratch.arena, &shown, " ");
}

START_TEST(takes_back_the_last_of_all)
{
	const char *turns = divide(cases[_i].candidates, cases[_i].limit, false);
	const char *one_each = divide(cases[_i].candidates, cases[_i].limit, true);

	ck_assert_msg(strcmp(turns, cases[_i].turns) == 0, "%s: %s instead of %s", cases[_i].what,
	              turns, cases[_i].turns);
	ck_assert_msg(strcmp(one_each, cases[_i].one_each) == 0, "%s: %s instead of %s",
	              cases[_i].what, one_each, cases[_i].one_each);
}
END_TEST

START_TEST(is_wanted_of_one_verb_over_several_targets)
{
	struct invocation down = {.takes_turns = true, .verbs = {0}};
	struct targets one = {.n = 1}, two = {.n = 2};

	str_list_add(&scratch.arena, &down.verbs, "undo");
	ck_assert(undo_turns_wanted(&down, &two));
	ck_assert(!undo_turns_wanted(&down, &one));
	down.takes_turns = false;
	ck_assert(!undo_turns_wanted(&down, &two));
	down.takes_turns = true;
	str_list_add(&scratch.arena, &down.verbs, "migrate");
	ck_assert(!undo_turns_wanted(&down, &two));
}
END_TEST

Suite *undo_turns_suite(void)
{
	Suite *suite = suite_create("undo_turns");
	TCase *tc = tcase_create("undo_turns");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, takes_back_the_last_of_all, 0, COUNT(cases));
	tcase_add_test(tc, is_wanted_of_one_verb_over_several_targets);
	suite_add_tcase(suite, tc);
	return suite;
}
