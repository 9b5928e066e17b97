/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shim_calls.c - lets the system call with a given number fail; loaded with LD_PRELOAD
 *
 *	INJECT_CALLS=write,fsync  the calls that count, by name
 *	INJECT_AT=7               the seventh of them fails; 0: none
 *	INJECT_HOW=28             with this errno; or see below
 *	INJECT_KEEP=1             and so does every later one
 *	INJECT_REPORT=f           a file of REPORT_SIZE bytes; see struct report
 *
 * How: "short" moves half of the bytes, "kill" kills the process before the call, "torn" after half
 * of the bytes. An errno that says that a connection is lost (ECONNRESET, EPIPE) ends it as well.
 *
 * A seccomp filter turns these calls into SIGSYS, also those from within libc (stdio) and SQLite,
 * and the handler makes the call in their place. Calls on the standard streams do not count, and
 * pauses take no time. As filters are inherited, a program under this shim must not start others.
 * Linux on x86-64 only.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <ucontext.h>
#include <unistd.h>

enum { REPORT_SIZE = 512, MAX_CALLS = 32, FAILED_START = 125 };

struct report {
	uint64_t count;   /* how many calls counted so far */
	uint64_t is_hit;  /* the call with the number INJECT_AT was made */
	char name[32];    /* its name */
	char target[464]; /* what it was for: a path */
};

/* first: which argument names the file. bytes: which argument is a number of bytes, or -1. */
static const struct call {
	const char *name;
	long number;
	bool takes_path;
	int first, bytes;
} calls[] = {
	{"open", SYS_open, true, 0, -1},         {"open", SYS_openat, true, 1, -1},
	{"read", SYS_read, false, 0, 2},         {"read", SYS_pread64, false, 0, 2},
	{"write", SYS_write, false, 0, 2},       {"write", SYS_pwrite64, false, 0, 2},
	{"write", SYS_writev, false, 0, -1},     {"fsync", SYS_fsync, false, 0, -1},
	{"fsync", SYS_fdatasync, false, 0, -1},  {"truncate", SYS_ftruncate, false, 0, -1},
	{"rename", SYS_rename, true, 0, -1},     {"rename", SYS_renameat, true, 1, -1},
	{"rename", SYS_renameat2, true, 1, -1},  {"unlink", SYS_unlink, true, 0, -1},
	{"unlink", SYS_unlinkat, true, 1, -1},   {"mkdir", SYS_mkdir, true, 0, -1},
	{"stat", SYS_newfstatat, true, 1, -1},   {"stat", SYS_stat, true, 0, -1},
	{"list", SYS_getdents64, false, 0, -1},  {"access", SYS_access, true, 0, -1},
	{"access", SYS_faccessat, true, 1, -1},  {"lock", SYS_flock, false, 0, -1},
	{"lock", SYS_fcntl, false, 0, -1},       {"close", SYS_close, false, 0, -1},
	{"poll", SYS_poll, false, -1, -1},       {"send", SYS_sendto, false, -1, 2},
	{"receive", SYS_recvfrom, false, -1, 2}, {"socket", SYS_socket, false, -1, -1},
	{"connect", SYS_connect, false, 0, -1},  {"option", SYS_setsockopt, false, 0, -1},
	{"option", SYS_getsockopt, false, 0, -1},
};

/* Makes a system call from an address that the filter lets through. */
long raw_call(long number, long a, long b, long c, long d, long e, long f);
extern const char raw_call_return[];
__asm__(".text\n.globl raw_call\n.globl raw_call_return\n"
        ".type raw_call, @function\nraw_call:\n"
        "	mov %rdi, %rax\n	mov %rsi, %rdi\n	mov %rdx, %rsi\n	mov %rcx, %rdx\n"
        "	mov %r8, %r10\n	mov %r9, %r8\n	mov 8(%rsp), %r9\n	syscall\n"
        "raw_call_return:\n	ret\n.size raw_call, . - raw_call\n");

static struct report own_report, *report = &own_report;
static uint64_t fails_at;
static bool keeps_failing;
static const char *how = "";
static long reason;

static const struct call *find_call(long number)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (calls[i].number == number)
			return &calls[i];
	return NULL;
}

static void describe(const struct call *call, const long *arguments)
{
	char link[64];
	size_t len = 0;

	report->is_hit = 1;
	for (; call->name[len] != '\0'; len++)
		report->name[len] = call->name[len];
	if (call->first < 0)
		return;
	if (call->takes_path) {
		const char *path = (const char *)arguments[call->first];

		for (len = 0; len < sizeof(report->target) - 1 && path[len] != '\0'; len++)
			report->target[len] = path[len];
		return;
	}
	snprintf(link, sizeof(link), "/proc/self/fd/%d", (int)arguments[call->first]);
	raw_call(SYS_readlink, (long)link, (long)report->target, sizeof(report->target) - 1, 0, 0,
	         0);
}

