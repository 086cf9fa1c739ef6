// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * Sheaves: what one allocation and one free do, on whatever CPU, with
 * whatever memory there is, and that every sheaf is put somewhere.
 */
#include <pthread.h>
#include <sched.h>

#include "unit/slab/world.h"

#define MOST 4096

static struct kmem_cache *with_capacity(struct kunit *test, unsigned int size,
					unsigned int capacity)
{
	struct kmem_cache_args args = { .sheaf_capacity = capacity };
	struct kmem_cache *s = __kmem_cache_create_args("cap", size, &args, 0);

	KUNIT_ASSERT_NOT_NULL(test, s);
	return s;
}

SLAB_CASE(capacity_follows_size_and_wish, 0)
{
	static const struct {
		unsigned int size, wish, capacity;
	} rows[] = {
		/* of the slot, padding included */
		{ 8, 0, 511 },      { 1024, 0, 511 },    { 1025, 0, 255 },
		{ 2048, 0, 255 },   { 2049, 0, 127 },    { 4096, 0, 127 },
		{ 8192, 0, 63 },    { 16384, 0, 31 },    { 32768, 0, 15 },
		{ 4096, 4, 127 },   { 65536, 5, 7 },     { 65536, 8, 15 },
		{ 4096, 128, 255 }, { 64, 10, 511 },     { 64, 511, 511 },
		{ 64, 512, 511 },   { 64, 100000, 511 },
	};
	struct kmem_cache *s;
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		s = with_capacity(test, rows[i].size, rows[i].wish);
		KUNIT_EXPECT_EQ_MSG(test, pcs_capacity(&s->pcs),
				    rows[i].capacity, "size %u, wish %u",
				    rows[i].size, rows[i].wish);
		end(test, s);
	}
	s = make(test, 64, 0, SLAB_NOLEAKTRACE);
	KUNIT_EXPECT_NULL(test, s->barn);
	end(test, s);
	s = make(test, 32769, 0, 0);
	KUNIT_EXPECT_NULL(test, s->barn);
	end(test, s);
}

SLAB_CASE(a_refill_serves_a_sheaf_of_requests, 0)
{
	struct kmem_cache *s = make(test, 64, 0, 0);
	unsigned long refills;
	void *p[64]; /* a slab of them; a sheaf would hold 511 */
	unsigned int i;

	for (i = 0; i < 64; i++) {
		p[i] = kmem_cache_alloc(s, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, p[i]);
		KUNIT_EXPECT_EQ(test, live(s), i + 1);
		KUNIT_EXPECT_EQ(test, counts(s).free_in_sheaves, 63 - i);
		KUNIT_EXPECT_EQ(test, counts(s).active_objs, 64);
		if (i)
			KUNIT_EXPECT_PTR_EQ(test, p[i], (char *)p[i - 1] + 64);
		else
			refills = s->node->refills;
	}
	KUNIT_EXPECT_EQ(test, s->node->refills, refills);
	/* the last freed is the first handed out */
	for (i = 0; i < 64; i++)
		kmem_cache_free(s, p[i]);
	for (i = 64; i--;)
		KUNIT_EXPECT_PTR_EQ(test, kmem_cache_alloc(s, GFP_NOWAIT),
				    p[i]);
	KUNIT_EXPECT_EQ(test, s->node->refills, refills);
	for (i = 0; i < 64; i++)
		kmem_cache_free(s, p[i]);
	end(test, s);
}

/* On the edge of a sheaf, back and forth costs nothing below. */
SLAB_CASE(swinging_over_an_edge_stays_on_the_cpu, 0)
{
	struct kmem_cache *s = make(test, 64, 0, 0);
	unsigned long refills, flushes;
	unsigned int edge, i, n, k;
	void *p[400];

	for (edge = 60; edge < 260; edge++) {
		for (n = 0; n < edge; n++)
			p[n] = kmem_cache_alloc(s, GFP_KERNEL);
		for (i = 0; i < 3; i++) {
			refills = s->node->refills;
			flushes = s->node->flushes;
			for (k = 0; k < 5; k++)
				kmem_cache_free(s, p[--n]);
			for (k = 0; k < 5; k++)
				p[n++] = kmem_cache_alloc(s, GFP_KERNEL);
		}
		KUNIT_EXPECT_EQ(test, s->node->refills, refills);
		KUNIT_EXPECT_EQ(test, s->node->flushes, flushes);
		while (n)
			kmem_cache_free(s, p[--n]);
	}
	end(test, s);
}

