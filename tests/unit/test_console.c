/* SPDX-License-Identifier: Apache-2.0 */
/* test_console.c - what is coloured, on a terminal and in a pipe */
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/output/console.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static struct arena arena;

static void setup(void)
{
	arena_init(&arena);
}

static void teardown(void)
{
	arena_release(&arena);
}

/* Standard input and output for the time of a test; -1 leaves them as they are. */
struct streams {
	int in, out;
};

static struct streams replace_streams(int fd)
{
	struct streams old = {dup(STDIN_FILENO), dup(STDOUT_FILENO)};

	fflush(stdout);
	ck_assert_int_ge(dup2(fd, STDIN_FILENO), 0);
	ck_assert_int_ge(dup2(fd, STDOUT_FILENO), 0);
	return old;
}

static void restore_streams(struct streams old)
{
	dup2(old.in, STDIN_FILENO);
	dup2(old.out, STDOUT_FILENO);
	close(old.in);
	close(old.out);
}

static int open_terminal(int *master)
{
	*master = posix_openpt(O_RDWR | O_NOCTTY);
	ck_assert_int_ge(*master, 0);
	ck_assert_int_eq(grantpt(*master), 0);
	ck_assert_int_eq(unlockpt(*master), 0);
	int slave = open(ptsname(*master), O_RDWR | O_NOCTTY);
	ck_assert_int_ge(slave, 0);
	return slave;
}

static void set_variable(const char *name, const char *value)
{
	if (value == NULL)
		unsetenv(name);
	else
		setenv(name, value, 1);
}

static const struct {
	enum color option;
	bool is_terminal;
	const char *no_color, *term;
	bool color, progress;
} consoles[] = {
	{COLOR_AUTO, true, NULL, "xterm", true, true},
	{COLOR_AUTO, true, NULL, NULL, true, false},
	{COLOR_AUTO, true, NULL, "", true, false},
	{COLOR_AUTO, true, NULL, "dumb", false, false},
	{COLOR_AUTO, true, NULL, "dumber", true, true},
	{COLOR_AUTO, true, "1", "xterm", false, true},
	{COLOR_AUTO, true, "0", "xterm", false, true},
	{COLOR_AUTO, true, "", "xterm", true, true},
	{COLOR_AUTO, false, NULL, "xterm", false, false},
	{COLOR_ALWAYS, true, "1", "dumb", true, false},
	{COLOR_ALWAYS, false, "1", "dumb", true, false},
	{COLOR_NEVER, true, NULL, "xterm", false, true},
};

START_TEST(colours_what_may_be_coloured)
{
	const struct invocation invocation = {.color = consoles[_i].option};
	struct error err = ERROR_INIT(&arena);
	struct console console;
	int master = -1;
	int fd = consoles[_i].is_terminal ? open_terminal(&master) : open("/dev/null", O_RDWR);

	set_variable("NO_COLOR", consoles[_i].no_color);
	set_variable("TERM", consoles[_i].term);
	struct streams old = replace_streams(fd);
	bool opened = console_open(&console, &arena, &invocation, &err);
	bool closed = console_close(&console);
	restore_streams(old);
	close(fd);
	close(master);
	ck_assert(opened && closed);
	ck_assert_int_eq(console.color, consoles[_i].color);
	ck_assert_int_eq(console.shows_progress, consoles[_i].progress);
}
END_TEST

/* One column stays free; 0: the terminal does not know its width. */
static const struct {
	unsigned short columns;
	size_t shown; /* of a hundred characters */
} widths[] = {{20, 19}, {79, 78}, {101, 100}, {200, 100}, {0, 79}, {1, 0}};

START_TEST(fits_progress_into_the_terminal)
{
	const struct invocation invocation = {0};
	const struct winsize size = {.ws_row = 24, .ws_col = widths[_i].columns};
	struct error err = ERROR_INIT(&arena);
	struct console console;
	char line[100], got[1000];
	int master = -1, fd = open_terminal(&master);
	size_t shown = 0;

	memset(line, 'x', sizeof(line));
	ck_assert_int_eq(ioctl(fd, TIOCSWINSZ, &size), 0);
	struct streams old = replace_streams(fd);
	bool opened = console_open(&console, &arena, &invocation, &err);
	console_progress(&console, (struct str){line, sizeof(line)});
	bool closed = console_close(&console);
	restore_streams(old);
	ssize_t n = read(master, got, sizeof(got));
	close(fd);
	close(master);
	ck_assert(opened && closed);
	for (ssize_t i = 0; i < n; i++)
		shown += got[i] == 'x';
	ck_assert_uint_eq(shown, widths[_i].shown);
}
END_TEST

START_TEST(shows_controls_in_the_progress_line)
{
	struct console console = {.mode = CONSOLE_TEXT};
	char got[1000];
	int master = -1, fd = open_terminal(&master);
	struct streams old = replace_streams(fd);

	console_progress(&console, STR("V1__\x1b[31m.sql"));
	bool closed = console_close(&console);
	restore_streams(old);
	ssize_t n = read(master, got, sizeof(got) - 1);
	close(fd);
	close(master);
	ck_assert(closed && n > 0);
	got[n] = '\0';
	ck_assert_str_eq(got, "\rV1__\\x1b[31m.sql\033[K");
}
END_TEST

/* Logs a line and an error, each with a control character. */
static void log_controls(void)
{
	const struct invocation invocation = {.color = COLOR_NEVER};
	struct error err = ERROR_INIT(&arena);
	struct console console;

	ck_assert(console_open(&console, &arena, &invocation, &err));
	console_write(&console, LOG_LEVEL_INFO, STR("line\x1b"));
	console_write(&console, LOG_LEVEL_ERROR, STR("fault\x1b"));
	ck_assert(console_close(&console));
}

static void check_got(int fd, const char *expected)
{
	char got[100];
	size_t len = 0;
	ssize_t n;

	/* A terminal passes on what it has, which may be less than was written. */
	do {
		n = read(fd, got + len, sizeof(got) - 1 - len);
		ck_assert_int_ge(n, 0);
		len += (size_t)n;
	} while (n > 0 && len < strlen(expected));
	got[len] = '\0';
	ck_assert_str_eq(got, expected);
}

START_TEST(escapes_on_the_stream_that_is_a_terminal)
{
	const bool is_stdout = _i == 0;
	int master = -1, fd = open_terminal(&master), ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	int old_out = dup(STDOUT_FILENO), old_err = dup(STDERR_FILENO);
	fflush(stdout);
	dup2(is_stdout ? fd : ends[1], STDOUT_FILENO);
	dup2(is_stdout ? ends[1] : fd, STDERR_FILENO);
	log_controls();
	dup2(old_out, STDOUT_FILENO);
	dup2(old_err, STDERR_FILENO);
	check_got(master, is_stdout ? "line\\x1b\r\n" : "ERROR: fault\\x1b\r\n");
	check_got(ends[0], is_stdout ? "ERROR: fault\x1b\n" : "line\x1b\n");
	close(old_out);
	close(old_err);
	close(ends[0]);
	close(ends[1]);
	close(fd);
	close(master);
}
END_TEST

Suite *console_suite(void)
{
	Suite *suite = suite_create("console");
	TCase *tc = tcase_create("console");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, colours_what_may_be_coloured, 0, COUNT(consoles));
	tcase_add_loop_test(tc, fits_progress_into_the_terminal, 0, COUNT(widths));
	tcase_add_test(tc, shows_controls_in_the_progress_line);
	tcase_add_loop_test(tc, escapes_on_the_stream_that_is_a_terminal, 0, 2);
	suite_add_tcase(suite, tc);
	return suite;
}
