/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * SLAB_PANIC: a cache that cannot be made is the end.
 *
 * Expect:
 *	Kernel panic - not syncing: __kmem_cache_create_args: Failed to create slab 'orc-p'. Error -22
 *
 * Exit: SIGABRT
 */
#include <linux/gfp.h>
#include <linux/slab.h>

int main(void)
{
	kmem_cache_create("orc-p", 8u << 20, 0, SLAB_PANIC, NULL);
	return 0;
}
