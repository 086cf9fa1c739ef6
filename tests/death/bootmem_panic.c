/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The same by the names of 2.6.
 *
 * Expect:
 *	bootmem alloc of 1099511627776 bytes failed!
 *	Kernel panic - not syncing: Out of memory
 *
 * Exit: SIGABRT
 */
#include <linux/bootmem.h>

int main(void)
{
	return !alloc_bootmem(1ul << 40);
}
