// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * The picture of kmem flow, from what the allocator publishes.
 */
#include "bare/tests.h"

#include "debug/publish.h"
#include "tools/kmem/picture.h"

#define MOST 160

static struct cache_books caches[MOST];
static struct kmem_pub_pcp pcps[CPUS];
static struct books books = { .cache = caches, .pcp = pcps };

static void add(const struct kmem_pub_record *r)
{
	const void *p = r;

	if (r->kind == KMEM_PUB_TOTALS)
		books.totals = *(const struct kmem_pub_totals *)p;
	else if (r->kind == KMEM_PUB_ZONE && books.nr_zones < BOOKS_ZONES)
		books.zone[books.nr_zones++] = *(const struct kmem_pub_zone *)p;
	else if (r->kind == KMEM_PUB_PCP && books.nr_pcps < CPUS)
		pcps[books.nr_pcps++] = *(const struct kmem_pub_pcp *)p;
	else if (r->kind == KMEM_PUB_CACHE && books.nr_caches < MOST)
		caches[books.nr_caches++].pub =
			*(const struct kmem_pub_cache *)p;
}

static void line(void *to, const char *text)
{
	(void)to;
	kprintf("%s\n", text);
}

void flow_print(void)
{
	const struct kmem_pub_header *h = publish_header();
	const struct kmem_pub_record *r;

	if (!h)
		return;
	books.area_bytes = h->size;
	for (uint64_t at = sizeof(*h); at < h->used; at += r->size) {
		r = (const void *)((const char *)h + at);
		add(r);
	}
	picture_draw(&books, &books, line, NULL);
}
