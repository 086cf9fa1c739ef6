/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Zones: where they are, how they grow, their watermarks; and the boot of the
 * layer.
 */
#include "page/zone.h"

#include "debug/atomic.h"
#include "debug/report.h"
#include "debug/watch.h"
#include "lib/atomic.h"
#include "lib/errno.h"
#include "lib/list.h"
#include "lib/options.h"
#include "page/reclaim.h"
#include "port/port.h"
#include "sync/boot.h"
#include "sync/fork.h"

#define DMA32_END (4ull << 30)
#define MIB_PAGES(n) ((unsigned long)(n) << (20 - PG_SHIFT))
#define BLOCK_PAGES (1ul << PG_MAX_ORDER)
/* The least step with mem=; the first one without. */
#define GROW_STEP MIB_PAGES(64)
#define GROW_FIRST MIB_PAGES(1)
/* The smallest step that is tried when the OS refuses more. */
#define GROW_LEAST (MIB_PAGES(1) / 4)
/* Blocks that others mapped which one step of growth skips. */
#define PASS_MOST 64
/* Blocks put on the lists per hold of the zone's lock. */
#define GROW_CHUNK (64 * BLOCK_PAGES)

/* Low lies min / 4 above min, or this share of the zone if that is more. */
#define MARK_SCALE 10
#define MARK_SCALE_OF 10000
/* One page in so many of the higher zones is kept in a lower one. */
#define RESERVE_RATIO 256

#define MIN_FREE_KB_LEAST 128
#define MIN_FREE_KB_MOST 262144

struct zone zones[ZONES] = {
	[ZONE_ID_DMA] = { .name = "DMA" },
	[ZONE_ID_DMA32] = { .name = "DMA32" },
	[ZONE_ID_NORMAL] = { .name = "Normal" },
};

struct lock grow_lock;

static struct once boot_once;
static unsigned long grown_calls;
static unsigned long reserve_pages; /* under grow_lock */

unsigned long zones_usable(void)
{
	unsigned long n = 0;

	for (unsigned int i = 0; i < ZONES; i++)
		n += zone_pages(&zones[i]);
	return n;
}

unsigned long zones_grown_calls(void)
{
	return __atomic_load_n(&grown_calls, __ATOMIC_RELAXED);
}

/* The largest r with r * r <= n. */
static uint64_t root(uint64_t n)
{
	uint64_t r = 0;

	for (uint64_t bit = 1ull << 31; bit; bit >>= 1)
		if ((r + bit) * (r + bit) <= n)
			r += bit;
	return r;
}

static uint64_t min_free_kb(unsigned long usable)
{
	uint64_t kb = (uint64_t)usable << (PG_SHIFT - 10);

	if (option_value(OPT_MIN_FREE_KBYTES))
		return (uint64_t)option_value(OPT_MIN_FREE_KBYTES);
	kb = root(kb * 16);
	if (kb < MIN_FREE_KB_LEAST)
		return MIN_FREE_KB_LEAST;
	return kb > MIN_FREE_KB_MOST ? MIN_FREE_KB_MOST : kb;
}

/*
 * Watermarks and reserves from what is usable now.  The pages of
 * zone_set_reserve() raise all three marks by their number and no more: they
 * are for one use of the reserve, and the gaps are for how fast others take.
 * The reserve of a zone against requests that prefer a higher one grows with
 * the memory between the two, so that a large Normal zone leaves the DMA zones
 * alone.
 */
void zone_set_marks(void)
{
	unsigned long size[ZONES], usable = 0;
	uint64_t min_pages, more;

	for (unsigned int i = 0; i < ZONES; i++) {
		size[i] = zone_pages(&zones[i]);
		usable += size[i];
	}
	if (!usable)
		return;
	min_pages = min_free_kb(usable) >> (PG_SHIFT - 10);
	for (unsigned int i = 0; i < ZONES; i++) {
		struct zone *z = &zones[i];
		unsigned long min, gap, above = 0;

		min = (unsigned long)(min_pages * size[i] / usable);
		gap = (unsigned long)((uint64_t)size[i] * MARK_SCALE /
				      MARK_SCALE_OF);
		gap = min / 4 > gap ? min / 4 : gap;
		more = (uint64_t)reserve_pages * size[i] / usable;
		min += (unsigned long)more;
		zone_lock(z);
		z->mark[MARK_MIN] = min;
		z->mark[MARK_LOW] = min + gap;
		z->mark[MARK_HIGH] = min + 2 * gap;
		__atomic_store_n(&z->keep, kswapd_on ? z->mark[MARK_HIGH] : 0,
				 __ATOMIC_RELAXED);
		for (unsigned int highest = 0; highest < ZONES; highest++) {
			if (highest > i)
				above += size[highest];
			z->reserve[highest] = above / RESERVE_RATIO;
		}
		zone_unlock(z);
	}
}

