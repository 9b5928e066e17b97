/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fleet_parallel.c - runs targets in processes of their own, several at the same time
 *
 * A target gets a copy of this process, made before it has a connection of its own or a thread.
 * The copy sends what it has to say through a pipe (target_frames.h); it is kept, in memory or in a
 * temporary file, and printed as a whole when the target ends.
 *
 * A signal is passed on as SIGTERM: each copy cancels its statement and rolls back. The copies
 * ignore SIGINT, which a terminal sends to them as well: it would be their second signal. When this
 * process is killed, each copy still finishes its target.
 */
#include "fleet_parallel.h"

#include "fleet_target.h"

#include "signals.h"
#include "target_frames.h"

#include "cflyway/base/clock.h"
#include "cflyway/base/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	IN_MEMORY = 256 << 10, /* bytes of a running target; more go to a file */
	READ_SIZE = 64 << 10,
	SLICE_MS = 200, /* how long a signal may go unnoticed */
	MAX_LINE = 256,
};

/* A running target. */
struct child {
	pid_t pid;
	int fd; /* the end of the pipe from which it is read */
	size_t i;
	int64_t started_ms;
	struct spool spool;
	size_t size;      /* bytes in the spool */
	const char *lost; /* why the rest of them is lost; NULL: nothing is */
};

struct crew {
	struct fleet *fleet;
	struct arena arena;
	struct child *children; /* as many as may run at the same time */
	size_t n;
	int told; /* how many signals have been passed on */
};

/* --- the process of a target --------------------------------------------------------------- */

struct reporter {
	int fd;
	struct console *console;
};

/* With JSON, lines of cflyway belong to the document, and only objects are shown. */
static void report_line(void *ctx, enum log_level level, struct str message)
{
	struct reporter *reporter = ctx;
	struct console *console = reporter->console;

	console_keep(console, level, message);
	if (console->mode != CONSOLE_JSON || level == LOG_LEVEL_ANNOTATION)
		target_send_line(reporter->fd, level, message);
}

static void report_note(void *ctx, const struct note *note)
{
	struct reporter *reporter = ctx;

	console_keep_note(reporter->console, note);
	if (reporter->console->mode != CONSOLE_JSON)
		target_send_note(reporter->fd, note);
}

/* What the copy has of this process, such as its files, is not closed: it ends without that. */
NORETURN static void run_child(const struct crew *crew, size_t i, int fd)
{
	const struct fleet *fleet = crew->fleet;
	struct arena arena = ARENA_EMPTY;
	struct output output;
	struct reporter reporter = {fd, &output.console};

	signals_in_child();
	for (size_t j = 0; j < crew->n; j++)
		close(crew->children[j].fd);
	output_fork(&output, fleet->output, &arena, report_line, report_note, &reporter);
	output.targets.current.name = fleet->targets->items[i].name;
	int status = fleet_run_target(fleet, i, &output);
	struct str document = output_take_document(&output);
	if (document.len > 0)
		target_send_document(fd, document);
	fflush(stdout); /* -migrationIds has no lines */
	target_send_end(fd, status, &output.targets.current);
	_exit(status);
}

/* --- starting ------------------------------------------------------------------------------ */

static bool open_pipe(int ends[2])
{
	if (pipe(ends) != 0)
		return false;
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	return true;
}

/* False, with errno, if there is no room for another process. */
static bool start(struct crew *crew, size_t i)
{
	int ends[2];

	if (!open_pipe(ends))
		return false;
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		close(ends[0]);
		run_child(crew, i, ends[1]);
	}
	int reason = errno;
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		errno = reason;
		return false;
	}
	struct child *child = &crew->children[crew->n++];
	*child = (struct child){
		.pid = pid,
		.fd = ends[0],
		.i = i,
		.started_ms = clock_system.monotonic_ms(&clock_system),
	};
	spool_open(&child->spool, IN_MEMORY);
	crew->fleet->schedule.states[i] = TARGET_RUNNING;
	return true;
}

/* --- ending -------------------------------------------------------------------------------- */

