/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Requests that are made to fail.  THEORY.
 *
 * 1. What it is for.  The code for a failed allocation is the code that never
 *    runs.  Who has kernel code knows failslab, fail_page_alloc and fail-nth;
 *    they are here with their attributes, and kmem torture is one more that
 *    answers the same question.
 *
 * 2. One question.  Each call of the API asks once, where it begins, whether it
 *    shall fail; what it asks of others meanwhile is not asked about
 *    (fail_pause()).  The order of the answers: the thread's own count
 *    (kmem_fail_nth()), then the program's function (kmem_fault_hook()), then
 *    the attributes of the kind, then kmem torture.
 *
 * 3. Never asked about: a request with __GFP_NOFAIL; one from any context,
 *    which has no bit of __GFP_RECLAIM, as it may be a signal handler.
 *
 * 4. Attributes, in the kernel's order: probability 0 is off; the thread; times
 *    used up; the stack; space, which what is served uses up; interval; the
 *    dice.  They are words that are read and written one by one, without a
 *    lock: a request at the moment of a change may see some of the new ones.
 *
 * 5. Cost.  None when it is off: the question is on slow paths alone.
 */
#include "debug/fail.h"

#include <linux/gfp.h>

#include "debug/report.h"
#include "debug/stack.h"
#include "lib/options.h"
#include "lib/text.h"

#define STACK_MOST 32
/* Places in code of which is known whether fail_stack= names them. */
#define KNOWN 1024
/* As the kernel: so many reports in so many seconds. */
#define BURST 10
#define BURST_NS (5ull * 1000 * 1000 * 1000)

bool fail_on;
bool fail_filtered;

static const struct kmem_fault_attr standard = {
	.interval = 1,
	.times = 1,
	.verbose = 2,
	.ignore_gfp_wait = true,
	.ignore_gfp_highmem = true,
	.min_order = 1,
	.stacktrace_depth = STACK_MOST,
};

const struct kmem_fault_filter *fail_hook;
fail_seen_fn *fail_seen;

static union attr {
	struct kmem_fault_attr of;
	unsigned long word[sizeof(struct kmem_fault_attr) / sizeof(long)];
} fail_attr[FAIL_KINDS];
static unsigned long counted[FAIL_KINDS]; /* requests, for interval */
static fail_fn *asks;
static uint64_t dice;

/* fail_stack=, which both kinds obey */
static const char *stack_name;
static size_t stack_length;
static struct {
	const void *pc;
	uint32_t answer; /* 0: not known, 1: another function, 2: this */
} known[KNOWN];

static const char *const kind_name[FAIL_KINDS] = { "failslab",
						   "fail_page_alloc" };

void fail_attr_read(enum fail_kind kind, struct kmem_fault_attr *to)
{
	union attr a;

	for (size_t i = 0; i < ARRAY_LEN(a.word); i++)
		a.word[i] = __atomic_load_n(&fail_attr[kind].word[i],
					    __ATOMIC_RELAXED);
	*to = a.of;
}

void fail_attr_write(enum fail_kind kind, const struct kmem_fault_attr *from)
{
	union attr a = { .of = *from };

	for (size_t i = 0; i < ARRAY_LEN(a.word); i++)
		__atomic_store_n(&fail_attr[kind].word[i], a.word[i],
				 __ATOMIC_RELAXED);
}

/* --- options -------------------------------------------------------------- */

static void attr_boot(enum fail_kind kind, const char *text, size_t n)
{
	struct kmem_fault_attr *a = &fail_attr[kind].of;
	int64_t value[OPTION_FAULTS];

	if (!text || !option_fault(text, n, value))
		return;
	a->interval = (unsigned long)value[0];
	a->probability = (unsigned int)value[1];
	a->space = (long)value[2];
	a->times = (long)value[3];
	fail_on |= a->probability != 0;
}