static void **defer_link(struct page *page)
{
	return (void **)(void *)&page->private;
}

void zone_set_reserve(unsigned long pages)
{
	reserve_pages = pages;
	zone_set_marks();
}

/*
 * A free must not sleep: when the lock is held its block is deferred to a late
 * list, with PG_pcp set: free, and on no list of the zone.
 */
void zone_defer(struct zone *z, struct page *page, unsigned int order)
{
	page->order = (unsigned char)order;
	page_set_bits(page, PG_MASK(PG_pcp));
	defer_push(&z->late, page, defer_link(page));
}

static void settle(struct zone *z, enum lock_wait how)
{
	unsigned int left = how == LOCK_SLEEP ? UINT32_MAX : LATE_BUDGET;
	struct page *page;

	if (likely(!defer_any(&z->late)))
		return;
	while (left-- && (page = defer_first(&z->late))) {
		PORT_STEP();
		defer_advance(&z->late, *defer_link(page));
		page_set_bits(page, 0);
		__buddy_give(z, page, page->order);
		z->nr_free_calls++;
	}
}

bool zone_get(struct zone *z, enum lock_wait how)
{
	if (!lock_get(&z->lock, LOCK_ZONE, how))
		return false;
	settle(z, how);
	return true;
}

void zone_put(struct zone *z, enum lock_wait how)
{
	unsigned long retaken = z->retaken;

	z->retaken = 0;
	if (z->dirty < READ_ONCE(z->least_dirty))
		WRITE_ONCE(z->least_dirty, z->dirty);
	__zone_publish(z);
	lock_put(&z->lock, LOCK_ZONE, how);
	if (unlikely(retaken))
		purge_refault(retaken);
}

bool __zone_mark_ok(const struct zone *z, unsigned int order,
		    unsigned long mark, unsigned int class)
{
	unsigned long need = mark + z->reserve[class] + (1ul << order);

	/* at least one page must be left above the mark */
	if (z->free - z->free_highatomic < need)
		return false;
	for (unsigned int o = order; o < PG_ORDERS; o++)
		if (z->area[o].nr_free != z->area[o].nr_highatomic)
			return true;
	return false;
}

bool __zone_mark_ok_highatomic(const struct zone *z, unsigned int order,
			       unsigned long mark, unsigned int class)
{
	unsigned long need = mark + z->reserve[class] + (1ul << order);

	if (z->free < need)
		return false;
	for (unsigned int o = order; o < PG_ORDERS; o++)
		if (z->area[o].nr_free)
			return true;
	return false;
}

bool zone_can_grow(const struct zone *z)
{
	unsigned long grown = __atomic_load_n(&z->grown, __ATOMIC_RELAXED);
	uint64_t total;

	if (grown >= z->end && !__atomic_load_n(&z->nr_holes, __ATOMIC_RELAXED))
		return false;
	total = ((uint64_t)zones_usable() << PG_SHIFT) + limit_mapped();
	return !window.limit || total + port_page_size() <= window.limit;
}

/*
 * How far a zone grows: by half of what it has, but by little as long as it is
 * small, or where the OS counts what is mapped: more than is needed would be
 * taken from other users.  The DMA zone gets all its pages at once, unless the
 * OS counts; with mem= others begin with GROW_STEP.
 */
static unsigned long step_of(const struct zone *z)
{
	unsigned long has = zone_pages(z);
	unsigned long least = window.limit ? GROW_STEP : BLOCK_PAGES;
	bool counted = page_counted && !window.limit;

	if (z == &zones[ZONE_ID_DMA] && !counted)
		return z->end - z->start;
	if (!window.limit && has < BLOCK_PAGES)
		return GROW_FIRST;
	/* what is not touched costs only address space */
	return has / 2 > least && !counted && !page_resident ? has / 2 : least;
}

/* The first pfn after a step from where the zone ends now. */
static unsigned long step_end(const struct zone *z, unsigned long pages,
			      unsigned long step)
{
	unsigned long os_page = port_page_size() >> PG_SHIFT;
	unsigned long to, room;

	to = pages < BLOCK_PAGES ? pages : BLOCK_PAGES;
	to = ALIGN_UP(z->grown, to) + pages;
	if (to < z->grown + step)
		to = z->grown + step;
	if (step >= BLOCK_PAGES)
		to = ALIGN_UP(to, BLOCK_PAGES);
	if (to > z->end)
		to = z->end;
	room = __limit_room(to - z->grown);
	to = z->grown + room;
	return os_page > 1 ? ALIGN_DOWN(to, os_page) : to;
}

