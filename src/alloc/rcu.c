/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kfree_rcu() and its kin: a free that waits for readers.
 *
 * The caller's struct rcu_head lies inside the block, so no memory is needed
 * to remember it.  Nor need the block's start be remembered: the head lies in
 * the first 4096 bytes (the macro checks), and every kind of block tells its
 * start from any address in that part of it.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "port/port.h"
#include "slab/slab.h"

static void *block_start(void *p)
{
	struct page *page;
	size_t off;

	if (!page_in_window(p))
		return (void *)((uintptr_t)p & ~(uintptr_t)(PG_BYTES - 1));
	page = page_head(addr_page(p));
	if (!page->slab_cache)
		return page_addr(page);
	off = (size_t)((char *)p - (char *)page_addr(page));
	return (char *)p - off % page->slab_cache->size;
}

static void free_after_grace(struct port_rcu *head)
{
	kvfree(block_start(head));
}

/**
 * kvfree_call_rcu - frees a block once all present readers are done
 * @head: a struct rcu_head in the first 4096 bytes of the block; NULL: there
 *	is none, wait here and now
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
		return;
	}
	port_rcu_synchronize();
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
	port_rcu_barrier();
}