static void options_read(void)
{
	struct kmem_fault_attr *slab = &fail_attr[FAIL_SLAB].of,
			       *page = &fail_attr[FAIL_PAGE].of;
	const char *text;
	size_t n;

	*slab = *page = standard;
	slab->verbose = (unsigned int)option_value(OPT_FAILSLAB_VERBOSE);
	slab->ignore_gfp_wait = option_value(OPT_FAILSLAB_IGNORE_GFP_WAIT);
	slab->cache_filter = option_value(OPT_FAILSLAB_CACHE_FILTER);
	page->verbose = (unsigned int)option_value(OPT_FAIL_PAGE_ALLOC_VERBOSE);
	page->ignore_gfp_wait =
		option_value(OPT_FAIL_PAGE_ALLOC_IGNORE_GFP_WAIT);
	page->min_order =
		(unsigned int)option_value(OPT_FAIL_PAGE_ALLOC_MIN_ORDER);
	text = option_text(OPT_FAILSLAB, &n);
	attr_boot(FAIL_SLAB, text, n);
	text = option_text(OPT_FAIL_PAGE_ALLOC, &n);
	attr_boot(FAIL_PAGE, text, n);
	stack_name = option_text(OPT_FAIL_STACK, &stack_length);
	port_task()->fail_nth = (uint32_t)option_value(OPT_FAIL_NTH);
	fail_on |= port_task()->fail_nth != 0;
}

void fail_boot(fail_fn *ask)
{
	static bool read;

	if (KMEM_SMALL)
		return;
	if (!read) {
		options_read();
		dice = port_clock_ns() | 1;
	}
	read = true;
	asks = ask;
	fail_on |= ask != NULL;
}

/* --- the stack ------------------------------------------------------------ */

/* Is the code at pc of the function that fail_stack= names? */
static bool stack_names(const void *pc)
{
	size_t i = ((uintptr_t)pc >> 2) % KNOWN;
	char name[128];
	bool is;

	/* pairs with the release below */
	if (__atomic_load_n(&known[i].pc, __ATOMIC_ACQUIRE) == pc)
		return known[i].answer == 2;
	port_symbol((const char *)pc - 1, name, sizeof(name));
	is = stack_length < sizeof(name) &&
	     !memcmp(name, stack_name, stack_length) &&
	     name[stack_length] == '+';
	/* one entry is written once; what has none is looked up each time */
	if (!__atomic_exchange_n(&known[i].answer, is ? 2 : 1,
				 __ATOMIC_RELAXED))
		__atomic_store_n(&known[i].pc, pc, __ATOMIC_RELEASE);
	return is;
}

static bool pc_in(const void *pc, unsigned long start, unsigned long end)
{
	return (uintptr_t)pc >= start && (uintptr_t)pc < end;
}

static bool stack_passes(const struct kmem_fault_attr *a)
{
	bool found = !a->require_start && !a->require_end && !stack_name;
	unsigned int depth = a->stacktrace_depth, n;
	void *pc[STACK_MOST];

	if (found && !a->reject_end)
		return true;
	n = port_stack(pc, depth < STACK_MOST ? depth : STACK_MOST);
	for (unsigned int i = 0; i < n; i++) {
		if (pc_in(pc[i], a->reject_start, a->reject_end))
			return false;
		found = found ||
			pc_in(pc[i], a->require_start, a->require_end) ||
			(stack_name && stack_names(pc[i]));
	}
	return found;
}

/* --- one answer ----------------------------------------------------------- */

static unsigned int roll(void)
{
	uint64_t x = __atomic_add_fetch(&dice, 0x9e3779b97f4a7c15ull,
					__ATOMIC_RELAXED);

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return (unsigned int)((x ^ x >> 31) % 100);
}

static bool may_report(void)
{
	static uint64_t began;
	static uint32_t said;
	uint64_t now = port_clock_ns();

	if (now - __atomic_load_n(&began, __ATOMIC_RELAXED) >= BURST_NS) {
		__atomic_store_n(&began, now, __ATOMIC_RELAXED);
		__atomic_store_n(&said, 0, __ATOMIC_RELAXED);
	}
	return __atomic_fetch_add(&said, 1, __ATOMIC_RELAXED) < BURST;
}

static void fail_dump(enum fail_kind kind, const struct kmem_fault_attr *a)
{
	void *pc[STACK_DEPTH];
	unsigned int n;

	if (!a->verbose || !may_report())
		return;
	n = stack_here(pc, port_task()->caller);
	report_begin();
	report_line("FAULT_INJECTION: forcing a failure.");
	report_line("name %s, interval %lu, probability %u, space %ld, "
		    "times %ld",
		    kind_name[kind], a->interval, a->probability, a->space,
		    a->times);
	if (a->verbose > 1) {
		report_line_task();
		report_line("Call Trace:");
		stack_lines(pc, n);
	}
	report_end();
}

