/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Direct reclaim: the steps that higher layers registered, in the order of
 * registration, until enough pages came back.
 *
 * While they run the thread has PF_MEMALLOC set: what they allocate comes
 * from the reserves and starts no reclaim of its own.  No lock is held here;
 * two threads may be in the same step at a time.
 *
 * The same steps give back what lies idle, part by part, when a slow path
 * finds that the decay time has passed (purge.c).
 */
#include "page/page.h"

#include "debug/report.h"
#include "port/port.h"

/* As many pages as make a round worth its while. */
#define ENOUGH 32

static struct reclaim_step *steps;

/* step stays registered for ever. */
void reclaim_register(struct reclaim_step *step)
{
	struct reclaim_step **at = &steps, *none;

	step->next = NULL;
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

	while (step) {
		if (step->decay)
			more |= step->decay();
		step = __atomic_load_n(&step->next, __ATOMIC_ACQUIRE);
	}
	return more;
}

/*
 * Returns the number of pages that the steps say they freed; 0 inside a step.
 */
unsigned long reclaim_run(gfp_t gfp, unsigned int order)
{
	struct port_task *task = port_task();
	unsigned long freed = 0, enough = ENOUGH + (1ul << order);
	struct reclaim_step *step;

	if (task->flags & PF_MEMALLOC)
		return 0;
	task->flags |= PF_MEMALLOC;
	step = __atomic_load_n(&steps, __ATOMIC_ACQUIRE);
	while (step && freed < enough) {
		if (step->run)
			freed += step->run(gfp);
		step = __atomic_load_n(&step->next, __ATOMIC_ACQUIRE);
	}
	task->flags &= ~(uint32_t)PF_MEMALLOC;
	return freed;
}
