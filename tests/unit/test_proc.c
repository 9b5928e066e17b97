/* SPDX-License-Identifier: Apache-2.0 */
/* test_proc.c - running another program */
#include "scratch.h"
#include "suites.h"

#include "cflyway/base/fs.h"
#include "cflyway/base/proc.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Whoever ends at once needs no patience, but a machine that is busy does. */
enum { GRACE_MS = 200, PATIENT_MS = 3000 };

static struct scratch scratch;
static struct buf output;
static struct proc_end end;

static void setup(void)
{
	scratch_open(&scratch);
	buf_init(&output, 1 << 20);
	end.status = -1;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue; /* what an earlier test has left, if all run in one process */
}

static void teardown(void)
{
	buf_release(&output);
	scratch_close(&scratch);
}

static struct str_list list_of(const char *const *words, size_t n)
{
	struct str_list list = {0};

	for (size_t i = 0; i < n; i++)
		str_list_add(&scratch.arena, &list, words[i]);
	return list;
}

static bool run_with(const char *const *words, size_t n, const struct str_list *variables,
                     const volatile sig_atomic_t *stop, int grace_ms)
{
	const struct str_list arguments = list_of(words, n);
	const struct proc proc = {.arguments = &arguments,
	                          .variables = variables,
	                          .stop = stop,
	                          .grace_ms = grace_ms};

	return proc_run(&proc, &output, &end, &scratch.err);
}

static bool run_shell_limited(const char *script, int limit_ms, bool drops_errors)
{
	const char *const words[] = {"sh", "-c", script};
	const struct str_list arguments = list_of(words, COUNT(words)), nothing = {0};
	const struct proc proc = {.arguments = &arguments,
	                          .variables = &nothing,
	                          .grace_ms = GRACE_MS,
	                          .limit_ms = limit_ms,
	                          .drops_errors = drops_errors};

	return proc_run(&proc, &output, &end, &scratch.err);
}

static bool run_shell(const char *script)
{
	const char *const words[] = {"sh", "-c", script};
	const struct str_list nothing = {0};

	return run_with(words, COUNT(words), &nothing, NULL, GRACE_MS);
}

static const struct {
	const char *script;
	int status;
	const char *output;
} cases[] = {
	{"echo one; echo two >&2; echo three", 0, "one\ntwo\nthree\n"},
	{"exit 3", 3, ""},
	{"printf 'no end'", 0, "no end"},
	{"kill -9 $$", 128 + 9, ""},
	{"nosuchprogram 2>/dev/null", 127, ""},
	{"read x; echo \"got <$x>\"", 0, "got <>\n"},
	{"printf 'a\\000b'", 0, "a"}, /* as a C string; see the length below */
};

START_TEST(collects_output_and_status)
{
	ck_assert_msg(run_shell(cases[_i].script), "%s", scratch.err.message);
	ck_assert_int_eq(end.status, cases[_i].status);
	ck_assert_str_eq(buf_str(&output).ptr, cases[_i].output);
}
END_TEST

START_TEST(drops_standard_error)
{
	ck_assert(run_shell_limited("echo one; echo two >&2", 10000, true));
	ck_assert(!end.is_late);
	ck_assert_str_eq(buf_str(&output).ptr, "one\n");
}
END_TEST

START_TEST(keeps_all_bytes)
{
	ck_assert(run_shell("printf 'a\\000b'"));
	ck_assert_uint_eq(output.len, 3);
}
END_TEST

START_TEST(cuts_what_is_too_long)
{
	output.max = 10;
	ck_assert(run_shell("printf 0123456; printf 789abcdef; printf x"));
	ck_assert_str_eq(buf_str(&output).ptr, "0123456789");
	ck_assert_int_eq(end.status, 0);
}
END_TEST

START_TEST(adds_variables_and_replaces_others)
{
	static const char script[] = "echo \"$PROC_A,$PROC_B,$PROC_AB\"; "
				     "tr '\\0' '\\n' < /proc/$$/environ | grep -c ^PROC_A=";
	const char *const words[] = {"sh", "-c", script};
	struct str_list variables = {0};

	setenv("PROC_A", "old", 1);
	setenv("PROC_AB", "kept", 1);
	str_list_add(&scratch.arena, &variables, "PROC_A=new");
	str_list_add(&scratch.arena, &variables, "PROC_B=x y");
	ck_assert(run_with(words, COUNT(words), &variables, NULL, GRACE_MS));
	ck_assert_str_eq(buf_str(&output).ptr, "new,x y,kept\n1\n");
	unsetenv("PROC_A");
	unsetenv("PROC_AB");
}
END_TEST

