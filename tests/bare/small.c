// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * What a small kernel uses, for make size: it is linked and never run.  What
 * the rest of a kernel would have are places without code.
 */
#include <linux/gfp.h>
#include <linux/mempool.h>
#include <linux/slab.h>

#include "port/bare/bare.h"

__asm__(".text\n"
	".irp name, bare_cpu, bare_irq_save, bare_irq_restore, bare_pause, "
	"bare_clock_ns, bare_console, bare_halt, bare_task, memcpy, memmove, "
	"memset, memcmp, __clzdi2, __ctzdi2, __popcountdi2\n"
	".globl \\name\n"
	"\\name:\n"
	".endr\n");

#define USE(fn) (used = (void *)(fn))

static void *volatile used;

void start32(void);

void start32(void)
{
	USE(bare_start);
	USE(kmalloc);
	USE(krealloc);
	USE(kfree);
	USE(kmem_cache_create);
	USE(kmem_cache_alloc);
	USE(kmem_cache_free);
	USE(kmem_cache_destroy);
	USE(alloc_pages);
	USE(__free_pages);
	USE(mempool_create);
	USE(mempool_alloc);
	USE(mempool_free);
	USE(mempool_destroy);
}