/* Allocated here, freed there: whole sheaves go around through the barn. */
SLAB_CASE(sheaves_travel_between_cpus, 0)
{
	struct kmem_cache *s = make(test, 64, 0, 0);
	unsigned long refills = 0, flushes = 0;
	unsigned int round, i;
	void *p[252];

	for (round = 0; round < 50; round++) {
		fake_set_cpu(0);
		for (i = 0; i < 252; i++)
			p[i] = kmem_cache_alloc(s, GFP_KERNEL);
		fake_set_cpu(1);
		for (i = 0; i < 252; i++)
			kmem_cache_free(s, p[i]);
		if (round == 9) {
			refills = s->node->refills;
			flushes = s->node->flushes;
		}
	}
	/* a lock of the slabs for 252 objects at the most */
	KUNIT_EXPECT_LE(test, s->node->refills - refills, 40);
	KUNIT_EXPECT_LE(test, s->node->flushes - flushes, 40);
	KUNIT_EXPECT_EQ(test, live(s), 0);
	fake_set_cpu(0);
	end(test, s);
}

/* As many objects round after round: from the second on the slabs rest. */
SLAB_CASE(rounds_of_many_objects_are_learned, 0)
{
	struct kmem_cache *s = make(test, 64, 0, 0);
	unsigned long taken = 0, given = 0, sheaves;
	static void *p[16384];
	unsigned int round, i;

	for (round = 0; round < 6; round++) {
		for (i = 0; i < ARRAY_LEN(p); i++) {
			p[i] = kmem_cache_alloc(s, GFP_KERNEL);
			KUNIT_ASSERT_NOT_NULL(test, p[i]);
		}
		if (round == 3) {
			taken = s->node->taken;
			given = s->node->given;
		}
		for (i = 0; i < ARRAY_LEN(p); i++)
			kmem_cache_free(s, p[i]);
	}
	KUNIT_EXPECT_EQ(test, s->node->taken, taken);
	KUNIT_EXPECT_EQ(test, s->node->given, given);
	sheaves = ARRAY_LEN(p) / pcs_capacity(&s->pcs);
	KUNIT_EXPECT_GE(test, s->barn->nr_full, sheaves * 4 / 5);
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	end(test, s);
}

/* Memory that a burst left behind is what the barn has room for, no more. */
SLAB_CASE(a_burst_is_not_kept, 0)
{
	struct kmem_cache *s = make(test, 64, 0, 0);
	static void *p[16384];
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(p); i++)
		p[i] = kmem_cache_alloc(s, GFP_KERNEL);
	for (i = 0; i < ARRAY_LEN(p); i++)
		kmem_cache_free(s, p[i]);
	KUNIT_EXPECT_LE(test, counts(s).active_objs,
			pcs_capacity(&s->pcs) * (2 + s->barn->room));
	end(test, s);
}

SLAB_CASE(flush_leaves_no_sheaf_and_no_object, .cpus = 8)
{
	struct kmem_cache *s = make(test, 16384, 0, 0);
	unsigned long words = words_in_use();
	static void *p[MOST];
	unsigned int i;

	for (i = 0; i < 1000; i++) {
		fake_set_cpu(i % 8);
		p[i] = kmem_cache_alloc(s, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, p[i]);
	}
	for (i = 0; i < 1000; i++) {
		fake_set_cpu(i * 7 % 8);
		kmem_cache_free(s, p[i]);
	}
	KUNIT_EXPECT_GE(test, counts(s).free_in_sheaves, 300);
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	lock_take(&slab_mutex, LOCK_CACHES);
	slab_flush(s);
	lock_drop(&slab_mutex, LOCK_CACHES);
	KUNIT_EXPECT_EQ(test, counts(s).free_in_sheaves, 0);
	KUNIT_EXPECT_EQ(test, counts(s).active_objs, 0);
	KUNIT_EXPECT_EQ(test, s->barn->nr_full, 0);
	KUNIT_EXPECT_EQ(test, s->barn->nr_empty, 0);
	KUNIT_EXPECT_EQ(test, words_in_use(), words);
	/* twice does no harm */
	lock_take(&slab_mutex, LOCK_CACHES);
	slab_flush(s);
	lock_drop(&slab_mutex, LOCK_CACHES);
	KUNIT_EXPECT_EQ(test, words_in_use(), words);
	fake_set_cpu(0);
	end(test, s);
	KUNIT_EXPECT_EQ(test, words_in_use(), words);
}

