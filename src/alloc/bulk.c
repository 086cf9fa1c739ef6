/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Many blocks of any kind at once; in this layer, which alone knows all kinds.
 */
#include <linux/slab.h>

#include "slab/slab.h"

/**
 * kmem_cache_free_bulk - gives many objects back
 * @s: their cache; NULL for kfree_bulk(): blocks of any kind
 * @n: how many
 * @p: array of n pointers, none of them NULL; their order is lost
 *
 * Context: any but an NMI; never sleeps.
 * Source: Linux 7.x.
 */
void kmem_cache_free_bulk(struct kmem_cache *s, size_t n, void **p)
{
	if (s)
		slab_free_bulk(s, n, p, LOCK_SPIN);
	else
		kfree_bulk(n, p);
}
