/* SPDX-License-Identifier: Apache-2.0 */
/*
 * launch.c - runs a program and says what it took
 *
 *     launch RESULT LOG PROGRAM [ARGUMENT...]
 *
 * The program reads nothing and writes to LOG. RESULT gets one line: wall time and CPU time (user
 * and system, children included) in microseconds, peak memory in kB, exit status, or 128 and the
 * number of the signal.
 *
 * This is a program of its own because Linux counts the memory of whoever starts a program as the
 * first peak of what was started: from Python, no program would need less than 20 MB.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ; /* NOLINT(readability-redundant-declaration): POSIX leaves it to us */

static long long now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static long long microseconds(const struct timeval *time)
{
	return (long long)time->tv_sec * 1000000 + time->tv_usec;
}

/* Returns an errno. */
static int start(pid_t *pid, const char *log, char **command)
{
	posix_spawn_file_actions_t files;
	int failed = posix_spawn_file_actions_init(&files);

	if (failed)
		return failed;
	failed = posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	if (!failed)
		failed = posix_spawn_file_actions_addopen(&files, 1, log,
		                                          O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (!failed)
		failed = posix_spawn_file_actions_adddup2(&files, 1, 2);
	if (!failed)
		failed = posix_spawnp(pid, command[0], &files, NULL, command, environ);
	posix_spawn_file_actions_destroy(&files);
	return failed;
}

int main(int argc, char **argv)
{
	struct rusage used;
	pid_t pid;
	int status;

	if (argc < 4) {
		fputs("usage: launch RESULT LOG PROGRAM [ARGUMENT...]\n", stderr);
		return 2;
	}
	long long begun_us = now_us();
	int failed = start(&pid, argv[2], argv + 3);

	if (failed) {
		fprintf(stderr, "%s: %s\n", argv[3], strerror(failed));
		return 1;
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 1;
	long long wall_us = now_us() - begun_us;

	getrusage(RUSAGE_CHILDREN, &used);
	FILE *result = fopen(argv[1], "w");

	if (!result)
		return 1;
	fprintf(result, "%lld %lld %ld %d\n", wall_us,
	        microseconds(&used.ru_utime) + microseconds(&used.ru_stime), used.ru_maxrss,
	        WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return fclose(result) == 0 ? 0 : 1;
}
