/* SPDX-License-Identifier: Apache-2.0 */
/* test_sqlite_wait.c - when to look at who is in the way of a wait of SQLite's */
#include "suites.h"

#include "../../src/db/sqlite/sqlite.h"

/* The sleeps of SQLite as "FROM..TO/STEP" in ms; the moments at which a look is due. */
static const struct {
	const char *name;
	struct {
		int64_t from_ms, to_ms, step_ms;
	} sleeps[3];
	int64_t due_ms[6]; /* ends with 0 */
} waits[] = {
	{"a short one", {{1, 901, 100}}, {0}},
	{"a second", {{1, 1101, 100}}, {1001}},
	{"again after ten seconds, a minute, five minutes, and every five",
         {{1, 900001, 100}},
         {1001, 10001, 60001, 300001, 600001, 900001}},
	{"a wait that ends, and another one", {{1, 901, 100}, {5000, 6000, 100}}, {6000}},
	{"two short ones do not add up", {{1, 901, 100}, {1500, 2400, 100}}, {0}},
	{"each begins anew", {{1, 1201, 100}, {3000, 4000, 100}}, {1001, 4000}},
	{"sleeps of one wait may be a little late", {{1, 1501, 500}}, {1001}},
};

START_TEST(looks_when_it_is_due)
{
	struct sqlite_wait wait = {0};
	size_t n = 0;

	for (size_t i = 0; i < COUNT(waits[_i].sleeps) && waits[_i].sleeps[i].step_ms > 0; i++)
		for (int64_t now_ms = waits[_i].sleeps[i].from_ms;
		     now_ms <= waits[_i].sleeps[i].to_ms; now_ms += waits[_i].sleeps[i].step_ms) {
			if (!sqlite_wait_is_due(&wait, now_ms))
				continue;
			ck_assert_msg(n < COUNT(waits[_i].due_ms) && waits[_i].due_ms[n] == now_ms,
			              "%s: at %d", waits[_i].name, (int)now_ms);
			n++;
		}
	ck_assert_msg(n == COUNT(waits[_i].due_ms) || waits[_i].due_ms[n] == 0, "%s: %zu looks",
	              waits[_i].name, n);
}
END_TEST

Suite *sqlite_wait_suite(void)
{
	Suite *suite = suite_create("sqlite_wait");
	TCase *tc = tcase_create("sqlite_wait");

	tcase_add_loop_test(tc, looks_when_it_is_due, 0, COUNT(waits));
	suite_add_tcase(suite, tc);
	return suite;
}