/* --- objects: no overlap, aligned, constructed, zeroed -------------------- */

static void fill_cache(struct kunit *test, size_t size, size_t align,
		       slab_flags_t flags, unsigned int n)
{
	struct kmem_cache *s = make(test, size, align, flags);
	static unsigned char *p[MOST];
	unsigned int i, k;

	for (k = 0; k < 2; k++) {
		for (i = 0; i < n; i++) {
			p[i] = kmem_cache_alloc(s, GFP_KERNEL);
			KUNIT_ASSERT_NOT_NULL(test, p[i]);
			KUNIT_ASSERT_EQ(test, (uintptr_t)p[i] % s->align, 0);
			KUNIT_ASSERT_EQ(test, (uintptr_t)p[i] % 8, 0);
			memset(p[i], (int)i % 251, size);
		}
		for (i = 0; i < n; i++) {
			KUNIT_ASSERT_EQ(test, p[i][0], i % 251);
			KUNIT_ASSERT_EQ(test, p[i][size - 1], i % 251);
			KUNIT_ASSERT_EQ(test, p[i][size / 2], i % 251);
		}
		KUNIT_ASSERT_TRUE(test, cache_validate(s));
		for (i = 0; i < n; i++)
			kmem_cache_free(s, p[i ^ 1]);
	}
	end(test, s);
}

SLAB_CASE(objects_neither_overlap_nor_lie_askew, .window = 512 * MIB)
{
	static const unsigned int sizes[] = {
		1, 7, 8, 9, 24, 65, 100, 255, 1000, 2049, 5000, 10000
	};
	static const unsigned int aligns[] = { 0, 8, 64, 1024, 4096 };
	static const unsigned int flags[] = { 0, 0x2000 /* hwcache */, 0x80000,
					      0x800000 };
	unsigned int i, k;

	for (i = 0; i < ARRAY_LEN(sizes); i++)
		for (k = 0; k < ARRAY_LEN(aligns); k++)
			fill_cache(test, sizes[i], aligns[k],
				   (slab_flags_t)flags[(i + k) % 4], 300);
	fill_cache(test, 1u << 20, 0, 0, 20);
	fill_cache(test, 64, 1u << 20, 0, 20);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
}

static unsigned int ctors;

static void ctor(void *obj)
{
	memset(obj, 0x5c, 72);
	ctors++;
}

SLAB_CASE(constructed_once_and_never_again, 0)
{
	struct kmem_cache *s = (kmem_cache_create)("ctor", 72, 0, 0, ctor);
	unsigned char *p[500];
	unsigned int i, round;

	for (round = 0; round < 4; round++) {
		for (i = 0; i < 500; i++) {
			fake_set_cpu(i % 4);
			p[i] = kmem_cache_alloc(s, GFP_KERNEL);
			KUNIT_ASSERT_EQ(test, p[i][0], 0x5c);
			KUNIT_ASSERT_EQ(test, p[i][71], 0x5c);
		}
		for (i = 0; i < 500; i++)
			kmem_cache_free(s, p[i]);
		KUNIT_EXPECT_EQ(test, ctors, s->node->slabs_made * s->objects);
	}
	fake_set_cpu(0);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	/* a contradiction: it is zeroed, and said once, when a slab is made */
	kmem_cache_shrink(s);
	p[0] = kmem_cache_zalloc(s, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, p[0][71], 0);
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake_log(), "__GFP_ZERO"));
	memset(p[0], 0x5c, 72);
	kmem_cache_free(s, p[0]);
	end(test, s);
}

