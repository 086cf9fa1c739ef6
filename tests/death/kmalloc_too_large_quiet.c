/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * More than KMALLOC_MAX_SIZE with __GFP_NOWARN: NULL without a word.
 *
 * Expect: nothing
 */
#include <linux/gfp.h>
#include <linux/slab.h>

static size_t hide(size_t n)
{
	__asm__ volatile("" : "+r"(n));
	return n;
}

int main(void)
{
	if (kmalloc(KMALLOC_MAX_SIZE + 1, GFP_KERNEL | __GFP_NOWARN))
		return 1;
	if (kmalloc_array(hide(~0ul), 2, GFP_KERNEL))
		return 1;
	return 0;
}
