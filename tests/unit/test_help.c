/* test_help.c - help about a command names options that work */
#include "suites.h"

#include "scratch.h"

#include "cflyway/config/options.h"
#include "cflyway/output/help.h"

static struct scratch scratch;

static void setup(void)
{
	scratch_open(&scratch);
}

static void teardown(void)
{
	scratch_close(&scratch);
}

START_TEST(describes_every_command)
{
	const struct command *command = commands[_i];
	struct str options = str_of(command->options);

	help_print_command(command, &scratch.log);
	const char *text = scratch_lines(&scratch);
	ck_assert_ptr_nonnull(strstr(text, command->summary));
	while (options.len > 0) {
		const char *key = str_dup(&scratch.arena, str_cut(&options, ','));
		const struct option_spec *spec = option_find(key);

		ck_assert_msg(spec != NULL && spec->status == OPTION_WORKS, "%s", key);
		ck_assert_ptr_nonnull(strstr(text, key));
	}
}
END_TEST

Suite *help_suite(void)
{
	Suite *suite = suite_create("help");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, describes_every_command, 0, (int)command_count);
	suite_add_tcase(suite, tc);
	return suite;
}
