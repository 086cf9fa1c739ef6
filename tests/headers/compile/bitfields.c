/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Flags in constant expressions: switches, tables, the preprocessor. */
#include <linux/slab.h>

#if ___GFP_DIRECT_RECLAIM & ___GFP_KSWAPD_RECLAIM
#error "two flags share a bit"
#endif

static const gfp_t table[] = { GFP_KERNEL, GFP_ATOMIC | __GFP_ZERO, GFP_DMA };
static const slab_flags_t flags = SLAB_HWCACHE_ALIGN | SLAB_PANIC;

int name_of(gfp_t gfp);

int name_of(gfp_t gfp)
{
	switch (gfp) {
	case GFP_KERNEL:
		return 1;
	case GFP_ATOMIC:
		return 2;
	case GFP_NOWAIT:
		return 3;
	case GFP_NOFS:
		return 4;
	case GFP_NOIO:
		return 5;
	default:
		return table[0] != gfp && flags != SLAB_PANIC;
	}
}

_Static_assert(KMALLOC_MAX_SIZE == 4ul << 20, "4 MiB");
_Static_assert(KMALLOC_MAX_CACHE_SIZE == 8192, "two pages");
_Static_assert(sizeof(struct list_head) == 2 * sizeof(void *), "two links");
