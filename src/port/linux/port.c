/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The port of a Linux process: mmap, futex, rseq's CPU number.
 *
 * Two rules hold for each function here.  Nothing may call malloc, at any depth
 * of libc, because malloc may be what called us; so no stdio, no opendir, no
 * locale.  And errno is the caller's, and is left as it was.
 *
 * The CPU number comes from the area that glibc registers for restartable
 * sequences.  The kernel writes it whenever it moves the thread, so reading it
 * costs a load and it is never stale.  Where there is no such area the number
 * is asked for each time; it is not cached, because a thread moves without
 * telling.  A sandbox that has neither counts as one CPU.
 */
#define _GNU_SOURCE 1

#include "port/port.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>
#include <unwind.h>

#include "lib/mem.h"
#include "lib/text.h"
#include "port/linux/cancel.h"
#include "port/linux/confine.h"
#include "port/linux/fork.h"
#include "port/linux/own.h"

static unsigned int nr_cpus = 1;
static bool sysfs_says; /* nr_cpus is the kernel's own word */

/*
 * One page of words that are 0 again in a new process: its number, and the
 * word of port_wiped().  Where the OS wipes nothing, the handlers do.
 */
enum { WIPED_PID, WIPED_WORD, WIPED_WORDS };

static uint32_t wiped_by_handlers[WIPED_WORDS];
static uint32_t *wiped;
static uint32_t last_pid; /* of this process, or of its parent */
#define PIDS_MOST (1u << 22)
/* The clock and the CPU's number are read without a system call. */
static bool vdso;
bool linux_confined;
char options[4096] BULKY("options");

/* From the thread pointer to rseq's cpu_id; 0 when nothing is registered. */
static ptrdiff_t cpu_id_at;

/* glibc 2.35 and later. */
extern const ptrdiff_t __rseq_offset __attribute__((weak));
extern const unsigned int __rseq_size __attribute__((weak));

/* The file system; not that of a file that a sandbox put there. */
#define SYSFS_TYPE 0x62656572

/* struct rseq is cpu_id_start, cpu_id, ... of 32 bits each. */
#define RSEQ_CPU_ID 4

/* --- starting ------------------------------------------------------------ */

static ssize_t read_some(int fd, char *buf, size_t n)
{
	ssize_t got;

	do
		got = UNCANCELLED(read(fd, buf, n));
	while (got < 0 && errno == EINTR);
	return got;
}

/* The last number of a list like "0-3,6", plus one; 0 if there is none. */
static unsigned int list_end(const char *s, size_t n)
{
	unsigned int v = 0, end = 0;
	bool digit = false;

	for (; n && *s != '\n'; n--, s++) {
		if (*s < '0' || *s > '9') {
			v = 0;
			digit = false;
			continue;
		}
		v = v * 10 + (unsigned int)(*s - '0');
		digit = true;
		end = v + 1;
	}
	return digit ? end : 0;
}

/*
 * Which CPUs can ever be.  Without sysfs the size of an affinity mask, which
 * the kernel rounds up to whole words, bounds it from above.
 */
static unsigned int count_cpus(void)
{
	unsigned long mask[1024 / sizeof(long)];
	unsigned int n = 0;
	char text[1024];
	struct statfs fs;
	long bytes;
	ssize_t got;
	int fd;

	fd = UNCANCELLED(
		open("/sys/devices/system/cpu/possible", O_RDONLY | O_CLOEXEC));
	if (fd >= 0) {
		got = read_some(fd, text, sizeof(text));
		if (got > 0)
			n = list_end(text, (size_t)got);
		sysfs_says = n && !fstatfs(fd, &fs) && fs.f_type == SYSFS_TYPE;
		UNCANCELLED(close(fd));
	}
	if (!n) {
		bytes = syscall(SYS_sched_getaffinity, 0, sizeof(mask), mask);
		if (bytes > 0)
			n = (unsigned int)bytes * CHAR_BIT;
	}
	return n ? n : 1;
}

unsigned int linux_cpu_ids(void)
{
	return sysfs_says ? nr_cpus : 0;
}