/* The highest zone that the window reaches into. */
static struct zone *main_zone(void)
{
	unsigned int i = ZONES - 1;

	while (i && zones[i].start == zones[i].end)
		i--;
	return &zones[i];
}

static void main_set(void)
{
	unsigned long start = main_zone()->start;

	window.main_base = window.base + (start << PG_SHIFT);
	window.main_owner = window.owner + start;
	window.main_column = window.column + start;
}

void __zone_set_grown(struct zone *z, unsigned long to)
{
	__atomic_store_n(&z->grown, to, __ATOMIC_RELEASE);
	if (z != main_zone())
		return;
	__atomic_store_n(&window.main_pages, to - z->start, __ATOMIC_RELEASE);
	if (window.no_column)
		__atomic_store_n(&window.column_pages, to - z->start,
				 __ATOMIC_RELEASE);
}

void page_columns_set(uintptr_t none)
{
	struct zone *z = main_zone();

	zone_lock(z);
	window.no_column = none;
	/* pairs with the loads of who frees: an address is known later */
	__atomic_store_n(&window.column_pages, window.main_pages,
			 __ATOMIC_RELEASE);
	zone_unlock(z);
}

/* Puts committed pages on the free lists; their memory reads as zero. */
static void zone_add(struct zone *z, unsigned long to)
{
	while (z->grown < to) {
		unsigned long from = z->grown;
		unsigned long end = ALIGN_DOWN(from, BLOCK_PAGES) + GROW_CHUNK;

		end = end > to ? to : end;
		/* fault the records in before the lock is held */
		for (unsigned long pfn = ALIGN_UP(from, BLOCK_PAGES); pfn < end;
		     pfn += BLOCK_PAGES)
			page_set_bits(window.map + pfn, 0);
		zone_lock(z);
		__zone_set_grown(z, end);
		__buddy_give_range(z, from, end, true);
		zone_unlock(z);
	}
}

bool __zone_backed(unsigned long from, unsigned long to)
{
	watch_shut(window.base + (from << PG_SHIFT), (to - from) << PG_SHIFT);
	if (option_value(OPT_THP))
		port_large(window.base + (from << PG_SHIFT),
			   (to - from) << PG_SHIFT);
	return !page_resident || !__page_make_resident(from, to);
}

/* Pages and records up to there, or nothing. */
static int commit_to(struct zone *z, unsigned long to)
{
	char *p = window.base + (z->grown << PG_SHIFT);
	size_t bytes = (to - z->grown) << PG_SHIFT;
	int err = window_commit_map(z, to);

	if (err)
		return err == PORT_TAKEN ? PORT_NO_MEMORY : err;
	err = port_commit(p, bytes);
	if (!err && !__zone_backed(z->grown, to)) {
		port_uncommit(p, bytes);
		err = PORT_NO_MEMORY;
	}
	if (err)
		window_uncommit_map(z);
	return err;
}

/* The pages that the zone grew by at its end, or 0. */
static unsigned long grow_end(struct zone *z, unsigned long pages)
{
	unsigned long step = step_of(z), least = GROW_LEAST, before, to;
	unsigned int passed = 0;

	if (least < pages)
		least = pages;
	/* Bound: PASS_MOST or the zone's blocks, and the halvings of a step. */
	for (;;) {
		int err;

		before = z->grown;
		to = step_end(z, pages, step);
		if (to <= before)
			return 0;
		err = commit_to(z, to);
		if (!err)
			break;
		if (err == PORT_TAKEN && step <= least) {
			if ((passed++ >= PASS_MOST && !window.direct) ||
			    !__hole_pass(z))
				return 0;
			continue;
		}
		/* a smaller step may still be granted */
		if (err == PORT_NO_MEMORY)
			__atomic_store_n(&page_counted, true, __ATOMIC_RELAXED);
		if (step <= least)
			return 0;
		step = step / 2 > least ? step / 2 : least;
	}
	zone_add(z, to);
	__limit_grown((long)(to - before));
	total_add(&page_totals()->usable_pages, (long)(to - before));
	return to - before;
}

static bool grow_locked(struct zone *z, unsigned long pages)
{
	if (!__holes_fill(z, step_of(z)) && !grow_end(z, pages))
		return false;
	__atomic_fetch_add(&grown_calls, 1, __ATOMIC_RELAXED);
	total_add(&page_totals()->grown_calls, 1);
	zone_set_marks();
	return true;
}

