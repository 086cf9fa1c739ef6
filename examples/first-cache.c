/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include <kmem/stats.h>
#include <linux/slab.h>
#include <stdio.h>

struct order {
	unsigned long id;
	double price;
	char symbol[16];
};

int main(void)
{
	struct kmem_cache *orders = KMEM_CACHE(order, SLAB_HWCACHE_ALIGN);
	struct order *o = kmem_cache_zalloc(orders, GFP_KERNEL);
	static char table[64 * 1024];

	o->id = 42;
	kmem_slabinfo(table, sizeof(table));
	fputs(table, stdout); /* the line "order" is yours */
	kmem_cache_free(orders, o);
	return kmem_cache_destroy(orders);
}