/* The texts are those of Java. */
START_TEST(says_what_cannot_be_started)
{
	const char *const missing[] = {"nosuchprogram", "x"}, *const folder[] = {"./folder"};
	const struct str_list nothing = {0};

	ck_assert(!run_with(missing, COUNT(missing), &nothing, NULL, GRACE_MS));
	ck_assert_str_eq(
		scratch_error(&scratch),
		"Cannot run program \"nosuchprogram\": error=2, No such file or directory\n"
		"+ error=2, No such file or directory");
	mkdir("folder", 0777);
	ck_assert(!run_with(folder, 1, &nothing, NULL, GRACE_MS));
	ck_assert_str_eq(scratch_error(&scratch),
	                 "Cannot run program \"./folder\": error=13, Permission denied\n"
	                 "+ error=13, Permission denied");
}
END_TEST

START_TEST(hands_a_text_file_to_the_shell)
{
	const char *const words[] = {"./plain", "argument"};
	const struct str_list nothing = {0};

	scratch_write("plain", "echo \"$0 $1\"\n");
	chmod("plain", 0755);
	ck_assert_msg(run_with(words, COUNT(words), &nothing, NULL, GRACE_MS), "%s",
	              scratch.err.message);
	ck_assert_str_eq(buf_str(&output).ptr, "./plain argument\n");
}
END_TEST

/* Signals that are ignored here work there. */
START_TEST(gives_signals_their_usual_meaning)
{
	signal(SIGPIPE, SIG_IGN);
	ck_assert(run_shell("kill -PIPE $$; echo alive"));
	signal(SIGPIPE, SIG_DFL);
	ck_assert_int_eq(end.status, 128 + SIGPIPE);
}
END_TEST

START_TEST(stops_when_told)
{
	const char *const words[] = {"sh", "-c", "exec sleep 60"};
	const struct str_list nothing = {0};
	volatile sig_atomic_t told = SIGTERM;

	ck_assert(run_with(words, COUNT(words), &nothing, &told, GRACE_MS));
	ck_assert_int_eq(end.status, 128 + SIGTERM);
}
END_TEST

/* --- processes of the program -------------------------------------------------------------- */

/* Has it ended, and does whoever should reap it take its time? An emulator may never do it. */
static bool is_zombie(long pid)
{
	struct file stat = FILE_CLOSED;
	char text[128] = "";

	if (!file_open(&stat, arena_printf(&scratch.arena, "/proc/%ld/stat", pid), &scratch.err))
		return true;
	ck_assert_int_gt(read(stat.fd, text, sizeof(text) - 1), 0);
	file_close(&stat);
	return strstr(text, ") Z ") != NULL;
}

/* The script names the process with its file, once there is one. */
static bool still_runs(const char *file)
{
	long id;
	struct file pid = FILE_CLOSED;
	char text[32] = "";

	ck_assert_msg(file_open(&pid, file, &scratch.err), "%s", scratch.err.message);
	ck_assert_int_gt(read(pid.fd, text, sizeof(text) - 1), 0);
	file_close(&pid);
	id = strtol(text, NULL, 10);
	return kill((pid_t)id, 0) == 0 && !is_zombie(id);
}

static volatile sig_atomic_t stop_number, wanted_number;

static void stop(int number)
{
	(void)number;
	stop_number = wanted_number;
}

/* The script says with SIGUSR1 when it is time for the signal. */
static bool run_until_told(const char *script, int number, int grace_ms)
{
	const char *const words[] = {"sh", "-c", script};
	const struct str_list nothing = {0};
	const struct sigaction action = {.sa_handler = stop};

	wanted_number = number;
	stop_number = 0;
	ck_assert_int_eq(sigaction(SIGUSR1, &action, NULL), 0);
	return run_with(words, COUNT(words), &nothing, &stop_number, grace_ms);
}

#define SLEEP "sleep 60 & echo $! >child; kill -USR1 $PPID; wait"

/* The signal, a script, and what is known then. */
static const struct {
	int number;
	const char *script;
	int status;
	bool was_killed;
} stops[] = {
	{SIGTERM, SLEEP, 128 + SIGTERM, false},
	{SIGHUP, SLEEP, 128 + SIGHUP, false},
	{SIGINT, SLEEP, 128 + SIGINT, false}, /* background processes of a shell ignore it */
	{SIGTERM, "(trap '' TERM; " SLEEP ") & wait", 128 + SIGTERM, true},
	{SIGTERM, "trap '' TERM; " SLEEP, 128 + SIGKILL, true},
	{SIGTERM, "exec >&- 2>&-; " SLEEP, 128 + SIGTERM, false},
};

