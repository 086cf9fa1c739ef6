/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* expect: incompatible */
#include <linux/slab.h>

static void ctor(int number)
{
	(void)number;
}

struct kmem_cache *make(void);

struct kmem_cache *make(void)
{
	return kmem_cache_create("five", 64, 0, 0, ctor);
}