static const char *signal_name(struct arena *arena, int number)
{
	static const struct {
		int number;
		const char *name;
	} names[] = {
		{SIGABRT, "SIGABRT"}, {SIGBUS, "SIGBUS"},   {SIGFPE, "SIGFPE"},
		{SIGHUP, "SIGHUP"},   {SIGILL, "SIGILL"},   {SIGINT, "SIGINT"},
		{SIGKILL, "SIGKILL"}, {SIGQUIT, "SIGQUIT"}, {SIGSEGV, "SIGSEGV"},
		{SIGTERM, "SIGTERM"}, {SIGXCPU, "SIGXCPU"}, {SIGXFSZ, "SIGXFSZ"},
	};

	for (size_t i = 0; i < COUNT(names); i++)
		if (names[i].number == number)
			return names[i].name;
	return arena_printf(arena, "signal %d", number);
}

/* Fails a target in the name of its process, which did not say how it ended. */
static void fail_target(struct fleet *fleet, struct target_outcome *outcome, struct buf *document,
                        struct error *err)
{
	struct output *output = fleet->output;

	(void)output_failure(output, err->arena, NULL, err);
	struct str text = output_take_document(output);
	buf_clear(document);
	buf_append(document, text.ptr, text.len);
	outcome->error = output->targets.current.error;
}

/* Sets what happened to a process. status is that of waitpid. */
static void explain(struct error *err, const char *name, int status)
{
	bool is_stopped = WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGTERM;

	if (WIFSIGNALED(status) || is_stopped)
		error_set(
			err, ERROR_GENERAL,
			"The process of target %s was ended by %s. The database rolls back what it "
			"had not committed.",
			name, signal_name(err->arena, is_stopped ? SIGTERM : WTERMSIG(status)));
	else
		error_set(err, ERROR_GENERAL,
		          "The process of target %s ended with status %d, and did not say how the "
		          "target ended.",
		          name, WEXITSTATUS(status));
}