/* An emulator of another processor may not know how, and zombies stay in the group then. */
static bool can_adopt_orphans(void)
{
	bool can = prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0UL, 0UL, 0UL) == 0;

	return prctl(PR_SET_CHILD_SUBREAPER, 0UL, 0UL, 0UL, 0UL) == 0 && can;
}

/* The shell needs its time to begin. */
START_TEST(ends_what_takes_too_long)
{
	ck_assert(run_shell_limited("echo begun; trap '' TERM INT; sleep 30 & wait", 1000, false));
	ck_assert(end.is_late && end.was_killed);
	ck_assert_int_eq(end.told, 0);
	ck_assert_str_eq(buf_str(&output).ptr, "begun\n");
	if (can_adopt_orphans())
		ck_assert(!end.has_left);
}
END_TEST

START_TEST(ends_all_processes_of_a_program)
{
	const int grace_ms = stops[_i].was_killed ? GRACE_MS : PATIENT_MS;

	ck_assert(run_until_told(stops[_i].script, stops[_i].number, grace_ms));
	ck_assert(!still_runs("child"));
	ck_assert_int_eq(end.told, stops[_i].number);
	ck_assert_int_eq(end.status, stops[_i].status);
	if (!can_adopt_orphans())
		return;
	ck_assert_int_eq(end.was_killed, stops[_i].was_killed);
	ck_assert(!end.has_left);
}
END_TEST

#define SESSION(script) "setsid sh -c '" script "' & wait"
#define STRAY "sleep 60 & echo $! >child; kill -USR1 $(cat parent); wait"

/* Processes in sessions of their own. */
static const struct {
	const char *script;
	bool was_killed;
} strays[] = {
	{"echo $PPID >parent; " SESSION(STRAY), false},
	{"echo $PPID >parent; " SESSION("exec >&- 2>&-; " STRAY), false},
	{"echo $PPID >parent; " SESSION("setsid sh -c \"" STRAY "\" & wait"), false},
	{"echo $PPID >parent; (setsid sh -c 'sleep 0.1; " STRAY "' &) ; sleep 60", false},
	{"echo $PPID >parent; " SESSION("trap \"\" TERM; " STRAY), true},
};

START_TEST(ends_what_has_left_the_group)
{
	if (!can_adopt_orphans())
		return;
	ck_assert(run_until_told(strays[_i].script, SIGTERM,
	                         strays[_i].was_killed ? GRACE_MS : PATIENT_MS));
	ck_assert(!still_runs("child"));
	ck_assert_int_eq(end.was_killed, strays[_i].was_killed);
	ck_assert(!end.has_left && end.sees_all);
}
END_TEST

/* As those of a shell that has become cflyway. */
START_TEST(leaves_older_children_alone)
{
	const struct timespec moment = {.tv_nsec = 50000000};
	pid_t older = fork();

	if (older == 0)
		for (;;)
			nanosleep(&moment, NULL);
	ck_assert_int_gt(older, 0);
	ck_assert(run_until_told(SLEEP, SIGTERM, PATIENT_MS));
	ck_assert(!end.sees_all);
	ck_assert_int_eq(waitpid(older, NULL, WNOHANG), 0);
	ck_assert_int_eq(kill(older, SIGKILL), 0);
	ck_assert_int_eq(waitpid(older, NULL, 0), older);
}
END_TEST

START_TEST(does_not_wait_for_ever_for_whoever_keeps_the_output_open)
{
	ck_assert(run_shell("echo one; sleep 60 & echo $! >child; exit 3"));
	ck_assert_int_eq(end.status, 3);
	ck_assert(end.has_left);
	ck_assert_int_eq(end.told, 0);
	ck_assert_str_eq(buf_str(&output).ptr, "one\n");
	ck_assert(still_runs("child"));
	ck_assert(run_shell("kill $(cat child)"));
}
END_TEST

START_TEST(collects_what_is_printed_soon_after_the_end)
{
	ck_assert(run_shell("echo one; (sleep 0.05; echo two) & exit 0"));
	ck_assert(!end.has_left);
	ck_assert_str_eq(buf_str(&output).ptr, "one\ntwo\n");
}
END_TEST

START_TEST(makes_a_group_of_its_own)
{
	ck_assert(run_shell("test $(cut -d' ' -f5 /proc/$$/stat) = $$"));
	ck_assert_int_eq(end.status, 0);
}
END_TEST

static void ignore(int number)
{
	(void)number;
}

