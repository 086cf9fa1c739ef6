/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * An object is freed to another cache: it stays where it is.
 *
 * Expect:
 *	------------[ cut here ]------------
 *	WARNING: CPU: <n> PID: <pid> at <file>:<line> <sym>
 *	kmem_cache_free(other, <hex>): object belongs to different cache death
 *
 * Options: kfence.sample_interval=1
 */
#include "death/guarded.h"

int main(void)
{
	struct kmem_cache *s = kmem_cache_create("death", 40, 0, 0, NULL);
	struct kmem_cache *t = kmem_cache_create("other", 40, 0, 0, NULL);
	char *p = guarded(s, 0, false);

	kmem_cache_free(t, p);
	kmem_cache_free(s, p);
	kmem_cache_destroy(s);
	kmem_cache_destroy(t);
	return 0;
}