SLAB_CASE(zeroing_clears_the_object_and_no_more, 0)
{
	struct slab_params whole = { .name = "whole",
				     .size = 100,
				     .whole_zero = true };
	unsigned char *p, zero[104] = { 0 };
	struct kmem_cache *s = make(test, 100, 0, 0);
	int err;

	KUNIT_EXPECT_EQ(test, s->size, 104);
	p = kmem_cache_alloc(s, GFP_KERNEL);
	memset(p, 0xee, 104);
	kmem_cache_free(s, p);
	KUNIT_ASSERT_PTR_EQ(test, kmem_cache_zalloc(s, GFP_KERNEL), p);
	KUNIT_EXPECT_MEMEQ(test, p, zero, 100);
	KUNIT_EXPECT_EQ(test, p[100], 0xee);
	kmem_cache_free(s, p);
	end(test, s);

	s = slab_create(&whole, &err);
	KUNIT_ASSERT_NOT_NULL(test, s);
	p = kmem_cache_alloc(s, GFP_KERNEL);
	memset(p, 0xee, 104);
	kmem_cache_free(s, p);
	KUNIT_ASSERT_PTR_EQ(test, kmem_cache_zalloc(s, GFP_KERNEL), p);
	KUNIT_EXPECT_MEMEQ(test, p, zero, 104);
	kmem_cache_free(s, p);
	end(test, s);
}

/* --- CPUs ----------------------------------------------------------------- */

/* A cache is made with all the slots it will ever have: CPUs share them. */
static void cpus_of(struct kunit *test, unsigned int cpus, unsigned int slots)
{
	struct kmem_cache *s = make(test, 64, 0, 0);
	void *p[2];

	KUNIT_EXPECT_EQ(test, s->pcs.nr, slots);
	KUNIT_EXPECT_PTR_EQ(test, s->pcs.slots, s->slot);
	KUNIT_EXPECT_EQ(test, (uintptr_t)s->slot % CACHE_LINE, 0);
	KUNIT_EXPECT_GE(test, cache_of("kmem_cache")->object_size,
			sizeof(*s) + slots * sizeof(struct pcs_slot));
	for (unsigned int cpu = 0; cpu < cpus; cpu++) {
		fake_set_cpu(cpu);
		p[0] = kmem_cache_alloc(s, GFP_KERNEL);
		kmem_cache_free(s, p[0]);
		/* what is freed is found again, here and nowhere else */
		fake_set_cpu(cpu + 1);
		p[1] = kmem_cache_alloc(s, GFP_KERNEL);
		KUNIT_EXPECT_EQ(test, p[1] == p[0], slots == 1);
		kmem_cache_free(s, p[1]);
		fake_set_cpu(cpu + slots);
		KUNIT_EXPECT_PTR_EQ(test, kmem_cache_alloc(s, GFP_KERNEL),
				    p[0]);
		kmem_cache_free(s, p[0]);
	}
	KUNIT_EXPECT_EQ(test, s->pcs.nr, slots);
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	fake_set_cpu(0);
	end(test, s);
}

SLAB_CASE(one_cpu_has_one_slot, .cpus = 1)
{
	cpus_of(test, 1, 1);
}

SLAB_CASE(few_cpus_have_a_slot_each, .cpus = 5)
{
	cpus_of(test, 5, 8);
}

SLAB_CASE(many_cpus_share_slots, .cpus = 300)
{
	cpus_of(test, 300, PCS_SLOTS_MOST);
}

static uint64_t cpu_seed;

/* Another CPU at each look, with ids that have holes. */
static unsigned int cpu_anywhere(void)
{
	static const unsigned int ids[] = { 0, 1, 2, 3, 17, 40, 129, 300 };

	return ids[dice(&cpu_seed) % ARRAY_LEN(ids)];
}

/* --- slots that are busy at the wrong moment ------------------------------ */

/* The holder was preempted: others go on without it, and lose nothing. */
SLAB_CASE(a_busy_slot_stops_nobody, .cpus = 1)
{
	struct kmem_cache *s = make(test, 64, 0, 0);
	unsigned long waits;
	unsigned int i;
	void *p[200];

	kmem_cache_free(s, kmem_cache_alloc(s, GFP_KERNEL));
	lock_take(&s->slot->lock, LOCK_SLOT);
	waits = fake_calls(FAKE_WAIT);
	for (i = 0; i < 200; i++) {
		p[i] = kmem_cache_alloc(s, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, p[i]);
	}
	for (i = 0; i < 200; i++)
		kmem_cache_free(s, p[i]);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_WAIT), waits);
	lock_drop(&s->slot->lock, LOCK_SLOT);
	KUNIT_EXPECT_EQ(test, live(s), 0);
	end(test, s);
}

/*
 * Somebody is in the slot whenever the bit of that look is set in a pattern,
 * and out of it again at the next look.
 */
static struct {
	struct kmem_cache *s;
	struct pcs_slot *slot; /* held now */
	uint32_t pattern;
} visitor;

