/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Memory back to the host.  THEORY.
 *
 * 1. What it is for.  A process stays about as large as what it uses.  Free
 *    blocks whose memory went back stay on the zone's lists and stay mapped;
 *    using one again costs page faults, so they are used last.
 *
 * 2. The nouns.
 *    dirty	pages in free blocks of purge_order (64 KiB) and more whose
 *		memory is still here.
 *    allowance	how much may be dirty: keep= (4 MiB) or an eighth of what is
 *		in use, whichever is more, and on top of it what was learned.
 *    learned	pages that were purged in error: they were taken again within
 *		the decay time.  A program that goes up and down pays for one
 *		round and then keeps its memory.
 *    burst	how much may be dirty before anything is done at once: burst=
 *		(64 MiB), or the allowance if that is more.
 *    shrinking	the burst was exceeded, so more than the allowance goes back
 *		until keep= pages were taken that the host had to bring.
 *    trim	one batch of blocks, the largest first, purged for that reason
 *		or because they are surplus.
 *    surplus	what was dirty beyond the allowance for a whole decay time.
 *    decay	blocks of 2 MiB and more purged because they have stayed free
 *		for the decay time, decay_ms=: 1 s; 0 at once; -1 never, and
 *		no trim either.
 *    round	of the steps that higher layers registered (reclaim.c), once
 *		in a decay time: what was idle for so long comes back.
 *    step	what a layer above keeps for the decay time by itself; it is
 *		run along with decay.
 *
 * 3. When.  A free of the kernel's API must not call the host: it says that a
 *    pass is due, and the next slow path that may call the host makes it, be
 *    it a blocking allocation or a free of the malloc front: page_pass().
 *    Since nothing runs while a process sleeps, much memory must go back while
 *    it is being freed: each pass of a shrinking process takes a batch, which
 *    is more than was freed since the pass before.  Little memory waits for
 *    the decay time, because to take it again at once is what programs do
 *    most.
 *
 * 4. What was learned fades: each decay time it halves, but not below the
 *    swing of what was dirty in that time, which is what keeping it saved.
 *
 * 5. Locking.  The host's call is slow, so it is made without the zone's
 *    lock: blocks are taken off their lists first and put back after.  All
 *    this happens under grow_lock; who holds that lock sees every free block.
 *    An allocation about to fail makes its last try so.  A pass only tries
 *    the lock: its holder grows a zone or does this very thing.
 *    The figures of the allowance are guesses: loads and stores without a
 *    lock, and a change that is lost does no harm.
 *
 * 6. Records.  A 4 MiB block that is away as a whole needs one record, that of
 *    its head; the host's pages that hold only the others go back too.  Zero
 *    bytes say that nothing is known of a page.
 *
 * 7. background=1.  A process that is wholly idle passes nowhere.  A thread
 *    that sleeps the decay time does then all that can be done.  A layer above
 *    may want the same thread and lend it another way to sleep.
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
/* Rounds of the steps come no faster than this. */
#define ROUND_LEAST_NS (100ull * NS_PER_MS)

/* Blocks that decay returns in passing: nobody shall wait for long. */
#define PURGE_BUDGET 16
/* What is off the lists at a time. */
#define BATCH_BLOCKS 16
#define BATCH_PAGES (1ul << PG_MAX_ORDER)
#define FINEST_ORDER 4

unsigned int purge_order = FINEST_ORDER;
uint32_t page_due;

static int64_t decay_ms = -1; /* the option's from the boot on; -1: never */
static struct decay_step *step_above;
static unsigned long keep_pages, burst_pages;
static uint64_t next_round; /* 0: none has been planned yet */

static struct {
	unsigned long pages;  /* allowed beyond the rest */
	unsigned long recent; /* purged, and not taken again so far */
	uint64_t recent_end;  /* who takes them later is no reason to regret */
} learned;

/* Of the period of decay_ms that runs. */
static struct {
	uint64_t end;            /* 0: no period has begun */
	unsigned long low, high; /* dirty pages seen */
	unsigned long surplus;   /* of the one before, still to purge */
} period;

