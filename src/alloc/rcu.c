/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kfree_rcu() and its kin: a free that waits for readers.
 *
 * The caller's struct rcu_head lies inside the block, so no memory is needed to
 * remember it.  The block's start need not be remembered either: the head lies
 * in the first 4096 bytes (the macro checks), and every kind of block finds its
 * start from any address in that part.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "debug/atomic.h"
#include "page/reclaim.h"
#include "port/port.h"
#include "slab/slab.h"

/*
 * Not page_head(): of a slab's first page compound_head is the link of a
 * list, which others change while nothing is locked here.
 */
static struct page *block_head(struct page *page)
{
	unsigned long heads = PG_MASK(PG_slab) | PG_MASK(PG_head);

	return page_bits(page) & heads ? page : page_head(page);
}

static void *block_start(void *p)
{
	struct page *page;
	const struct kmem_cache *s;
	size_t off;

	if (!page_is_usable(p))
		return (void *)((uintptr_t)p & ~(uintptr_t)(PG_BYTES - 1));
	if (kfence_holds(p))
		return kfence_object(p);
	page = block_head(addr_page(p));
	s = page_cache(page);
	if (!s)
		return page_addr(page);
	off = (size_t)((char *)p - (char *)slab_obj(s, page, 0));
	return (char *)p - off % s->size;
}

static void free_after_grace(struct port_rcu *head)
{
	kvfree(block_start(head));
}

/**
 * kvfree_call_rcu - frees a block once all present readers are done
 * @head: a struct rcu_head in the first 4096 bytes of the block; NULL: wait for
 * 	the readers in this call
 * @ptr: the block, of kmalloc(), kvmalloc() or kmem_cache_alloc()
 *
 * Readers are those of the liburcu flavours that the process uses.
 *
 * Context: with @head any context, never sleeps; without it may sleep, and
 * must not be called from a reader's section.
 * Source: Linux 7.x; called through kfree_rcu() and kvfree_rcu().
 */
void kvfree_call_rcu(struct rcu_head *head, void *ptr)
{
	if (head) {
		port_rcu_call((struct port_rcu *)(void *)head,
			      free_after_grace);
		page_pass_due();
		return;
	}
	check_sleeping();
	/* what somebody may read for ever stays */
	if (port_rcu_synchronize())
		kvfree(ptr);
}

/**
 * kvfree_rcu_barrier - waits until every block handed over has been freed
 *
 * Context: may sleep; not from a reader's section.
 * Source: Linux 6.12 and later.
 */
void kvfree_rcu_barrier(void)
{
	check_sleeping();
	port_rcu_barrier();
}

/**
 * kvfree_rcu_barrier_on_cache - waits until its blocks have been freed
 * @s: a cache; waits for those of others as well
 *
 * Context: may sleep; not from a reader's section.
 * Source: Linux 6.18 and later.
 */
void kvfree_rcu_barrier_on_cache(struct kmem_cache *s)
{
	(void)s;
	kvfree_rcu_barrier();
}
