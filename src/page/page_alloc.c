/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Getting pages.  THEORY of the page layer.
 *
 * 1. What it is for.  Everything above asks it for blocks of 2^order pages of 4
 *    KiB, orders 0 to 10, each aligned to its own size, and gives them back in
 *    any order from any thread.  It knows where memory is, which requests may
 *    use how much of it, and when to ask the OS for more or give some back.
 *
 * 2. The nouns.
 *    window	one range of addresses.  An offset in it is a "physical
 *		address", offset / 4096 a pfn.
 *    record	struct page, 64 bytes for each pfn, in one array.
 *    zone	a range of pfns: DMA below 16 MiB, DMA32 below 4 GiB, Normal
 *		above.  Of a zone [start, grown) is usable except holes
 *		(hole.c); it grows upward, by half its size at most.
 *    buddy	the zone's free blocks, one set of lists for each order.
 *    pcp	each CPU's own short lists of small blocks.
 *    mark	how many pages a zone keeps free from which requests: low for
 *    	the first try of any, min on the slow path, and parts of min for those
 *    	with a right to the reserve.
 *    highatomic	ranges of 4 MiB whose free blocks are for GFP_ATOMIC
 *		(highatomic.c).
 *    purged	a free block whose memory the OS has: it reads as zero.
 *    span	a run of any number of pages, cut out of a block.
 *
 * 3. One allocation.  The flags choose the highest zone allowed.  Orders up to
 *    3 come off this CPU's list, which is refilled by a batch.  Else, zone by
 *    zone downward, a block is taken under the zone's lock if more than the low
 *    mark stays free; a zone that can still grow does so, if the request may
 *    sleep, before a lower one is asked.  Then the slow path:  down to min; a
 *    request that must not sleep stops here; zones grow; CPUs' lists are
 *    drained; reclaim runs (reclaim.c); rounds of that; the notifiers (oom.c).
 *    What is found gets one reference, is cleared if asked and not known to be
 *    zero, and becomes compound if asked.  One free.  The last reference goes;
 *    small blocks stay with this CPU; others merge with free neighbours as far
 *    as they can (buddy.c).  Blocks that stay free go back to the OS (purge.c).
 *
 * 4. Invariants, whenever the locks are free.
 *    - A page belongs to one block; a block is on one free list, or on one
 *      CPU's list, or late, or being purged, or allocated.
 *    - PG_buddy is set in the heads of blocks on free lists and nowhere else,
 *      PG_pcp in those on CPU lists or late and nowhere else.
 *    - No two free buddies are unmerged.
 *    - A record of zero bytes is one of a page that was never used.
 *    - Free pages have no reference; of an allocated block only the head has,
 *      until split_page() makes single pages of it.
 *    - PG_purged, in a free block's head, says that every byte reads as zero.
 *
 * 5. Locks: grow < pcp < zone (sync/lock.h).  grow is held across calls of the
 *    OS, the others never.  A caller that must not sleep does not wait for a
 *    lock: CPU lists are tried once, a zone LOCK_SPINS times; an allocation
 *    then fails, a free is put on the zone's late list for the next holder.
 *    grown is written under the zone's lock and read without: it only goes up.
 *    Preemption and migration between two steps cost speed only.
 *
 * 6. Failure.  NULL, after one report in ten seconds unless __GFP_NOWARN; a
 *    request that must not call the OS leaves the report to the next pass.  A
 *    request fails only after it has looked at every free block, except those
 *    kept for others if its flags leave them: the last look of a round is under
 *    grow, when no block is off its list to be purged.  __GFP_NOFAIL tries for
 *    ever.  Freeing never fails; an invalid free is reported and the pages are
 *    leaked.
 *
 * 7. Debugging.  zone_validate() checks all of 4 and may be called at any
 *    time.  KMEM_OPTIONS=mem=SIZE makes memory short, min_free_kbytes= sets
 *    the marks, decay_ms= the purging.
 *
 * 8. Differences from the kernel.  Zones grow, so their size, and with it the
 *    marks, is what has been used so far.  Background reclaim is an option
 *    (kswapd.c), without which __GFP_KSWAPD_RECLAIM has no effect; a request
 *    that may sleep grows the zone as soon as it is below low.  Of the
 *    migration types there is HighAtomic; no compaction, no OOM killer, one
 *    node; HIGHMEM and MOVABLE mean the Normal zone.
 */
#include "page/page.h"
#include "page/reclaim.h"
#include "page/sites.h"
#include "page/zone.h"

#include <linux/gfp.h>

#include "debug/report.h"
#include "lib/list.h"
#include "port/port.h"
#include "port/probe.h"

