/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Makes a thread of another process that sleeps in the kernel call a function.
 *
 * 1. Which.  One that waits in a system call which the library never makes
 *    while it holds a lock, so the thread holds none of ours: poll(), pause(),
 *    accept(), read() and their like, but not futex().
 * 2. How.  It is stopped (PTRACE_INTERRUPT, which no handler sees).  Its
 *    registers, the signals that it blocks and its shadow stack are kept; all
 *    signals are blocked, since a handler could jump out of the call; and it
 *    goes on in the library's function, below what is in use of its stack.
 * 3. Back.  The function ends in a sleep.  There the thread is stopped again
 *    and gets back what was kept.  The kernel then starts its system call
 *    again, with what is left of its time, as it does after each stop.
 * 4. What can go wrong.  Between the two stops the process depends on this
 *    one, for about as long as the call takes; signals that would end kmem
 *    wait for that.  SIGKILL does not, and leaves the thread asleep.
 *
 * Registers and the way back are those of x86-64.
 */
#include "borrow.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>

#include "stop.h"

#if defined(__x86_64__)
typedef struct user_regs_struct regs_t;
#define REG_IP(r) ((r)->rip)
#define REG_SP(r) ((r)->rsp)
#define REG_CALL(r) ((long)(r)->orig_rax)
#define REG_RESULT(r) ((long)(r)->rax)
#define REG_NO_CALL(r) ((void)((r)->orig_rax = (unsigned long long)-1))
#define RED_ZONE 128
#define RETURN_SLOT 8 /* as after a call instruction */
#define NT_VECTORS NT_X86_XSTATE
#define NT_SHADOW 0x204 /* NT_X86_SHSTK, which headers are late to know */

/* What a system call shows that the kernel makes again after the stop. */
#define RESTART_FIRST 512
#define RESTART_LAST 516
/* Bytes of the instruction that enters the kernel. */
#define ENTRY_BYTES 2

#define LOOK_NS 500000l

static const int sleeps[] = {
	SYS_poll,
	SYS_select,
	SYS_pause,
	SYS_epoll_wait,
#ifdef SYS_epoll_pwait2
	SYS_epoll_pwait2,
#endif
	SYS_ppoll,
	SYS_pselect6,
	SYS_epoll_pwait,
	SYS_nanosleep,
	SYS_clock_nanosleep,
	SYS_rt_sigsuspend,
	SYS_rt_sigtimedwait,
	SYS_accept,
	SYS_accept4,
	SYS_wait4,
	SYS_waitid,
	SYS_recvfrom,
	SYS_recvmsg,
	SYS_read,
};

struct kept {
	regs_t regs;
	uint64_t mask;
	size_t vectors, shadow; /* bytes; 0: there are none */
	char vector[16384], shadow_top[64];
};

static bool is_sleep(long call)
{
	for (size_t i = 0; i < sizeof(sleeps) / sizeof(*sleeps); i++)
		if (sleeps[i] == call)
			return true;
	return false;
}

/* These fail when the thread is stopped, and are made again from here. */
static bool is_not_restarted(long call)
{
	switch (call) {
	case SYS_epoll_wait:
	case SYS_epoll_pwait:
#ifdef SYS_epoll_pwait2
	case SYS_epoll_pwait2:
#endif
	case SYS_rt_sigtimedwait:
		return true;
	default:
		return false;
	}
}

static void nap(void)
{
	static const struct timespec ts = { .tv_nsec = LOOK_NS };

	nanosleep(&ts, NULL);
}

static bool regs_get(pid_t tid, unsigned long what, void *to, size_t *n)
{
	struct iovec v = { to, *n };
	bool ok = !ptrace(PTRACE_GETREGSET, tid, what, &v);

	*n = ok ? v.iov_len : 0;
	return ok;
}

static bool regs_set(pid_t tid, unsigned long what, void *from, size_t n)
{
	struct iovec v = { from, n };

	return !n || !ptrace(PTRACE_SETREGSET, tid, what, &v);
}

