/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Clients: the layers above that keep memory, and direct reclaim, which has
 * them shrink, in the order of registration, until enough pages came back.
 *
 * First unused memory is freed: objects in sheaves, empty slabs, mappings kept
 * for reuse.  Only if that is not enough, shrinkers are called, for a little at
 * first and then for more and more: the priority falls from RECLAIM_PRIORITY to
 * 0, except for a request with __GFP_NORETRY, which never costs users a large
 * part of their caches.
 *
 * While they run the thread has PF_MEMALLOC set: what they allocate comes
 * from the reserves and starts no reclaim of its own.  No lock is held here;
 * two threads may be in the same client at a time.
 */
#include "page/reclaim.h"

#include "debug/report.h"
#include "port/port.h"
#include "sync/boot.h"

/* Pages after which a round stops. */
#define ENOUGH 32
/* Down to here for requests that give up early: a quarter in all. */
#define LIGHT_PRIORITY 4

static struct page_client *clients;
static long gain;

static struct page_client *first(void)
{
	/* pairs with the release in page_register(), as in next() */
	return __atomic_load_n(&clients, __ATOMIC_ACQUIRE);
}

static struct page_client *next(const struct page_client *c)
{
	return __atomic_load_n(&c->next, __ATOMIC_ACQUIRE);
}

void page_register(struct page_client *client)
{
	struct page_client **at = &clients, *none;

	/* Bound: the clients there are. */
	for (;;) {
		none = NULL;
		/* of a boot that is tried again it is there already */
		if (__atomic_compare_exchange_n(at, &none, client, false,
						__ATOMIC_RELEASE,
						__ATOMIC_ACQUIRE) ||
		    none == client)
			return;
		at = &none->next;
	}
}

bool clients_expire(uint64_t then)
{
	bool more = false;

	for (struct page_client *c = first(); c; c = next(c))
		if (c->expire)
			more |= c->expire(then);
	return more;
}

unsigned long clients_report(void)
{
	size_t bytes = 0;

	for (struct page_client *c = first(); c; c = next(c))
		if (c->report)
			bytes += c->report();
	return bytes >> PG_SHIFT;
}

void clients_ask(void)
{
	for (struct page_client *c = first(); c; c = next(c))
		if (c->ask)
			c->ask();
}

long reclaim_gain(void)
{
	return __atomic_load_n(&gain, __ATOMIC_RELAXED);
}

bool reclaim_begin(void)
{
	struct port_task *task = port_task();

	/* a callback may allocate, which is refused during boot */
	if (task->flags & PF_MEMALLOC || boot_inside())
		return false;
	task->flags |= PF_MEMALLOC;
	return true;
}

void reclaim_end(void)
{
	port_task()->flags &= ~(uint32_t)PF_MEMALLOC;
}

/* Asks those whose memory nobody uses, or the others. */
static unsigned long shrink(gfp_t gfp, unsigned int priority, bool in_use,
			    unsigned long enough)
{
	unsigned long freed = 0;

	for (struct page_client *c = first(); c && freed < enough; c = next(c))
		if (c->shrink && c->in_use == in_use)
			freed += c->shrink(gfp, priority);
	return freed;
}

unsigned long reclaim_spare(gfp_t gfp)
{
	unsigned long freed = 0;

	if (!reclaim_begin())
		return 0;
	for (struct page_client *c = first(); c; c = next(c))
		if (c->shrink && c->spare)
			freed += c->shrink(gfp, 0);
	reclaim_end();
	return freed;
}

/* Returns the number of pages that clients report; 0 inside of one. */
unsigned long reclaim_run(gfp_t gfp, unsigned int order)
{
	unsigned int least = gfp & __GFP_NORETRY ? LIGHT_PRIORITY : 0;
	unsigned long enough = ENOUGH + (1ul << order), freed;
	int32_t before = port_task()->given;

	if (!reclaim_begin())
		return 0;
	freed = shrink(gfp, 0, false, enough);
	for (unsigned int p = RECLAIM_PRIORITY + 1;
	     freed < enough && p-- > least;)
		freed += shrink(gfp, p, true, ~0ul);
	reclaim_end();
	__atomic_fetch_add(&gain, pages_net(before), __ATOMIC_RELAXED);
	total_add(&page_totals()->reclaim_runs, 1);
	total_add(&page_totals()->reclaim_pages, (long)freed);
	return freed;
}
