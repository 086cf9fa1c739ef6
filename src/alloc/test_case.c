/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Test cases with limits.  THEORY.
 *
 * 1. What it is for.  A test runner says what a case may leave behind, use at
 *    once and ask for; what was left is told by cache and call site.
 *
 * 2. Nothing is counted here that is not known anyway.  Each request passes
 *    the question of debug/fail.c, which tells of it (fail_seen): these are the
 *    allocations.  Call sites are written in an epoch of the case's own
 *    (page/sites.h), so what has one at the end is what the case has left.
 *
 * 3. The peak is what the books have in use when a request comes, and the
 *    bytes that it asks for, at the most.  While requests are asked about there
 *    are no sheaves, so the books are exact (slab_tally).
 *
 * 4. One case at a time, of all threads.  Its numbers are atomic; begin and
 *    end are called by one thread, which sees to it that others rest.
 */
#include <kmem/test.h>
#include <linux/alloc_tag.h>

#include "alloc/account.h"
#include "alloc/alloc.h"
#include "debug/atomic.h"
#include "debug/fail.h"
#include "debug/report.h"
#include "lib/atomic.h"
#include "lib/errno.h"
#include "lib/options.h"
#include "lib/text.h"
#include "slab/sites.h"

#define NAME 64
#define SITE 192
/* Call sites that a report has. */
#define SHOWN_MOST 20

static struct {
	bool open, profiled;  /* before it, too */
	unsigned int process; /* its number, if the case is all of it */
	char name[NAME];
	struct kmem_test_limits limits;
	long base;
	long peak;
	unsigned long allocations, failed;
} now;

/* What the last one has left. */
static struct account left;

/* --- while it runs -------------------------------------------------------- */

static long in_use(void)
{
	const struct kmem_pub_totals *t = page_totals();
	struct page_stats pages;
	long other;

	page_stats(&pages);
	other = (long)(pages.total - pages.free - pages.pcp) -
		READ_ONCE(slab_tally.pages) - READ_ONCE(sites_pages);
	return READ_ONCE(slab_tally.bytes) + other * (long)PG_BYTES +
	       (long)READ_ONCE(t->region_bytes) +
	       (long)READ_ONCE(t->percpu_bytes);
}

