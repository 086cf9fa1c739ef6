/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Memory back to the OS.  THEORY.
 *
 * 1. What it is for.  A process stays about as large as what it uses.  Free
 *    blocks whose memory went back stay on the zone's lists and stay mapped;
 *    using one again costs page faults, so they are used last.
 *
 * 2. Three words.
 *    shrink	under shortage reclaim asks the clients for pages (reclaim.c)
 *    expire	what a client keeps and did not need for the idle age goes
 *    purge	pages of free blocks go to the OS: this file
 *
 * 3. The nouns.
 *    client	a layer above that keeps memory (struct page_client)
 *    dirty	pages in free blocks of purge_order (64 KiB) and more whose
 *		memory is still here
 *    idle age	decay_ms=: 1 s; 0: blocks of 2 MiB go at once; -1: nothing goes
 *		but by page_trim()
 *    round	an idle age.  The least that was dirty in it was not needed,
 *		and has expired: it is purged in the next.
 *    budget	how much may be kept, dirty or by clients that report() it:
 *		burst= (64 MiB), and what is allowed if that is more
 *    allowed	keep= (4 MiB) or an eighth of what is in use, whichever is
 *		more, and on top of it what was refaulted
 *    shrinking	the budget was exceeded, so all beyond what is allowed goes
 *		at once, until keep= pages were taken that the OS had to bring
 *    refaulted	pages that were purged and taken again within the idle age.  A
 *		program that goes up and down pays for one time.  Each round
 *		they halve, but not below the swing of what was dirty in it.
 *
 * 4. The clock.  A free of the kernel's API must not call the OS: it says that
 *    a tick is due, and the next slow path that may call the OS makes it, be it
 *    a blocking allocation or a free of the malloc front: page_pass().  A tick
 *    reads the clock, ends the round when it is over, has the clients expire
 *    (some in each tick), and purges a batch.  Since nothing runs while a
 *    process sleeps, much memory must go back while it is being freed: a batch
 *    is more than was freed since the tick before.
 *
 * 5. Locking.  The call of the OS is slow, so it is made without the zone's
 *    lock: blocks are taken off their lists first and put back after.  All this
 *    happens under grow_lock; its holder sees every free block.  An allocation
 *    about to fail makes its last try so.  A tick only tries the lock: its
 *    holder grows a zone or does this very thing.  The figures of the budget
 *    are guesses: loads and stores without a lock, and a change that is lost
 *    does no harm.
 *
 * 6. Records.  A purged 4 MiB block needs one record, that of its head; the
 *    OS's pages that hold only the others go back too.  A record of zero bytes
 *    is that of an unused page.
 *
 * 7. background=1.  A process that is wholly idle makes no tick.  A thread that
 *    sleeps the idle age makes one then, and returns all when nothing moved.
 */
#include "page/page.h"
#include "page/reclaim.h"
#include "page/zone.h"

#include "debug/report.h"
#include "lib/atomic.h"
#include "lib/list.h"
#include "lib/options.h"
#include "lib/time.h"
#include "port/port.h"
#include "sync/boot.h"

/* One page in so many of those in use may be dirty. */
#define USED_SHARE 8
/* A round of clients when the idle age is 0. */
#define ROUND_NS (100ull * NS_PER_MS)

/* What is off the lists at a time, and what a tick purges at most. */
#define BATCH_BLOCKS 16
#define BATCH_PAGES (1ul << PG_MAX_ORDER)
#define FINEST_ORDER 4

unsigned int purge_order = FINEST_ORDER;
uint32_t page_due;

static int64_t idle_ns = -1; /* the option's from the boot on; -1: for ever */
static unsigned long keep_pages, burst_pages;

static struct {
	uint64_t end;          /* 0: none has begun */
	unsigned long high;    /* dirty pages seen by ticks */
	unsigned long expired; /* of the round before, still to purge */
	bool clients;          /* these have more to look at */
} round;

static struct {
	unsigned long pages;  /* refaulted, and allowed for that */
	unsigned long recent; /* purged, and not taken again so far */
	uint64_t recent_end;  /* pages taken later do not count as refaulted */
} refaults;

static struct {
	bool on;
	unsigned long taken; /* pages the OS had to bring meanwhile */
} shrinking;

