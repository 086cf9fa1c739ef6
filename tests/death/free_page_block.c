/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kfree() of a page that kmalloc() did not give: warned of once, and leaked.
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
	unsigned long p = __get_free_page(GFP_KERNEL);

	kfree((void *)p);
	kfree((void *)p);
	free_page(p);
	if (!kmem_validate())
		return 1;
	return 0;
}
