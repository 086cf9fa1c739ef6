/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* expect: unused|ignoring return value */
#include <linux/slab.h>

void grow(void *p);

void grow(void *p)
{
	krealloc(p, 100, GFP_KERNEL);
}