void purge_boot(void)
{
	int64_t ms = option_value(OPT_DECAY_MS);

	idle_ns = ms < 0 ? -1 : ms * NS_PER_MS;
	keep_pages = (unsigned long)(option_value(OPT_KEEP) >> PG_SHIFT);
	burst_pages = (unsigned long)(option_value(OPT_BURST) >> PG_SHIFT);
	/* Bound: the bits of a page size. */
	while (PG_BYTES << purge_order < port_page_size())
		purge_order++;
}

void purge_never(void)
{
	WRITE_ONCE(idle_ns, -1);
}

int64_t page_idle_ns(void)
{
	return READ_ONCE(idle_ns);
}

/* --- the budget ----------------------------------------------------------- */

/*
 * Except for what must stay: where anything is, a block more, so that whichever
 * block goes is not missed.
 */
static unsigned long may_go(const struct zone *z, unsigned long dirty)
{
	unsigned long keep = READ_ONCE(z->keep);

	if (keep)
		keep += BATCH_PAGES;
	return dirty > keep ? dirty - keep : 0;
}

static unsigned long dirty_pages(void)
{
	unsigned long n = 0;

	for (unsigned int i = 0; i < ZONES; i++)
		n += may_go(&zones[i], READ_ONCE(zones[i].dirty));
	return n;
}

/* The least of that since the round began; another begins. */
static unsigned long least_dirty(void)
{
	unsigned long n = 0;

	for (unsigned int i = 0; i < ZONES; i++) {
		n += may_go(&zones[i], READ_ONCE(zones[i].least_dirty));
		WRITE_ONCE(zones[i].least_dirty, READ_ONCE(zones[i].dirty));
	}
	return n;
}

static unsigned long used_pages(void)
{
	unsigned long free = pcp_pages(), usable = zones_usable();

	for (unsigned int i = 0; i < ZONES; i++)
		free += READ_ONCE(zones[i].free);
	return free < usable ? usable - free : 0;
}

unsigned long page_allowed(void)
{
	unsigned long n = used_pages() / USED_SHARE;

	return (n > keep_pages ? n : keep_pages) + READ_ONCE(refaults.pages);
}

size_t page_budget(void)
{
	unsigned long dirty = dirty_pages(), most = page_allowed();

	if (!READ_ONCE(shrinking.on) && most < burst_pages)
		most = burst_pages;
	return most > dirty ? (most - dirty) << PG_SHIFT : 0;
}

/* Every tick tells what is dirty; one of them ends the round. */
static void watch(uint64_t now, unsigned long dirty)
{
	uint64_t end = READ_ONCE(round.end);
	unsigned long high = READ_ONCE(round.high), low, swing;

	if (end && dirty > high)
		WRITE_ONCE(round.high, dirty);
	if (now < end)
		return;
	low = least_dirty();
	swing = high > low ? high - low : 0;
	if (end) {
		WRITE_ONCE(round.expired, dirty < low ? dirty : low);
		WRITE_ONCE(round.clients, true);
		if (swing < READ_ONCE(refaults.pages) / 2)
			swing = READ_ONCE(refaults.pages) / 2;
		if (swing < READ_ONCE(refaults.pages))
			WRITE_ONCE(refaults.pages, swing);
	}
	WRITE_ONCE(round.high, dirty);
	WRITE_ONCE(round.end, now + (page_idle_ns() ? (uint64_t)page_idle_ns() :
						      ROUND_NS));
}

static void note_purged(unsigned long pages)
{
	int64_t age = page_idle_ns();
	uint64_t now;

	if (age <= 0)
		return;
	now = port_clock_ns();
	if (now < READ_ONCE(refaults.recent_end))
		pages += READ_ONCE(refaults.recent);
	WRITE_ONCE(refaults.recent, pages);
	WRITE_ONCE(refaults.recent_end, now + (uint64_t)age);
}

void purge_refault(unsigned long pages)
{
	unsigned long recent = READ_ONCE(refaults.recent);

	if (READ_ONCE(shrinking.on)) {
		WRITE_ONCE(shrinking.taken, READ_ONCE(shrinking.taken) + pages);
		if (READ_ONCE(shrinking.taken) > keep_pages)
			WRITE_ONCE(shrinking.on, false);
	}
	if (!recent)
		return;
	if (port_clock_ns() >= READ_ONCE(refaults.recent_end)) {
		WRITE_ONCE(refaults.recent, 0);
		return;
	}
	pages = pages < recent ? pages : recent;
	WRITE_ONCE(refaults.recent, recent - pages);
	WRITE_ONCE(refaults.pages, READ_ONCE(refaults.pages) + pages);
}

