/* SPDX-License-Identifier: Apache-2.0 */
/* test_client_command_remedy.c - what a script says in place of a command of psql or sqlite3 */
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/sql/client_command_remedy.h"

static const struct {
	const char *text, *client, *command, *instead; /* instead: a part of it */
	bool has_secrets;
} commands[] = {
	{"\\i a.sql", "psql", "\\i", "make a migration of it", false},
	{"\\include_relative a.sql", "psql", "\\include_relative", "make a migration of it", false},
	{"\\set x 5ecr3t\nselect 1", "psql", "\\set", "${name}", true},
	{"\\c other", "psql", "\\c", "environment", true},
	{"\\connect", "psql", "\\connect", "environment", true},
	{"\\copy t from x", "psql", "\\copy", "COPY ... FROM STDIN", false},
	{"\\echo hello", "psql", "\\echo", "RAISE NOTICE", false},
	{"\\!ls", "psql", "\\!", "V2__name.sh", true},
	{"\\pset x", "psql", "\\pset", "leave it out", false},
	{".read x.sql", "sqlite3", ".read", "make a migration of it", false},
	{".mode csv", "sqlite3", ".mode", "leave it out", false},
};

START_TEST(finds_commands)
{
	struct client_command_remedy found;

	ck_assert(client_command_remedy_find(str_of(commands[_i].text), &found));
	ck_assert_str_eq(found.client, commands[_i].client);
	ck_assert_uint_eq(found.command.len, strlen(commands[_i].command));
	ck_assert(str_eq(found.command, str_of(commands[_i].command)));
	ck_assert_int_eq(found.has_secrets, commands[_i].has_secrets);
	ck_assert_ptr_nonnull(strstr(found.instead, commands[_i].instead));
}
END_TEST

static const char *const others[] = {"", "select 1", " \\i", "\\", "\\1", ".", ".5", "...", "i"};

START_TEST(finds_nothing_else)
{
	struct client_command_remedy found;

	ck_assert(!client_command_remedy_find(str_of(others[_i]), &found));
}
END_TEST

Suite *client_command_remedy_suite(void)
{
	Suite *suite = suite_create("client_command_remedy");
	TCase *tc = tcase_create("client_command_remedy");

	tcase_add_loop_test(tc, finds_commands, 0, COUNT(commands));
	tcase_add_loop_test(tc, finds_nothing_else, 0, COUNT(others));
	suite_add_tcase(suite, tc);
	return suite;
}
