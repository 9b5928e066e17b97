/* SPDX-License-Identifier: Apache-2.0 */
/* watchdog.c - names the test that was running when the unit tests crash or hang */
#include "watchdog.h"

#include "cflyway/base/attr.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TIMEOUT_S = 20, STACK_BYTES = 64 * 1024 };

static const struct {
	int number;
	const char *what;
} signals[] = {
	{SIGSEGV, "crashes (SIGSEGV)"}, {SIGBUS, "crashes (SIGBUS)"}, {SIGFPE, "crashes (SIGFPE)"},
	{SIGILL, "crashes (SIGILL)"},   {SIGABRT, "aborts"},
};

/* A handler has no other way to learn anything. */
static const struct watched_test *volatile running;
static volatile sig_atomic_t running_case;
static volatile sig_atomic_t is_named;
static struct sigaction previous[COUNT(signals)];
static unsigned timeout_s;

/* --- safe in a signal handler -------------------------------------------------------------- */

static void say(const char *text)
{
	size_t len = strlen(text);

	while (len > 0) {
		ssize_t n = write(STDERR_FILENO, text, len);

		if (n <= 0)
			return;
		text += n;
		len -= (size_t)n;
	}
}

static void say_number(int number)
{
	char digits[16];
	size_t at = sizeof(digits);

	digits[--at] = '\0';
	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0 && at > 0);
	say(&digits[at]);
}

static void name_test(const char *what)
{
	const struct watched_test *test = running;

	if (test == NULL || is_named)
		return;
	is_named = 1;
	say("\n");
	say(test->file);
	say(":");
	say_number(test->line);
	say(": ");
	say(test->name);
	say(", case ");
	say_number(running_case);
	say(": ");
	say(what);
	say("\n");
}

/* What would have happened without us happens now: a sanitizer's report, a core. */
static void handle(int number, siginfo_t *info, void *ctx)
{
	(void)ctx;
	for (size_t i = 0; i < COUNT(signals); i++) {
		if (signals[i].number != number)
			continue;
		name_test(signals[i].what);
		sigaction(number, &previous[i], NULL);
	}
	if (info->si_code <= 0) /* sent; what the processor has met it meets again */
		raise(number);
}

static void handle_alarm(int number)
{
	(void)number;
	name_test("takes longer than UNIT_TIMEOUT_S");
	abort();
}

/* ------------------------------------------------------------------------------------------- */

/* Only there in a build with sanitizers, which chose the name. NOLINTNEXTLINE */
extern void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static void name_dying_test(void)
{
	name_test("is ended by a sanitizer");
}

void watchdog_start(void)
{
	static char stack[STACK_BYTES]; /* its own may be what has run out */
	const stack_t alternative = {.ss_sp = stack, .ss_size = sizeof(stack)};
	struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_ONSTACK | SA_SIGINFO};
	const char *limit = getenv("UNIT_TIMEOUT_S");

	timeout_s = limit != NULL ? (unsigned)strtoul(limit, NULL, 10) : TIMEOUT_S;
	sigemptyset(&action.sa_mask);
	sigaltstack(&alternative, NULL);
	for (size_t i = 0; i < COUNT(signals); i++)
		sigaction(signals[i].number, &action, &previous[i]);
	if (__sanitizer_set_death_callback != NULL)
		__sanitizer_set_death_callback(name_dying_test);
}

void watchdog_watch(const struct watched_test *test, int i)
{
	running_case = i;
	running = test;
	if (timeout_s == 0)
		return;
	signal(SIGALRM, handle_alarm); /* libcheck has one of its own by then, which kills */
	alarm(timeout_s);
}