/* What is too long loses whole options, never half of one. */
static void set_options(const char *value, size_t n)
{
	static const char cut[] = "kmem: KMEM_OPTIONS: more than 4095 bytes; "
				  "what is behind them is ignored\n";

	if (n >= sizeof(options)) {
		port_write(cut, sizeof(cut) - 1);
		n = sizeof(options) - 1;
		while (n && value[n] != ',')
			n--;
	}
	memmove(options, value, n);
	options[n] = '\0';
}

/*
 * The dynamic loader calls malloc before libc has set environ; the kernel still
 * has what execve() was given.
 */
static void options_from_proc(void)
{
	static const char key[] = "KMEM_OPTIONS=";
	const size_t key_len = sizeof(key) - 1;
	size_t at = 0, i; /* at: place in the current NAME=value */
	bool match = true;
	char buf[512];
	ssize_t got;
	int fd;

	fd = UNCANCELLED(open("/proc/self/environ", O_RDONLY | O_CLOEXEC));
	if (fd < 0)
		return;
	while ((got = read_some(fd, buf, sizeof(buf))) > 0) {
		for (i = 0; i < (size_t)got; i++, at++) {
			if (!buf[i]) {
				if (match && at >= key_len)
					goto out;
				at = (size_t)-1;
				match = true;
			} else if (at < key_len) {
				match = match && buf[i] == key[at];
			} else if (match && at - key_len < sizeof(options)) {
				options[at - key_len] = buf[i];
			}
		}
	}
out:
	UNCANCELLED(close(fd));
	if (!match || at < key_len)
		at = key_len;
	at -= key_len;
	if (at < sizeof(options))
		options[at] = '\0';
	else
		set_options(options, sizeof(options));
}

static bool has_options(void)
{
	return environ && getenv("KMEM_OPTIONS");
}

static void read_options(void)
{
	const char *value;

	if (getauxval(AT_SECURE))
		return;
	if (!environ) {
		options_from_proc();
		return;
	}
	value = getenv("KMEM_OPTIONS");
	if (value)
		set_options(value, strlen(value));
}

#if !defined(MADV_WIPEONFORK)
#define MADV_WIPEONFORK 18
#endif

static void wiped_begin(void)
{
	size_t n = port_page_size();
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p != MAP_FAILED && madvise(p, n, MADV_WIPEONFORK)) {
		munmap(p, n);
		p = MAP_FAILED;
	}
	wiped = p == MAP_FAILED ? wiped_by_handlers : p;
}

int port_init(void)
{
	KEEPS_ERRNO();

	linux_memory_start();
	nr_cpus = count_cpus();
	vdso = getauxval(AT_SYSINFO_EHDR);
	if (&__rseq_offset && &__rseq_size && __rseq_size)
		cpu_id_at = __rseq_offset + RSEQ_CPU_ID;
	read_options();
	linux_fork_begin();
	/* after the handlers: a child inherits none of its parent's */
	if (!wiped)
		wiped_begin();
	return 0;
}

void port_confine(void)
{
	/* may not be asked for later */
	port_pid();
	__atomic_store_n(&linux_confined, true, __ATOMIC_RELAXED);
}

const char *port_options(void)
{
	return options;
}

/* --- CPUs and threads ---------------------------------------------------- */

static inline char *thread_pointer(void)
{
	char *tp;

#if defined(__x86_64__)
	__asm__("mov %%fs:0, %0" : "=r"(tp));
#elif defined(__aarch64__)
	__asm__("mrs %0, tpidr_el0" : "=r"(tp));
#else
	tp = __builtin_thread_pointer();
#endif
	return tp;
}

