/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* A client with a struct page of its own: all but mm.h know ours by name. */
#define KMEM_OWN_TYPES 1
#include <linux/slab.h>

#include <linux/dmapool.h>
#include <linux/genalloc.h>
#include <linux/gfp.h>
#include <linux/mempool.h>
#include <linux/page_frag_cache.h>
#include <linux/percpu.h>
#include <linux/sched/mm.h>
#include <linux/shrinker.h>
#include <linux/vmalloc.h>

struct page {
	char data[PAGE_SIZE];
};

struct page *own_page(void);

struct page *own_page(void)
{
	return vzalloc(sizeof(struct page));
}
