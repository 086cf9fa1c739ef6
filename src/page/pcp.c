/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Per-CPU page lists in front of the zones, for blocks of orders 0 to 3.
 *
 * A CPU's lists are taken by one try of their lock: the owner is nearly always
 * alone, and a thread that was preempted while it held them must not stop
 * others.  A thread that does not get the lock uses the zone.  Which CPU's
 * lists are used is a matter of speed and not of correctness, so CPU numbers
 * are folded into a table of a power of two of entries.
 *
 * A list is refilled and emptied by a batch of pages under one hold of the
 * zone's lock.  What is freed last is handed out first, while its lines are in
 * the cache; what goes back to the zone is the oldest.
 *
 * Pages here do not count as free: a refill stops at the zone's low mark, so
 * taking from a list never goes below a mark.
 */
#include "debug/publish.h"
#include "page/page.h"
#include "page/reclaim.h"
#include "page/zone.h"

#include "debug/report.h"
#include "lib/errno.h"
#include "lib/list.h"
#include "port/port.h"
#include "port/probe.h"

#define BATCH_MOST 63
#define BATCHES_KEPT 6

static struct pcp *pcps;
static unsigned int nr_pcps; /* a power of two */
static unsigned int batch_pages, high_pages;

static struct page *pcp_page_of(struct list_head *e)
{
	return list_entry_of(e, struct page, lru);
}

/*
 * A quarter of a thousandth of the memory there can be, at most 63 pages;
 * one less than a power of two, so that batches do not keep in step with the
 * powers of two that programs like to ask for.
 */
static unsigned int batch_for(unsigned long pages)
{
	unsigned long n = pages / 1024, power = 1;

	n = (n > 256 ? 256 : n) / 4;
	n = n < 1 ? 1 : n + n / 2;
	while (power * 2 <= n)
		power *= 2;
	n = power - 1;
	return n > BATCH_MOST ? BATCH_MOST : n < 1 ? 1 : (unsigned int)n;
}

int pcp_boot(void)
{
	size_t bytes;
	unsigned int n = 1, cpus = port_nr_cpus();
	unsigned long pages = window.limit ? window.limit >> PG_SHIFT :
					     window.pages;

	if (pcps)
		return 0;
	while (n < cpus)
		n *= 2;
	batch_pages = batch_for(pages);
	high_pages = BATCHES_KEPT * batch_pages;
	nr_pcps = n;
	bytes = ALIGN_UP(n * sizeof(*pcps), port_page_size());
	pcps = port_map(bytes, port_page_size(), false);
	if (!pcps)
		return -ENOMEM;
	total_add(&page_totals()->own_bytes, (long)bytes);
	return 0;
}

int pcp_make_resident(void)
{
	return port_populate(pcps, ALIGN_UP(nr_pcps * sizeof(*pcps),
					    port_page_size()));
}

void pcp_limits(unsigned int *high, unsigned int *batch)
{
	*high = high_pages;
	*batch = batch_pages;
}

static struct pcp *this_pcp(void)
{
	return &pcps[port_cpu() & (nr_pcps - 1)];
}

static void set_count(struct pcp *p, unsigned int n)
{
	__atomic_store_n(&p->count, n, __ATOMIC_RELAXED);
	if (p->pub)
		publish_set(&p->pub->pages, n);
}

/* A CPU that never had a page has no memory for its lists. */
static void first_use(struct pcp *p)
{
	if (likely(p->list[0][0].next))
		return;
	for (unsigned int z = 0; z < ZONES; z++)
		for (unsigned int o = 0; o < PCP_ORDERS; o++)
			ring_init(&p->list[z][o]);
}

/* The CPU's record, once it can be published. */
static void pcp_publish(struct pcp *p)
{
	p->pub = publish_now(KMEM_PUB_PCP, sizeof(*p->pub));
	if (p->pub)
		p->pub->cpu = (uint64_t)(p - pcps);
}

static void refill(struct pcp *p, unsigned int zone, unsigned int order,
		   enum lock_wait how)
{
	struct zone *z = &zones[zone];
	unsigned int n = batch_pages >> order;

