/* SPDX-License-Identifier: Apache-2.0 */
/* test_lock_rule.c - the locks of statements that cannot run in a transaction */
#include "scratch.h"
#include "suites.h"

#include "cflyway/sql/lock_rule.h"

static struct scratch scratch;

static void setup(void)
{
	scratch_open(&scratch);
}

static void teardown(void)
{
	scratch_close(&scratch);
}

/* "NAME LEVEL, …; awaited LEVEL"; NULL: no lock. */
static const struct {
	const char *statement, *locks;
} statements[] = {
	{"create index concurrently i on t (a)", "t 4; awaited 5"},
	{"-- a comment\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON ONLY app.\"T\" (a)",
         "app.\"T\" 4; awaited 5"},
	{"create index concurrently on t using gin (a)", "t 4; awaited 5"},
	{"create index concurrently \"on\" on/**/\"a \"\"t\"\"\"(a)",
         "\"a \"\"t\"\"\" 4; awaited 5"},
	{"create index i on t (a)", NULL},
	{"create index concurrently i", NULL},
	{"create index concurrently i on", NULL},
	{"create table t (a int)", NULL},
	{"drop index concurrently t_v", "t_v 4; awaited 8"},
	{"drop index concurrently if exists a, \"B\".c cascade", "a 4, \"B\".c 4; awaited 8"},
	{"drop index t_v", NULL},
	{"drop table t", NULL},
	{"reindex index concurrently t_a", "t_a 4; awaited 8"},
	{"reindex table concurrently t", "t 4; awaited 8"},
	{"reindex (verbose, concurrently) table t", "t 4; awaited 8"},
	{"reindex (verbose) table t", NULL},
	{"reindex schema public", NULL},
	{"reindex database concurrently d", NULL},
	{"vacuum t", "t 4; awaited 0"},
	{"vacuum", NULL},
	{"vacuum;", NULL},
	{"vacuum full t", "t 8; awaited 0"},
	{"vacuum full freeze verbose analyze t, app.u (a, b), v", "t 8, app.u 8, v 8; awaited 0"},
	{"vacuum analyse t", "t 4; awaited 0"},
	{"vacuum (analyze, full) t (a), u", "t 8, u 8; awaited 0"},
	{"vacuum (parallel 2) t", "t 4; awaited 0"},
	{"vacuum (", NULL},
	{"alter table p detach partition p_1 concurrently", "p 4, p_1 8; awaited 8"},
	{"alter table if exists only app.p * detach partition app.p_1 concurrently",
         "app.p 4, app.p_1 8; awaited 8"},
	{"alter table p detach partition p_1", NULL},
	{"alter table p detach partition p_1 finalize", NULL},
	{"alter system set work_mem = '5MB'", NULL},
	{"create database d", NULL},
	{"/* open", NULL},
	{"vacuum \"open", "\"open 4; awaited 0"},
	{"vacuum a.", "a. 4; awaited 0"},
	{"", NULL},
};

static const char *describe(const struct lock_rule *rule)
{
	struct str_list locks = {0};

	for (size_t i = 0; i < rule->n; i++)
		str_list_add(&scratch.arena, &locks,
		             arena_printf(&scratch.arena, "%.*s %u", (int)rule->names[i].name.len,
		                          rule->names[i].name.ptr, rule->names[i].level));
	return arena_printf(&scratch.arena, "%s; awaited %u",
	                    str_list_join(&scratch.arena, &locks, ", "), rule->awaited);
}

START_TEST(finds_the_locks)
{
	struct lock_rule rule;
	const bool found = lock_rule_find(str_of(statements[_i].statement), &rule);
	const char *locks = found ? describe(&rule) : NULL;

	ck_assert_msg(str_same(locks, statements[_i].locks), "%s: %s", statements[_i].statement,
	              locks);
}
END_TEST

START_TEST(leaves_out_what_is_too_much)
{
	struct lock_rule rule;
	const char *statement = "vacuum t";

	for (size_t i = 0; i < LOCK_RULE_NAMES_MAX; i++)
		statement = arena_printf(&scratch.arena, "%s, t%zu", statement, i);
	ck_assert(lock_rule_find(str_of(statement), &rule));
	ck_assert_uint_eq(rule.n, LOCK_RULE_NAMES_MAX);
}
END_TEST

Suite *lock_rule_suite(void)
{
	Suite *suite = suite_create("lock_rule");
	TCase *tc = tcase_create("lock_rule");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, finds_the_locks, 0, COUNT(statements));
	tcase_add_test(tc, leaves_out_what_is_too_much);
	suite_add_tcase(suite, tc);
	return suite;
}
