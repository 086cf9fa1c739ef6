/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A machine for one test of the alloc layer: a forked process over the fake
 * port, booted, and a ledger of what is in use.  After the body every
 * invariant is checked and the ledger compared with the one at its start.
 */
#ifndef TESTS_ALLOC_WORLD_H
#define TESTS_ALLOC_WORLD_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/mm.h>
#include <linux/slab.h>

#include "alloc/alloc.h"
#include "alloc/map_cache.h"
#include "alloc/region.h"
#include "alloc/vmalloc.h"
#include "debug/report.h"
#include "kunit/test.h"
#include "lib/list.h"
#include "page/page.h"
#include "page/reclaim.h"
#include "page/zone.h"
#include "port/fake/fake.h"
#include "slab/slab.h"

#define MIB ((size_t)1 << 20)
#define GIB ((size_t)1 << 30)

struct world {
	const char *options; /* NULL: none */
	size_t window;       /* 0: 1 GiB */
	size_t host_page;    /* 0: 4096 */
	bool unbooted;       /* the body boots, or fails to */
};

/* What is in use when every cache has been shrunk and nothing is kept. */
struct ledger {
	unsigned long objects; /* in caches of kmalloc and of regions */
	unsigned long large;   /* bytes */
	unsigned long pages;   /* in no slab, nor in the regions' table */
	unsigned long charged; /* bytes, to the hard limit */
	struct region_counts regions;
	unsigned long areas, area_pages;
	unsigned int maps;
};

static inline bool is_of_alloc(const struct kmem_cache *s)
{
	return s->flags & SLAB_KMALLOC || !strcmp(s->name, "vm_region");
}

static inline void read_ledger(struct ledger *l)
{
	struct slab_counts c;
	struct page_stats st;
	struct list_head *pos;

	memset(l, 0, sizeof(*l));
	areas_settle();
	kept_empty();
	ring_for_each(pos, &slab_caches)
	{
		struct kmem_cache *s =
			list_entry_of(pos, struct kmem_cache, list);

		kmem_cache_shrink(s);
	}
	page_stats(&st);
	l->pages = st.total - st.free - st.pcp;
	ring_for_each(pos, &slab_caches)
	{
		struct kmem_cache *s =
			list_entry_of(pos, struct kmem_cache, list);

		slab_counts(s, &c);
		if (is_of_alloc(s))
			l->objects += c.active_objs;
		l->pages -= s->node->slab_pages;
	}
	l->large = kmalloc_large_bytes();
	l->charged = st.mapped_out;
	region_counts(&l->regions);
	l->areas = areas_live();
	l->area_pages = vmalloc_nr_pages();
	l->maps = fake_maps();
}

static inline void expect_ledger(struct kunit *test, const struct ledger *was)
{
	struct ledger is;

	read_ledger(&is);
	KUNIT_EXPECT_EQ(test, is.objects, was->objects);
	KUNIT_EXPECT_EQ(test, is.large, was->large);
	KUNIT_EXPECT_EQ(test, is.pages, was->pages);
	KUNIT_EXPECT_EQ(test, is.charged, was->charged);
	KUNIT_EXPECT_EQ(test, is.regions.nr, was->regions.nr);
	KUNIT_EXPECT_EQ(test, is.regions.bytes, was->regions.bytes);
	KUNIT_EXPECT_EQ(test, is.areas, was->areas);
	KUNIT_EXPECT_EQ(test, is.area_pages, was->area_pages);
	KUNIT_EXPECT_EQ(test, is.maps, was->maps);
}

static inline void expect_valid(struct kunit *test)
{
	struct list_head *pos;

	KUNIT_EXPECT_TRUE(test, zone_validate());
	KUNIT_EXPECT_TRUE(test, region_validate());
	KUNIT_EXPECT_TRUE(test, areas_validate());
	ring_for_each(pos, &slab_caches)
	{
		struct kmem_cache *s =
			list_entry_of(pos, struct kmem_cache, list);

		KUNIT_EXPECT_TRUE_MSG(test, cache_validate(s), "%s", s->name);
	}
	KUNIT_EXPECT_EQ(test, port_task()->held, 0);
}

static inline void world_child(struct kunit *test, const struct world *w,
			       void (*body)(struct kunit *test))
{
	struct ledger before;

	fake_set_window(w->window ? w->window : GIB);
	fake_set_options(w->options ? w->options : "");
	if (w->host_page)
		fake_set_page_size(w->host_page);
	memset(&before, 0, sizeof(before));
	if (!w->unbooted) {
		KUNIT_ASSERT_EQ(test, kmalloc_boot(), 0);
		read_ledger(&before);
	}
	body(test);
	fake_fail_nth(0, 0);
	if (w->unbooted)
		KUNIT_EXPECT_EQ(test, kmalloc_boot(), 0);
	else
		expect_ledger(test, &before);
	expect_valid(test);
	if (test->status && *fake_log())
		kunit_info(test, "log: %s", fake_log());
	fflush(stdout);
	_exit(test->status ? 1 : 0);
}

#include "unit/in_world.h"

/* What the compiler must not reason about. */
static inline void *hide(const void *p)
{
	__asm__ volatile("" : "+r"(p));
	return (void *)(uintptr_t)p;
}

static inline bool all_bytes(const void *p, int c, size_t n)
{
	const unsigned char *b = p;

	while (n && *b == (unsigned char)c) {
		b++;
		n--;
	}
	return !n;
}

static inline unsigned int log_count(const char *word)
{
	const char *s = fake_log();
	unsigned int n = 0;

	while ((s = strstr(s, word))) {
		s += strlen(word);
		n++;
	}
	return n;
}

static inline struct kmem_cache *cache_named(const char *name)
{
	struct list_head *pos;

	ring_for_each(pos, &slab_caches)
	{
		struct kmem_cache *s =
			list_entry_of(pos, struct kmem_cache, list);

		if (!strcmp(s->name, name))
			return s;
	}
	return NULL;
}

/* Numbers that look random and are the same each time. */
static inline uint32_t dice(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33);
}

#endif
