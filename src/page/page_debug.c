/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Reports of failed requests and bad pages, and the check of every invariant.
 */
#include "page/page.h"
#include "page/reclaim.h"
#include "page/zone.h"

#include "debug/report.h"
#include "debug/stack.h"
#include "lib/list.h"
#include "lib/text.h"
#include "port/port.h"

/* The name in reports; the core knows nothing of the process it is in. */
#define FAILURE_PERIOD_NS 10000000000ull

#define KB(pages) ((unsigned long)(pages) << (PG_SHIFT - 10))

static uint64_t last_failure; /* 0: none yet, else ns + 1 */

void page_report_rearm(void)
{
	__atomic_store_n(&last_failure, 0, __ATOMIC_RELAXED);
}

static bool failure_may_speak(void)
{
	uint64_t last = __atomic_load_n(&last_failure, __ATOMIC_RELAXED);
	uint64_t now = port_clock_ns() + 1;

	if (last && now - last < FAILURE_PERIOD_NS)
		return false;
	return __atomic_compare_exchange_n(&last_failure, &last, now, false,
					   __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

/*
 * A request that failed, in static memory.  One that must not call the OS
 * leaves the report to the next pass, with the zones as they were.
 */
#define ASKER_NAME 64

struct failure {
	gfp_t gfp;
	unsigned int order;
	unsigned int cpu;
	unsigned int nr_calls; /* the caller and its caller */
	void *call[STACK_DEPTH];
	struct page_asker asker; /* name is NULL: no cache */
	char name[ASKER_NAME];
	struct zone_numbers zone[ZONES];
	bool known[ZONES];
};

enum held { HELD_NONE, HELD_BUSY, HELD_READY };

static struct failure held_failure;
static uint32_t held;

bool zone_numbers(struct zone *z, struct zone_numbers *n, enum lock_wait how)
{
	if (!zone_get(z, how))
		return false;
	n->start = z->start;
	n->pages = zone_pages(z);
	n->end = z->end;
	n->free = z->free;
	memcpy(n->mark, z->mark, sizeof(n->mark));
	memcpy(n->reserve, z->reserve, sizeof(n->reserve));
	for (unsigned int o = 0; o < PG_ORDERS; o++)
		n->nr_free[o] = z->area[o].nr_free;
	n->deepest = z->deepest;
	n->highatomic = (unsigned long)z->nr_highatomic << PG_MAX_ORDER;
	n->free_highatomic = z->free_highatomic;
	zone_put(z, how);
	return true;
}

static void report_zone(const char *name, const struct zone_numbers *n)
{
	char line[PG_ORDERS * 20];
	size_t at = 0;

	report_line("Node 0 %s free:%lukB min:%lukB low:%lukB high:%lukB "
		    "reserved_highatomic:%lukB free_highatomic:%lukB "
		    "present:%lukB managed:%lukB",
		    name, KB(n->free), KB(n->mark[MARK_MIN]),
		    KB(n->mark[MARK_LOW]), KB(n->mark[MARK_HIGH]),
		    KB(n->highatomic), KB(n->free_highatomic),
		    KB(n->end - n->start), KB(n->pages));
	report_line("lowmem_reserve[]: %lu %lu %lu", n->reserve[0],
		    n->reserve[1], n->reserve[2]);
	for (unsigned int o = 0; o < PG_ORDERS; o++)
		at += (size_t)text_format(line + at, sizeof(line) - at,
					  "%lu*%lukB ", n->nr_free[o],
					  KB(1ul << o));
	report_line("Node 0 %s: %s= %lukB", name, line, KB(n->free));
}

/* The cache that the pages were for; not that of the request that reclaims. */
static void asker_take(struct failure *f)
{
	const struct page_asker *asker = port_task()->asker;

	f->asker.name = NULL;
	if (!asker || asker->flags != port_task()->flags)
		return;
	f->asker = *asker;
	text_format(f->name, sizeof(f->name), "%s", asker->name);
	f->asker.name = f->name;
}

/*
 * A caller that must not call the OS does not unwind either: it may be a signal
 * handler at any instruction.
 */
static void calls_take(struct failure *f)
{
	const void *caller = port_task()->caller;

	f->cpu = port_cpu();
	f->nr_calls = 0;
	if (!caller)
		return;
	if (f->gfp & __GFP_DIRECT_RECLAIM)
		f->nr_calls = stack_here(f->call, caller);
	else
		f->call[f->nr_calls++] = (void *)(uintptr_t)caller;
}

static void failure_take(struct failure *f, gfp_t gfp, unsigned int order)
{
	f->gfp = gfp;
	f->order = order;
	asker_take(f);
	calls_take(f);
	for (unsigned int i = 0; i < ZONES; i++)
		f->known[i] =
			zones[i].start < zones[i].end &&
			zone_numbers(&zones[i], &f->zone[i], gfp_wait(gfp));
}

static void report_asker(const struct failure *f, const char *flags)
{
	const struct page_asker *a = &f->asker;

	report_line("SLUB: Unable to allocate memory on CPU %u, gfp=%#x(%s)",
		    f->cpu, (unsigned int)f->gfp, flags);
	/* the copy, wherever this record was copied to */
	report_line("  cache: %s, object size: %u, buffer size: %u, "
		    "default order: %u, min order: %u",
		    f->name, a->object_size, a->size, a->order, a->min_order);
	report_line("  node 0: slabs: %lu, objs: %lu, free: %lu", a->slabs,
		    a->objects, a->free);
}

static void failure_print(const struct failure *f)
{
	char flags[256], comm[32];

	port_comm(comm, sizeof(comm));
	report_gfp(flags, sizeof(flags), (unsigned int)f->gfp);
	report_begin();
	report_line("%s: page allocation failure: order:%u, mode:%#x(%s), "
		    "nodemask=(null)",
		    comm, f->order, (unsigned int)f->gfp, flags);
	if (f->nr_calls) {
		report_line("Call Trace:");
		stack_lines(f->call, f->nr_calls);
	}
	if (f->asker.name)
		report_asker(f, flags);
	report_line("Mem-Info:");
	for (unsigned int i = 0; i < ZONES; i++)
		if (f->known[i])
			report_zone(zones[i].name, &f->zone[i]);
	report_end();
}

void page_report_failure(gfp_t gfp, unsigned int order)
{
	uint32_t none = HELD_NONE;
	struct failure now;

	if (gfp & __GFP_NOWARN || !failure_may_speak())
		return;
	if (gfp & __GFP_DIRECT_RECLAIM) {
		failure_take(&now, gfp, order);
		failure_print(&now);
		return;
	}
	if (!__atomic_compare_exchange_n(&held, &none, HELD_BUSY, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return;
	failure_take(&held_failure, gfp, order);
	/* pairs with the acquire in page_report_held() */
	__atomic_store_n(&held, HELD_READY, __ATOMIC_RELEASE);
	page_pass_due();
}

void page_report_held(void)
{
	uint32_t ready = HELD_READY;
	struct failure f;

	if (__atomic_load_n(&held, __ATOMIC_RELAXED) != HELD_READY ||
	    !__atomic_compare_exchange_n(&held, &ready, HELD_BUSY, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return;
	f = held_failure;
	__atomic_store_n(&held, HELD_NONE, __ATOMIC_RELEASE);
	failure_print(&f);
}

static void line_flags(const struct page *page)
{
	report_line("flags: %#lx slab_cache:%p private:%#lx", page_bits(page),
		    (void *)page_cache(page), page->private);
}

void page_report_bad(struct page *page, unsigned int order, const char *reason)
{
	char comm[32];

	port_comm(comm, sizeof(comm));
	report_error_begin();
	report_line("BUG: Bad page state in process %s  pfn:%05lx", comm,
		    page_number(page_pfn(page)));
	if (page_is_record(page)) {
		report_line("page: refcount:%d order:%u freed as order:%u "
			    "pfn:%#lx",
			    page->_refcount.counter, page->order, order,
			    page_number(page_pfn(page)));
		line_flags(page);
	}
	report_line("page dumped because: %s", reason);
	report_end();
}

void page_lines(struct page *page, const char *reason)
{
	report_line("page: refcount:%d order:%u pfn:%#lx",
		    page->_refcount.counter, page->order,
		    page_number(page_pfn(page)));
	line_flags(page);
	report_line("page dumped because: %s", reason);
}

/*
 * One finding of zone_validate(). Reported when all locks are dropped.
 */
struct finding {
	const char *zone, *what;
	unsigned long pfn;
	unsigned int order;
};

static bool found(struct finding *f, const struct zone *z, unsigned long pfn,
		  unsigned int order, const char *what)
{
	*f = (struct finding){ z->name, what, pfn, order };
	return false;
}

/* One block on that free list of its order. */
static bool check_block(const struct zone *z, struct page *page,
			unsigned int order, const struct list_head *list,
			struct finding *f)
{
	const struct free_area *area = &z->area[order];
	unsigned long pfn = page_pfn(page), n = 1ul << order;
	bool purged = page_test(page, PG_purged);
	unsigned long other = pfn ^ n;
	const struct page *buddy = window.map + other;

	if (pfn < z->start || pfn + n > z->grown || pfn & (n - 1))
		return found(f, z, pfn, order, "block outside its zone");
	if (!page_test(page, PG_buddy) || page->order != order)
		return found(f, z, pfn, order, "block of another order");
	if (page_bits(page) & ~(PG_MASK(PG_buddy) | PG_MASK(PG_purged)))
		return found(f, z, pfn, order, "flags of a block in use");
	if (__is_highatomic(z, pfn) != (list == &area->highatomic) ||
	    (list != &area->highatomic && purged != (list == &area->away)))
		return found(f, z, pfn, order, "block on the wrong list");
	if (page->_refcount.counter || page_cache(page))
		return found(f, z, pfn, order, "free block has an owner");
	if (order < PG_MAX_ORDER && other + n <= z->grown &&
	    page_test(buddy, PG_buddy) && buddy->order == order)
		return found(f, z, pfn, order, "free buddies are not merged");
	/* records of a purged block may have no memory */
	if (purged && order == PG_MAX_ORDER)
		return true;
	for (unsigned long i = 1; i < n; i++)
		if (page_bits(page + i) & (PG_MASK(PG_buddy) | PG_MASK(PG_pcp)))
			return found(f, z, pfn + i, order,
				     "free block inside a free block");
	return true;
}

struct totals {
	unsigned long blocks, pages, purged, dirty, highatomic;
};

static bool check_list(const struct zone *z, const struct list_head *list,
		       unsigned int order, struct totals *t, struct finding *f)
{
	const struct free_area *area = &z->area[order];
	struct list_head *e;

	ring_for_each(e, list)
	{
		struct page *page = list_entry_of(e, struct page, lru);

		if (e->next->prev != e || e->prev->next != e)
			return found(f, z, page_pfn(page), order,
				     "list is broken");
		if (++t->blocks > z->area[order].nr_free)
			return found(f, z, page_pfn(page), order,
				     "more blocks than counted");
		if (!check_block(z, page, order, list, f))
			return false;
		t->pages += 1ul << order;
		if (page_test(page, PG_purged))
			t->purged += 1ul << order;
		if (list == &area->highatomic)
			t->highatomic += 1ul << order;
		if (list == &area->list && order >= purge_order)
			t->dirty += 1ul << order;
	}
	return true;
}

static bool check_zone(const struct zone *z, struct finding *f)
{
	struct totals all = { 0 };

	for (unsigned int o = 0; o < PG_ORDERS; o++) {
		const struct free_area *area = &z->area[o];

		all.blocks = 0;
		if (!check_list(z, &area->list, o, &all, f) ||
		    !check_list(z, &area->away, o, &all, f))
			return false;
		if (all.blocks != area->nr_free - area->nr_highatomic)
			return found(f, z, 0, o, "highatomic is miscounted");
		if (!check_list(z, &area->highatomic, o, &all, f))
			return false;
		if (all.blocks != area->nr_free)
			return found(f, z, 0, o, "fewer blocks than counted");
	}
	if (all.pages != z->free)
		return found(f, z, 0, 0, "free pages are miscounted");
	if (all.highatomic != z->free_highatomic)
		return found(f, z, 0, 0, "highatomic pages are miscounted");
	if (all.purged != z->nr_purged)
		return found(f, z, 0, 0, "purged pages are miscounted");
	if (all.dirty != z->dirty)
		return found(f, z, 0, 0, "pages to purge are miscounted");
	if (z->grown < z->start || z->grown > z->end)
		return found(f, z, z->grown, 0, "zone exceeds its range");
	if (z->free + z->isolated > zone_pages(z))
		return found(f, z, 0, 0, "more free pages than pages");
	return true;
}

bool zone_validate(void)
{
	struct finding f = { 0 };

	if (!page_ready())
		return true;
	for (unsigned int i = 0; i < ZONES; i++) {
		struct zone *z = &zones[i];
		bool ok;

		zone_lock(z);
		ok = check_zone(z, &f);
		zone_unlock(z);
		if (ok)
			continue;
		report_error_begin();
		report_line("BUG: zone %s: %s, order %u pfn:%05lx", f.zone,
			    f.what, f.order, page_number(f.pfn));
		report_end();
		return false;
	}
	return pcp_validate();
}

void page_stats(struct page_stats *st)
{
	*st = (struct page_stats){ 0 };
	if (!page_ready())
		return;
	for (unsigned int i = 0; i < ZONES; i++) {
		struct zone *z = &zones[i];

		zone_lock(z);
		st->total += zone_pages(z);
		st->free += z->free + z->isolated;
		st->purged += z->nr_purged;
		zone_unlock(z);
	}
	st->pcp = pcp_pages();
	st->grown_calls = zones_grown_calls();
	st->mapped_out = limit_mapped();
}