static void visitor_leaves(void)
{
	if (visitor.slot)
		lock_drop_quiet(&visitor.slot->lock, LOCK_SLOT);
	visitor.slot = NULL;
}

static unsigned int cpu_visited(void)
{
	struct pcs_slot *slot = visitor.s->slot;

	visitor_leaves();
	if (visitor.pattern & 1 && lock_try(&slot->lock, LOCK_SLOT))
		visitor.slot = slot;
	visitor.pattern = visitor.pattern >> 1 | visitor.pattern << 31;
	return 0;
}

SLAB_CASE(busy_at_any_look_loses_nothing, 0)
{
	struct kmem_cache *s = visitor.s = make(test, 4096, 0, 0);
	unsigned long words;
	unsigned int i, round;
	uint64_t seed = 11;
	void *p[60];

	kmem_cache_free(s, kmem_cache_alloc(s, GFP_KERNEL));
	kmem_cache_shrink(s);
	words = words_in_use();
	for (round = 0; round < 500; round++) {
		visitor.pattern = dice(&seed) | dice(&seed) << 16;
		fake_set_cpu_hook(cpu_visited);
		for (i = 0; i < 60; i++) {
			p[i] = kmem_cache_alloc(s, GFP_KERNEL);
			KUNIT_ASSERT_NOT_NULL(test, p[i]);
		}
		for (i = 0; i < 60; i++)
			kmem_cache_free(s, p[i]);
		fake_set_cpu_hook(NULL);
		visitor_leaves();
		KUNIT_ASSERT_EQ(test, live(s), 0);
		KUNIT_ASSERT_TRUE(test, cache_validate(s));
		KUNIT_ASSERT_EQ(test, kmem_cache_shrink(s), 0);
		KUNIT_ASSERT_EQ(test, words_in_use(), words);
	}
	end(test, s);
}

/* --- random steps against a model ----------------------------------------- */

struct bag {
	unsigned char *p[MOST];
	unsigned char mark[MOST];
	unsigned int n;
	uint64_t seed;
};

static void bag_add(struct kunit *test, struct kmem_cache *s, struct bag *b,
		    void *p)
{
	KUNIT_ASSERT_NOT_NULL(test, p);
	b->p[b->n] = p;
	b->mark[b->n] = (unsigned char)dice(&b->seed);
	memset(p, b->mark[b->n], s->object_size);
	b->n++;
}

static void *bag_take(struct kunit *test, struct kmem_cache *s, struct bag *b)
{
	unsigned int at = dice(&b->seed) % b->n;
	unsigned char *p = b->p[at];

	KUNIT_ASSERT_EQ(test, p[0], b->mark[at]);
	KUNIT_ASSERT_EQ(test, p[s->object_size - 1], b->mark[at]);
	b->p[at] = b->p[--b->n];
	b->mark[at] = b->mark[b->n];
	return p;
}

static void model_step(struct kunit *test, struct kmem_cache *s, struct bag *b)
{
	unsigned int k = dice(&b->seed) % 100 + 1, i, got;
	void *p[100];

	switch (dice(&b->seed) % 8) {
	case 0:
		if (b->n + k > 2000)
			break;
		got = (unsigned int)kmem_cache_alloc_bulk(s, GFP_KERNEL, k, p);
		KUNIT_ASSERT_EQ(test, got, k);
		for (i = 0; i < k; i++)
			bag_add(test, s, b, p[i]);
		break;
	case 1:
		for (i = 0; i < k && b->n; i++)
			p[i] = bag_take(test, s, b);
		slab_free_bulk(s, i, p, LOCK_SLEEP);
		break;
	case 2:
		if (k > 10)
			break;
		KUNIT_ASSERT_EQ(test, kmem_cache_shrink(s), b->n != 0);
		KUNIT_ASSERT_EQ(test, counts(s).free_in_sheaves, 0);
		break;
	case 3:
	case 4:
	case 5:
		for (i = 0; i < k && b->n < 2000; i++)
			bag_add(test, s, b, kmem_cache_alloc(s, GFP_KERNEL));
		break;
	default:
		for (i = 0; i < k && b->n; i++)
			kmem_cache_free(s, bag_take(test, s, b));
	}
	KUNIT_ASSERT_EQ(test, live(s), b->n);
	KUNIT_ASSERT_TRUE(test, cache_validate(s));
}