static void peak_note(long bytes)
{
	long seen = READ_ONCE(now.peak);

	/* Progress: another thread noted a higher one. */
	while (bytes > seen &&
	       !__atomic_compare_exchange_n(&now.peak, &seen, bytes, true,
					    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}

static void seen(size_t bytes, bool fails)
{
	if (fails) {
		__atomic_fetch_add(&now.failed, 1, __ATOMIC_RELAXED);
		return;
	}
	__atomic_fetch_add(&now.allocations, 1, __ATOMIC_RELAXED);
	peak_note(in_use() - now.base + (long)bytes);
}

/* --- begin ---------------------------------------------------------------- */

static int case_begin(const char *name, const struct kmem_test_limits *limits)
{
	static const struct kmem_test_limits none = {
		KMEM_TEST_ANY,
		KMEM_TEST_ANY,
		KMEM_TEST_ANY,
	};
	int err = fault_begin();

	if (err)
		return err;
	account_end(&left);
	now.profiled = sites_now() != 0;
	sites_turn(false);
	err = sites_turn(true);
	if (err)
		return err;
	text_format(now.name, sizeof(now.name), "%s", name ? name : "test");
	now.limits = limits ? *limits : none;
	now.allocations = now.failed = 0;
	now.peak = 0;
	account_settle();
	now.base = in_use();
	/* who is told sees what was set */
	__atomic_store_n(&fail_seen, seen, __ATOMIC_RELEASE);
	return 0;
}

/**
 * kmem_test_begin - a test case begins
 * @name: for its report; NULL: "test"
 * @limits: what it may do; NULL: anything
 *
 * From the first case on caches keep no sheaves, as after kmem_fault_set(), and
 * during a case call sites are accounted, as by kmem_mem_profiling_set(true);
 * what was charged to call sites before is then unaccounted.  Threads that
 * allocate all the time should rest while a case begins and ends.  A process
 * that is a case as a whole (KMEM_OPTIONS=test_case) is so no longer.
 *
 * Return: 0; -EBUSY: the one before has not ended; -ENOMEM; -ENOSYS in a build
 * with KMEM_SMALL=1.
 * Context: may sleep; takes slab_mutex.
 * Source: ours.
 */
int kmem_test_begin(const char *name, const struct kmem_test_limits *limits)
{
	int err;

	check_sleeping();
	if (now.process)
		now.process = 0;
	else if (__atomic_exchange_n(&now.open, true, __ATOMIC_ACQ_REL))
		return -EBUSY;
	err = case_begin(name, limits);
	if (err)
		__atomic_store_n(&now.open, false, __ATOMIC_RELEASE);
	return err;
}

/* --- what is left --------------------------------------------------------- */

static void site_text(uint64_t site, char *to, size_t n)
{
	uintptr_t at = site & SITE_ADDRESS;
	const struct codetag *ct = &((const struct alloc_tag *)at)->ct;

	if (site & SITE_TAG)
		text_format(to, n, "%s:%u func:%s", ct->filename, ct->lineno,
			    ct->function);
	else
		port_symbol((const void *)at, to, n);
}

/* The row with the most bytes of those behind `before` in this order. */
static const struct account_row *row_next(const struct account_row *before)
{
	const struct account_row *best = NULL, *r;

	for (r = left.at; r < left.at + left.room; r++) {
		if (!r->pub.calls || r == before)
			continue;
		if (before &&
		    (r->pub.bytes > before->pub.bytes ||
		     (r->pub.bytes == before->pub.bytes && r < before)))
			continue;
		if (!best || r->pub.bytes > best->pub.bytes)
			best = r;
	}
	return best;
}

/**
 * kmem_test_for_each_leak - what the last test case has left
 * @fn: gets blocks of one call site in one cache, and @data; the texts are
 *	valid during the call
 * @data: handed on
 *
 * The most bytes come first.  It is what kmem_test_end() found, whatever
 * happened since; nothing while a case is open.
 *
 * Context: any, by the thread that ended the case.
 * Source: ours.
 */
void kmem_test_for_each_leak(void (*fn)(const struct kmem_test_leak *leak,
					void *data),
			     void *data)
{
	const struct account_row *r;
	char site[SITE];

	for (r = row_next(NULL); r; r = row_next(r)) {
		struct kmem_test_leak leak = {
			.cache = r->name,
			.site = site,
			.blocks = r->pub.calls,
			.bytes = r->pub.bytes,
		};

		site_text(r->pub.site, site, sizeof(site));
		fn(&leak, data);
	}
}

/* --- end ------------------------------------------------------------------ */

static void limit_report(unsigned long is, unsigned long most, const char *what)
{
	if (is > most)
		report_line("  %lu %s, %lu may be", is, what, most);
}

static void leak_report(const struct kmem_test_leak *leak, void *data)
{
	unsigned int *shown = data;

	if (++*shown <= SHOWN_MOST)
		report_line("  %lu of %lu bytes, %s, %s", leak->blocks,
			    leak->bytes, *leak->cache ? leak->cache : "pages",
			    leak->site);
}

static void report_case(const struct kmem_test_result *r)
{
	unsigned int shown = 0;

	report_begin();
	report_line("kmem: test case %s breaks its limits", now.name);
	limit_report(r->peak, now.limits.peak, "bytes at the peak");
	limit_report(r->allocations, now.limits.allocations, "allocations");
	limit_report(r->leaks, now.limits.leaks, "blocks left");
	if (r->broken & KMEM_TEST_LEAKS)
		kmem_test_for_each_leak(leak_report, &shown);
	if (shown > SHOWN_MOST)
		report_line("  and %u more call sites", shown - SHOWN_MOST);
	report_end();
}

static void leaks_count(struct kmem_test_result *r)
{
	for (size_t i = 0; i < left.room; i++) {
		r->leaks += left.at[i].pub.calls;
		r->leaked_bytes += left.at[i].pub.bytes;
	}
}

static unsigned int broken(const struct kmem_test_result *r,
			   const struct kmem_test_limits *l)
{
	return (r->leaks > l->leaks ? KMEM_TEST_LEAKS : 0) |
	       (r->peak > l->peak ? KMEM_TEST_PEAK : 0) |
	       (r->allocations > l->allocations ? KMEM_TEST_ALLOCATIONS : 0);
}

/**
 * kmem_test_end - a test case ends
 * @result: where its numbers go; may be NULL
 *
 * What the case allocated and has not freed is left, also where it is still
 * pointed to, and what it handed to kvfree_rcu() is waited for.  Per-CPU memory
 * is in the peak, by chunks, but not among what is left.  When a limit is
 * broken a report on stderr says which, and lists what is left by cache and
 * call site.
 *
 * Return: bits of enum kmem_test_broken, 0: no limit is broken; -EINVAL: no
 * case has begun; -ENOMEM: what is left is not known, and the case has ended.
 * Context: may sleep, also for a grace period; takes slab_mutex.
 * Source: ours.
 */
int kmem_test_end(struct kmem_test_result *result)
{
	struct kmem_test_result r = { 0 };

	check_sleeping();
	if (!READ_ONCE(now.open))
		return -EINVAL;
	__atomic_store_n(&fail_seen, NULL, __ATOMIC_RELEASE);
	kvfree_rcu_barrier();
	left.by_cache = true;
	account_take(&left);
	if (!now.profiled)
		sites_turn(false);
	leaks_count(&r);
	r.peak = (unsigned long)READ_ONCE(now.peak);
	r.allocations = READ_ONCE(now.allocations);
	r.failed = READ_ONCE(now.failed);
	r.broken = broken(&r, &now.limits);
	if (r.broken)
		report_case(&r);
	if (result)
		*result = r;
	__atomic_store_n(&now.open, false, __ATOMIC_RELEASE);
	return left.failed ? -ENOMEM : (int)r.broken;
}

/* --- the process ---------------------------------------------------------- */

static unsigned long limit_of(int64_t option)
{
	return option ? (unsigned long)option : KMEM_TEST_ANY;
}

void test_case_start(void)
{
	struct kmem_test_limits limits = {
		.leaks = (unsigned long)option_value(OPT_TEST_CASE_LEAKS),
		.peak = limit_of(option_value(OPT_TEST_CASE_PEAK)),
		.allocations =
			limit_of(option_value(OPT_TEST_CASE_ALLOCATIONS)),
	};

	if (KMEM_SMALL || !option_value(OPT_TEST_CASE) || now.open)
		return;
	if (kmem_test_begin("process", &limits))
		report("kmem: test_case=1: there is no memory for it");
	else
		now.process = port_pid();
}

int test_case_finish(void)
{
	struct kmem_test_result r;

	/* a child of fork is not the case, and may not be whole */
	if (KMEM_SMALL || !now.process || now.process != port_pid())
		return 0;
	kmem_test_end(&r);
	report("kmem: test process %u%s: %lu allocations, %lu failed, %lu "
	       "bytes at the peak, %lu blocks of %lu bytes left",
	       now.process, core_is_front ? " (malloc)" : "", r.allocations,
	       r.failed, r.peak, r.leaks, r.leaked_bytes);
	return r.broken ? TEST_CASE_STATUS : 0;
}
