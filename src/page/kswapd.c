/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kswapd=1: a thread that keeps pages free.
 *
 * A request that must not block cannot grow a zone, and takes the faults of
 * pages that were never touched.  Between two of them the thread (thread.c)
 * does what they cannot:
 *
 *	below high	the zone grows
 *	cannot grow	reclaim runs, as for GFP_KERNEL, if a request found the
 *			zone below low and may have it woken
 *	not here	free blocks whose memory is with the OS are touched,
 *			until high pages of the zone are in blocks that are
 *			here; such blocks are used first, and purging leaves
 *			that many alone (zone.keep)
 *
 * Waking.  Requests with __GFP_KSWAPD_RECLAIM that find a zone below low set a
 * bit.  One that may block wakes the thread as well; one that must not block
 * makes no call of the OS, so the thread looks by itself: each SOON_NS for a
 * second after the last of these, else each LATE_NS.
 *
 * Reclaim that frees nothing 16 times in a row is not tried again before
 * another thread's has: it would empty users' caches for nothing.  Until then
 * no request wakes the thread.  A request inside a callback of reclaim never
 * does.
 *
 * The thread holds grow_lock while it touches a block, so a blocking request
 * that is about to fail waits for it.  A block is merged with free neighbours,
 * so a few of the pages that count as resident may never have been touched:
 * those around the ones freed last.
 */
#include "page/page.h"
#include "page/reclaim.h"
#include "page/zone.h"

#include "lib/atomic.h"
#include "lib/options.h"
#include "lib/time.h"
#include "port/port.h"

#define SOON_NS (10 * NS_PER_MS)
#define LATE_NS (100 * NS_PER_MS)
#define ALERT_NS (1000 * NS_PER_MS)
#define FRUITLESS_RUNS 16

bool kswapd_on;

static uint32_t asked;    /* a bit for each zone */
static uint32_t unheard;  /* by a request that cannot wake the thread */
static uint64_t alert_ns; /* until then it polls every SOON_NS */
static unsigned int fruitless;
static bool given_up;
static long seen_gain;

void kswapd_boot(void)
{
	kswapd_on = option_value(OPT_KSWAPD);
}

void kswapd_ask(gfp_t gfp, unsigned int zone)
{
	bool rings = gfp & __GFP_DIRECT_RECLAIM &&
		     !(port_task()->flags & PF_MEMALLOC);

	if (!(READ_ONCE(asked) >> zone & 1))
		__atomic_fetch_or(&asked, 1u << zone, __ATOMIC_RELAXED);
	if (READ_ONCE(given_up))
		return;
	if (rings)
		thread_ring();
	else if (!READ_ONCE(unheard))
		WRITE_ONCE(unheard, 1);
}

int64_t kswapd_nap_ns(void)
{
	return port_clock_ns() < alert_ns ? SOON_NS : LATE_NS;
}

static bool is_above(struct zone *z, enum zone_mark mark)
{
	bool above;

	zone_lock(z);
	above = z->free - z->free_highatomic >= z->mark[mark];
	zone_unlock(z);
	return above;
}

static bool is_hopeless(void)
{
	long gain = reclaim_gain();

	if (gain > seen_gain) {
		seen_gain = gain;
		fruitless = 0;
	}
	WRITE_ONCE(given_up, fruitless >= FRUITLESS_RUNS);
	return given_up;
}

/* Until the zone is above high, or a run has freed nothing. */
static void reclaim(struct zone *z)
{
	long before;

	/* Progress: a run freed pages. */
	while (!is_hopeless() && !is_above(z, MARK_HIGH)) {
		before = seen_gain;
		total_add(&page_totals()->kswapd_runs, 1);
		reclaim_run(__GFP_RECLAIM | __GFP_IO | __GFP_FS, 0);
		pcp_drain(true);
		if (reclaim_gain() > before)
			continue;
		fruitless++;
		is_hopeless();
		return;
	}
}

/*
 * Touches one purged free block; false: enough are resident, or none is left.
 */
static bool kswapd_populate(struct zone *z)
{
	struct page *page = NULL;
	unsigned int order = 0;

	/* everything is resident, whatever the blocks say (reserve.c) */
	if (page_resident)
		return false;
	zone_lock(z);
	if (z->free - z->nr_purged < z->keep)
		page = __buddy_away(z);
	if (page) {
		order = page->order;
		__buddy_isolate(z, page, order);
		z->isolated += 1ul << order;
	}
	zone_unlock(z);
	if (!page)
		return false;
	for (size_t at = 0; at < PG_BYTES << order; at += port_page_size())
		*((volatile char *)page_addr(page) + at) = 0;
	zone_lock(z);
	z->isolated -= 1ul << order;
	page_set_bits(page, 0);
	__buddy_give(z, page, order);
	zone_unlock(z);
	total_add(&page_totals()->kswapd_pages, 1l << order);
	return true;
}

static void balance(struct zone *z, bool wanted)
{
	bool more = true;

	/* Bound: the steps by which a zone grows. */
	while (!is_above(z, MARK_HIGH) && zone_can_grow(z) && zone_grow(z, 0))
		;
	if (wanted)
		reclaim(z);
	/* Progress: others took, or purged, what it touched. */
	while (more) {
		lock_take(&grow_lock, LOCK_GROW);
		more = kswapd_populate(z);
		lock_drop(&grow_lock, LOCK_GROW);
	}
}

void kswapd_pass(void)
{
	uint32_t who = __atomic_exchange_n(&asked, 0, __ATOMIC_RELAXED);

	if (__atomic_exchange_n(&unheard, 0, __ATOMIC_RELAXED))
		alert_ns = port_clock_ns() + ALERT_NS;
	for (unsigned int i = ZONES; i-- > 0;)
		if (zones[i].grown > zones[i].start)
			balance(&zones[i], who >> i & 1);
}