/* Rounds of reclaim that freed nothing before a request fails. */
#define FRUITLESS_ROUNDS 16
/* Larger blocks are not worth many rounds: there is no compaction. */
#define COSTLY_ORDER 3
/* Sleep before another try: 50 us at first, 3.2 ms at most. */
#define NAP_NS 50000
#define NAP_DOUBLINGS 6u

enum rights {
	RIGHT_HIGH = 1,     /* half of min */
	RIGHT_NONBLOCK = 2, /* with HIGH: a quarter of the rest */
	RIGHT_ALL = 4,      /* everything, reserves included */
	RIGHT_GROW = 8,     /* may make zones grow */
};

struct request {
	gfp_t gfp;
	unsigned int order;
	unsigned int class; /* the highest zone allowed */
	bool may_sleep;
	long gain; /* maximum of reclaim_gain() when it looked */
	enum lock_wait how;
};

static bool has(const struct request *rq, gfp_t flag)
{
	return (rq->gfp & flag) != 0;
}

/* The narrower zone wins when two are asked for. */
unsigned int page_class(gfp_t gfp)
{
	gfp_t where = gfp & (__GFP_DMA | __GFP_DMA32 | __GFP_HIGHMEM);

	warn_once_if((where & (where - 1)) != 0,
		     "Illegal zone flags in gfp: %#x", (unsigned int)gfp);
	if (gfp & __GFP_DMA)
		return ZONE_ID_DMA;
	return gfp & __GFP_DMA32 ? ZONE_ID_DMA32 : ZONE_ID_NORMAL;
}

/* The first zone a class is served from; the others are its fallback. */
static unsigned int preferred(unsigned int highest)
{
	while (highest && zones[highest].start == zones[highest].end)
		highest--;
	return highest;
}

gfp_t page_gfp_context(gfp_t gfp)
{
	uint32_t flags = port_task()->flags;

	gfp &= __atomic_load_n(&gfp_allowed_mask, __ATOMIC_RELAXED);
	if (flags & PF_MEMALLOC_NOIO)
		gfp &= ~(__GFP_IO | __GFP_FS);
	else if (flags & PF_MEMALLOC_NOFS)
		gfp &= ~__GFP_FS;
	if (flags & PF_MEMALLOC_PIN)
		gfp &= ~__GFP_MOVABLE;
	return gfp;
}

/* May the request have what is kept for those that must not block? */
static bool is_atomic(unsigned int rights)
{
	return rights & RIGHT_HIGH && rights & RIGHT_NONBLOCK;
}

static struct page *__take_kept(struct zone *z, const struct request *rq,
				unsigned long keep, unsigned int rights)
{
	struct page *page = NULL;

	if (!(rights & RIGHT_ALL) &&
	    !__zone_mark_ok_highatomic(z, rq->order, keep, rq->class))
		return NULL;
	if (rq->order && is_atomic(rights))
		page = __buddy_take_highatomic(z, rq->order);
	if (!page)
		page = __buddy_take(z, rq->order);
	if (!page)
		page = __buddy_take_highatomic(z, rq->order);
	if (page && rq->order && is_atomic(rights))
		__highatomic_reserve(z, page);
	return page;
}

static struct page *take_from(struct zone *z, const struct request *rq,
			      enum zone_mark mark, unsigned int rights)
{
	struct page *page = NULL;
	unsigned long keep;

	if (!zone_get(z, rq->how))
		return NULL;
	keep = z->mark[mark];
	if (rights & RIGHT_HIGH) {
		keep -= keep / 2;
		if (rights & RIGHT_NONBLOCK)
			keep -= keep / 4;
	}
	if (rights & RIGHT_ALL || is_atomic(rights))
		page = __take_kept(z, rq, keep, rights);
	else if (__zone_mark_ok(z, rq->order, keep, rq->class))
		page = __buddy_take(z, rq->order);
	if (page) {
		z->nr_alloc++;
		__zone_note_depth(z);
	}
	zone_put(z, rq->how);
	return page;
}

static struct page *page_take(const struct request *rq, enum zone_mark mark,
			      unsigned int rights)
{
	for (unsigned int i = rq->class + 1; i-- > 0;) {
		struct zone *z = &zones[i];
		struct page *page;

		if (z->start == z->end)
			continue;
		page = take_from(z, rq, mark, rights);
		if (!page && mark == MARK_LOW)
			kswapd_wake(rq->gfp, i);
		/* Progress: others took what the zone grew by. */
		while (!page && rights & RIGHT_GROW && zone_can_grow(z) &&
		       zone_grow(z, rq->order))
			page = take_from(z, rq, mark, rights);
		if (page)
			return page;
	}
	return NULL;
}

