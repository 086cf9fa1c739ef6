/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "context/guard.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include <kmem/kmem.h>

#include "debug/report.h"
#include "kunit/options.h"
#include "kunit/test.h"
#include "lib/sanitized.h"
#include "model/in_use.h"
#include "stress/work.h"

#define FRAMES 16

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#define ARCH 0
#endif

/* What a build with KMEM_INJECT calls inside the lock backend's steps. */
#if KMEM_INJECT
#define INJECTED SYS_sched_yield
#else
#define INJECTED SYS_exit
#endif

extern const char __executable_start[];

/* What a world tells its parent. */
struct outcome {
	unsigned int wrong;
	bool skipped;
	bool ended;
	unsigned int used;
	char text[6000];
};

static struct outcome *outcome;

/* --- worlds --------------------------------------------------------------- */

static void say(const char *fmt, va_list args)
{
	char line[600];
	unsigned int at;
	int n = vsnprintf(line, sizeof(line) - 1, fmt, args);

	if (n < 0)
		return;
	if ((size_t)n > sizeof(line) - 2)
		n = sizeof(line) - 2;
	line[n++] = '\n';
	at = __atomic_fetch_add(&outcome->used, (unsigned int)n,
				__ATOMIC_RELAXED);
	if (at + (unsigned int)n < sizeof(outcome->text))
		memcpy(outcome->text + at, line, (size_t)n);
}

void world_wrong(const char *fmt, ...)
{
	va_list args;

	__atomic_fetch_add(&outcome->wrong, 1, __ATOMIC_RELAXED);
	va_start(args, fmt);
	say(fmt, args);
	va_end(args);
}

void world_note(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(fmt, args);
	va_end(args);
}

void world_skip(const char *fmt, ...)
{
	va_list args;

	outcome->skipped = true;
	va_start(args, fmt);
	say(fmt, args);
	va_end(args);
	_exit(0);
}

bool world_is_wrong(void)
{
	return __atomic_load_n(&outcome->wrong, __ATOMIC_RELAXED);
}

/* Where there are objects in use. */
static void tell_caches(void)
{
	struct list_head *pos;
	struct slab_counts n;
	struct kmem_cache *s;

	for (pos = slab_caches.next; pos != &slab_caches; pos = pos->next) {
		s = (struct kmem_cache *)((uintptr_t)pos -
					  offsetof(struct kmem_cache, list));
		slab_counts(s, &n);
		if (n.active_objs != n.free_in_sheaves)
			world_note("%s: %lu objects active, %lu in sheaves",
				   s->name, n.active_objs, n.free_in_sheaves);
	}
}

void world_balanced(unsigned long before)
{
	unsigned long now;

	if (!kmem_validate())
		world_wrong("kmem_validate() is false");
	now = in_use_bytes();
	if (now != before)
		world_note("%ld bytes in use that a trim has to bring back",
			   (long)(now - before));
	/* what could not be put away at once is now, at the latest */
	kmem_trim();
	if (!kmem_validate())
		world_wrong("kmem_validate() is false after kmem_trim()");
	now = in_use_bytes();
	if (now != before)
		world_wrong("%ld bytes in use too many after kmem_trim()",
			    (long)(now - before));
	/* what was refused on the way left the counts in order */
	if (report_errors())
		world_wrong("%lu reports of errors", report_errors());
	if (world_is_wrong())
		tell_caches();
}

/* Waits for the child, or ends it when it takes too long. */
static int wait_for(pid_t pid, unsigned int seconds, bool *late)
{
	uint64_t end = work_now_ms() + seconds * 1000ull;
	int status;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (work_now_ms() > end && !*late) {
			*late = true;
			kill(pid, SIGKILL);
		}
		usleep(2000);
	}
	return status;
}

