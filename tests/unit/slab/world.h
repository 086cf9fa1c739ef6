/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A world with a booted slab layer, and proof that a body left nothing there:
 * no cache, no object, no page.
 */
#ifndef TESTS_SLAB_WORLD_H
#define TESTS_SLAB_WORLD_H

#include "debug/report.h"
#include "slab/slab.h"
#include "unit/page/world.h"

/* Blocks, for one round of reclaim: the yields between many take long. */
#define GFP_ROUND (GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN)

/* Gives back what every cache keeps, sheaves first, their slabs last. */
static inline void settle(void)
{
	struct list_head *pos;
	unsigned int round;

	for (round = 0; round < 2; round++)
		ring_for_each(pos, &slab_caches) kmem_cache_shrink(
			list_entry_of(pos, struct kmem_cache, list));
}

static inline unsigned long caches_listed(void)
{
	struct list_head *pos;
	unsigned long n = 0;

	ring_for_each(pos, &slab_caches) n++;
	return n;
}

static inline bool all_valid(void)
{
	struct list_head *pos;
	bool valid = true;

	ring_for_each(pos, &slab_caches) valid &=
		cache_validate(list_entry_of(pos, struct kmem_cache, list));
	return valid;
}

static inline struct slab_counts counts(struct kmem_cache *s)
{
	struct slab_counts c;

	slab_counts(s, &c);
	return c;
}

/* Objects that are neither free nor in a sheaf. */
static inline unsigned long live(struct kmem_cache *s)
{
	struct slab_counts c = counts(s);

	return c.active_objs - c.free_in_sheaves;
}

static inline struct kmem_cache *cache_of(const char *name)
{
	struct list_head *pos;
	struct kmem_cache *s;

	ring_for_each(pos, &slab_caches)
	{
		s = list_entry_of(pos, struct kmem_cache, list);
		if (!strcmp(s->name, name))
			return s;
	}
	return NULL;
}

/* Sheaves in use, of all sizes. */
static inline unsigned long words_in_use(void)
{
	static const char *const names[] = {
		"sheaf-64", "sheaf-128", "sheaf-256", "sheaf-512",
		"sheaf-1k", "sheaf-2k",  "sheaf-4k",
	};
	unsigned long n = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(names); i++)
		n += counts(cache_of(names[i])).active_objs;
	return n;
}

static inline struct kmem_cache *make(struct kunit *test, size_t size,
				      size_t align, slab_flags_t flags)
{
	static unsigned int number;
	struct kmem_cache *s;
	char name[16];

	snprintf(name, sizeof(name), "test-%u", ++number);
	s = (kmem_cache_create)(name, size, align, flags, NULL);
	KUNIT_ASSERT_NOT_NULL(test, s);
	return s;
}

/* The end of a cache that must be empty and sound. */
static inline void end(struct kunit *test, struct kmem_cache *s)
{
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	KUNIT_EXPECT_EQ(test, live(s), 0);
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(s), 0);
}

/*
 * Ends the process itself: of the pages in use at its start, the slab layer's
 * own are not known to the world.
 */
static inline void slab_body(struct kunit *test,
			     void (*body)(struct kunit *test))
{
	unsigned long pages, caches, words;

	KUNIT_ASSERT_EQ(test, slab_boot(), 0);
	settle();
	pages = pages_in_use();
	caches = caches_listed();
	words = words_in_use();
	body(test);
	fake_set_cpu_hook(NULL);
	fake_set_yield_hook(NULL);
	fake_fail_nth(0, 0);
	settle();
	KUNIT_EXPECT_EQ(test, caches_listed(), caches);
	KUNIT_EXPECT_TRUE(test, all_valid());
	KUNIT_EXPECT_EQ(test, words_in_use(), words);
	KUNIT_EXPECT_EQ(test, pages_in_use(), pages);
	KUNIT_EXPECT_TRUE(test, zone_validate());
	KUNIT_EXPECT_EQ(test, port_task()->held, 0);
	if (test->status && *fake_log())
		kunit_info(test, "log: %s", fake_log());
	fflush(stdout);
	_exit(test->status ? 1 : 0);
}

/* A body in a world where slabs are ready. */
#define SLAB_CASE(name, ...)                         \
	static void name##_slab(struct kunit *test); \
	WORLD_CASE(name, __VA_ARGS__)                \
	{                                            \
		slab_body(test, name##_slab);        \
	}                                            \
	static void name##_slab(struct kunit *test)

/* A full sheaf for nothing. */
static inline void **take_full(struct barn *b)
{
	void **none = NULL;

	return barn_trade_empty(b, &none, LOCK_SLEEP);
}

#endif