/* One of the times is used up. */
static void times_use(enum fail_kind kind)
{
	struct kmem_fault_attr *a = &fail_attr[kind].of;
	long left = __atomic_load_n(&a->times, __ATOMIC_RELAXED);

	/* Progress: another request used one up. */
	while (left > 0 &&
	       !__atomic_compare_exchange_n(&a->times, &left, left - 1, true,
					    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}

static bool attr_fails(enum fail_kind kind, const struct kmem_fault_attr *a,
		       long units)
{
	if (!a->probability || (a->task_filter && !port_task()->make_it_fail) ||
	    !a->times || !stack_passes(a))
		return false;
	if (a->space > units) {
		__atomic_fetch_sub(&fail_attr[kind].of.space, units,
				   __ATOMIC_RELAXED);
		return false;
	}
	if (a->interval > 1 &&
	    __atomic_add_fetch(&counted[kind], 1, __ATOMIC_RELAXED) %
		    a->interval)
		return false;
	if (roll() >= a->probability)
		return false;
	fail_dump(kind, a);
	times_use(kind);
	return true;
}

/* Pages as fail_page_alloc counts them, and the order. */
static long pages_of_bytes(size_t bytes, unsigned int *order)
{
	*order = (unsigned int)get_order(bytes ? bytes : 1);
	return 1l << *order;
}

static bool kind_fails(enum fail_kind kind, size_t bytes, gfp_t gfp, bool named)
{
	struct kmem_fault_attr a;
	unsigned int order = 0;
	long units = (long)bytes;

	fail_attr_read(kind, &a);
	if (a.ignore_gfp_wait && gfp & __GFP_DIRECT_RECLAIM)
		return false;
	if (kind == FAIL_SLAB)
		return (named || !a.cache_filter) &&
		       attr_fails(kind, &a, units);
	units = pages_of_bytes(bytes, &order);
	return order >= a.min_order &&
	       !(a.ignore_gfp_highmem && gfp & __GFP_HIGHMEM) &&
	       attr_fails(kind, &a, units);
}

/* The program's own function. */
static bool hook_fails(enum fail_kind kind, size_t bytes, gfp_t gfp,
		       struct kmem_cache *cache)
{
	/* pairs with the release in kmem_fault_hook() */
	const struct kmem_fault_filter *hook =
		__atomic_load_n(&fail_hook, __ATOMIC_ACQUIRE);
	struct kmem_fault_request request = {
		.kind = (enum kmem_fault)kind,
		.cache = cache,
		.bytes = bytes,
		.gfp = gfp,
	};

	return hook && hook->fails(&request, hook->data);
}

/* The thread counts for itself; *decided: no other is asked. */
static bool task_fails(struct port_task *task, enum fail_kind kind,
		       bool *decided)
{
	*decided = task->fail_nth != 0;
	if (!*decided || --task->fail_nth)
		return false;
	if (kind != FAIL_POOL) {
		struct kmem_fault_attr a;

		fail_attr_read(kind, &a);
		fail_dump(kind, &a);
	}
	return true;
}

static bool decide(enum fail_kind kind, size_t bytes, gfp_t gfp, bool named,
		   struct kmem_cache *cache)
{
	struct port_task *task = port_task();
	bool fails, decided;

	/* what is looked at meanwhile may allocate */
	task->no_fail++;
	fails = task_fails(task, kind, &decided);
	if (!decided && kind != FAIL_POOL)
		fails = hook_fails(kind, bytes, gfp, cache) ||
			kind_fails(kind, bytes, gfp, named);
	task->no_fail--;
	if (fails || decided || !asks || (fail_filtered && !named))
		return fails;
	return asks(bytes, task->caller);
}

bool fail_asked(enum fail_kind kind, size_t bytes, gfp_t gfp, bool named,
		struct kmem_cache *cache)
{
	fail_seen_fn *seen;
	bool fails;

	if (port_task()->no_fail || !(gfp & __GFP_RECLAIM))
		return false;
	fails = !(gfp & __GFP_NOFAIL) && decide(kind, bytes, gfp, named, cache);
	seen = __atomic_load_n(&fail_seen, __ATOMIC_ACQUIRE);
	if (seen && kind != FAIL_POOL)
		seen(bytes, fails);
	return fails;
}