static struct outcome *outcome_map(int fd)
{
	void *p = mmap(NULL, sizeof(*outcome), PROT_READ | PROT_WRITE,
		       MAP_SHARED, fd, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* This program again, as the world of one case with these options. */
static void become_world(struct kunit *test, const char *options,
			 const char *early, int fd)
{
	static char number[20];
	char name[200];
	char *argv[] = { program_invocation_name, name, NULL };

	snprintf(number, sizeof(number), "%d", fd);
	snprintf(name, sizeof(name), "%s", test->name);
	setenv("CONTEXT_WORLD", options, 1);
	setenv("CONTEXT_OUTCOME", number, 1);
	if (early)
		setenv("CONTEXT_EARLY", early, 1);
	test_options(options);
	/* what kunit says of the case there is said here */
	if (!freopen("/dev/null", "w", stdout))
		_exit(126);
	execv("/proc/self/exe", argv);
	_exit(127);
}

/* In the world: its case has come to the place where it began. */
static void be_world(const char *options, void (*fn)(void))
{
	const char *mine = getenv("CONTEXT_WORLD");
	const char *fd = getenv("CONTEXT_OUTCOME");

	if (strcmp(mine, options) != 0)
		return;
	outcome = outcome_map(fd ? atoi(fd) : -1);
	if (!outcome)
		_exit(125);
	fn();
	outcome->ended = true;
	_exit(0);
}

static void run(struct kunit *test, const char *options, const char *early,
		unsigned int seconds)
{
	int fd = memfd_create("outcome", 0);
	bool late = false;
	pid_t pid;
	int status;

	KUNIT_ASSERT_GE(test, fd, 0);
	KUNIT_ASSERT_EQ(test, ftruncate(fd, sizeof(*outcome)), 0);
	outcome = outcome_map(fd);
	KUNIT_ASSERT_NOT_NULL(test, outcome);
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		become_world(test, options, early, fd);
	KUNIT_ASSERT_GT(test, pid, 0);
	close(fd);
	status = wait_for(pid, seconds, &late);
	if (outcome->skipped)
		kunit_mark_skipped(test, "%s", outcome->text);
	else if (outcome->used)
		kunit_info(test, "%s: %s", options, outcome->text);
	if (late)
		KUNIT_FAIL(test, "%s: hung for %u s", options, seconds);
	else if (status)
		KUNIT_FAIL(test, "%s: ended with status %#x", options,
			   (unsigned int)status);
	else if (!outcome->ended && !outcome->skipped)
		KUNIT_FAIL(test, "%s: left in the middle", options);
	KUNIT_EXPECT_EQ_MSG(test, outcome->wrong, 0, "%s", options);
	munmap(outcome, sizeof(*outcome));
}

void world_run(struct kunit *test, const char *options, unsigned int seconds,
	       void (*fn)(void))
{
	if (getenv("CONTEXT_WORLD"))
		be_world(options, fn);
	else
		run(test, options, NULL, seconds);
}

void world_run_early(struct kunit *test, const char *options,
		     unsigned int seconds, const char *early)
{
	run(test, options, early, seconds);
}

/*
 * Runs before every constructor, the library's among them, which boots it.
 * libc has not set environ yet.
 */
static void before_all(int argc, char **argv, char **envp)
{
	const char *early, *fd;

	(void)argc;
	(void)argv;
	if (world_before_boot)
		world_before_boot();
	environ = envp;
	early = getenv("CONTEXT_EARLY");
	if (!early)
		return;
	fd = getenv("CONTEXT_OUTCOME");
	outcome = outcome_map(fd ? atoi(fd) : -1);
	if (!outcome || !world_early)
		_exit(125);
	world_early(early);
	outcome->ended = true;
	_exit(0);
}

static void (*const first)(int argc, char **argv, char **envp)
	__attribute__((section(".preinit_array"), used)) = before_all;

/* --- guards --------------------------------------------------------------- */

static unsigned int stopped;

unsigned int guard_stopped(void)
{
	return __atomic_load_n(&stopped, __ATOMIC_ACQUIRE);
}

void guard_exit(void)
{
	for (;;)
		syscall(SYS_exit, 0);
}

/* The addresses that led here, as addr2line wants them of this program. */
static void trap(int number, siginfo_t *info, void *context)
{
	const ucontext_t *uc = context;
	uintptr_t frame, *at;
	char text[400];
	size_t used = 0;

	(void)number;
#if defined(__x86_64__)
	frame = (uintptr_t)uc->uc_mcontext.gregs[REG_RBP];
#elif defined(__aarch64__)
	frame = uc->uc_mcontext.regs[29];
#else
	frame = 0;
#endif
	text[0] = '\0';
	for (unsigned int i = 0; i < FRAMES && frame && !(frame & 7); i++) {
		at = (uintptr_t *)frame;
		if (at[0] <= frame || at[0] - frame > 0x10000)
			break;
		used += (size_t)snprintf(
			text + used, sizeof(text) - used, " %#lx",
			(unsigned long)(at[1] - (uintptr_t)__executable_start));
		if (used >= sizeof(text) - 24)
			break;
		frame = at[0];
	}
	world_wrong("system call %d, from%s", info->si_syscall, text);
	__atomic_fetch_add(&stopped, 1, __ATOMIC_RELEASE);
	guard_exit();
}

static bool handle_traps(void)
{
	struct sigaction act = { .sa_flags = SA_SIGINFO | SA_NODEFER };

	act.sa_sigaction = trap;
	sigfillset(&act.sa_mask);
	return !sigaction(SIGSYS, &act, NULL);
}

/* The way out and the way back from a handler are free; all else traps. */
bool guard_on(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigreturn, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, INJECTED, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = {
		.len = sizeof(code) / sizeof(code[0]),
		.filter = code,
	};

	return ARCH && handle_traps() &&
	       !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
	       !syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog);
}

struct job {
	void (*before)(void);
	void (*fn)(void *arg);
	void *arg;
	bool refused;
};

static void *guarded(void *arg)
{
	struct job *job = arg;

	if (job->before)
		job->before();
	if (!guard_on()) {
		job->refused = true;
		return NULL;
	}
	job->fn(job->arg);
	guard_exit();
}

void guard_run_after(void (*before)(void), void (*fn)(void *arg), void *arg)
{
	struct job job = { before, fn, arg, false };
	pthread_t t;

	/* their runtime makes system calls of its own */
	if (SANITIZED)
		world_skip("sanitizers make system calls");
	if (pthread_create(&t, NULL, guarded, &job)) {
		world_wrong("no thread");
		return;
	}
	pthread_join(t, NULL);
	if (job.refused)
		world_skip("no seccomp filter: %s", strerror(errno));
}

void guard_run(void (*fn)(void *arg), void *arg)
{
	guard_run_after(NULL, fn, arg);
}