/* How far below min the request may go. */
static unsigned int rights_of(const struct request *rq)
{
	unsigned int rights = 0;

	if (has(rq, __GFP_HIGH))
		rights |= RIGHT_HIGH;
	if (has(rq, __GFP_NOMEMALLOC))
		return rights;
	if (!rq->may_sleep)
		rights |= RIGHT_NONBLOCK;
	if (gfp_pfmemalloc_allowed(rq->gfp))
		rights |= RIGHT_ALL;
	return rights;
}

/*
 * Finds everything that is free: while grow_lock is held no block is off its
 * list to be purged, and locking a zone puts late blocks on its lists.
 */
static struct page *take_settled(const struct request *rq, unsigned int rights)
{
	struct page *page;

	lock_take(&grow_lock, LOCK_GROW);
	page = page_take(rq, MARK_MIN, rights);
	lock_drop(&grow_lock, LOCK_GROW);
	return page;
}

/* One round of all measures. */
static struct page *round_of_effort(const struct request *rq,
				    unsigned int rights)
{
	struct page *page = page_take(rq, MARK_MIN, rights | RIGHT_GROW);
	unsigned long freed;

	if (!page && pcp_drain(false))
		page = page_take(rq, MARK_MIN, rights);
	if (!page) {
		pcp_drain(true);
		page = take_settled(rq, rights);
	}
	if (page)
		return page;
	/* no caller is delayed for a large block that it can do without */
	STAP_PROBE2(vmscan, mm_vmscan_direct_reclaim_begin, rq->order, rq->gfp);
	if (rq->order > COSTLY_ORDER && has(rq, __GFP_NORETRY))
		freed = reclaim_spare(rq->gfp);
	else
		freed = reclaim_run(rq->gfp, rq->order);
	STAP_PROBE1(vmscan, mm_vmscan_direct_reclaim_end, PROBE_WORD(freed));
	if (freed) {
		pcp_drain(true);
		/*
		 * the steps may have freed room under the hard limit, not pages
		 */
		page = page_take(rq, MARK_MIN, rights | RIGHT_GROW);
		if (page)
			return page;
	}
	/*
	 * Before a request without __GFP_NORETRY fails it gets what is kept for
	 * others.  Bound: the ranges kept.
	 */
	while (!has(rq, __GFP_NORETRY) && highatomic_unreserve(rq->class)) {
		page = page_take(rq, MARK_MIN, rights);
		if (page)
			return page;
	}
	return take_settled(rq, rights);
}

/*
 * Progress is measured by the total that all threads' reclaim freed, and not by
 * what callbacks return: they may take as much from the reserve as they free,
 * and what one thread loses another may gain.
 */
static bool is_progress(struct request *rq)
{
	long gain = reclaim_gain();
	bool more = gain > rq->gain;

	if (more)
		rq->gain = gain;
	return more;
}

static bool worth_another_round(struct request *rq, unsigned int *fruitless)
{
	bool progress = is_progress(rq);

	if (has(rq, __GFP_NORETRY))
		return false;
	if (rq->order > COSTLY_ORDER && !has(rq, __GFP_RETRY_MAYFAIL))
		return false;
	/* a large block needs more than pages: progress does not count */
	if (progress && rq->order <= COSTLY_ORDER)
		*fruitless = 0;
	else
		++*fruitless;
	return *fruitless < FRUITLESS_ROUNDS;
}

/* May the request empty users' caches and call notifiers? */
static bool may_ask_notifiers(const struct request *rq)
{
	gfp_t never = __GFP_NORETRY | __GFP_RETRY_MAYFAIL | __GFP_THISNODE;

	return !(rq->gfp & never) && has(rq, __GFP_FS) &&
	       rq->order <= COSTLY_ORDER;
}

/*
 * Yielding is not enough: a thread of a real-time class would run again at once
 * and keep the CPU from a thread that could free something.
 */
void page_nap(unsigned int nth)
{
	uint32_t nobody = 0;

	if (nth > NAP_DOUBLINGS)
		nth = NAP_DOUBLINGS;
	port_wait(&nobody, 0, NAP_NS << nth);
}

/* When all rounds freed nothing: the notifiers, and one more try. */
static struct page *last_resort(const struct request *rq, unsigned int rights)
{
	if (!may_ask_notifiers(rq) || !oom_run())
		return NULL;
	return round_of_effort(rq, rights);
}

static struct page *page_alloc_slow(struct request *rq, unsigned int *used)
{
	unsigned int fruitless = 0, naps = 0, rights;
	struct page *page;