/* --- purging -------------------------------------------------------------- */

struct batch {
	struct page *block[BATCH_BLOCKS];
	unsigned int nr;
	unsigned long pages;
};

/* Would there be enough pages here without a block of that order? */
static bool __can_go(const struct zone *z, unsigned int order)
{
	return z->free - z->nr_purged >= z->keep + (1ul << order);
}

/*
 * Takes blocks of at least that order off the lists, the largest first and
 * of these the oldest.
 */
static void __collect(struct zone *z, unsigned int least, unsigned long want,
		      struct batch *b)
{
	unsigned int order = PG_MAX_ORDER;

	b->nr = 0;
	b->pages = 0;
	while (b->nr < BATCH_BLOCKS && b->pages < want) {
		struct list_head *list = &z->area[order].list;
		struct page *page = NULL;

		if (!ring_empty(list))
			page = list_entry_of(list->prev, struct page, lru);
		if (page && __can_go(z, order)) {
			__buddy_isolate(z, page, order);
			b->block[b->nr++] = page;
			b->pages += 1ul << order;
		} else if (order-- == least) {
			break;
		}
	}
	z->isolated += b->pages;
}

/* Purges about want pages; returns how many. */
static unsigned long purge_zone(struct zone *z, unsigned int least,
				unsigned long want, bool once)
{
	unsigned long pages = 0, left;
	struct batch b;

	while (pages < want) {
		left = want - pages;
		zone_lock(z);
		__collect(z, least, left < BATCH_PAGES ? left : BATCH_PAGES,
			  &b);
		zone_unlock(z);
		if (!b.nr)
			break;
		for (unsigned int i = 0; i < b.nr; i++)
			port_purge(page_addr(b.block[i]),
				   PG_BYTES << b.block[i]->order);
		total_add(&page_totals()->purge_calls, b.nr);
		zone_lock(z);
		z->isolated -= b.pages;
		for (unsigned int i = 0; i < b.nr; i++) {
			page_set_bits(b.block[i], PG_MASK(PG_purged));
			__buddy_give(z, b.block[i], b.block[i]->order);
		}
		zone_unlock(z);
		pages += b.pages;
		if (once)
			break;
	}
	return pages;
}

/* The memory of the records and slab maps of a block but its first record. */
void purge_records_of(struct page *head, unsigned int order)
{
	size_t bytes = sizeof(struct page) << order;
	size_t maps = (size_t)CACHE_LINE << order;
	size_t os_page = port_page_size();

	if (os_page < bytes)
		port_purge((char *)head + os_page, bytes - os_page);
	if (os_page <= maps)
		port_purge(window.slab_map + page_pfn(head) * CACHE_LINE, maps);
}

/* A purged block of the largest order whose records are resident, or NULL. */
static struct page *__with_records(struct zone *z)
{
	struct list_head *away = &z->area[PG_MAX_ORDER].away;
	struct page *head;

	if (ring_empty(away))
		return NULL;
	head = list_entry_of(away->next, struct page, lru);
	/* those without are at the end, and marked */
	return head->private ? NULL : head;
}

static void purge_records(struct zone *z, unsigned int budget)
{
	struct page *head;

	if (sizeof(struct page) << PG_MAX_ORDER < port_page_size())
		return;
	while (budget--) {
		zone_lock(z);
		head = __with_records(z);
		if (head) {
			__buddy_isolate(z, head, PG_MAX_ORDER);
			z->isolated += 1ul << PG_MAX_ORDER;
		}
		zone_unlock(z);
		if (!head)
			return;
		purge_records_of(head, PG_MAX_ORDER);
		zone_lock(z);
		z->isolated -= 1ul << PG_MAX_ORDER;
		__buddy_give(z, head, PG_MAX_ORDER);
		head->private = 1;
		ring_remove(&head->lru);
		ring_push_back(&z->area[PG_MAX_ORDER].away, &head->lru);
		zone_unlock(z);
	}
}

