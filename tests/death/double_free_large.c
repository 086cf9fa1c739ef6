/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A large block of kmalloc freed twice.
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
	void *p = kmalloc(100000, GFP_KERNEL);

	kfree(p);
	kfree(p);
	if (!kmem_validate())
		return 1;
	return 0;
}
