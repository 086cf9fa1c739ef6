/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * See fake.h: calls that fail, CPUs, threads, time, the log, stacks and forks.
 */
#define _GNU_SOURCE 1

#include "port/fake/own.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "lib/options.h"
#include "port/watch.h"

#define LOG_BYTES ((size_t)1 << 20)
#define REAL_WAIT_NS 2000000

/* Of <linux/futex.h>, which may not be the system's here. */
#define FUTEX_WAIT_OP (0 | 128)
#define FUTEX_WAKE_OP (1 | 128)

pthread_mutex_t fake_mutex = PTHREAD_MUTEX_INITIALIZER;
static const char *options = "";

static unsigned long calls[FAKE_CALLS];
static unsigned int fail_mask;
static unsigned long fail_at, failed;
static bool fail_on;

static unsigned int nr_cpus = 4;
static __thread unsigned int this_cpu;
static unsigned int (*cpu_hook)(void);
static void (*yield_hook)(void);
static void (*die_hook)(void);
static uint64_t clock_ns = 1000000000;
static unsigned int pid = 1;

static char log_text[LOG_BYTES + 1];
static size_t log_len;

static struct {
	void (*prepare)(void);
	void (*parent)(void);
	void (*child)(void);
} on_fork;

void fake_misuse(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fprintf(stderr, "port/fake: ");
	vfprintf(stderr, fmt, ap);
	fprintf(stderr, "\n");
	va_end(ap);
	abort();
}

bool fake_count(enum fake_call call)
{
	__atomic_fetch_add(&calls[call], 1, __ATOMIC_RELAXED);
	if (!fail_at || !(fail_mask & FAKE_BIT(call)))
		return false;
	if (fail_at > 1) {
		fail_at--;
		return false;
	}
	if (!fail_on)
		fail_at = 0;
	__atomic_fetch_add(&failed, 1, __ATOMIC_RELAXED);
	return true;
}

bool fake_count_locked(enum fake_call call)
{
	LOCKED();

	return fake_count(call);
}

static void set_fail(unsigned int mask, unsigned long n, bool on)
{
	LOCKED();

	REQUIRE(!(mask & ~(FAKE_ANY | FAKE_BIT(FAKE_THREAD))),
		"mask %#x has calls that cannot fail", mask);
	fail_mask = mask;
	fail_at = n;
	fail_on = on;
	__atomic_store_n(&failed, 0, __ATOMIC_RELAXED);
}

void fake_fail_nth(unsigned int mask, unsigned long n)
{
	set_fail(mask, n, false);
}

void fake_fail_from(unsigned int mask, unsigned long n)
{
	set_fail(mask, n, true);
}

unsigned long fake_failed(void)
{
	return __atomic_load_n(&failed, __ATOMIC_RELAXED);
}

unsigned long fake_calls(enum fake_call call)
{
	return __atomic_load_n(&calls[call], __ATOMIC_RELAXED);
}

/* --- starting ------------------------------------------------------------ */

void fake_set_options(const char *text)
{
	options = text;
	/* a layer that has booted reads them again */
	options_parse(text, NULL);
}

int port_init(void)
{
	return 0;
}

const char *port_options(void)
{
	return options;
}

/* --- CPUs and threads ---------------------------------------------------- */

