/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* expect: too few arguments */
/* An integer third argument is an align, even a literal 0. */
#include <linux/slab.h>

struct kmem_cache *make(void);

struct kmem_cache *make(void)
{
	return kmem_cache_create("four", 64, 0, SLAB_PANIC);
}