SLAB_CASE(random_steps_on_random_cpus, 0)
{
	static const unsigned int sizes[] = { 8, 40, 300, 1500, 4096 };
	static struct bag b;
	struct kmem_cache *s;
	unsigned int i, step;

	fake_set_cpu_hook(cpu_anywhere);
	for (i = 0; i < ARRAY_LEN(sizes) * 2; i++) {
		s = make(test, sizes[i / 2], 0, i % 2 ? SLAB_NOLEAKTRACE : 0);
		b.n = 0;
		b.seed = i + 1;
		for (step = 0; step < 60; step++)
			model_step(test, s, &b);
		while (b.n)
			kmem_cache_free(s, bag_take(test, s, &b));
		end(test, s);
	}
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
}

/* --- no memory ------------------------------------------------------------ */

struct hoard {
	struct page *page[MOST];
	unsigned int n;
};

/* Takes every page there is; the reserves too. */
static void hoard_all(struct hoard *h)
{
	settle();
	h->n = 0;
	while (h->n < MOST &&
	       (h->page[h->n] = page_alloc(GFP_ROUND | __GFP_MEMALLOC, 0)))
		h->n++;
}

static void hoard_give(struct hoard *h, unsigned int n)
{
	while (n-- && h->n)
		page_free(h->page[--h->n], 0);
}

/* All that can be done with a cache, each step of which may fail. */
static void a_cache_of_little(struct kunit *test, gfp_t gfp, size_t size)
{
	struct slab_params params = { .name = "little", .size = size };
	unsigned int i, n = 0, k;
	void *p[200], *q[20];
	struct kmem_cache *s;
	int err;

	s = slab_create(&params, &err);
	if (!s) {
		KUNIT_EXPECT_EQ(test, err, -12);
		return;
	}
	for (i = 0; i < 120; i++) {
		fake_set_cpu(i % 5 * 16);
		p[n] = kmem_cache_alloc(s, gfp);
		n += p[n] != NULL;
		KUNIT_ASSERT_EQ(test, live(s), n);
	}
	k = (unsigned int)kmem_cache_alloc_bulk(s, gfp, 20, q);
	KUNIT_ASSERT_TRUE(test, k == 0 || k == 20);
	KUNIT_ASSERT_EQ(test, live(s), n + k);
	KUNIT_ASSERT_TRUE(test, cache_validate(s));
	for (i = 0; i < n; i++) {
		fake_set_cpu(i % 7 * 9);
		kmem_cache_free(s, p[i]);
	}
	slab_free_bulk(s, k, q, LOCK_SLEEP);
	fake_set_cpu(0);
	end(test, s);
}

/* With 0, 1, 2, .. free pages: only a lack of memory fails, nothing stays. */
SLAB_CASE(works_with_any_number_of_free_pages, .options = "mem=4M")
{
	static const gfp_t gfps[] = { GFP_ROUND, GFP_NOWAIT,
				      GFP_ATOMIC | __GFP_NOWARN };
	static struct hoard h;
	unsigned long pages, words = words_in_use();
	unsigned int k, i;

	for (i = 0; i < ARRAY_LEN(gfps); i++) {
		for (k = 0; k < 90; k += k < 40 ? 1 : 7) {
			hoard_all(&h);
			KUNIT_ASSERT_GE(test, h.n, 500);
			pages = pages_in_use();
			hoard_give(&h, k);
			a_cache_of_little(test, gfps[i], k % 2 ? 64 : 1000);
			settle();
			KUNIT_ASSERT_EQ_MSG(test, pages_in_use(), pages - k,
					    "%u free pages", k);
			hoard_give(&h, MOST);
			settle();
			KUNIT_ASSERT_EQ(test, words_in_use(), words);
		}
	}
}

/* What idle caches keep is there for those that need it. */
SLAB_CASE(reclaim_empties_the_sheaves_of_all, .options = "mem=4M")
{
	struct kmem_cache *idle = make(test, 4096, 0, 0);
	struct kmem_cache *s = make(test, 2048, 0, 0);
	static void *p[MOST];
	unsigned int i, n = 0;

	for (i = 0; i < 60; i++)
		p[i] = kmem_cache_alloc(idle, GFP_KERNEL);
	for (i = 0; i < 60; i++)
		kmem_cache_free(idle, p[i]);
	/* empty slabs of more than 64 KiB have left already */
	KUNIT_EXPECT_GE(test, counts(idle).num_objs, 30);
	while ((p[n] = kmem_cache_alloc(s, GFP_ROUND)))
		n++;
	KUNIT_EXPECT_EQ(test, counts(idle).num_slabs, 0);
	/* even its own, though a request of it was under way */
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	KUNIT_EXPECT_EQ(test, live(s), n);
	KUNIT_EXPECT_GE(test, n, 1500);
	for (i = 0; i < n; i++)
		kmem_cache_free(s, p[i]);
	end(test, s);
	end(test, idle);
}