static void raise_nr_cpus(unsigned int n)
{
	unsigned int old = __atomic_load_n(&nr_cpus, __ATOMIC_RELAXED);

	while (old < n &&
	       !__atomic_compare_exchange_n(&nr_cpus, &old, n, false,
					    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}

void fake_set_nr_cpus(unsigned int n)
{
	REQUIRE(n, "no CPUs");
	__atomic_store_n(&nr_cpus, n, __ATOMIC_RELAXED);
}

void fake_set_cpu(unsigned int cpu)
{
	raise_nr_cpus(cpu + 1);
	this_cpu = cpu;
}

void fake_set_cpu_hook(unsigned int (*hook)(void))
{
	__atomic_store_n(&cpu_hook, hook, __ATOMIC_RELEASE);
}

unsigned int port_cpu(void)
{
	unsigned int (*hook)(void) =
		__atomic_load_n(&cpu_hook, __ATOMIC_ACQUIRE);
	unsigned int cpu;

	if (!hook)
		return this_cpu;
	cpu = hook();
	raise_nr_cpus(cpu + 1);
	return cpu;
}

unsigned int port_nr_cpus(void)
{
	return __atomic_load_n(&nr_cpus, __ATOMIC_RELAXED);
}

struct port_task *port_task(void)
{
	static __thread struct port_task task;

	return &task;
}

void port_comm(char *buf, size_t n)
{
	snprintf(buf, n, "kmem");
}

unsigned int port_tid(void)
{
	return port_pid();
}

unsigned int port_pid(void)
{
	return __atomic_load_n(&pid, __ATOMIC_RELAXED);
}

void fake_set_yield_hook(void (*hook)(void))
{
	__atomic_store_n(&yield_hook, hook, __ATOMIC_RELEASE);
}

static void call_yield_hook(void)
{
	void (*hook)(void) = __atomic_load_n(&yield_hook, __ATOMIC_ACQUIRE);

	if (hook)
		hook();
}

#if KMEM_INJECT
void port_inject(void)
{
	fake_count_locked(FAKE_INJECT);
	call_yield_hook();
	sched_yield();
}
#endif

/* Counts only: a test calls what the thread would. */
int port_thread(void (*fn)(void))
{
	(void)fn;
	return fake_count_locked(FAKE_THREAD) ? -EAGAIN : 0;
}

void port_wait(uint32_t *word, uint32_t val, int64_t timeout_ns)
{
	struct timespec ts = { 0 };
	int err;

	fake_count_locked(FAKE_WAIT);
	call_yield_hook();
	ts.tv_nsec = timeout_ns < REAL_WAIT_NS ? timeout_ns : REAL_WAIT_NS;
	err = (int)syscall(SYS_futex, word, FUTEX_WAIT_OP, val,
			   timeout_ns < 0 ? NULL : &ts, NULL, 0);
	if (err && errno == ETIMEDOUT)
		fake_clock_advance((uint64_t)timeout_ns);
}

void port_wake(uint32_t *word, int n)
{
	fake_count_locked(FAKE_WAKE);
	syscall(SYS_futex, word, FUTEX_WAKE_OP, n, NULL, NULL, 0);
}

void fake_clock_set(uint64_t ns)
{
	__atomic_store_n(&clock_ns, ns, __ATOMIC_RELAXED);
}

void fake_clock_advance(uint64_t ns)
{
	__atomic_fetch_add(&clock_ns, ns, __ATOMIC_RELAXED);
}

uint64_t port_clock_ns(void)
{
	return __atomic_load_n(&clock_ns, __ATOMIC_RELAXED);
}

/* --- the log ------------------------------------------------------------- */

void port_write(const char *text, size_t n)
{
	LOCKED();

	fake_count(FAKE_WRITE);
	REQUIRE(n && text[n - 1] == '\n', "a write that is not whole lines");
	if (n > LOG_BYTES - log_len)
		n = LOG_BYTES - log_len;
	memcpy(log_text + log_len, text, n);
	log_len += n;
	log_text[log_len] = '\0';
}

const char *fake_log(void)
{
	return log_text;
}

void fake_log_clear(void)
{
	LOCKED();

	log_len = 0;
	log_text[0] = '\0';
}

void fake_set_die_hook(void (*hook)(void))
{
	die_hook = hook;
}

void port_die(void)
{
	if (die_hook)
		die_hook();
	fwrite(log_text, 1, log_len, stderr);
	abort();
}

static void *const *stack;
static unsigned int stack_len;
static unsigned int (*stack_hook)(void **pc, unsigned int n);
static section_fn *other_copy;

void fake_set_stack(void *const *pc, unsigned int n)
{
	stack = pc;
	stack_len = n;
}

void fake_set_stack_hook(unsigned int (*hook)(void **pc, unsigned int n))
{
	stack_hook = hook;
}

void fake_set_other_copy(section_fn *fn)
{
	other_copy = fn;
}

unsigned int port_stack(void **pc, unsigned int n)
{
	if (stack_hook)
		return stack_hook(pc, n);
	n = n < stack_len ? n : stack_len;
	if (n)
		memcpy(pc, stack, n * sizeof(*pc));
	return n;
}

fail_fn *port_failing(void)
{
	return NULL;
}

const struct port_watch *port_watch(void)
{
	return NULL;
}

section_fn *port_other_copy(void)
{
	return other_copy;
}

void port_confine(void)
{
}

void port_stay(const void *address)
{
	(void)address;
}

void port_symbol(const void *addr, char *buf, size_t n)
{
	snprintf(buf, n, "0x%lx", (unsigned long)addr);
}

/* --- fork ---------------------------------------------------------------- */

bool port_alone(void)
{
	return false;
}

void port_on_fork(void (*prepare)(void), void (*parent)(void),
		  void (*child)(void))
{
	on_fork.prepare = prepare;
	on_fork.parent = parent;
	on_fork.child = child;
}

void fake_fork_prepare(void)
{
	if (on_fork.prepare)
		on_fork.prepare();
}

void fake_fork_parent(void)
{
	if (on_fork.parent)
		on_fork.parent();
}

static uint32_t wiped;

uint32_t *port_wiped(void)
{
	return &wiped;
}

void fake_fork_raw(void)
{
	__atomic_fetch_add(&pid, 1, __ATOMIC_RELAXED);
	wiped = 0;
}

void fake_fork_child(void)
{
	fake_fork_raw();
	if (on_fork.child)
		on_fork.child();
}

unsigned int port_cpus_online(uint64_t *map, size_t words)
{
	unsigned int cpu, n = port_nr_cpus();

	for (cpu = 0; cpu < n && cpu < words * 64; cpu++)
		map[cpu / 64] |= 1ull << cpu % 64;
	return n;
}
