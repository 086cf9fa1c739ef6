/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Objects between guard pages, at the end of the page that is wanted. */
#ifndef DEATH_GUARDED_H
#define DEATH_GUARDED_H

#include <linux/gfp.h>
#include <linux/kfence.h>
#include <linux/slab.h>
#include <stdint.h>

/* As long as it takes: every interval one request is guarded. */
static inline char *guarded(struct kmem_cache *s, size_t n, bool right)
{
	for (;;) {
		char *p = s ? kmem_cache_alloc(s, GFP_KERNEL) :
			      kmalloc(n, GFP_KERNEL);

		if (is_kfence_address(p) && ((uintptr_t)p % 4096 != 0) == right)
			return p;
		if (s)
			kmem_cache_free(s, p);
		else
			kfree(p);
	}
}

static volatile char last_loaded;

static __attribute__((__noinline__, unused)) void load(const volatile char *p)
{
	last_loaded = *p;
}

static __attribute__((__noinline__, unused)) void store(volatile char *p)
{
	*p = 42;
}

#endif