static struct {
	bool on;
	unsigned long taken; /* pages the host had to bring meanwhile */
} shrinking;

/* Of the zones, when the thread looked last. */
static unsigned long moves_seen;

static void (*answer)(void);

void purge_boot(void)
{
	decay_ms = option_value(OPT_DECAY_MS);
	keep_pages = (unsigned long)(option_value(OPT_KEEP) >> PG_SHIFT);
	burst_pages = (unsigned long)(option_value(OPT_BURST) >> PG_SHIFT);
	/* Bound: the bits of a page size. */
	while (PG_BYTES << purge_order < port_page_size())
		purge_order++;
}

void purge_never(void)
{
	__atomic_store_n(&decay_ms, -1, __ATOMIC_RELAXED);
}

int64_t purge_decay_ms(void)
{
	return decay_ms;
}

void decay_register(struct decay_step *step)
{
	/* pairs with the acquire in above() */
	__atomic_store_n(&step_above, step, __ATOMIC_RELEASE);
}

static struct decay_step *above(void)
{
	return __atomic_load_n(&step_above, __ATOMIC_ACQUIRE);
}

int64_t page_decay_ns(void)
{
	return decay_ms < 0 ? -1 : decay_ms * NS_PER_MS;
}

/* --- the allowance -------------------------------------------------------- */

/*
 * But for what is to stay: where anything is, a block more, so that whichever
 * block goes is not missed.
 */
static unsigned long dirty_of(const struct zone *z)
{
	unsigned long dirty = READ_ONCE(z->dirty), keep = READ_ONCE(z->keep);

	if (keep)
		keep += BATCH_PAGES;
	return dirty > keep ? dirty - keep : 0;
}

static unsigned long dirty_pages(void)
{
	unsigned long n = 0;

	for (unsigned int i = 0; i < ZONES; i++)
		n += dirty_of(&zones[i]);
	return n;
}

static unsigned long used_pages(void)
{
	unsigned long free = pcp_pages(), usable = zones_usable();

	for (unsigned int i = 0; i < ZONES; i++)
		free += READ_ONCE(zones[i].free);
	return free < usable ? usable - free : 0;
}

static unsigned long allowed_pages(void)
{
	unsigned long n = used_pages() / USED_SHARE;

	return (n > keep_pages ? n : keep_pages) + READ_ONCE(learned.pages);
}

static void period_begin(uint64_t now, unsigned long dirty)
{
	WRITE_ONCE(period.low, dirty);
	WRITE_ONCE(period.high, dirty);
	WRITE_ONCE(period.end, now + (uint64_t)page_decay_ns());
}

/* What was learned, after that many periods, of which one was watched. */
static unsigned long faded(unsigned long pages, uint64_t periods)
{
	unsigned long swing = READ_ONCE(period.high) - READ_ONCE(period.low);
	unsigned long left = periods < 64 ? pages >> periods : 0;

	swing = swing < pages ? swing : pages;
	/* nothing is known of periods in which nobody looked */
	return periods == 1 && left < swing ? swing : left;
}

/* Every pass tells what is dirty before it asks what is too much. */
static void watch(uint64_t now, unsigned long dirty)
{
	uint64_t end = READ_ONCE(period.end);
	unsigned long low, allowed;

	if (!end)
		period_begin(now, dirty);
	if (dirty < READ_ONCE(period.low))
		WRITE_ONCE(period.low, dirty);
	if (dirty > READ_ONCE(period.high))
		WRITE_ONCE(period.high, dirty);
	if (now < end || !end)
		return;
	WRITE_ONCE(learned.pages,
		   faded(READ_ONCE(learned.pages),
			 (now - end) / (uint64_t)page_decay_ns() + 1));
	low = READ_ONCE(period.low);
	allowed = allowed_pages();
	WRITE_ONCE(period.surplus, low > allowed ? low - allowed : 0);
	period_begin(now, dirty);
}

size_t purge_allowance(void)
{
	return allowed_pages() << PG_SHIFT;
}