/* Reclaim tries the mutex that this very thread may hold. */
SLAB_CASE(a_request_under_slab_mutex_fails_and_returns, .options = "mem=4M")
{
	struct kmem_cache *s = make(test, 4096, 0, 0);
	static void *p[MOST];
	unsigned int n = 0;

	lock_take(&slab_mutex, LOCK_CACHES);
	while ((p[n] = kmem_cache_alloc(s, GFP_ROUND)))
		n++;
	lock_drop(&slab_mutex, LOCK_CACHES);
	KUNIT_EXPECT_GE(test, n, 500);
	while (n)
		kmem_cache_free(s, p[--n]);
	end(test, s);
}

/* --- threads -------------------------------------------------------------- */

#define THREADS 8
#define STEPS (KMEM_INJECT ? 15000 : 60000)
#define SHELF 256

/*
 * Objects go from thread to thread over a shelf.  Each carries the mark of its
 * last writer: a second owner would write another.
 */
static struct {
	struct kmem_cache *s;
	unsigned long *shelf[SHELF];
	int wrong, failed;
	bool stop;
} play;

static void mark(unsigned long *p)
{
	p[0] = (unsigned long)p;
	p[7] = ~(unsigned long)p;
}

static void unmark(unsigned long *p)
{
	if (p[0] != (unsigned long)p || p[7] != ~(unsigned long)p)
		__atomic_store_n(&play.wrong, 1, __ATOMIC_RELAXED);
	p[0] = 1;
	p[7] = 2;
}

static void play_bulk(uint64_t *seed)
{
	unsigned int n = dice(seed) % 70 + 1, i;
	void *p[70];

	if (!kmem_cache_alloc_bulk(play.s, GFP_KERNEL, n, p)) {
		__atomic_store_n(&play.failed, 1, __ATOMIC_RELAXED);
		return;
	}
	for (i = 0; i < n; i++)
		mark(p[i]);
	for (i = 0; i < n; i++)
		unmark(p[i]);
	slab_free_bulk(play.s, n, p, LOCK_SLEEP);
}

static void *player(void *arg)
{
	uint64_t seed = (uintptr_t)arg;
	unsigned long *p;
	unsigned int i;

	for (i = 0; i < STEPS; i++) {
		if (!(i % 8))
			fake_set_cpu(dice(&seed) % 300);
		if (!(dice(&seed) % 64))
			play_bulk(&seed);
		p = NULL;
		if (dice(&seed) % 2) {
			p = kmem_cache_alloc(play.s, GFP_KERNEL);
			if (p)
				mark(p);
			else
				__atomic_store_n(&play.failed, 1,
						 __ATOMIC_RELAXED);
		}
		p = __atomic_exchange_n(&play.shelf[dice(&seed) % SHELF], p,
					__ATOMIC_ACQ_REL);
		if (p) {
			unmark(p);
			kmem_cache_free(play.s, p);
		}
	}
	return NULL;
}

static void *shrinker(void *arg)
{
	while (!__atomic_load_n(&play.stop, __ATOMIC_RELAXED)) {
		kmem_cache_shrink(play.s);
		counts(play.s);
		sched_yield();
	}
	return arg;
}

static void yield_and_move(void)
{
	static __thread uint64_t seed;

	if (!seed)
		seed = (uintptr_t)&seed;
	if (!(dice(&seed) % 64))
		sched_yield();
	if (!(dice(&seed) % 16))
		fake_set_cpu(dice(&seed) % 300);
}