	rq->gfp = page_gfp_context(rq->gfp);
	/* gfp_allowed_mask may forbid it to every request */
	rq->may_sleep = has(rq, __GFP_DIRECT_RECLAIM);
	rights = rights_of(rq);
	page = page_take(rq, MARK_MIN, rights & ~(unsigned int)RIGHT_ALL);
	/* page lists may hold enough, and draining them is cheap */
	if (!page && !rq->may_sleep && pcp_drain_local(rq->how))
		page = page_take(rq, MARK_MIN,
				 rights & ~(unsigned int)RIGHT_ALL);
	if (!page && rights & RIGHT_ALL) {
		*used = RIGHT_ALL;
		page = page_take(rq, MARK_MIN, RIGHT_ALL);
	}
	if (page)
		return page;
	*used = 0;
	if (!rq->may_sleep) {
		/* a request that cannot fail must be able to wait */
		warn_once_if(has(rq, __GFP_NOFAIL),
			     "__GFP_NOFAIL without __GFP_DIRECT_RECLAIM: %#x",
			     (unsigned int)rq->gfp);
		return NULL;
	}
	warn_once_if(has(rq, __GFP_NOFAIL) && rq->order > 1,
		     "__GFP_NOFAIL for order %u", rq->order);
	rights &= ~(unsigned int)RIGHT_ALL;
	rq->gain = reclaim_gain();
	/* Sleeps: page_nap() between two rounds. */
	for (;;) {
		page = round_of_effort(rq, rights);
		if (page)
			return page;
		/* inside reclaim nothing more is allowed */
		if (!(port_task()->flags & PF_MEMALLOC) &&
		    worth_another_round(rq, &fruitless)) {
			page_nap(fruitless / 8);
			continue;
		}
		page = last_resort(rq, rights);
		if (page || !has(rq, __GFP_NOFAIL))
			return page;
		rights |= RIGHT_HIGH;
		page_nap(naps++);
	}
}

static void make_compound(struct page *page, unsigned int order)
{
	unsigned long n = 1ul << order;

	for (unsigned long i = 1; i < n; i++)
		__atomic_store_n(&page[i].compound_head,
				 (unsigned long)page | 1, __ATOMIC_RELAXED);
}

/*
 * Turns a block off a free list into an allocated one.  Returns whether every
 * byte of it is zero.
 */
static bool prepare(struct page *page, const struct request *rq,
		    unsigned int used)
{
	bool zero = page_test(page, PG_purged);
	unsigned long flags = 0;

	DEBUG_ASSERT(!(page_bits(page) & ~PG_MASK(PG_purged)));
	DEBUG_ASSERT(!page_cache(page) && !page->_refcount.counter);
	if (unlikely(page_fills))
		page_check_free(page, 1ul << rq->order, zero);
	if (rq->gfp & __GFP_ZERO) {
		page_make_zero(page, 1ul << rq->order, zero);
		zero = true;
	}
	page->order = (unsigned char)rq->order;
	page->private = 0;
	if (used & RIGHT_ALL)
		flags |= PG_MASK(PG_reserve);
	if (rq->gfp & __GFP_COMP && rq->order) {
		flags |= PG_MASK(PG_head);
		make_compound(page, rq->order);
	}
	page_set_bits(page, flags);
	__atomic_store_n(&page->_refcount.counter, 1, __ATOMIC_RELEASE);
	return zero;
}

struct page *page_alloc_known(gfp_t gfp, unsigned int order, bool *zero)
{
	struct request rq = {
		.gfp = gfp,
		.order = order,
		.may_sleep = (gfp & __GFP_DIRECT_RECLAIM) != 0,
		.how = gfp_wait(gfp),
	};
	struct page *page = NULL;
	unsigned int used = 0;

	if (unlikely(order > PG_MAX_ORDER)) {
		warn_once_if(!(gfp & __GFP_NOWARN),
			     "page allocation of order %u, largest is %u",
			     order, PG_MAX_ORDER);
		return NULL;
	}
	if (unlikely(!page_ready()) && page_boot())
		goto failed;
	rq.class = page_class(gfp);
	if (order < PCP_ORDERS)
		page = pcp_take(preferred(rq.class), order, rq.how);
	if (!page)
		page = page_take(&rq, MARK_LOW, rq.may_sleep ? RIGHT_GROW : 0);
	if (!page)
		page = page_alloc_slow(&rq, &used);
	if (page) {
		pages_given(-(1 << order));
		*zero = prepare(page, &rq, used);
		if (sites_on())
			site_block(page);
		STAP_PROBE4(kmem, mm_page_alloc, PROBE_WORD(page_pfn(page)),
			    order, gfp, 0);
		if (rq.may_sleep)
			page_pass();
		return page;
	}
failed:
	page_report_failure(rq.gfp, order);
	return NULL;
}

struct page *page_alloc(gfp_t gfp, unsigned int order)
{
	bool zero;

	/* before the first request has booted, there is nothing to clear */
	if (unlikely(page_fills))
		gfp = page_fill_gfp(gfp);
	return page_alloc_known(gfp, order, &zero);
}
