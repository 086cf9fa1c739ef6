/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * See fake.h.  Ranges are kept in a plain table under one mutex: unit
 * tests make few of them.  A claim has a byte for each page that says whose
 * it is; these come from mmap too, since malloc may be what is
 * being tested.
 */
#define _GNU_SOURCE 1

#include "port/fake/fake.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "lib/options.h"

#define WINDOW_DEFAULT ((size_t)64 << 20)
#define RANGES 4096
#define LOG_BYTES ((size_t)1 << 20)
#define REAL_WAIT_NS 2000000

/* Of <linux/futex.h>, which may not be the system's here. */
#define FUTEX_WAIT_OP (0 | 128)
#define FUTEX_WAKE_OP (1 | 128)

/* Of a page of a claim. */
enum { CLAIMED, USABLE, OTHERS };

/* A claim when usable is set, else a range of port_map(). */
struct range {
	char *at;
	size_t bytes; /* without the guard */
	bool guard;
	char *was_behind; /* of split(): the range that it was cut from */
	unsigned char *usable;
	size_t committed;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct range ranges[RANGES];
static size_t window_bytes = WINDOW_DEFAULT;
static size_t page_bytes = 4096;
static const char *options = "";

static unsigned long calls[FAKE_CALLS];
static unsigned int fail_mask;
static unsigned long fail_at, failed;
static size_t cleared;
static bool fail_on;
static bool counts;

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

static void __attribute__((noreturn, format(printf, 1, 2)))
misuse(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fprintf(stderr, "port/fake: ");
	vfprintf(stderr, fmt, ap);
	fprintf(stderr, "\n");
	va_end(ap);
	abort();
}

#define REQUIRE(cond, ...)                   \
	do {                                 \
		if (!(cond))                 \
			misuse(__VA_ARGS__); \
	} while (0)

static bool aligned(uintptr_t x)
{
	return !(x & (page_bytes - 1));
}

/* Counts a call and says whether it is to fail. The mutex is held. */
static bool count(enum fake_call call)
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

static bool count_locked(enum fake_call call)
{
	bool fails;

	pthread_mutex_lock(&mutex);
	fails = count(call);
	pthread_mutex_unlock(&mutex);
	return fails;
}

static void set_fail(unsigned int mask, unsigned long n, bool on)
{
	REQUIRE(!(mask & ~(FAKE_ANY | FAKE_BIT(FAKE_THREAD))),
		"mask %#x has calls that cannot fail", mask);
	pthread_mutex_lock(&mutex);
	fail_mask = mask;
	fail_at = n;
	fail_on = on;
	__atomic_store_n(&failed, 0, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&mutex);
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

void fake_set_window(size_t bytes)
{
	window_bytes = bytes ? bytes : WINDOW_DEFAULT;
}

void fake_set_page_size(size_t bytes)
{
	REQUIRE(bytes >= 4096 && !(bytes & (bytes - 1)), "page of %zu bytes",
		bytes);
	page_bytes = bytes;
}

void fake_set_options(const char *text)
{
	options = text;
	/* whoever has begun already reads them anew */
	options_parse(text, NULL);
}

void fake_set_counts(bool now)
{
	__atomic_store_n(&counts, now, __ATOMIC_RELAXED);
}

int port_init(void)
{
	return 0;
}

size_t port_page_size(void)
{
	return page_bytes;
}

const char *port_options(void)
{
	return options;
}

/* --- memory -------------------------------------------------------------- */

static struct range *range_of(const void *p, bool claim)
{
	struct range *r;

	for (r = ranges; r < ranges + RANGES; r++)
		if (r->at && !r->usable == !claim &&
		    (uintptr_t)p - (uintptr_t)r->at < r->bytes)
			return r;
	return NULL;
}

static struct range *range_new(void)
{
	struct range *r;

	for (r = ranges; r < ranges + RANGES; r++)
		if (!r->at)
			return r;
	misuse("more than %d ranges", RANGES);
}

/* n bytes that fault, at a multiple of align. */
static char *map_none(size_t n, size_t align)
{
	size_t slack = align > 4096 ? align - 4096 : 0, total, before;
	char *p;

	if (__builtin_add_overflow(n, slack, &total))
		return NULL;
	p = mmap(NULL, total, PROT_NONE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	before = -(uintptr_t)p & (align - 1);
	if (before)
		munmap(p, before);
	if (slack > before)
		munmap(p + before + n, slack - before);
	return p + before;
}

static void *claim(size_t *size, size_t min, size_t align)
{
	unsigned char *usable;
	size_t n = *size;
	struct range *r;
	char *p;

	REQUIRE(aligned(n) && n, "claim of %zu bytes", n);
	REQUIRE(!(align & (align - 1)) && align >= page_bytes,
		"claim aligned to %zu", align);
	if (count(FAKE_CLAIM))
		return NULL;
	while (n > window_bytes && n / 2 >= min)
		n /= 2;
	if (n > window_bytes)
		return NULL;
	p = map_none(n, align);
	usable = mmap(NULL, n / page_bytes, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (!p || usable == MAP_FAILED)
		misuse("the host refuses %zu bytes", n);
	r = range_new();
	*r = (struct range){ .at = p, .bytes = n, .usable = usable };
	*size = n;
	return p;
}

void *port_claim(size_t *size, size_t min, size_t align)
{
	void *p;

	pthread_mutex_lock(&mutex);
	p = claim(size, min, align);
	pthread_mutex_unlock(&mutex);
	return p;
}

/* The claim that has all of [p, p + n). */
static struct range *whole(const char *what, char *p, size_t n)
{
	struct range *r = range_of(p, true);

	REQUIRE(n && aligned((uintptr_t)p | n), "%s of %p + %#zx: odd", what,
		(void *)p, n);
	REQUIRE(r && n <= r->bytes - (size_t)(p - r->at),
		"%s of %p + %#zx: outside of any claim", what, (void *)p, n);
	return r;
}

bool port_counts(void)
{
	count_locked(FAKE_COUNTS);
	return __atomic_load_n(&counts, __ATOMIC_RELAXED);
}

/* Every page of [p, p + n) is of one kind, and becomes another. */
static void change(struct range *r, char *p, size_t n, int from, int to)
{
	size_t i = (size_t)(p - r->at) / page_bytes, end = i + n / page_bytes;

	for (; i < end; i++) {
		REQUIRE(r->usable[i] == from, "%p is %d and was to become %d",
			(void *)(r->at + i * page_bytes), r->usable[i], to);
		r->usable[i] = (unsigned char)to;
		r->committed += to == USABLE ? page_bytes : 0;
		r->committed -= from == USABLE ? page_bytes : 0;
	}
}

static int commit(char *p, size_t n)
{
	struct range *r = whole("commit", p, n);
	size_t i = (size_t)(p - r->at) / page_bytes, end = i + n / page_bytes;

	if (count(FAKE_COMMIT))
		return PORT_NO_MEMORY;
	for (; i < end; i++)
		if (r->usable[i] != CLAIMED)
			return PORT_TAKEN;
	if (mprotect(p, n, PROT_READ | PROT_WRITE))
		misuse("the host refuses to commit %zu bytes", n);
	change(r, p, n, CLAIMED, USABLE);
	return 0;
}

int port_commit(void *p, size_t n)
{
	int err;

	pthread_mutex_lock(&mutex);
	err = commit(p, n);
	pthread_mutex_unlock(&mutex);
	return err;
}

static bool uncommit(char *p, size_t n)
{
	struct range *r = whole("uncommit", p, n);

	if (count(FAKE_UNCOMMIT))
		return false;
	change(r, p, n, USABLE, CLAIMED);
	if (madvise(p, n, MADV_DONTNEED) || mprotect(p, n, PROT_NONE))
		misuse("the host refuses to uncommit %zu bytes", n);
	return true;
}

bool port_uncommit(void *p, size_t n)
{
	bool done;

	pthread_mutex_lock(&mutex);
	done = uncommit(p, n);
	pthread_mutex_unlock(&mutex);
	return done;
}

void fake_take(void *p, size_t n, bool taken)
{
	pthread_mutex_lock(&mutex);
	change(whole("take", p, n), p, n, taken ? CLAIMED : OTHERS,
	       taken ? OTHERS : CLAIMED);
	pthread_mutex_unlock(&mutex);
}

void port_purge(void *p, size_t n)
{
	struct range *r;
	size_t i, end;

	pthread_mutex_lock(&mutex);
	count(FAKE_PURGE);
	r = whole("purge", p, n);
	i = (size_t)((char *)p - r->at) / page_bytes;
	for (end = i + n / page_bytes; i < end; i++)
		REQUIRE(r->usable[i] == USABLE,
			"purge of %p + %#zx: %p is not usable", p, n,
			(void *)(r->at + i * page_bytes));
	if (madvise(p, n, MADV_DONTNEED))
		misuse("the host refuses to purge");
	pthread_mutex_unlock(&mutex);
}

void port_clear(void *p, size_t n)
{
	struct range *r;

	pthread_mutex_lock(&mutex);
	count(FAKE_CLEAR);
	r = range_of(p, false);
	if (r)
		REQUIRE(n <= r->bytes - (size_t)((char *)p - r->at),
			"clear of %p + %#zx: more than the range", p, n);
	else
		whole("clear", p, n);
	memset(p, 0, n);
	cleared += n;
	pthread_mutex_unlock(&mutex);
}

size_t fake_cleared(void)
{
	size_t n;

	pthread_mutex_lock(&mutex);
	n = cleared;
	pthread_mutex_unlock(&mutex);
	return n;
}

static void *map(size_t n, size_t align, bool guard)
{
	struct range *r;
	size_t total;
	char *p;

	REQUIRE(n && aligned(n), "map of %zu bytes", n);
	REQUIRE(!(align & (align - 1)), "map aligned to %zu", align);
	if (count(FAKE_MAP))
		return NULL;
	/* There is always a page that faults, so that overruns show. */
	if (__builtin_add_overflow(n, page_bytes, &total))
		return NULL;
	p = map_none(total, align > page_bytes ? align : page_bytes);
	if (!p)
		return NULL;
	if (mprotect(p, n, PROT_READ | PROT_WRITE)) {
		munmap(p, total);
		return NULL;
	}
	r = range_new();
	*r = (struct range){ .at = p, .bytes = n, .guard = guard };
	return p;
}

void *port_map(size_t n, size_t align, bool guard)
{
	void *p;

	pthread_mutex_lock(&mutex);
	p = map(n, align, guard);
	pthread_mutex_unlock(&mutex);
	return p;
}

/* The range that was mapped with just these. */
static struct range *exact(const char *what, void *p, size_t n, bool guard)
{
	struct range *r = range_of(p, false);

	REQUIRE(r && r->at == p, "%s of %p: no such range", what, p);
	REQUIRE(r->bytes == n && r->guard == guard,
		"%s of %p: %#zx bytes guard %d, mapped as %#zx guard %d", what,
		p, n, guard, r->bytes, r->guard);
	return r;
}

void port_unmap(void *p, size_t n, bool guard)
{
	struct range *r;

	pthread_mutex_lock(&mutex);
	count(FAKE_UNMAP);
	r = exact("unmap", p, n, guard);
	munmap(p, n + page_bytes);
	*r = (struct range){ 0 };
	pthread_mutex_unlock(&mutex);
}

/* Always moves, so that a caller that keeps the old address shows. */
static void *remap(char *p, size_t old, size_t n, bool guard)
{
	struct range *r = exact("remap", p, old, guard);
	char *q;

	REQUIRE(n && aligned(n), "remap to %zu bytes", n);
	if (count(FAKE_REMAP))
		return NULL;
	q = map_none(n + page_bytes, page_bytes);
	if (!q)
		return NULL;
	if (mprotect(q, n, PROT_READ | PROT_WRITE)) {
		munmap(q, n + page_bytes);
		return NULL;
	}
	memcpy(q, p, old < n ? old : n);
	munmap(p, old + page_bytes);
	r->at = q;
	r->bytes = n;
	return q;
}

void *port_remap(void *p, size_t old, size_t n, bool guard)
{
	void *q;

	pthread_mutex_lock(&mutex);
	q = remap(p, old, n, guard);
	pthread_mutex_unlock(&mutex);
	return q;
}

static bool split(char *p, size_t n, size_t at)
{
	struct range *r = exact("split", p, n, true), *rest;

	REQUIRE(at && aligned(at) && at < n && n - at > page_bytes,
		"split of %#zx bytes at %#zx", n, at);
	if (count(FAKE_SPLIT))
		return false;
	if (mprotect(p + at, page_bytes, PROT_NONE))
		return false;
	rest = range_new();
	*rest = (struct range){ .at = p + at + page_bytes,
				.bytes = n - at - page_bytes,
				.guard = true,
				.was_behind = p };
	r->bytes = at;
	return true;
}

/* Only what was cut last, and from this very range. */
static bool join(char *p, size_t n, size_t more)
{
	struct range *r = exact("join", p, n, true);
	struct range *rest = exact("join", p + n + page_bytes, more, true);

	if (count(FAKE_JOIN) || rest->was_behind != p ||
	    mprotect(p + n, page_bytes, PROT_READ | PROT_WRITE))
		return false;
	r->bytes += page_bytes + more;
	*rest = (struct range){ 0 };
	return true;
}

bool port_join(void *p, size_t n, size_t more)
{
	bool ok;

	pthread_mutex_lock(&mutex);
	ok = join(p, n, more);
	pthread_mutex_unlock(&mutex);
	return ok;
}

bool port_split(void *p, size_t n, size_t at)
{
	bool ok;

	pthread_mutex_lock(&mutex);
	ok = split(p, n, at);
	pthread_mutex_unlock(&mutex);
	return ok;
}

static size_t sum(bool claims, size_t (*of)(const struct range *))
{
	const struct range *r;
	size_t n = 0;

	pthread_mutex_lock(&mutex);
	for (r = ranges; r < ranges + RANGES; r++)
		if (r->at && !r->usable == !claims)
			n += of(r);
	pthread_mutex_unlock(&mutex);
	return n;
}

static size_t of_bytes(const struct range *r)
{
	return r->bytes;
}

static size_t of_committed(const struct range *r)
{
	return r->committed;
}

static size_t of_one(const struct range *r)
{
	(void)r;
	return 1;
}

size_t fake_claimed(void)
{
	return sum(true, of_bytes);
}

size_t fake_committed(void)
{
	return sum(true, of_committed);
}

size_t fake_mapped(void)
{
	return sum(false, of_bytes);
}

unsigned int fake_maps(void)
{
	return (unsigned int)sum(false, of_one);
}

bool fake_usable(const void *p)
{
	struct range *r;
	bool is;

	pthread_mutex_lock(&mutex);
	r = range_of(p, true);
	if (r)
		is = r->usable[(size_t)((const char *)p - r->at) / page_bytes] ==
		     USABLE;
	else
		is = range_of(p, false);
	pthread_mutex_unlock(&mutex);
	return is;
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
	count_locked(FAKE_INJECT);
	call_yield_hook();
	sched_yield();
}
#endif

int port_populate(void *p, size_t n)
{
	if (count_locked(FAKE_POPULATE))
		return -ENOMEM;
	for (size_t i = 0; i < n; i += page_bytes)
		if (!fake_usable((char *)p + i))
			abort();
	return 0;
}

int port_populate_image(void)
{
	return 0;
}

int port_lock_memory(void *p, size_t n)
{
	(void)p;
	(void)n;
	return count_locked(FAKE_LOCK) ? -ENOMEM : 0;
}

void port_large(void *p, size_t n)
{
	count_locked(FAKE_LARGE);
	if (!fake_usable(p) || !fake_usable((char *)p + n - 1))
		abort();
}

/* Is counted: a test calls what the thread would. */
int port_thread(void (*fn)(void))
{
	(void)fn;
	return count_locked(FAKE_THREAD) ? -EAGAIN : 0;
}

void port_wait(uint32_t *word, uint32_t val, int64_t timeout_ns)
{
	struct timespec ts = { 0 };
	int err;

	count_locked(FAKE_WAIT);
	call_yield_hook();
	ts.tv_nsec = timeout_ns < REAL_WAIT_NS ? timeout_ns : REAL_WAIT_NS;
	err = (int)syscall(SYS_futex, word, FUTEX_WAIT_OP, val,
			   timeout_ns < 0 ? NULL : &ts, NULL, 0);
	if (err && errno == ETIMEDOUT)
		fake_clock_advance((uint64_t)timeout_ns);
}

void port_wake(uint32_t *word, int n)
{
	count_locked(FAKE_WAKE);
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
	pthread_mutex_lock(&mutex);
	count(FAKE_WRITE);
	REQUIRE(n && text[n - 1] == '\n', "a write that is not whole lines");
	if (n > LOG_BYTES - log_len)
		n = LOG_BYTES - log_len;
	memcpy(log_text + log_len, text, n);
	log_len += n;
	log_text[log_len] = '\0';
	pthread_mutex_unlock(&mutex);
}

const char *fake_log(void)
{
	return log_text;
}

void fake_log_clear(void)
{
	pthread_mutex_lock(&mutex);
	log_len = 0;
	log_text[0] = '\0';
	pthread_mutex_unlock(&mutex);
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
