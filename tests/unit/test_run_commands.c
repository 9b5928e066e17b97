/* SPDX-License-Identifier: Apache-2.0 */
/* test_run_commands.c - whole calls on SQLite files, on one database or on several targets */
#include "capture.h"
#include "scenario.h"
#include "suites.h"

#include "cflyway/base/about.h"
#include "cflyway/commands/aliases.h"
#include "cflyway/config/args.h"
#include "cflyway/config/target_options.h"
#include "cflyway/output/output.h"

#include "../../src/main/run_commands.h"
#include "../../src/main/run_targets.h"
#include "../../src/main/signals.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGUMENTS_MAX = 16 };

static struct scenarios scenarios;
static struct scratch scratch;
static const char *home;

/* The script of sql/ runs; the callback of bad/ fails. */
static void setup(void)
{
	scratch_open(&scratch);
	home = getenv("HOME");
	setenv("HOME", scratch.root, 1);
	scratch_write("sql/V1__t.sql", "create table t(i);");
	scratch_write("bad/afterConnect.sql", "creat;");
}

static void teardown(void)
{
	unsetenv("FLYWAY_CONFIG_FILES");
	if (home != NULL)
		setenv("HOME", home, 1);
	scratch_close(&scratch);
}

/* --- calls --------------------------------------------------------------------------------- */

static int run(const struct invocation *invocation, struct output *output)
{
	struct arena *arena = &scratch.arena;
	struct error err = ERROR_INIT(arena);
	struct settings settings;

	if (target_options_given(invocation))
		return run_targets(arena, invocation, output);
	if (!settings_load(arena, invocation, &environment_process, &output->log, &settings, &err))
		return output_failure(output, arena, NULL, &err);
	return run_commands(&invocation->verbs, &settings, output);
}

/* As main() does, from the arguments to the status. */
static int call(int argc, char **argv)
{
	struct arena *arena = &scratch.arena;
	struct error err = ERROR_INIT(arena), output_error = ERROR_INIT(arena);
	struct invocation invocation;
	struct output output;
	int status;
	bool parsed = args_parse(arena, argc, argv, verb_find, &invocation, &err);

	if (!output_open(&output, arena, &invocation, &output_error))
		status = output_not_open(&output, arena, &output_error);
	else if (!parsed)
		status = output_failure(&output, arena, NULL, &err);
	else
		status = run(&invocation, &output);
	return output_close(&output) ? status : -1;
}

/* Leaves out what stands between each mark and the next end. */
static const char *without(const char *said, const char *mark, const char *end)
{
	struct buf text = BUF_EMPTY(1 << 20);
	struct str rest = str_of(said);

	for (size_t at; (at = str_find(rest, str_of(mark))) < rest.len;) {
		buf_append(&text, rest.ptr, at + strlen(mark));
		rest = str_sub(rest, at + strlen(mark), rest.len);
		rest = str_sub(rest, str_find(rest, str_of(end)), rest.len);
	}
	buf_append(&text, rest.ptr, rest.len);
	said = str_dup(&scratch.arena, buf_str(&text));
	buf_release(&text);
	return said;
}

/* "00:01.234s" is "00:00.000s" here: times in tables, whose width stays. */
static const char *without_times(const char *said)
{
	static const char form[] = "00:00.000s";
	char *text = arena_strdup(&scratch.arena, said);

	for (char *at = text; *at != '\0'; at++) {
		size_t i = 0;

		while (form[i] != '\0' &&
		       (form[i] == '0' ? at[i] >= '0' && at[i] <= '9' : at[i] == form[i]))
			i++;
		if (form[i] == '\0')
			memcpy(at, form, i);
	}
	return text;
}

/* "SQLite 3.40" is "SQLite" here, and "cflyway 1.2.3" is "cflyway"; times are left out. */
static const char *without_what_changes(const char *said)
{
	int version = sqlite3_libversion_number();
	const char *name = arena_printf(&scratch.arena, "SQLite %d.%d", version / 1000000,
	                                version / 1000 % 1000);

	said = str_replace(&scratch.arena, str_of(said), str_of(name), STR("SQLite"));
	said = str_replace(&scratch.arena, str_of(said), STR("cflyway " CFLYWAY_VERSION),
	                   STR("cflyway"));
	said = without(without_times(said), "(execution time ", ")");
	said = without(said, "\"executionTime\" : ", ",");
	return without(said, "\"timestamp\" : \"", "\"");
}

