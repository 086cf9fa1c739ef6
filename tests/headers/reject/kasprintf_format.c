/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* expect: format */
#include <linux/slab.h>

char *print(void);

char *print(void)
{
	return kasprintf(GFP_KERNEL, "%s", 7);
}