	if (unlikely(!p->pub))
		pcp_publish(p);
	if (!zone_get(z, how))
		return;
	if (p->pub)
		publish_add(&p->pub->refills, 1);
	for (n = n ? n : 1; n; n--) {
		struct page *page;

		PORT_STEP();
		if (!__zone_mark_ok(z, order, z->mark[MARK_LOW], zone))
			break;
		page = __buddy_take(z, order);
		STAP_PROBE4(kmem, mm_page_alloc_zone_locked,
			    PROBE_WORD(page_pfn(page)), order, 0, 1);
		page->order = (unsigned char)order;
		page_set_bits(page, page_bits(page) | PG_MASK(PG_pcp));
		ring_push_back(&p->list[zone][order], &page->lru);
		set_count(p, p->count + (1u << order));
		z->nr_alloc++;
	}
	zone_put(z, how);
}

/*
 * A block of this CPU's list, refilled when empty; NULL: ask the zone.  Its
 * flags say PG_purged if it reads as zero, and nothing else.
 */
struct page *pcp_take(unsigned int zone, unsigned int order, enum lock_wait how)
{
	struct pcp *p = this_pcp();
	struct list_head *list = &p->list[zone][order];
	struct page *page = NULL;

	if (!lock_try(&p->lock, LOCK_PCP))
		return NULL;
	first_use(p);
	if (ring_empty(list))
		refill(p, zone, order, how);
	if (!ring_empty(list)) {
		page = pcp_page_of(list->next);
		DEBUG_ASSERT(page_test(page, PG_pcp));
		DEBUG_ASSERT(page->order == order);
		ring_remove(&page->lru);
		page_set_bits(page, page_bits(page) & PG_MASK(PG_purged));
		set_count(p, p->count - (1u << order));
	}
	lock_put(&p->lock, LOCK_PCP, how);
	return page;
}

/* Moves up to max pages from the old end of a list; the zone is locked. */
static unsigned int __move(struct pcp *p, unsigned int zone, unsigned int order,
			   unsigned int max)
{
	struct list_head *list = &p->list[zone][order];
	unsigned int moved = 0;

	/* Bound: max pages. */
	while (moved < max && !ring_empty(list)) {
		struct page *page = pcp_page_of(list->prev);

		PORT_STEP();
		ring_remove(&page->lru);
		STAP_PROBE3(kmem, mm_page_pcpu_drain,
			    PROBE_WORD(page_pfn(page)), order, 0);
		page_set_bits(page, page_bits(page) & PG_MASK(PG_purged));
		__buddy_give(&zones[zone], page, order);
		zones[zone].nr_free_calls++;
		moved += 1u << order;
	}
	set_count(p, p->count - moved);
	if (p->pub)
		publish_add(&p->pub->drains, 1);
	return moved;
}

/* A batch back to the zones, from the list that overflowed to begin with. */
static void shed(struct pcp *p, unsigned int zone, unsigned int order,
		 enum lock_wait how)
{
	unsigned int left = batch_pages, moved;

	for (unsigned int i = 0; i < ZONES && left; i++) {
		unsigned int zi = (zone + i) % ZONES;

		if (!zone_get(&zones[zi], how))
			continue;
		for (unsigned int j = 0; j < PCP_ORDERS && left; j++) {
			moved = __move(p, zi, (order + j) % PCP_ORDERS, left);
			left -= moved < left ? moved : left;
		}
		zone_put(&zones[zi], how);
	}
}

/* Keeps the block for this CPU; false: it must go to the zone. */
bool pcp_give(struct page *page, unsigned int order, enum lock_wait how)
{
	unsigned int zone = (unsigned int)(zone_of_pfn(page_pfn(page)) - zones);
	struct pcp *p = this_pcp();
	bool over;

	if (!lock_try(&p->lock, LOCK_PCP))
		return false;
	first_use(p);
	page->order = (unsigned char)order;
	page_set_bits(page, PG_MASK(PG_pcp));
	ring_push_front(&p->list[zone][order], &page->lru);
	set_count(p, p->count + (1u << order));
	over = p->count > high_pages;
	if (over)
		shed(p, zone, order, how);
	lock_put(&p->lock, LOCK_PCP, how);
	if (over)
		page_pass_due();
	return true;
}

