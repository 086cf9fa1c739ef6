/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Scopes: bits of the running thread that take from, or add to, what its
 * requests may do.
 *
 * They are applied in the slow path of pages and where a region makes room:
 * every request without free memory gets there.  Until then a request does
 * nothing that a scope forbids.
 */
#include "page/page.h"
#include "page/reclaim.h"

#include <linux/gfp.h>
#include <linux/sched/mm.h>

#include "debug/atomic.h"
#include "port/port.h"

/* After a request that reclaimed before it failed, and after another. */
#define PAUSE_NS 4000000
#define PAUSE_NORETRY_NS 20000000

/**
 * memalloc_flags_save - a scope begins
 * @flags: PF_MEMALLOC, PF_MEMALLOC_NOIO, PF_MEMALLOC_NOFS, PF_MEMALLOC_PIN;
 *	any of them together
 *
 * Return: those of @flags that were not set before, for
 * memalloc_flags_restore().
 * Context: any.
 * Source: Linux 7.x; before 6.10 saves returned what had been set.
 */
unsigned int memalloc_flags_save(unsigned int flags)
{
	struct port_task *t = port_task();
	unsigned int fresh = flags & ~t->flags;

	t->flags |= flags;
	return fresh;
}

/**
 * memalloc_flags_restore - a scope ends
 * @flags: what its save returned
 *
 * Context: any.
 * Source: Linux 7.x.
 */
void memalloc_flags_restore(unsigned int flags)
{
	port_task()->flags &= ~flags;
}

/**
 * current_gfp_context - flags as the scopes of the running thread leave them
 * @flags: of a request
 *
 * Return: without __GFP_IO and __GFP_FS in a NOIO scope, else without
 * __GFP_FS in a NOFS scope; without __GFP_MOVABLE in a PIN scope.
 * Context: any.
 * Source: Linux 7.x.
 */
gfp_t current_gfp_context(gfp_t flags)
{
	return page_gfp_context(flags);
}

gfp_t gfp_allowed_mask = __GFP_BITS_MASK;

/**
 * gfp_pfmemalloc_allowed - may a request have all of the reserves?
 * @gfp: its flags
 *
 * Return: true with __GFP_MEMALLOC, and in a memalloc_noreclaim_save() scope or
 * a callback of reclaim; false with __GFP_NOMEMALLOC, whatever the rest says.
 * Context: any.
 * Source: Linux 7.x.
 */
bool gfp_pfmemalloc_allowed(gfp_t gfp)
{
	if (gfp & __GFP_NOMEMALLOC)
		return false;
	return gfp & __GFP_MEMALLOC || port_task()->flags & PF_MEMALLOC;
}

/**
 * memalloc_retry_wait - a pause before a request that failed is made again
 * @gfp_flags: its flags
 *
 * A few ms after a request that reclaimed, which has waited already; 20 ms
 * after one that could not or, with __GFP_NORETRY, would not.
 *
 * Context: sleeps.
 * Source: Linux 7.x; the times are ours.
 */
void memalloc_retry_wait(gfp_t gfp_flags)
{
	bool reclaimed = gfp_flags & __GFP_DIRECT_RECLAIM &&
			 !(gfp_flags & __GFP_NORETRY);
	uint32_t nobody = 0;

	atomic_boot();
	check_sleeping();
	port_wait(&nobody, 0, reclaimed ? PAUSE_NS : PAUSE_NORETRY_NS);
}