static bool counts(const struct call *call, const long *arguments)
{
	if (call->number == SYS_fcntl && arguments[1] != F_SETLK && arguments[1] != F_SETLKW)
		return false;
	return call->takes_path || call->first < 0 || arguments[call->first] > STDERR_FILENO;
}

static long make_call(long number, const long *arguments)
{
	return raw_call(number, arguments[0], arguments[1], arguments[2], arguments[3],
	                arguments[4], arguments[5]);
}

/* Moves half of the bytes, but at least one: none would be the end of the file. */
static long make_half(const struct call *call, long *arguments)
{
	if (call->bytes >= 0 && arguments[call->bytes] > 1)
		arguments[call->bytes] /= 2;
	return make_call(call->number, arguments);
}

/* The kernel reports a lost connection once; then reading finds its end. */
static long fail(const struct call *call, const long *arguments)
{
	if ((reason == ECONNRESET || reason == EPIPE) && call->number != SYS_connect)
		raw_call(SYS_shutdown, arguments[0], SHUT_RDWR, 0, 0, 0, 0);
	return -reason;
}

static long answer(const struct call *call, long *arguments)
{
	uint64_t number;

	if (!counts(call, arguments))
		return make_call(call->number, arguments);
	number = __atomic_add_fetch(&report->count, 1, __ATOMIC_RELAXED);
	if (fails_at == 0 || number < fails_at || (number > fails_at && !keeps_failing))
		return make_call(call->number, arguments);
	if (number == fails_at)
		describe(call, arguments);
	if (reason != 0)
		return fail(call, arguments);
	if (strcmp(how, "kill") == 0)
		raw_call(SYS_kill, raw_call(SYS_getpid, 0, 0, 0, 0, 0, 0), SIGKILL, 0, 0, 0, 0);
	long result = make_half(call, arguments);
	if (strcmp(how, "torn") == 0)
		raw_call(SYS_kill, raw_call(SYS_getpid, 0, 0, 0, 0, 0, 0), SIGKILL, 0, 0, 0, 0);
	return result;
}

static void on_trap(int signal, siginfo_t *info, void *context)
{
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
	long arguments[6] = {registers[REG_RDI], registers[REG_RSI], registers[REG_RDX],
	                     registers[REG_R10], registers[REG_R8],  registers[REG_R9]};

	(void)signal;
	registers[REG_RAX] = answer(find_call(info->si_syscall), arguments);
}

static bool is_named(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = strstr(list, name); at != NULL; at = strstr(at + 1, name))
		if ((at == list || at[-1] == ',') && (at[len] == ',' || at[len] == '\0'))
			return true;
	return false;
}

static void add(struct sock_fprog *program, struct sock_filter step)
{
	program->filter[program->len++] = step;
}

/* Traps the calls in the list, unless raw_call makes them. */
static bool install_filter(const char *list)
{
	struct sock_filter steps[2 * MAX_CALLS + 8];
	struct sock_fprog program = {.filter = steps};
	uint64_t address = (uint64_t)raw_call_return;

	add(&program,
	    (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
	                                 offsetof(struct seccomp_data, instruction_pointer)));
	add(&program,
	    (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)address, 0, 3));
	add(&program,
	    (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
	                                 offsetof(struct seccomp_data, instruction_pointer) + 4));
	add(&program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
	                                           (uint32_t)(address >> 32), 0, 1));
	add(&program, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
	add(&program, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
	                                           offsetof(struct seccomp_data, nr)));
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (!is_named(list, calls[i].name))
			continue;
		add(&program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
		                                           (uint32_t)calls[i].number, 0, 1));
		add(&program, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP));
	}
	add(&program, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static const char *text_of(const char *variable)
{
	const char *text = getenv(variable);

	return text != NULL ? text : "";
}

static void share_report(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	void *shared;

	if (fd < 0)
		return;
	shared = mmap(NULL, REPORT_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (shared != MAP_FAILED)
		report = shared;
}

__attribute__((constructor)) static void begin(void)
{
	struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO | SA_NODEFER};

	share_report(text_of("INJECT_REPORT"));
	fails_at = strtoull(text_of("INJECT_AT"), NULL, 10);
	keeps_failing = text_of("INJECT_KEEP")[0] == '1';
	how = text_of("INJECT_HOW");
	reason = strtol(how, NULL, 10);
	unsetenv("LD_PRELOAD");
	if (sigaction(SIGSYS, &action, NULL) != 0 || !install_filter(text_of("INJECT_CALLS"))) {
		fputs("shim_calls: seccomp is not available\n", stderr);
		_exit(FAILED_START);
	}
}