/* A stop of PTRACE_INTERRUPT; false: the thread has ended. */
static bool stop(pid_t tid)
{
	return !ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) && stop_wait(tid);
}

/* Will the kernel make the call again that the stopped thread is in? */
static bool will_restart(const regs_t *r)
{
	long result = -REG_RESULT(r);

	return REG_CALL(r) >= 0 && result >= RESTART_FIRST &&
	       result <= RESTART_LAST;
}

/* Is there a signal for the thread that it does not block? Yes, if unknown. */
static bool signal_waits(pid_t pid, pid_t tid, uint64_t blocked)
{
	uint64_t waits = ~0ull, more;
	unsigned int found = 0;
	char path[64], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/task/%ld/status", (long)pid,
		 (long)tid);
	f = fopen(path, "re");
	if (!f)
		return true;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "SigPnd: %" SCNx64, &more) != 1 &&
		    sscanf(line, "ShdPnd: %" SCNx64, &more) != 1)
			continue;
		waits = found++ ? waits | more : more;
	}
	fclose(f);
	return found < 2 || waits & ~blocked;
}

/* Is the stopped thread in a sleep that can go on afterwards? */
static bool is_asleep(pid_t pid, pid_t tid, const struct kept *k)
{
	long call = REG_CALL(&k->regs);

	if (will_restart(&k->regs))
		return is_sleep(call) || call == SYS_restart_syscall;
	return is_not_restarted(call) && REG_RESULT(&k->regs) == -EINTR &&
	       !signal_waits(pid, tid, k->mask);
}

/*
 * A signal that came meanwhile interrupts the call as it would have done;
 * without one the thread makes the call again, as a whole.
 */
static void again(pid_t pid, pid_t tid, struct kept *k)
{
	if (will_restart(&k->regs) || signal_waits(pid, tid, k->mask))
		return;
	k->regs.rax = k->regs.orig_rax;
	k->regs.rip -= ENTRY_BYTES;
	REG_NO_CALL(&k->regs);
}

static bool keep(pid_t tid, struct kept *k)
{
	size_t n = sizeof(k->regs);

	k->vectors = sizeof(k->vector);
	k->shadow = sizeof(k->shadow_top);
	if (!regs_get(tid, NT_PRSTATUS, &k->regs, &n) ||
	    !regs_get(tid, NT_VECTORS, k->vector, &k->vectors) ||
	    ptrace(PTRACE_GETSIGMASK, tid, sizeof(k->mask), &k->mask))
		return false;
	/* few threads have one */
	regs_get(tid, NT_SHADOW, k->shadow_top, &k->shadow);
	return true;
}

static bool begin(pid_t tid, const struct kept *k, uint64_t code)
{
	uint64_t all = ~0ull;
	regs_t r = k->regs;

	REG_SP(&r) = ((REG_SP(&r) - RED_ZONE) & ~15ull) - RETURN_SLOT;
	REG_IP(&r) = code;
	REG_NO_CALL(&r);
	return !ptrace(PTRACE_SETSIGMASK, tid, sizeof(all), &all) &&
	       regs_set(tid, NT_PRSTATUS, &r, sizeof(r));
}

static bool restore(pid_t pid, pid_t tid, struct kept *k)
{
	again(pid, tid, k);
	return regs_set(tid, NT_SHADOW, k->shadow_top, k->shadow) &&
	       regs_set(tid, NT_VECTORS, k->vector, k->vectors) &&
	       regs_set(tid, NT_PRSTATUS, &k->regs, sizeof(k->regs)) &&
	       !ptrace(PTRACE_SETSIGMASK, tid, sizeof(k->mask), &k->mask);
}

