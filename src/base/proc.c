/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proc.c - runs another program and collects what it prints
 *
 * It uses posix_spawn, so that no copy of this process runs any of its code. All descriptors that
 * cflyway opens are close-on-exec: the child must not share the connection to a database.
 */
#include "cflyway/base/proc.h"

#include "process_group.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <unistd.h>

extern char **environ;

enum {
	READ_SIZE = 16 * 1024,
	FIRST_SLICE_MS = 1,
	LAST_READS = 64, /* more than a pipe holds */
	SLICE_MS = 100,  /* how long a signal may go unnoticed */
};

/* --- environment --------------------------------------------------------------------------- */

static bool has_same_name(const char *variable, const char *other)
{
	size_t len = str_find_char(str_of(variable), '=');

	return strncmp(variable, other, len) == 0 && other[len] == '=';
}

static bool is_replaced(const char *variable, const struct str_list *variables)
{
	for (size_t i = 0; i < variables->n; i++)
		if (has_same_name(variables->items[i], variable))
			return true;
	return false;
}

/* The result shares the strings of the lists; exec takes char * but does not change them. */
static char **make_environment(struct arena *arena, const struct str_list *variables)
{
	struct str_list all = {0};

	for (size_t i = 0; environ != NULL && environ[i] != NULL; i++)
		if (!is_replaced(environ[i], variables))
			str_list_add(arena, &all, environ[i]);
	for (size_t i = 0; i < variables->n; i++)
		str_list_add(arena, &all, variables->items[i]);
	str_list_add(arena, &all, NULL);
	return (char **)all.items;
}

static char **make_arguments(struct arena *arena, const struct str_list *arguments,
                             const char *interpreter)
{
	struct str_list all = {0};

	if (interpreter != NULL)
		str_list_add(arena, &all, interpreter);
	for (size_t i = 0; i < arguments->n; i++)
		str_list_add(arena, &all, arguments->items[i]);
	str_list_add(arena, &all, NULL);
	return (char **)all.items;
}

/* --- starting ------------------------------------------------------------------------------ */

/*
 * The program leads a process group of its own, which is ended as a whole. Signals get their
 * default handling: ignored ones would stay ignored in the child.
 */
static void set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, defaults;

	sigemptyset(&none);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	sigaddset(&defaults, SIGXFSZ);
	sigaddset(&defaults, SIGINT);
	sigaddset(&defaults, SIGTERM);
	posix_spawnattr_setsigmask(attributes, &none);
	posix_spawnattr_setsigdefault(attributes, &defaults);
	posix_spawnattr_setpgroup(attributes, 0);
	posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
	                                             POSIX_SPAWN_SETPGROUP);
}

/* Connects what the program reads and writes. Returns 0 or an errno. */
static int redirect(posix_spawn_file_actions_t *actions, const struct proc *proc, int out)
{
	const char *input = proc->input != NULL ? proc->input : "/dev/null";
	int code = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, input, O_RDONLY, 0);

	if (code == 0)
		code = posix_spawn_file_actions_adddup2(actions, out, STDOUT_FILENO);
	if (code != 0)
		return code;
	return proc->drops_errors ? posix_spawn_file_actions_addopen(actions, STDERR_FILENO,
	                                                             "/dev/null", O_WRONLY, 0)
	                          : posix_spawn_file_actions_adddup2(actions, out, STDERR_FILENO);
}

/* Starts the program, which writes to out. Returns 0 or an errno. */
static int spawn(const struct proc *proc, char *const *arguments, char *const *environment, int out,
                 pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int code = posix_spawn_file_actions_init(&actions);

	if (code != 0)
		return code;
	code = posix_spawnattr_init(&attributes);
	if (code != 0) {
		posix_spawn_file_actions_destroy(&actions);
		return code;
	}
	set_attributes(&attributes);
	code = redirect(&actions, proc, out);
	if (code == 0)
		code = posix_spawnp(pid, arguments[0], &actions, &attributes, arguments,
		                    environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return code;
}

static bool open_pipe(int ends[2])
{
	if (pipe(ends) != 0)
		return false;
	return fcntl(ends[0], F_SETFD, FD_CLOEXEC) == 0 && fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0;
}

/* Starts the program with a pipe for its output; sets *in to the read end. */
static bool start(const struct proc *proc, int *in, pid_t *pid, struct error *err)
{
	struct arena arena = ARENA_EMPTY;
	char **environment = make_environment(&arena, proc->variables);
	int ends[2] = {-1, -1};
	int code = open_pipe(ends) ? 0 : errno;

	if (code == 0)
		code = spawn(proc, make_arguments(&arena, proc->arguments, NULL), environment,
		             ends[1], pid);
	if (code == ENOEXEC)
		code = spawn(proc, make_arguments(&arena, proc->arguments, "/bin/sh"), environment,
		             ends[1], pid);
	if (ends[1] >= 0)
		close(ends[1]);
	arena_release(&arena);
	*in = ends[0];
	if (code == 0)
		return true;
	if (ends[0] >= 0)
		close(ends[0]);
	const char *cause = arena_printf(err->arena, "error=%d, %s", code, strerror(code));
	error_set(err, ERROR_GENERAL, "Cannot run program \"%s\": %s", proc->arguments->items[0],
	          cause);
	err->cause = cause;
	return false;
}

/* --- running ------------------------------------------------------------------------------- */

/* Reads what is there. Returns false once nobody can write any more. */
static bool read_some(int in, struct buf *output)
{
	char bytes[READ_SIZE];
	ssize_t len = read(in, bytes, sizeof(bytes));

	if (len < 0 && errno == EINTR)
		return true;
	if (len <= 0)
		return false;
	size_t room = output->max - output->len;
	buf_append(output, bytes, (size_t)len < room ? (size_t)len : room);
	return true;
}

/* What is still in the pipe; somebody outside of the group may go on writing. */
static void read_rest(struct pollfd *fd, struct buf *output)
{
	for (int i = 0; i < LAST_READS && fd->fd >= 0 && poll(fd, 1, 0) > 0; i++)
		if (!read_some(fd->fd, output))
			return;
}

/*
 * Reads until the program has ended and its output is closed. The short slices are for a program
 * that ends right after it has closed its output.
 */
static void collect(struct process_group *group, int in, struct buf *output)
{
	struct pollfd fd = {.fd = in, .events = POLLIN};
	int slice_ms = SLICE_MS;

	do {
		if (poll(&fd, 1, slice_ms) > 0 && !read_some(in, output)) {
			fd.fd = -1;
			slice_ms = FIRST_SLICE_MS;
		} else if (slice_ms < SLICE_MS) {
			slice_ms = slice_ms * 2;
		}
	} while (!process_group_watch(group, fd.fd >= 0));
	read_rest(&fd, output);
}

static void share(const struct proc *proc, pid_t group)
{
	if (proc->group != NULL)
		*proc->group = group;
}

bool proc_run(const struct proc *proc, struct buf *output, struct proc_end *end, struct error *err)
{
	struct process_group group = {
		.stop = proc->stop,
		.grace_ms = proc->grace_ms,
		.limit_ms = proc->limit_ms,
	};
	int in = -1;

	process_group_open(&group);
	bool ok = start(proc, &in, &group.id, err);
	if (ok) {
		share(proc, group.id);
		collect(&group, in, output);
		share(proc, 0);
		close(in);
	}
	process_group_close(&group);
	*end = (struct proc_end){
		.status = group.status,
		.told = group.is_late ? 0 : group.told,
		.was_killed = group.was_killed,
		.has_left = group.has_left,
		.sees_all = group.sees_all,
		.is_late = group.is_late,
	};
	return ok;
}