static void note_purged(unsigned long pages)
{
	if (decay_ms <= 0)
		return;
	WRITE_ONCE(learned.recent, READ_ONCE(learned.recent) + pages);
	WRITE_ONCE(learned.recent_end,
		   port_clock_ns() + (uint64_t)page_decay_ns());
}

void purge_regret(unsigned long pages)
{
	unsigned long recent = READ_ONCE(learned.recent);

	if (READ_ONCE(shrinking.on)) {
		WRITE_ONCE(shrinking.taken, READ_ONCE(shrinking.taken) + pages);
		if (READ_ONCE(shrinking.taken) > keep_pages)
			WRITE_ONCE(shrinking.on, false);
	}
	if (!recent)
		return;
	if (port_clock_ns() >= READ_ONCE(learned.recent_end)) {
		WRITE_ONCE(learned.recent, 0);
		return;
	}
	pages = pages < recent ? pages : recent;
	WRITE_ONCE(learned.recent, recent - pages);
	WRITE_ONCE(learned.pages, READ_ONCE(learned.pages) + pages);
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
 * of these the oldest, if they have been free since before then.
 */
static void __collect(struct zone *z, uint64_t then, unsigned int least,
		      unsigned long want, struct batch *b)
{
	unsigned int order = PG_MAX_ORDER;

	b->nr = 0;
	b->pages = 0;
	while (b->nr < BATCH_BLOCKS && b->pages < want) {
		struct list_head *list = &z->area[order].list;
		struct page *page = NULL;

		if (!ring_empty(list))
			page = list_entry_of(list->prev, struct page, lru);
		if (page && page->private <= then && __can_go(z, order)) {
			__buddy_isolate(z, page, order);
			b->block[b->nr++] = page;
			b->pages += 1ul << order;
		} else if (order-- == least) {
			break;
		}
	}
	z->isolated += b->pages;
}

/*
 * Purges blocks kept since before then, at most budget of them and about
 * want pages; returns the pages.
 */
static unsigned long purge_zone(struct zone *z, uint64_t then,
				unsigned int least, unsigned long want,
				unsigned int budget)
{
	unsigned long pages = 0, left;
	struct batch b;

	while (budget && pages < want) {
		left = want - pages;
		zone_lock(z);
		__collect(z, then, least,
			  left < BATCH_PAGES ? left : BATCH_PAGES, &b);
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
		budget -= b.nr < budget ? b.nr : budget;
	}
	return pages;
}

/* The memory of the records and slab maps of a block but its first record. */
void purge_records_of(struct page *head, unsigned int order)
{
	size_t bytes = sizeof(struct page) << order;
	size_t maps = (size_t)CACHE_LINE << order;
	size_t host = port_page_size();

	if (host < bytes)
		port_purge((char *)head + host, bytes - host);
	if (host <= maps)
		port_purge(window.slab_map + page_pfn(head) * CACHE_LINE, maps);
}

/* A block of the largest order that is away, but not its records; or NULL. */
static struct page *__with_records(struct zone *z)
{
	struct list_head *away = &z->area[PG_MAX_ORDER].away;
	struct page *head;

	if (ring_empty(away))
		return NULL;
	head = list_entry_of(away->next, struct page, lru);
	/* those without stand at the end, and say so */
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
static void __trim(unsigned long want)
{
	unsigned long pages = 0, surplus;

	for (unsigned int i = ZONES; i-- > 0 && pages < want;) {
		pages += purge_zone(&zones[i], UINT64_MAX, purge_order,
				    want - pages, BATCH_BLOCKS);
		purge_records(&zones[i], 2);
	}
	note_purged(pages);
	if (pages)
		__holes_make();
	surplus = READ_ONCE(period.surplus);
	WRITE_ONCE(period.surplus,
		   pages && surplus > pages ? surplus - pages : 0);
}

/* --- when ----------------------------------------------------------------- */

bool purge_due(void)
{
	struct decay_step *step = above();
	uint64_t oldest = UINT64_MAX, kept;

	if (decay_ms < 0)
		return false;
	kept = step ? __atomic_load_n(&step->oldest_ns, __ATOMIC_RELAXED) : 0;
	if (kept)
		oldest = kept;
	for (unsigned int i = 0; i < ZONES; i++) {
		uint64_t since = READ_ONCE(zones[i].oldest_free_ns);

		if (since && since < oldest && dirty_of(&zones[i]))
			oldest = since;
	}
	if (oldest == UINT64_MAX)
		return false;
	return port_clock_ns() >= oldest + (uint64_t)page_decay_ns();
}

static void decay(void)
{
	uint64_t then = port_clock_ns() - (uint64_t)page_decay_ns();
	struct decay_step *step = above();
	unsigned long pages = 0;

	for (unsigned int i = 0; i < ZONES; i++)
		pages += purge_zone(&zones[i], then, PG_PURGE_ORDER, ~0ul,
				    PURGE_BUDGET);
	note_purged(pages);
	if (pages)
		__holes_make();
	if (step)
		step->__run(then);
}

static void round_of_steps(uint64_t now)
{
	uint64_t every = (uint64_t)page_decay_ns(), at = READ_ONCE(next_round);

	if (every < ROUND_LEAST_NS)
		every = ROUND_LEAST_NS;
	if (at && (now < at || reclaim_decay()))
		return;
	WRITE_ONCE(next_round, now + every);
}

/* How many pages are to be purged, as far as they are found. */
static unsigned long excess(uint64_t now)
{
	unsigned long dirty = dirty_pages(), allowed, over, surplus;

	watch(now, dirty);
	surplus = READ_ONCE(period.surplus);
	if (dirty <= keep_pages ||
	    (dirty <= burst_pages && !READ_ONCE(shrinking.on) && !surplus))
		return 0;
	allowed = allowed_pages();
	if (dirty <= allowed)
		return 0;
	over = dirty - allowed / 4 * 3;
	if (READ_ONCE(shrinking.on) || dirty > burst_pages) {
		if (!READ_ONCE(shrinking.on))
			WRITE_ONCE(shrinking.taken, 0);
		WRITE_ONCE(shrinking.on, true);
		return over;
	}
	return surplus < over ? surplus : over;
}

static void decay_pass(void)
{
	uint64_t now = port_clock_ns();
	unsigned long want;

	want = decay_ms ? excess(now) : 0;
	if ((want || purge_due()) && lock_try(&grow_lock, LOCK_GROW)) {
		/* what was found may be from before a reserve */
		if (want && !page_resident)
			__trim(want < BATCH_PAGES ? want : BATCH_PAGES);
		if (purge_due())
			decay();
		lock_drop(&grow_lock, LOCK_GROW);
	}
	round_of_steps(now);
}

void page_decay(void)
{
	if (decay_ms >= 0)
		decay_pass();
	page_thread();
}

void page_answer_register(void (*fn)(void))
{
	/* pairs with the acquire in page_answer() */
	__atomic_store_n(&answer, fn, __ATOMIC_RELEASE);
}

void page_answer(void)
{
	void (*fn)(void) = __atomic_load_n(&answer, __ATOMIC_ACQUIRE);

	if (fn)
		fn();
}

void page_pass_slow(void)
{
	/* it stays due: whatever is called here may want a layer that boots */
	if (boot_busy())
		return;
	__atomic_store_n(&page_due, 0, __ATOMIC_RELAXED);
	if (!port_rcu_poll())
		page_pass_due();
	page_report_held();
	page_decay();
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
		pages += purge_zone(&zones[i], UINT64_MAX, purge_order, ~0ul,
				    UINT32_MAX);
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

/* --- for the thread ------------------------------------------------------- */

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
	unsigned long moves;

	/* Bound: the caches, some of which are looked at in each round. */
	while (reclaim_decay())
		;
	moves = zone_moves();
	if (moves != moves_seen) {
		moves_seen = moves;
		page_decay();
		return;
	}
	note_purged(trim_all());
	moves_seen = zone_moves();
}