/* The thread runs the function; stops it where that sleeps. */
static bool until_done(pid_t tid, bool (*done)(void *arg), void *arg)
{
	size_t n;
	regs_t r;

	for (;;) {
		if (ptrace(PTRACE_CONT, tid, NULL, NULL))
			return false;
		do {
			siginfo_t info = { 0 };

			nap();
			if (waitid(P_PID, (id_t)tid, &info,
				   WEXITED | WNOHANG | WNOWAIT | __WALL) ||
			    info.si_pid)
				return false;
		} while (!done(arg));
		n = sizeof(r);
		if (!stop(tid) || !regs_get(tid, NT_PRSTATUS, &r, &n))
			return false;
		if (will_restart(&r) && REG_CALL(&r) == SYS_futex)
			return true;
	}
}

static enum borrow lend(pid_t pid, pid_t tid, uint64_t code,
			bool (*done)(void *arg), void *arg)
{
	static struct kept k;
	enum borrow result = BORROW_BUSY;

	if (ptrace(PTRACE_SEIZE, tid, NULL, NULL))
		return errno == ESRCH ? BORROW_BUSY : BORROW_DENIED;
	if (!stop(tid))
		return BORROW_ENDED;
	if (keep(tid, &k) && is_asleep(pid, tid, &k) && begin(tid, &k, code))
		result = until_done(tid, done, arg) && restore(pid, tid, &k) ?
				 BORROW_DONE :
				 BORROW_ENDED;
	ptrace(PTRACE_DETACH, tid, NULL, NULL);
	return result;
}

/* The first line of a thread's file, without its end; false: there is none. */
static bool line_of(pid_t pid, pid_t tid, const char *name, char *to, size_t n)
{
	char path[64];
	bool good;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/task/%ld/%s", (long)pid,
		 (long)tid, name);
	f = fopen(path, "re");
	if (!f)
		return false;
	good = fgets(to, (int)n, f);
	fclose(f);
	return good;
}

/*
 * Does the thread seem to sleep where it may make the call?  One whose sleep
 * was stopped before is in SYS_restart_syscall: then only the place where it
 * waits tells it from a futex.
 */
static bool seems_asleep(pid_t pid, pid_t tid)
{
	char text[128], *end;
	long call;

	if (!line_of(pid, tid, "syscall", text, sizeof(text)))
		return false;
	call = strtol(text, &end, 10);
	if (end == text)
		return false;
	if (call != SYS_restart_syscall)
		return is_sleep(call);
	return line_of(pid, tid, "wchan", text, sizeof(text)) &&
	       strcmp(text, "0") && strncmp(text, "futex", 5);
}

/* The first thread is preferred: its stack is a large one. */
static enum borrow lend_any(pid_t pid, uint64_t code, bool (*done)(void *arg),
			    void *arg)
{
	enum borrow result = BORROW_BUSY;
	struct dirent *e;
	char path[64];
	DIR *dir;

	if (seems_asleep(pid, pid))
		result = lend(pid, pid, code, done, arg);
	if (result != BORROW_BUSY)
		return result;
	snprintf(path, sizeof(path), "/proc/%ld/task", (long)pid);
	dir = opendir(path);
	if (!dir)
		return BORROW_ENDED;
	while (result == BORROW_BUSY && (e = readdir(dir))) {
		pid_t tid = (pid_t)atol(e->d_name);

		if (tid && tid != pid && seems_asleep(pid, tid))
			result = lend(pid, tid, code, done, arg);
	}
	closedir(dir);
	return result;
}

enum borrow borrow_call(pid_t pid, uint64_t code, bool (*done)(void *arg),
			void *arg)
{
	sigset_t all, before;
	enum borrow result;
	int err;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	result = lend_any(pid, code, done, arg);
	err = errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = err;
	return result;
}

#else

enum borrow borrow_call(pid_t pid, uint64_t code, bool (*done)(void *arg),
			void *arg)
{
	(void)pid;
	(void)code;
	(void)done;
	(void)arg;
	return BORROW_NOT_HERE;
}

#endif
