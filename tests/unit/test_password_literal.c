/* SPDX-License-Identifier: Apache-2.0 */
/* test_password_literal.c - literals after PASSWORD are hidden, and nothing else */
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/sql/password_literal.h"

static struct arena memory;

static void set_up(void)
{
	arena_init(&memory);
}

static void tear_down(void)
{
	arena_release(&memory);
}

#define HIDDEN "'********'"

static const struct {
	const char *statement, *shown;
} statements[] = {
	{"alter role r password 's'", "alter role r password " HIDDEN},
	{"ALTER ROLE r PASSWORD\n\t's' LOGIN", "ALTER ROLE r PASSWORD\n\t" HIDDEN " LOGIN"},
	{"alter role r password 'it''s' login", "alter role r password " HIDDEN " login"},
	{"alter role r password E'a\\'b' login", "alter role r password E" HIDDEN " login"},
	{"alter role r password $$s'$$ login", "alter role r password " HIDDEN " login"},
	{"alter role r password $a$s$$t$a$ login", "alter role r password " HIDDEN " login"},
	{"set my.password = 's'", "set my.password = " HIDDEN},
	{"create server s options (user 'u', password 's')",
         "create server s options (user 'u', password " HIDDEN ")"},
	{"select f(password => 's'), f(password := 't')",
         "select f(password => " HIDDEN "), f(password := " HIDDEN ")"},
	/* in a literal, where quotes are doubled */
	{"execute 'alter role r password ''s'' login'",
         "execute 'alter role r password " HIDDEN " login'"},
	{"execute 'alter role r password ''' || x", "execute 'alter role r password " HIDDEN},
	{"alter role r password '' login 'x'", "alter role r password " HIDDEN " login 'x'"},
	{"alter role r password '''s' login", "alter role r password " HIDDEN " login"},
	{"do $$begin execute 'alter role r password ''it''''s'' login'; end$$",
         "do $$begin execute 'alter role r password " HIDDEN " login'; end$$"},
	{"execute 'alter role r password ''it''''s'''",
         "execute 'alter role r password " HIDDEN "'"},
	{"execute 'alter role r password ''''''s'''''' login'",
         "execute 'alter role r password " HIDDEN " login'"},
	{"execute E'alter role r password \\'a\\'\\'b\\' login'",
         "execute E'alter role r password " HIDDEN " login'"},
	{"execute E'alter role r password \\'s'", "execute E'alter role r password " HIDDEN},
	/* put together */
	{"execute 'alter role r password ' || quote_literal('s') || 'x'",
         "execute 'alter role r password " HIDDEN},
	{"execute concat('alter role r password ', quote_literal('s'))",
         "execute concat('alter role r password " HIDDEN},
	{"execute format('alter role r password %L', 's')",
         "execute format('alter role r password " HIDDEN},
	{"execute format('alter role %2$I password %1$L', 's', 'r')",
         "execute format('alter role %2$I password " HIDDEN},
	{"select 'password % of all', 's'", "select 'password % of all', 's'"},
	/* prefixes, and what the server joins */
	{"alter role r password E'\\'' login 'x'", "alter role r password E" HIDDEN " login 'x'"},
	{"alter role r password U&'\\0061''s' login", "alter role r password U&" HIDDEN " login"},
	{"alter role r password u&'s' uescape '!'",
         "alter role r password u&" HIDDEN " uescape '!'"},
	{"alter role r password n's' login", "alter role r password n" HIDDEN " login"},
	{"alter role r password 'a'\n 'b' login", "alter role r password " HIDDEN " login"},
	{"alter role r password $_1$s$$$_1$ login", "alter role r password " HIDDEN " login"},
	/* whether it ends at the backslash depends on a setting of the server */
	{"alter role r password 'a\\' login 's'", "alter role r password " HIDDEN},
	/* after a comment */
	{"alter role r password /* it's */ 's' login",
         "alter role r password /* it's */ " HIDDEN " login"},
	{"alter role r password -- it's\n 's' login",
         "alter role r password -- it's\n " HIDDEN " login"},
	{"alter role r password -- cut 's' login", "alter role r password -- cut " HIDDEN " login"},
	/* one that does not end */
	{"execute 'alter role r password ''s", "execute 'alter role r password " HIDDEN},
	{"alter role r password 's", "alter role r password " HIDDEN},
	{"alter role r password $$s", "alter role r password " HIDDEN},
	{"create table t (password text, a text default 'b')",
         "create table t (password text, a text default 'b')"},
	{"alter role r password null", "alter role r password null"},
	{"select passwords 's'", "select passwords 's'"},
	{"alter role r password $1", "alter role r password $1"},
	{"alter role r password", "alter role r password"},
	{"select 1", "select 1"},
};

START_TEST(hides_literals_after_password)
{
	ck_assert_str_eq(password_literal_mask(&memory, statements[_i].statement),
	                 statements[_i].shown);
}
END_TEST

Suite *password_literal_suite(void)
{
	Suite *suite = suite_create("password_literal");
	TCase *tc = tcase_create("password_literal");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, hides_literals_after_password, 0, COUNT(statements));
	suite_add_tcase(suite, tc);
	return suite;
}
