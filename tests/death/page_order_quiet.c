/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A block above the largest order with __GFP_NOWARN: 0 without a word.
 *
 * Expect: nothing
 */
#include <linux/gfp.h>

int main(void)
{
	if (__get_free_pages(GFP_KERNEL | __GFP_NOWARN, MAX_PAGE_ORDER + 1))
		return 1;
	return 0;
}
