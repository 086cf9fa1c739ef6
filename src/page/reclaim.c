/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Direct reclaim: the steps that higher layers registered, in the order of
 * registration, until enough pages came back.
 *
 * First unused memory is freed: objects in sheaves, empty slabs, mappings kept
 * for reuse.  Only if that is not enough, shrinkers are called, for a little at
 * first and then for more and more: the priority falls from RECLAIM_PRIORITY to
 * 0, except for a request with __GFP_NORETRY, which never costs users a large
 * part of their caches.
 *
 * While they run the thread has PF_MEMALLOC set: what they allocate comes
 * from the reserves and starts no reclaim of its own.  No lock is held here;
 * two threads may be in the same step at a time.
 *
 * The same steps give back idle memory, part by part, when a slow path finds
 * that the decay time has passed (purge.c).
 */
#include "page/reclaim.h"

#include "debug/report.h"
#include "port/port.h"
#include "sync/boot.h"

/* Pages after which a round stops. */
#define ENOUGH 32
/* Down to here for requests that give up early: a quarter in all. */
#define LIGHT_PRIORITY 4

static struct reclaim_step *steps;
static long gain;

/* step stays registered for ever. */
void reclaim_register(struct reclaim_step *step)
{
	struct reclaim_step **at = &steps, *none;

	step->next = NULL;
	/* Bound: the steps there are. */
	for (;;) {
		none = NULL;
		/* pairs with the acquire in reclaim_run() */
		if (__atomic_compare_exchange_n(at, &none, step, false,
						__ATOMIC_RELEASE,
						__ATOMIC_ACQUIRE))
			return;
		DEBUG_ASSERT(none != step);
		at = &none->next;
	}
}

bool reclaim_decay(void)
{
	struct reclaim_step *step = __atomic_load_n(&steps, __ATOMIC_ACQUIRE);
	bool more = false;

	/* Bound: the steps there are. */
	while (step) {
		if (step->decay)
			more |= step->decay();
		step = __atomic_load_n(&step->next, __ATOMIC_ACQUIRE);
	}
	return more;
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

static unsigned long run_steps(gfp_t gfp, unsigned long enough, bool spare)
{
	struct reclaim_step *step = __atomic_load_n(&steps, __ATOMIC_ACQUIRE);
	unsigned long freed = 0;

	/* Bound: the steps there are. */
	while (step && freed < enough) {
		if (step->run && (step->spare || !spare))
			freed += step->run(gfp);
		step = __atomic_load_n(&step->next, __ATOMIC_ACQUIRE);
	}
	return freed;
}

static unsigned long shrink_steps(gfp_t gfp, unsigned int priority)
{
	struct reclaim_step *step = __atomic_load_n(&steps, __ATOMIC_ACQUIRE);
	unsigned long freed = 0;

	/* Bound: the steps there are. */
	while (step) {
		if (step->shrink)
			freed += step->shrink(gfp, priority);
		step = __atomic_load_n(&step->next, __ATOMIC_ACQUIRE);
	}
	return freed;
}

unsigned long reclaim_spare(gfp_t gfp)
{
	unsigned long freed;

	if (!reclaim_begin())
		return 0;
	freed = run_steps(gfp, ~0ul, true);
	reclaim_end();
	return freed;
}

/* Returns the number of pages that the steps report; 0 inside a step. */
unsigned long reclaim_run(gfp_t gfp, unsigned int order)
{
	unsigned int least = gfp & __GFP_NORETRY ? LIGHT_PRIORITY : 0;
	unsigned long enough = ENOUGH + (1ul << order), freed;
	int32_t before = port_task()->given;

	if (!reclaim_begin())
		return 0;
	freed = run_steps(gfp, enough, false);
	for (unsigned int p = RECLAIM_PRIORITY + 1;
	     freed < enough && p-- > least;)
		freed += shrink_steps(gfp, p);
	reclaim_end();
	__atomic_fetch_add(&gain, pages_net(before), __ATOMIC_RELAXED);
	total_add(&page_totals()->reclaim_runs, 1);
	total_add(&page_totals()->reclaim_pages, (long)freed);
	return freed;
}
