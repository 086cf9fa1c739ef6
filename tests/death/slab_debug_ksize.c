/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What ksize() told is the owner's, as far as the class goes.
 *
 * Expect: nothing
 *
 * Options: slab_debug
 */
#include <linux/gfp.h>
#include <linux/slab.h>
#include <kmem/kmem.h>
#include "death/hide.h"

int main(void)
{
	char *p = kmalloc(20, GFP_KERNEL);
	size_t i, n = ksize(p);

	for (i = 0; i < n; i++)
		hide(p)[i] = 1;
	kfree(p);
	p = kmalloc(20, GFP_KERNEL);
	for (i = 0; i < 20; i++)
		hide(p)[i] = 1;
	p = krealloc(p, 32, GFP_KERNEL);
	for (i = 20; i < 32; i++)
		hide(p)[i] = 1;
	kfree(p);
	return n != 32 || !kmem_validate();
}