/* The rare ways: no rseq, or a CPU that sysfs did not show, as in a sandbox. */
static unsigned int __attribute__((noinline)) cpu_slow(int cpu)
{
	unsigned int n = __atomic_load_n(&nr_cpus, __ATOMIC_RELAXED);

	/* without a vDSO that is a system call */
	if (cpu < 0 && (vdso || !confined()))
		cpu = KEEP_ERRNO(sched_getcpu());
	if (cpu < 0)
		return 0;
	while (n <= (unsigned int)cpu &&
	       !__atomic_compare_exchange_n(&nr_cpus, &n, (unsigned int)cpu + 1,
					    false, __ATOMIC_RELAXED,
					    __ATOMIC_RELAXED))
		;
	return (unsigned int)cpu;
}

unsigned int port_cpu(void)
{
	int cpu = -1;

	if (cpu_id_at)
		cpu = __atomic_load_n(
			(int *)(void *)(thread_pointer() + cpu_id_at),
			__ATOMIC_RELAXED);
	/* As unsigned, "not registered" (below 0) is beyond every CPU. */
	if (unlikely((unsigned int)cpu >=
		     __atomic_load_n(&nr_cpus, __ATOMIC_RELAXED)))
		return cpu_slow(cpu);
	return (unsigned int)cpu;
}

unsigned int port_nr_cpus(void)
{
	return __atomic_load_n(&nr_cpus, __ATOMIC_RELAXED);
}

struct port_task *port_task(void)
{
	static __thread struct port_task task
		__attribute__((tls_model("initial-exec")));

	return &task;
}

/* A report may come before the first allocation has set this up. */
unsigned int port_pid(void)
{
	uint32_t pid;

	if (!wiped)
		return (unsigned int)getpid();
	pid = __atomic_load_n(&wiped[WIPED_PID], __ATOMIC_RELAXED);
	if (pid)
		return pid;
	/* denied: a number that no process and no parent has */
	if (confined())
		pid = __atomic_load_n(&last_pid, __ATOMIC_RELAXED) + PIDS_MOST;
	else
		pid = (uint32_t)getpid();
	__atomic_store_n(&wiped[WIPED_PID], pid, __ATOMIC_RELAXED);
	__atomic_store_n(&last_pid, pid, __ATOMIC_RELAXED);
	return pid;
}

void linux_wipe(void)
{
	if (wiped)
		memset(wiped, 0, WIPED_WORDS * sizeof(*wiped));
}

uint32_t *port_wiped(void)
{
	return &wiped[WIPED_WORD];
}

unsigned int port_tid(void)
{
	if (confined())
		return port_pid();
	return (unsigned int)KEEP_ERRNO(syscall(SYS_gettid));
}

void port_comm(char *buf, size_t n)
{
	char name[16] = "";
	KEEPS_ERRNO();

	if (!confined())
		prctl(PR_GET_NAME, name, 0, 0, 0);
	text_format(buf, n, "%.*s", (int)sizeof(name), name);
}

void port_wait(uint32_t *word, uint32_t val, int64_t timeout_ns)
{
	struct timespec ts = { .tv_sec = timeout_ns / 1000000000,
			       .tv_nsec = timeout_ns % 1000000000 };

	KEEP_ERRNO(syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, val,
			   timeout_ns < 0 ? NULL : &ts, NULL, 0));
}

void port_wake(uint32_t *word, int n)
{
	KEEP_ERRNO(
		syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, n, NULL, NULL, 0));
}

#if KMEM_INJECT
void port_inject(void)
{
	KEEP_ERRNO(sched_yield());
}
#endif

union thread_fn {
	void (*fn)(void);
	void *arg;
};

static void *thread_main(void *arg)
{
	union thread_fn run = { .arg = arg };

	prctl(PR_SET_NAME, "kmem", 0, 0, 0);
	run.fn();
	return NULL;
}

/* Users' callbacks run on it; what is not touched costs no memory. */
#define THREAD_STACK ((size_t)256 << 10)

/*
 * Signals are the program's: none is delivered to a thread of ours.  Before
 * libc has set environ it cannot start a thread.
 */