/* Under grow_lock: a batch, and whole blocks' records with it. */
static void __purge_some(unsigned long want)
{
	unsigned int least = page_idle_ns() ? purge_order : PG_PURGE_ORDER;
	unsigned long pages = 0, expired = READ_ONCE(round.expired);

	for (unsigned int i = ZONES; i-- > 0 && pages < want;) {
		pages += purge_zone(&zones[i], least, want - pages, true);
		if (READ_ONCE(shrinking.on))
			purge_records(&zones[i], BATCH_BLOCKS);
	}
	note_purged(pages);
	if (pages)
		__holes_make();
	WRITE_ONCE(round.expired,
		   pages && expired > pages ? expired - pages : 0);
}

/* --- when ----------------------------------------------------------------- */

/* How many pages must be purged, as far as they are found. */
static unsigned long excess(unsigned long dirty)
{
	unsigned long expired = READ_ONCE(round.expired), allowed, kept;

	if (!page_idle_ns())
		return dirty;
	allowed = page_allowed();
	kept = clients_report();
	if (!READ_ONCE(shrinking.on) && dirty + kept > burst_pages &&
	    dirty + kept > allowed) {
		WRITE_ONCE(shrinking.taken, 0);
		WRITE_ONCE(shrinking.on, true);
	}
	if (READ_ONCE(shrinking.on) && dirty > allowed)
		return dirty - allowed / 4 * 3;
	return expired < dirty ? expired : dirty;
}

static void expire_clients(uint64_t now)
{
	uint64_t age = (uint64_t)page_idle_ns();

	WRITE_ONCE(round.clients, clients_expire(now > age ? now - age : 0));
}

static void tick(void)
{
	uint64_t now = port_clock_ns();
	unsigned long dirty = dirty_pages(), want;

	watch(now, dirty);
	if (!dirty || page_resident)
		WRITE_ONCE(round.expired, 0);
	want = excess(dirty);
	if (want && lock_try(&grow_lock, LOCK_GROW)) {
		/* what was found may be from before a reserve */
		if (!page_resident)
			__purge_some(want);
		lock_drop(&grow_lock, LOCK_GROW);
	}
	if (READ_ONCE(round.clients))
		expire_clients(now);
	/* what has expired is gone before the next round ends */
	if (READ_ONCE(round.expired) || READ_ONCE(round.clients))
		page_pass_due();
}

void page_tick(void)
{
	if (page_idle_ns() >= 0)
		tick();
	page_thread();
}

void page_pass_slow(void)
{
	/* it stays due: what is called here may need a layer that is booting */
	if (boot_busy())
		return;
	__atomic_store_n(&page_due, 0, __ATOMIC_RELAXED);
	if (!port_rcu_poll())
		page_pass_due();
	page_report_held();
	page_shares_settle();
	page_tick();
}

static unsigned long trim_all(void)
{
	unsigned long pages = 0;

	pcp_drain(true);
	if (page_resident)
		return 0;
	/* Bound: the ranges kept. */
	while (highatomic_unreserve(ZONES - 1))
		;
	lock_take(&grow_lock, LOCK_GROW);
	for (unsigned int i = 0; i < ZONES && !page_resident; i++) {
		pages += purge_zone(&zones[i], purge_order, ~0ul, false);
		purge_records(&zones[i], UINT32_MAX);
	}
	__holes_make();
	lock_drop(&grow_lock, LOCK_GROW);
	return pages;
}

size_t page_trim(void)
{
	return page_ready() ? trim_all() << PG_SHIFT : 0;
}

/* Blocks that went in and out of the zones since boot. */
static unsigned long zone_moves(void)
{
	unsigned long n = 0;

	for (unsigned int i = 0; i < ZONES; i++) {
		zone_lock(&zones[i]);
		n += zones[i].nr_alloc + zones[i].nr_free_calls;
		zone_unlock(&zones[i]);
	}
	return n;
}

void purge_background(void)
{
	static unsigned long seen;
	unsigned long moves = zone_moves();

	page_tick();
	lock_take(&grow_lock, LOCK_GROW);
	/* Bound: what has expired, of which a batch goes in each. */
	while (READ_ONCE(round.expired) && !page_resident)
		__purge_some(READ_ONCE(round.expired));
	lock_drop(&grow_lock, LOCK_GROW);
	/* Bound: the caches, some of which are looked at in each. */
	while (READ_ONCE(round.clients) && page_idle_ns() >= 0)
		expire_clients(port_clock_ns());
	if (moves == seen)
		note_purged(trim_all());
	seen = zone_moves();
}
