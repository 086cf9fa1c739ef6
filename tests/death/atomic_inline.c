/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The same in code whose fast path was compiled into the program.
 *
 * Expect:
 *	BUG: sleeping function called from invalid context at <file>:<line>
 *	in_atomic(): 1, irqs_disabled(): 0, non_block: 0, pid: <pid>, name: <any>
 *	preempt_count: 1, expected: 0
 *	request: mode:0xcc0(GFP_KERNEL)
 *	Preemption disabled at:
 *	<frames>
 *	Call Trace:
 *	<frames>
 *	BUG: sleeping function called from invalid context at <file>:<line>
 *	in_atomic(): 1, irqs_disabled(): 0, non_block: 0, pid: <pid>, name: <any>
 *	preempt_count: 1, expected: 0
 *	request: mode:0xc00(GFP_NOIO)
 *	...
 *	Call Trace:
 *	<frames>
 *
 * Options: atomic_checks=1
 */
#define KMEM_INLINE 2
#include <linux/preempt.h>
#include <linux/slab.h>

/* One place each: a compiler unrolls loops. */
static __attribute__((noinline)) void ask(struct kmem_cache *cache)
{
	void *volatile p = kmalloc(64, GFP_KERNEL);

	kfree(p);
	p = kmem_cache_alloc(cache, GFP_NOIO);
	kmem_cache_free(cache, p);
}

int main(void)
{
	struct kmem_cache *cache = kmem_cache_create("inline", 64, 0, 0, NULL);
	void *p[8];

	/* a sheaf with objects in it, if there were sheaves */
	for (int i = 0; i < 8; i++)
		p[i] = kmem_cache_alloc(cache, GFP_KERNEL);
	for (int i = 0; i < 8; i++)
		kmem_cache_free(cache, p[i]);
	kfree(kmalloc(64, GFP_KERNEL));
	preempt_disable();
	for (int i = 0; i < 4; i++)
		ask(cache);
	preempt_enable();
	kmem_cache_destroy(cache);
	return 0;
}
