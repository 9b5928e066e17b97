/* SPDX-License-Identifier: Apache-2.0 */
/* test_aliases.c - the words that stand for commands, as one table */
#include "suites.h"

#include "cflyway/commands/aliases.h"
#include "cflyway/config/options.h"

#include <string.h>

START_TEST(names_commands_and_options_that_exist)
{
	const struct verb *alias = &aliases[_i];

	/* A word for several commands begins with one of the same name, whose help it has. */
	if (alias->commands[1] == NULL)
		ck_assert_ptr_null(command_find(alias->name));
	else
		ck_assert_str_eq(alias->commands[0], alias->name);
	ck_assert_ptr_nonnull(alias->help);
	for (size_t i = 0; alias->commands[i] != NULL; i++) {
		const struct command *command = command_find(alias->commands[i]);

		ck_assert_ptr_nonnull(command);
		ck_assert_ptr_nonnull(command->run);
	}
	if (alias->option != NULL)
		ck_assert_ptr_nonnull(option_find(alias->option));
	if (alias->default_option != NULL)
		ck_assert_ptr_nonnull(option_find(alias->default_option));
	if (alias->operand != NULL)
		ck_assert((alias->operand->read == NULL) != (alias->operand->words_of == NULL));
}
END_TEST

START_TEST(has_each_word_once)
{
	for (size_t i = 0; i < alias_count; i++)
		ck_assert_ptr_eq(alias_find(aliases[i].name), &aliases[i]);
	ck_assert_ptr_null(alias_find("migrate"));
	ck_assert_ptr_null(alias_find(""));
}
END_TEST

START_TEST(finds_commands_and_aliases)
{
	struct verb verb;

	ck_assert(verb_find("down", &verb));
	ck_assert_str_eq(verb.commands[0], "undo");
	ck_assert(verb_find("check", &verb));
	ck_assert_str_eq(verb.commands[0], "check");
	ck_assert_ptr_null(verb.operand);
	ck_assert(verb_find("new", &verb));
	ck_assert_str_eq(verb.operand->words_of, "add.description");
	ck_assert(!verb_find("Down", &verb));
}
END_TEST

static const struct {
	const char *verb, *word, *option, *value; /* option NULL: no operand */
} operands[] = {
	{"down", "1", "steps", "1"},
	{"down", "9999", "steps", "9999"},
	{"down", "0", NULL, NULL},
	{"down", "01", NULL, NULL},
	{"down", "10000", NULL, NULL},
	{"down", "", NULL, NULL},
	{"down", "1a", NULL, NULL},
	{"down", "base", NULL, NULL},
	{"rollback", "-1", NULL, NULL},
	{"downgrade", "-1", "steps", "1"},
	{"downgrade", "2", "steps", "2"},
	{"downgrade", "base", "steps", "all"},
	{"downgrade", "--1", NULL, NULL},
	{"downgrade", "-", NULL, NULL},
	{"upgrade", "head", "target", "latest"},
	{"upgrade", "heads", "target", "latest"},
	{"upgrade", "+1", "target", "next"},
	{"upgrade", "+2", NULL, NULL},
	{"upgrade", "20240131", "target", "20240131"},
	{"upgrade", "info", NULL, NULL},
};

START_TEST(reads_operands)
{
	const struct operand *operand = alias_find(operands[_i].verb)->operand;
	struct arena arena = ARENA_EMPTY;
	const char *option = NULL, *value = NULL;
	bool is_operand = operand->read(&arena, operands[_i].word, &option, &value);

	ck_assert_msg(is_operand == (operands[_i].option != NULL), "%s", operands[_i].word);
	if (is_operand) {
		ck_assert_str_eq(option, operands[_i].option);
		ck_assert_str_eq(value, operands[_i].value);
	}
	arena_release(&arena);
}
END_TEST

START_TEST(stands_for_a_command)
{
	ck_assert(alias_is_of(alias_find("up"), &command_migrate));
	ck_assert(!alias_is_of(alias_find("up"), &command_undo));
	ck_assert(!alias_is_of(alias_find("fresh"), &command_fresh));
}
END_TEST

Suite *aliases_suite(void)
{
	Suite *suite = suite_create("aliases");
	TCase *tc = tcase_create("aliases");

	tcase_add_loop_test(tc, names_commands_and_options_that_exist, 0, (int)alias_count);
	tcase_add_test(tc, has_each_word_once);
	tcase_add_test(tc, finds_commands_and_aliases);
	tcase_add_loop_test(tc, reads_operands, 0, COUNT(operands));
	tcase_add_test(tc, stands_for_a_command);
	suite_add_tcase(suite, tc);
	return suite;
}
