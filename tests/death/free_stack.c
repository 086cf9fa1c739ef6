/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kfree() of the address of a variable.
 *
 * Expect:
 *	------------[ cut here ]------------
 *	WARNING: CPU: <n> PID: <pid> at <file>:<line> <sym>
 *	object pointer: <hex>
 */
#include <linux/gfp.h>
#include <linux/slab.h>
#include <kmem/kmem.h>

/* The compiler would complain of the test itself. */
static void *hide(void *p)
{
	__asm__ volatile("" : "+r"(p));
	return p;
}

int main(void)
{
	long word[8] = { 0 };

	kfree(kmalloc(8, GFP_KERNEL));
	kfree(hide(word));
	if (!kmem_validate())
		return 1;
	return 0;
}
