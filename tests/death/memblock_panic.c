/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Memory that cannot be had and must not fail.
 *
 * Expect:
 *	Kernel panic - not syncing: main: Failed to allocate 1099511627776 bytes
 *
 * Exit: SIGABRT
 */
#include <linux/memblock.h>

int main(void)
{
	return !memblock_alloc_or_panic(1ull << 40, 0);
}
