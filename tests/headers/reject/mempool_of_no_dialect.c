/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* expect: incompatible */
#include <linux/mempool.h>

static void *element(const char *name)
{
	(void)name;
	return NULL;
}

mempool_t *make(void);

mempool_t *make(void)
{
	return mempool_create(1, element, mempool_kfree, NULL);
}