/* The program has closed its output, but has not ended. */
START_TEST(waits_for_the_end_whatever_signals_come)
{
	const struct itimerval often = {.it_value = {.tv_usec = 20000},
	                                .it_interval = {.tv_usec = 20000}};
	const struct itimerval never = {0};
	const struct sigaction action = {.sa_handler = ignore};

	ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
	ck_assert_int_eq(setitimer(ITIMER_REAL, &often, NULL), 0);
	bool ok = run_shell("echo x; sleep 0.1; exec >&- 2>&-; sleep 0.1; exit 3");
	setitimer(ITIMER_REAL, &never, NULL);
	signal(SIGALRM, SIG_DFL);
	ck_assert(ok);
	ck_assert_int_eq(end.status, 3);
	ck_assert_str_eq(buf_str(&output).ptr, "x\n");
}
END_TEST

/* As of a supervisor that does not wait for its children: the kernel then keeps no status. */
START_TEST(learns_the_status_whoever_ignores_children)
{
	struct sigaction ignored = {.sa_handler = SIG_IGN}, before, after;

	ck_assert_int_eq(sigaction(SIGCHLD, &ignored, &before), 0);
	bool ok = run_shell("exit 3");
	ck_assert_int_eq(sigaction(SIGCHLD, &before, &after), 0);
	ck_assert(ok);
	ck_assert_int_eq(end.status, 3);
	ck_assert(after.sa_handler == SIG_IGN);
}
END_TEST

/* Nothing but the three standard ones is inherited from what cflyway opens. */
START_TEST(shares_no_open_files)
{
	struct file file = FILE_CLOSED;

	scratch_write("secret", "x");
	ck_assert(file_open(&file, "secret", &scratch.err));
	ck_assert(run_shell("ls -l /proc/self/fd 2>/dev/null | grep -c secret; true"));
	ck_assert_str_eq(buf_str(&output).ptr, "0\n");
	file_close(&file);
}
END_TEST

/* A program that runs on in the background would keep an end that is open. */
START_TEST(shares_its_pipe_as_two_streams_only)
{
	ck_assert(run_shell("pipe=$(readlink /proc/$$/fd/1); "
	                    "ls -l /proc/$$/fd 2>/dev/null | grep -cF \"$pipe\""));
	ck_assert_str_eq(buf_str(&output).ptr, "2\n");
}
END_TEST

static int first_free_descriptor(void)
{
	struct file file = {dup(STDIN_FILENO)};
	int first = file.fd;

	ck_assert_int_ge(first, 0);
	file_close(&file);
	return first;
}

START_TEST(leaves_no_descriptor_open)
{
	const char *const missing[] = {"nosuchprogram"};
	const struct str_list nothing = {0};
	int before = first_free_descriptor();

	ck_assert(run_shell("echo"));
	ck_assert_int_eq(first_free_descriptor(), before);
	ck_assert(!run_with(missing, COUNT(missing), &nothing, NULL, GRACE_MS));
	ck_assert_int_eq(first_free_descriptor(), before);
}
END_TEST

Suite *proc_suite(void)
{
	Suite *suite = suite_create("proc");
	TCase *tc = tcase_create("proc"), *failing = tcase_create("exec that fails");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, collects_output_and_status, 0, COUNT(cases));
	tcase_add_test(tc, ends_what_takes_too_long);
	tcase_add_test(tc, drops_standard_error);
	tcase_add_test(tc, keeps_all_bytes);
	tcase_add_test(tc, cuts_what_is_too_long);
	tcase_add_test(tc, adds_variables_and_replaces_others);
	tcase_add_test(tc, gives_signals_their_usual_meaning);
	tcase_add_test(tc, stops_when_told);
	tcase_add_loop_test(tc, ends_all_processes_of_a_program, 0, COUNT(stops));
	tcase_add_loop_test(tc, ends_what_has_left_the_group, 0, COUNT(strays));
	tcase_add_test(tc, leaves_older_children_alone);
	tcase_add_test(tc, does_not_wait_for_ever_for_whoever_keeps_the_output_open);
	tcase_add_test(tc, collects_what_is_printed_soon_after_the_end);
	tcase_add_test(tc, makes_a_group_of_its_own);
	tcase_add_test(tc, waits_for_the_end_whatever_signals_come);
	tcase_add_test(tc, learns_the_status_whoever_ignores_children);
	tcase_add_test(tc, shares_no_open_files);
	tcase_add_test(tc, shares_its_pipe_as_two_streams_only);
	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(failing, setup, teardown);
	tcase_set_tags(failing, "vfork"); /* not in qemu, see .ci/arm64 */
	tcase_add_test(failing, says_what_cannot_be_started);
	tcase_add_test(failing, leaves_no_descriptor_open);
	tcase_add_test(failing, hands_a_text_file_to_the_shell);
	suite_add_tcase(suite, failing);
	return suite;
}