static int start_thread(void (*fn)(void))
{
	union thread_fn run = { .fn = fn };
	size_t stack = (size_t)sysconf(_SC_THREAD_STACK_MIN) + THREAD_STACK;
	sigset_t all, old;
	pthread_attr_t attr;
	pthread_t thread;
	int err;

	if (!environ)
		return -EBUSY;
	if (pthread_attr_init(&attr))
		return -EAGAIN;
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, stack);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&thread, &attr, thread_main, run.arg);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	return -err;
}

int port_thread(void (*fn)(void))
{
	if (confined())
		return -EAGAIN;
	if (port_task()->no_thread)
		return -EBUSY;
	/* the threads of a child of vfork() end with its exec */
	if ((unsigned int)getpid() != port_pid())
		return -EBUSY;
	return KEEP_ERRNO(start_thread(fn));
}

uint64_t port_clock_ns(void)
{
	struct timespec ts;

	/* a clock that does not advance stops decay, and nothing else */
	if ((confined() && !vdso) ||
	    KEEP_ERRNO(clock_gettime(CLOCK_MONOTONIC_COARSE, &ts)))
		return 0;
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* --- reports ------------------------------------------------------------- */

/* A full pipe that nobody reads delays a non-blocking writer by 1 s at most. */
void port_write(const char *text, size_t n)
{
	struct pollfd full = { .fd = STDERR_FILENO, .events = POLLOUT };
	KEEPS_ERRNO();
	int patience = 10;
	ssize_t done;

	while (n) {
		done = UNCANCELLED(write(STDERR_FILENO, text, n));
		if (done >= 0) {
			text += done;
			n -= (size_t)done;
		} else if (errno == EAGAIN && patience--) {
			UNCANCELLED(poll(&full, 1, 100));
		} else if (errno != EINTR) {
			break;
		}
	}
}

void port_die(void)
{
	abort();
}

/*
 * libgcc's unwinder, which is linked into the shared libraries: it reads the
 * tables that every compiler writes, frame pointers or not, and finds them
 * without malloc and, on glibc 2.35 and later, without the loader's lock.  Of a
 * static program it sorts them first, in memory of malloc().
 */
struct fde_bases {
	void *text, *data, *func;
};

extern const void *_Unwind_Find_FDE(void *pc, struct fde_bases *bases);

struct walk {
	void **pc;
	unsigned int n, max;
	bool inside; /* the first frame is port_stack() itself */
};

static _Unwind_Reason_Code walk_frame(struct _Unwind_Context *ctx, void *arg)
{
	struct walk *w = arg;
	uintptr_t pc = _Unwind_GetIP(ctx);

	if (!w->inside) {
		w->inside = true;
		return _URC_NO_REASON;
	}
	if (!pc || w->n == w->max)
		return _URC_END_OF_STACK;
	w->pc[w->n++] = (void *)pc;
	return _URC_NO_REASON;
}

unsigned int port_stack(void **pc, unsigned int n)
{
	struct walk w = { .pc = pc, .max = n };
	struct fde_bases bases;
	KEEPS_ERRNO();

	/*
	 * A static program registers its tables in a constructor; before that,
	 * and without tables, the unwinder would abort.
	 */
	if (_Unwind_Find_FDE((void *)(uintptr_t)port_stack, &bases))
		_Unwind_Backtrace(walk_frame, &w);
	return w.n;
}

/* Of another copy: the malloc front may find itself. */
fail_fn *port_failing(void)
{
	return (fail_fn *)KEEP_ERRNO(dlsym(RTLD_DEFAULT, "kmem_torture_fails"));
}

section_fn *port_other_copy(void)
{
	return (section_fn *)KEEP_ERRNO(
		dlsym(RTLD_DEFAULT, "kmem_malloc_section"));
}

/* --- the life of the process --------------------------------------------- */

static __attribute__((constructor(101))) void begin(void)
{
	port_stay((void *)(uintptr_t)begin);
	if (!core_is_front || has_options())
		core_start();
}

static __attribute__((destructor(101))) void end(void)
{
	int status = core_end ? core_end() : 0, lost = linux_leaks_end();

	status = status ? status : lost;
	if (status) {
		/* the C library has not written its streams yet */
		fflush(NULL);
		_exit(status);
	}
}