SLAB_CASE(threads_share_a_cache, .cpus = 300)
{
	pthread_t thread[THREADS + 1];
	unsigned int i;

	play.s = make(test, 64, 0, 0);
	fake_set_yield_hook(yield_and_move);
	for (i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, player,
			       (void *)(uintptr_t)(i + 1));
	pthread_create(&thread[i], NULL, shrinker, NULL);
	for (i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	__atomic_store_n(&play.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread[i], NULL);
	fake_set_yield_hook(NULL);
	fake_set_cpu(0);
	KUNIT_EXPECT_EQ(test, play.wrong, 0);
	KUNIT_EXPECT_EQ(test, play.failed, 0);
	for (i = 0; i < SHELF; i++) {
		if (play.shelf[i]) {
			unmark(play.shelf[i]);
			kmem_cache_free(play.s, play.shelf[i]);
		}
	}
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	end(test, play.s);
}

/* --- a signal handler inside a slot --------------------------------------- */

static struct {
	struct kmem_cache *s;
	bool inside;
	uint64_t seed;
	unsigned long runs;
	unsigned long *kept[64];
	unsigned int n;
} handler;

static void handler_runs(void)
{
	unsigned long *p;

	if (handler.inside || dice(&handler.seed) % 3)
		return;
	handler.inside = true;
	handler.runs++;
	fake_set_cpu(dice(&handler.seed) % 40);
	if (handler.n < 64 && dice(&handler.seed) % 2) {
		p = kmem_cache_alloc(handler.s, GFP_NOWAIT);
		if (p) {
			mark(p);
			handler.kept[handler.n++] = p;
		}
	} else if (handler.n) {
		p = handler.kept[--handler.n];
		unmark(p);
		kmem_cache_free(handler.s, p);
	}
	handler.inside = false;
}

SLAB_CASE(handler_allocates, 0)
{
	unsigned long *p[500];
	unsigned int i, n = 0;
	uint64_t seed = 3;

	handler.s = make(test, 64, 0, 0);
	fake_set_yield_hook(handler_runs);
	for (i = 0; i < 20000; i++) {
		if (n < 500 && dice(&seed) % 2) {
			p[n] = kmem_cache_alloc(handler.s, GFP_KERNEL);
			KUNIT_ASSERT_NOT_NULL(test, p[n]);
			mark(p[n++]);
		} else if (n) {
			unmark(p[--n]);
			kmem_cache_free(handler.s, p[n]);
		}
		if (!(i % 1000))
			kmem_cache_shrink(handler.s);
	}
	fake_set_yield_hook(NULL);
	KUNIT_EXPECT_GE(test, handler.runs, 1000);
	KUNIT_EXPECT_EQ(test, live(handler.s), n + handler.n);
	while (n)
		kmem_cache_free(handler.s, p[--n]);
	while (handler.n)
		kmem_cache_free(handler.s, handler.kept[--handler.n]);
	KUNIT_EXPECT_EQ(test, play.wrong, 0);
	fake_set_cpu(0);
	end(test, handler.s);
}

static void a_handler_may_allocate_inside_a_sequence(struct kunit *test)
{
	if (!KMEM_INJECT)
		kunit_skip(test, "built without KMEM_INJECT");
	handler_allocates(test);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(capacity_follows_size_and_wish),
	KUNIT_CASE(a_refill_serves_a_sheaf_of_requests),
	KUNIT_CASE(swinging_over_an_edge_stays_on_the_cpu),
	KUNIT_CASE(sheaves_travel_between_cpus),
	KUNIT_CASE(rounds_of_many_objects_are_learned),
	KUNIT_CASE(a_burst_is_not_kept),
	KUNIT_CASE(flush_leaves_no_sheaf_and_no_object),
	KUNIT_CASE(objects_neither_overlap_nor_lie_askew),
	KUNIT_CASE(constructed_once_and_never_again),
	KUNIT_CASE(zeroing_clears_the_object_and_no_more),
	KUNIT_CASE(one_cpu_has_one_slot),
	KUNIT_CASE(few_cpus_have_a_slot_each),
	KUNIT_CASE(many_cpus_share_slots),
	KUNIT_CASE(a_busy_slot_stops_nobody),
	KUNIT_CASE(busy_at_any_look_loses_nothing),
	KUNIT_CASE(random_steps_on_random_cpus),
	KUNIT_CASE(works_with_any_number_of_free_pages),
	KUNIT_CASE(reclaim_empties_the_sheaves_of_all),
	KUNIT_CASE(a_request_under_slab_mutex_fails_and_returns),
	KUNIT_CASE(threads_share_a_cache),
	KUNIT_CASE(a_handler_may_allocate_inside_a_sequence),
	{},
};

static struct kunit_suite suite = {
	.name = "sheaf",
	.test_cases = cases,
};

kunit_test_suite(suite);