static unsigned long drain(struct pcp *p, enum lock_wait how)
{
	unsigned long moved = 0;

	if (!__atomic_load_n(&p->count, __ATOMIC_RELAXED))
		return 0;
	if (!lock_get(&p->lock, LOCK_PCP, how))
		return 0;
	for (unsigned int zone = 0; zone < ZONES && p->count; zone++) {
		if (!zone_get(&zones[zone], how))
			continue;
		for (unsigned int o = 0; o < PCP_ORDERS; o++)
			moved += __move(p, zone, o, p->count);
		zone_put(&zones[zone], how);
	}
	lock_put(&p->lock, LOCK_PCP, how);
	return moved;
}

unsigned long pcp_drain(bool all)
{
	unsigned long moved = 0;

	if (!all)
		return drain(this_pcp(), LOCK_SLEEP);
	for (unsigned int i = 0; i < nr_pcps; i++)
		moved += drain(&pcps[i], LOCK_SLEEP);
	return moved;
}

unsigned long pcp_drain_local(enum lock_wait how)
{
	return drain(this_pcp(), how);
}

unsigned long pcp_pages(void)
{
	unsigned long n = 0;

	for (unsigned int i = 0; i < nr_pcps; i++)
		n += __atomic_load_n(&pcps[i].count, __ATOMIC_RELAXED);
	return n;
}

void pcp_lock_all(void)
{
	for (unsigned int i = 0; i < nr_pcps; i++)
		lock_take_nested(&pcps[i].lock, LOCK_PCP);
}

void pcp_unlock_all(bool child)
{
	for (unsigned int i = nr_pcps; i-- > 0;) {
		if (child)
			lock_reset(&pcps[i].lock);
		lock_drop_nested(&pcps[i].lock, LOCK_PCP);
	}
}

/* What is wrong with one list, or NULL; adds its pages to *pages. */
static const char *pcp_check_list(const struct list_head *list,
				  unsigned int zone, unsigned int order,
				  unsigned int *pages, unsigned int count)
{
	struct list_head *e;

	ring_for_each(e, list)
	{
		struct page *page = pcp_page_of(e);

		if (e->next->prev != e || e->prev->next != e)
			return "list is broken";
		if ((*pages += 1u << order) > count)
			return "more pages than counted";
		if (zone_of_pfn(page_pfn(page)) != &zones[zone])
			return "block of another zone";
		if (page->order != order ||
		    page_pfn(page) & ((1ul << order) - 1))
			return "block of another order";
		if ((page_bits(page) & ~PG_MASK(PG_purged)) != PG_MASK(PG_pcp))
			return "flags of a block in use";
		if (page->_refcount.counter || page_cache(page))
			return "free block has an owner";
	}
	return NULL;
}

static const char *check(const struct pcp *p)
{
	const char *wrong = NULL;
	unsigned int pages = 0;

	if (!p->list[0][0].next)
		return p->count ? "pages, but no lists" : NULL;
	for (unsigned int z = 0; z < ZONES && !wrong; z++)
		for (unsigned int o = 0; o < PCP_ORDERS && !wrong; o++)
			wrong = pcp_check_list(&p->list[z][o], z, o, &pages,
					       p->count);
	if (!wrong && pages != p->count)
		wrong = "fewer pages than counted";
	return wrong;
}

bool pcp_validate(void)
{
	for (unsigned int i = 0; i < nr_pcps; i++) {
		struct pcp *p = &pcps[i];
		const char *wrong;

		lock_take(&p->lock, LOCK_PCP);
		wrong = check(p);
		lock_drop(&p->lock, LOCK_PCP);
		if (!wrong)
			continue;
		report_error_begin();
		report_line("BUG: page lists of CPU %u: %s", i, wrong);
		report_end();
		return false;
	}
	return true;
}
