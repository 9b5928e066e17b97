/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process_strays.c - finds children that have left the group of a program, in /proc
 */
#include "process_strays.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

bool process_has_children(void)
{
	siginfo_t child;

	return waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* "PID (name) state parent group …", and the name may hold anything. */
static bool read_stat(const char *pid, char *state, pid_t *parent, pid_t *group)
{
	char path[64], text[512];
	ssize_t len = -1;

	(void)snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		len = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	text[len > 0 ? len : 0] = '\0';
	const char *rest = strrchr(text, ')');
	char *next = NULL;

	if (rest == NULL || rest[1] != ' ' || rest[2] == '\0')
		return false;
	*state = rest[2];
	*parent = (pid_t)strtol(rest + 3, &next, 10);
	*group = (pid_t)strtol(next, NULL, 10);
	return true;
}

static bool is_told(const struct process_strays *strays, pid_t pid)
{
	for (size_t i = 0; i < strays->n; i++)
		if (strays->told[i] == pid)
			return true;
	return false;
}

static void tell(struct process_strays *strays, pid_t pid, bool leads_group)
{
	pid_t to = leads_group ? -pid : pid;

	if (is_told(strays, pid))
		return;
	if (strays->n < MAX_STRAYS)
		strays->told[strays->n++] = pid;
	kill(to, strays->number);
	kill(to, SIGCONT);
}

void process_strays_tell(struct process_strays *strays, pid_t group, int number)
{
	DIR *all = opendir("/proc");
	const struct dirent *entry;

	if (all == NULL)
		return;
	if (strays->number != number)
		strays->n = 0;
	strays->number = number;
	while ((entry = readdir(all)) != NULL) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10), parent = 0, own = 0;
		char state = '\0';

		if (pid > 0 && read_stat(entry->d_name, &state, &parent, &own) &&
		    parent == getpid() && own != group && state != 'Z')
			tell(strays, pid, own == pid);
	}
	closedir(all);
}
