/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A pointer into a large block of kmalloc: warned of and leaked.
 *
 * Expect:
 *	------------[ cut here ]------------
 *	WARNING: CPU: <n> PID: <pid> at <file>:<line> <sym>
 *	object pointer: <hex>
 */
#include <linux/gfp.h>
#include <linux/slab.h>
#include <kmem/kmem.h>

int main(void)
{
	char *p = kmalloc(100000, GFP_KERNEL);

	kfree(p + 8);
	kfree(p);
	if (!kmem_validate())
		return 1;
	return 0;
}
