/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Each call of a traced cache is told, with the object as it was freed.
 *
 * Expect:
 *	TRACE death alloc <hex> inuse=1 fp=<hex>
 *	CPU: <n> PID: <pid> Comm: <any>
 *	Call Trace:
 *	<frames>
 *	TRACE death free <hex> inuse=1 fp=<hex>
 *	Object   <hex>: 68 65 6c 6c 6f 2c 20 77 6f 72 6c 64 20 31 32 33  hello, world 123
 *	CPU: <n> PID: <pid> Comm: <any>
 *	Call Trace:
 *	<frames>
 */
#include <linux/gfp.h>
#include <linux/slab.h>
#include <string.h>

int main(void)
{
	struct kmem_cache *s =
		kmem_cache_create("death", 16, 0, SLAB_TRACE, NULL);
	char *p = kmem_cache_alloc(s, GFP_KERNEL);

	memcpy(p, "hello, world 123", 16);
	kmem_cache_free(s, p);
	return 0;
}
