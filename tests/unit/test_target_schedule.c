/* SPDX-License-Identifier: Apache-2.0 */
/* test_target_schedule.c - which target begins next: after, failures, several at a time */
#include "scratch.h"
#include "suites.h"

#include "cflyway/base/attr.h"

#include "../../src/main/target_schedule.h"

#include <stdlib.h>

static struct scratch scratch;
static struct targets targets;
static struct target_schedule schedule;

static void setup(void)
{
	scratch_open(&scratch);
}

static void teardown(void)
{
	scratch_close(&scratch);
}

/*
 * Targets are words: "c:a,b" is c, which runs after a and b. Events: "+x" and "-x": x succeeds,
 * fails; "!": the run is stopped. In the beginning and after each event all moves are made, and
 * shown: "x" begins, "(x:y)" x is skipped because of y, "[x]" is not begun, "." is the end.
 */
static const struct {
	const char *what, *targets;
	size_t limit;
	bool stops_on_error;
	const char *events, *moves;
} cases[] = {
	{"one after the other", "a b c", 1, false, "+a +b +c", "a|b|c|."},
	{"two at a time", "a b c d", 2, false, "+a +b +d +c", "a b|c|d||."},
	{"more places than targets", "a b", 5, false, "+b +a", "a b||."},
	{"none", "", 1, false, "", "."},
	{"others go on after a failure", "a b c", 1, false, "-a +b -c", "a|b|c|."},
	{"nothing begins after a failure", "a b c", 1, true, "-a", "a|[b] [c] ."},
	{"what runs may end after a failure", "a b c", 2, true, "-a +b", "a b|[c]|."},
	{"success is no failure", "a b", 1, true, "+a -b", "a|b|."},
	{"a target waits", "a b:a c", 2, false, "+a +b +c", "a c|b||."},
	{"a target waits for one that runs longer", "a b:a c d", 2, false, "+c +d +a +b",
         "a c|d||b|."},
	{"a target waits for two", "a b c:a,b", 3, false, "+b +a +c", "a b||c|."},
	{"a target is skipped", "a b:a c", 1, false, "-a +c", "a|(b:a) c|."},
	{"a target is skipped as soon as one has failed", "a b c:a,b", 2, false, "-b +a",
         "a b|(c:b)|."},
	{"skipped in a row", "a b:a c:b d:c", 1, false, "-a", "a|(b:a) (c:b) (d:c) ."},
	{"a target that waits is not begun after a failure", "a b:a c", 2, true, "-c +a",
         "a c|[b]|."},
	{"a stop", "a b c", 2, false, "! -a +b", "a b|[c]||."},
	{"two become free at once", "a b:a c:a d e", 3, false, "+a +b +c +d +e", "a d e|b|c|||."},
};

static size_t number_of(struct str name)
{
	for (size_t i = 0; i < targets.n; i++)
		if (str_eq(name, str_of(targets.items[i].name)))
			return i;
	abort();
}

static void make_targets(const char *text)
{
	struct arena *arena = &scratch.arena;
	struct str rest = str_of(text);

	targets = (struct targets){0};
	while (rest.len > 0) {
		struct str after = str_cut(&rest, ' ');
		struct target target = {.name = str_dup(arena, str_cut(&after, ':'))};

		while (after.len > 0)
			str_list_add(arena, &target.after, str_dup(arena, str_cut(&after, ',')));
		targets_add(arena, &targets, &target);
	}
}

static const char *name_of(size_t i)
{
	return targets.items[i].name;
}

/* Makes all moves that can be made now. */
static const char *move(void)
{
	struct arena *arena = &scratch.arena;
	struct str_list moves = {0};

	for (;;) {
		struct target_next next = target_schedule_next(&schedule);
		const char *shown = ".";

		if (next.move == MOVE_WAIT)
			break;
		if (next.move == MOVE_BEGIN)
			shown = name_of(next.i);
		else if (next.move == MOVE_SKIP)
			shown = arena_printf(arena, "(%s:%s)", name_of(next.i),
			                     name_of(next.because));
		else if (next.move == MOVE_NOT_BEGIN)
			shown = arena_printf(arena, "[%s]", name_of(next.i));
		str_list_add(arena, &moves, shown);
		if (next.move == MOVE_END)
			break;
		schedule.states[next.i] = next.move == MOVE_BEGIN  ? TARGET_RUNNING
		                          : next.move == MOVE_SKIP ? TARGET_SKIPPED
		                                                   : TARGET_NOT_BEGUN;
	}
	return str_list_join(arena, &moves, " ");
}

static void happen(struct str event)
{
	if (event.ptr[0] == '!') {
		schedule.is_stopped = true;
		return;
	}
	size_t i = number_of(str_sub(event, 1, event.len));
	ck_assert_int_eq(schedule.states[i], TARGET_RUNNING);
	schedule.states[i] = event.ptr[0] == '+' ? TARGET_SUCCEEDED : TARGET_FAILED;
}

START_TEST(begins_what_can_begin)
{
	struct str_list moves = {0};
	struct str rest = str_of(cases[_i].events);

	make_targets(cases[_i].targets);
	target_schedule_open(&schedule, &scratch.arena, &targets, cases[_i].limit,
	                     !cases[_i].stops_on_error);
	str_list_add(&scratch.arena, &moves, move());
	while (rest.len > 0) {
		happen(str_cut(&rest, ' '));
		str_list_add(&scratch.arena, &moves, move());
	}
	const char *got = str_list_join(&scratch.arena, &moves, "|");
	ck_assert_msg(strcmp(got, cases[_i].moves) == 0, "%s: %s instead of %s", cases[_i].what,
	              got, cases[_i].moves);
}
END_TEST

Suite *target_schedule_suite(void)
{
	Suite *suite = suite_create("target_schedule");
	TCase *tc = tcase_create("target_schedule");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, begins_what_can_begin, 0, COUNT(cases));
	suite_add_tcase(suite, tc);
	return suite;
}