static int await(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/* Prints what a target said, and says how it ended. */
static void settle(struct fleet *fleet, struct child *child, int wait_status)
{
	struct arena arena = ARENA_EMPTY;
	struct error err = ERROR_INIT(&arena);
	struct buf document = BUF_EMPTY(SIZE_MAX / 2);
	const char *name = fleet->targets->items[child->i].name;
	struct target_outcome outcome = {.name = name};
	struct target_stream stream = {
		.sink = console_show,
		.note = console_show_note,
		.ctx = &fleet->output->console,
		.document = &document,
		.outcome = &outcome,
	};

	output_target(fleet->output, name);
	if (!target_stream_read(&child->spool, child->size, fleet->output->console.arena, &stream,
	                        &err))
		child->lost = err.message;
	error_clear(&err);
	if (child->lost != NULL)
		log_cflyway(&fleet->output->log, "what target %s said is not complete: %s", name,
		            child->lost);
	bool is_over = WIFEXITED(wait_status) && (stream.has_end || child->lost != NULL);
	int status = is_over ? WEXITSTATUS(wait_status) : EXIT_FAILED;
	if (!is_over) {
		explain(&err, name, wait_status);
		fail_target(fleet, &outcome, &document, &err);
	}
	outcome.state = exit_code_is_failure(status) ? TARGET_FAILED : TARGET_SUCCEEDED;
	outcome.elapsed_ms = clock_system.monotonic_ms(&clock_system) - child->started_ms;
	fleet_end_target(fleet, child->i, &outcome, status, buf_str(&document));
	buf_release(&document);
	arena_release(&arena);
}

/* The last child takes the place of one that has ended. */
static void end_child(struct crew *crew, size_t at)
{
	struct child child = crew->children[at];

	close(child.fd);
	int status = await(child.pid);
	crew->children[at] = crew->children[--crew->n];
	settle(crew->fleet, &child, status);
	spool_close(&child.spool);
}

/* --- running ------------------------------------------------------------------------------- */

/* Takes what a child has sent. False: that was all, it has ended. */
static bool take(struct crew *crew, struct child *child)
{
	char bytes[READ_SIZE];
	struct error err = ERROR_INIT(&crew->arena);
	ssize_t len = read(child->fd, bytes, sizeof(bytes));

	if (len < 0 && errno == EINTR)
		return true;
	if (len <= 0)
		return false;
	if (child->lost == NULL && spool_write(&child->spool, bytes, (size_t)len, &err))
		child->size += (size_t)len;
	else if (child->lost == NULL)
		child->lost = err.message;
	return true;
}

/* The first signal asks the children to stop, the second one ends them. */
static void pass_signals_on(struct crew *crew)
{
	int count = signals_count();

	if (crew->told >= count)
		return;
	crew->told = count;
	for (size_t i = 0; i < crew->n; i++)
		kill(crew->children[i].pid, count > 1 ? SIGKILL : SIGTERM);
}

static void show_progress(const struct crew *crew)
{
	const struct fleet *fleet = crew->fleet;
	const size_t *counts = fleet->output->targets.counts;
	struct buf line = BUF_EMPTY(MAX_LINE);
	size_t done = 0;

	if (fleet->output->log.progress == NULL)
		return;
	for (size_t state = TARGET_SUCCEEDED; state < TARGET_STATE_COUNT; state++)
		done += counts[state];
	buf_printf(&line, "targets: %zu of %zu done, %zu failed, %zu running", done,
	           fleet->targets->n, counts[TARGET_FAILED], crew->n);
	log_progress(&fleet->output->log, buf_str(&line));
	buf_release(&line);
}

/* Waits until a child has something to say, but not for long; ends those that have ended. */
static void watch(struct crew *crew, struct pollfd *fds)
{
	size_t n = crew->n;

	for (size_t i = 0; i < n; i++)
		fds[i] = (struct pollfd){.fd = crew->children[i].fd, .events = POLLIN};
	int ready = poll(fds, n, SLICE_MS);
	/* from the last one on, because another one takes the place of one that ends */
	for (size_t i = n; ready > 0 && i-- > 0;)
		if (fds[i].revents != 0 && !take(crew, &crew->children[i]))
			end_child(crew, i);
	show_progress(crew);
}

/* No other process can be started, and none runs that could make room. */
static void fail_to_start(struct crew *crew, size_t i, int reason)
{
	struct fleet *fleet = crew->fleet;
	const char *name = fleet->targets->items[i].name;
	struct error err = ERROR_INIT(&crew->arena);
	struct target_outcome outcome = {.name = name, .state = TARGET_FAILED};
	struct buf document = BUF_EMPTY(SIZE_MAX / 2);

	output_target(fleet->output, name);
	error_set(&err, ERROR_GENERAL, "Unable to start a process for target %s: %s", name,
	          strerror(reason));
	fail_target(fleet, &outcome, &document, &err);
	fleet_end_target(fleet, i, &outcome, EXIT_FAILED, buf_str(&document));
	buf_release(&document);
}

void fleet_run_parallel(struct fleet *fleet)
{
	struct crew crew = {.fleet = fleet};
	struct target_next next;

	crew.children = arena_array(&crew.arena, fleet->schedule.limit, sizeof(*crew.children));
	struct pollfd *fds = arena_array(&crew.arena, fleet->schedule.limit, sizeof(*fds));
	signals_hold(true);
	do {
		pass_signals_on(&crew);
		fleet->schedule.is_stopped = signals_caught() != 0;
		next = target_schedule_next(&fleet->schedule);
		bool must_wait = next.move == MOVE_WAIT;

		if (next.move == MOVE_BEGIN && !start(&crew, next.i)) {
			must_wait = crew.n > 0;
			if (!must_wait)
				fail_to_start(&crew, next.i, errno);
		} else if (next.move == MOVE_SKIP || next.move == MOVE_NOT_BEGIN) {
			fleet_leave_out(fleet, &next);
		}
		if (must_wait)
			watch(&crew, fds);
	} while (next.move != MOVE_END);
	signals_hold(false);
	log_progress(&fleet->output->log, STR(""));
	arena_release(&crew.arena);
}