/* What the call prints to both streams, and "status N" if that is not 0. */
static const char *play(const char *arguments)
{
	char *argv[ARGUMENTS_MAX + 1] = {arena_strdup(&scratch.arena, "cflyway")};
	struct str rest = str_of(arguments);
	int argc = 1;

	while (rest.len > 0)
		argv[argc++] =
			arena_strdup(&scratch.arena, str_dup(&scratch.arena, str_cut(&rest, ' ')));
	struct capture out = capture_begin(stdout), errors = capture_begin(stderr);
	int status = call(argc, argv);
	const char *said = capture_end(&errors, &scratch.arena);

	said = arena_printf(&scratch.arena, "%s%s", capture_end(&out, &scratch.arena), said);
	if (status != EXIT_SUCCESS)
		said = arena_printf(&scratch.arena, "%sstatus %d\n", said, status);
	return scratch_shorten(&scratch, without_what_changes(said));
}

static void write_files(const struct scenario *scenario)
{
	for (size_t i = 0; i < scenario->files.n; i++) {
		struct str text = str_of(scenario->files.items[i]);
		struct str name = str_cut(&text, ':');

		scratch_write(str_dup(&scratch.arena, name),
		              str_replace(&scratch.arena, str_sub(text, 1, text.len), STR("\\n"),
		                          STR("\n")));
	}
}

START_TEST(says_what_is_recorded)
{
	const struct scenario *scenario = &scenarios.items[_i];
	const char *said = "";

	write_files(scenario);
	for (size_t i = 0; i < scenario->options.n; i++)
		said = arena_printf(&scratch.arena, "%s%s", said, play(scenario->options.items[i]));
	if (getenv("UNIT_RECORD") != NULL)
		scenario_record(&scenarios, scenario, scratch.previous, said);
	else
		ck_assert_msg(strcmp(said, scenario->expected) == 0, "%s:\n%s--- instead of\n%s",
		              scenario->name, said, scenario->expected);
}
END_TEST

/* --- standard input ------------------------------------------------------------------------ */

static const char *const inputs[] = {"-", "a.conf, -"};

START_TEST(refuses_standard_input_for_all_targets)
{
	scratch_write("a.conf", "flyway.url=jdbc:sqlite:a.db\n");
	scratch_write("t.ini", "[a]\nconfigFiles = a.conf\n");
	setenv("FLYWAY_CONFIG_FILES", inputs[_i], 1);
	ck_assert_str_eq(play("-targets=t.ini testConnection"),
	                 "ERROR: FLYWAY_CONFIG_FILES with standard input (-) cannot stand beside "
	                 "-targets\nstatus 1\n");
}
END_TEST

/* --- signals ------------------------------------------------------------------------------- */

static sig_atomic_t cancelled;

static void cancel(struct db *db)
{
	(void)db;
	cancelled++;
}

/* A process that is signalled once or twice, with no, one or two connections. */
static int status_after(const int *numbers, size_t connections)
{
	const struct db_driver driver = {.connection.cancel = cancel};
	struct db second = {.driver = &driver, .handle = &second};
	struct db first = {.driver = &driver, .handle = &first};
	pid_t child = fork();
	int status;

	if (child > 0)
		return waitpid(child, &status, 0) == child ? status : -1;
	if (connections > 1)
		first.second = &second;
	signals_install();
	signals_watch(connections > 0 ? &first : NULL);
	for (size_t i = 0; numbers[i] != 0; i++)
		raise(numbers[i]);
	_exit(signals_caught() + cancelled * 10 + (first.is_cancelled ? 100 : 0) +
	      (second.is_cancelled ? 50 : 0));
}

static const struct {
	const char *what;
	int numbers[3];
	size_t connections;
	int status;
} signals[] = {
	{"nothing is connected", {SIGTERM}, 0, 128 + SIGTERM},
	{"nothing is connected, Ctrl-C", {SIGINT}, 0, 128 + SIGINT},
	{"the statement is cancelled", {SIGINT}, 1, 100 + 10 + SIGINT},
	{"the statements of both connections are cancelled", {SIGTERM}, 2, 150 + 20 + SIGTERM},
	{"the second signal ends the program", {SIGINT, SIGTERM}, 1, 128 + SIGTERM},
	{"a closed pipe is no signal", {SIGPIPE}, 1, 0},
};

START_TEST(ends_after_signals)
{
	int status = status_after(signals[_i].numbers, signals[_i].connections);

	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == signals[_i].status, "%s: %d",
	              signals[_i].what, WEXITSTATUS(status));
}
END_TEST

Suite *run_commands_suite(void)
{
	Suite *suite = suite_create("run_commands");
	TCase *tc = tcase_create("run_commands");

	scenarios_load(&scenarios, "calls");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, says_what_is_recorded, 0, (int)scenarios.n);
	tcase_add_loop_test(tc, refuses_standard_input_for_all_targets, 0, COUNT(inputs));
	tcase_add_loop_test(tc, ends_after_signals, 0, COUNT(signals));
	suite_add_tcase(suite, tc);
	return suite;
}