bool zone_grow_by(struct zone *z, unsigned long pages)
{
	unsigned long seen = zone_pages(z);
	bool grown = true;

	lock_take(&grow_lock, LOCK_GROW);
	/* another thread was faster: use what it added first */
	if (zone_pages(z) <= seen)
		grown = grow_locked(z, pages);
	lock_drop(&grow_lock, LOCK_GROW);
	return grown;
}

bool zone_grow(struct zone *z, unsigned int order)
{
	return zone_grow_by(z, 1ul << order);
}

bool zone_grow_main(unsigned int order)
{
	struct zone *z = main_zone();
	bool has;

	/* a try that found the lock taken says nothing of what is free */
	zone_lock(z);
	has = __zone_mark_ok(z, order, z->mark[MARK_MIN], ZONE_ID_NORMAL);
	zone_unlock(z);
	return has || (zone_can_grow(z) && zone_grow(z, order));
}

/* The first page of the window from that physical address on. */
static unsigned long first_from(uint64_t physical)
{
	return physical <= window.physical ?
		       0 :
		       (physical - window.physical) >> PG_SHIFT;
}

static void zones_init(void)
{
	zones[ZONE_ID_DMA32].start = first_from(window.dma_end);
	zones[ZONE_ID_NORMAL].start = first_from(DMA32_END);
	for (unsigned int i = 0; i < ZONES; i++) {
		struct zone *z = &zones[i];
		unsigned long end = i + 1 < ZONES ? zones[i + 1].start :
						    window.pages;

		if (end > window.pages)
			end = window.pages;
		z->end = end > z->start ? end : z->start;
		z->grown = z->start;
		ring_init(&z->holes);
		for (unsigned int o = 0; o < PG_ORDERS; o++) {
			ring_init(&z->area[o].list);
			ring_init(&z->area[o].away);
			ring_init(&z->area[o].highatomic);
		}
	}
}

/*
 * The child of a fork has only the thread that forks, and its layer must be
 * consistent: that thread holds every lock of the layer, lowest rank first.
 */
static void zone_fork_prepare(void)
{
	hooks_lock();
	lock_take_nested(&grow_lock, LOCK_GROW);
	pcp_lock_all();
	for (unsigned int i = 0; i < ZONES; i++) {
		lock_take_nested(&zones[i].lock, LOCK_ZONE);
		settle(&zones[i], LOCK_SLEEP);
	}
}

static void zone_fork_release(bool child)
{
	for (unsigned int i = ZONES; i-- > 0;) {
		if (child) {
			defer_forget(&zones[i].late);
			lock_reset(&zones[i].lock);
		}
		lock_drop_nested(&zones[i].lock, LOCK_ZONE);
	}
	pcp_unlock_all(child);
	if (child) {
		thread_forked();
		oom_forked();
		page_publish_forked();
		lock_reset(&grow_lock);
	}
	lock_drop_nested(&grow_lock, LOCK_GROW);
	hooks_unlock(child);
}

static void zone_fork_parent(void)
{
	zone_fork_release(false);
}

static void zone_fork_child(void)
{
	zone_fork_release(true);
}

static const struct fork_ops zone_fork = {
	.prepare = zone_fork_prepare,
	.parent = zone_fork_parent,
	.child = zone_fork_child,
	.alone = page_publish_forked,
};

/* The zone that serves most requests; with mem= the DMA zone before it. */
static bool grow_first(void)
{
	struct zone *z = main_zone();

	if (window.limit && !zone_grow(&zones[ZONE_ID_DMA], 0))
		return false;
	return z->grown > z->start || zone_grow(z, 0) || window.limit;
}

/*
 * Each step is done once, however often a later one fails and the boot is
 * tried again.
 */
static int zone_setup(void)
{
	int err;

	err = port_start();
	if (err)
		return err;
	atomic_boot();
	if (!window.base) {
		err = window_boot();
		if (err)
			return err;
		page_fill_boot();
		purge_boot();
		kswapd_boot();
		thread_boot();
		zones_init();
		main_set();
		page_publish_boot();
		window_arrays_set();
	}
	err = pcp_boot();
	if (err)
		return err;
	page_counted = port_counts();
	/* so that requests that must not grow a zone find pages */
	if (!zones_usable() && !grow_first())
		return -ENOMEM;
	fork_register(FORK_ZONES, &zone_fork);
	return 0;
}

/* Brings the layer up; every later call is one load. 0 or -ENOMEM. */
int page_boot(void)
{
	return once_done(&boot_once) ? 0 : once_boot(&boot_once, zone_setup);
}

bool page_ready(void)
{
	return once_done(&boot_once);
}
