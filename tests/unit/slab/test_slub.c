// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/* Slabs: geometry, claims and returns, the counts of a node. */
#include "unit/slab/world.h"

#include <linux/mm.h>

#include "lib/errno.h"
#include "port/fake/rcu.h"

#define MANY 4096

/* A cache without sheaves: what is taken and given is seen at once. */
static struct kmem_cache *bare(struct kunit *test, size_t size)
{
	return make(test, size, 0, SLAB_NOLEAKTRACE);
}

static struct kmem_cache geometry(unsigned int size)
{
	const struct slab_params p = { .size = size };
	struct kmem_cache s = { 0 };

	slab_geometry(&s, &p);
	return s;
}

/* Slots of that size in a kernel with one CPU; its own boot printed them. */
static void geometry_is_the_kernels(struct kunit *test)
{
	static const struct {
		unsigned int size, objects, order;
	} rows[] = {
		{ 8, 512, 0 },  { 16, 256, 0 },     { 24, 170, 0 },
		{ 32, 128, 0 }, { 48, 85, 0 },      { 64, 64, 0 },
		{ 72, 56, 0 },  { 96, 42, 0 },      { 104, 39, 0 },
		{ 112, 36, 0 }, { 120, 34, 0 },     { 128, 32, 0 },
		{ 136, 30, 0 }, { 160, 25, 0 },     { 192, 21, 0 },
		{ 200, 20, 0 }, { 208, 19, 0 },     { 224, 18, 0 },
		{ 256, 16, 0 }, { 288, 14, 0 },     { 296, 13, 0 },
		{ 320, 12, 0 }, { 384, 10, 0 },     { 512, 8, 0 },
		{ 768, 10, 1 }, { 1024, 8, 1 },     { 1536, 10, 2 },
		{ 2048, 8, 2 }, { 3072, 10, 3 },    { 4096, 8, 3 },
		{ 4192, 7, 3 }, { 4288, 7, 3 },     { 6144, 5, 3 },
		{ 8192, 4, 3 }, { 4194304, 1, 10 },
	};
	struct kmem_cache s;
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		s = geometry(rows[i].size);
		KUNIT_EXPECT_EQ_MSG(test, s.objects, rows[i].objects, "%u",
				    rows[i].size);
		KUNIT_EXPECT_EQ_MSG(test, s.order, rows[i].order, "%u",
				    rows[i].size);
	}
}

static void geometry_wastes_little(struct kunit *test)
{
	struct kmem_cache s;
	unsigned int size;
	unsigned long bytes, waste;

	for (size = 16; size <= 32768; size += 16) {
		s = geometry(size);
		bytes = PG_BYTES << s.order;
		waste = bytes - (unsigned long)s.objects * size;
		KUNIT_EXPECT_TRUE_MSG(test, waste * 5 < bytes,
				      "size %u: order %u wastes %lu", size,
				      s.order, waste);
		KUNIT_EXPECT_GE_MSG(test, s.objects, 1, "%u", size);
		KUNIT_EXPECT_LE_MSG(test, s.order, 6, "%u", size);
	}
}

static void geometry_of_every_size_is_sound(struct kunit *test)
{
	const struct slab_params large = { .name = "large",
					   .size = (4u << 20) + 8 };
	struct kmem_cache s;
	unsigned int size;
	int err = 0;

	for (size = 8; size <= 4u << 20; size += size < 65536 ? 8 : 4096) {
		s = geometry(size);
		KUNIT_ASSERT_LE(test, s.order, PG_MAX_ORDER);
		KUNIT_ASSERT_LE(test, s.min_order, s.order);
		KUNIT_ASSERT_GE(test, s.min_objects, 1);
		KUNIT_ASSERT_GE(test, s.objects, s.min_objects);
		KUNIT_ASSERT_LE(test, (unsigned long)s.objects * size,
				PG_BYTES << s.order);
		KUNIT_ASSERT_LE(test, (unsigned long)s.min_objects * size,
				PG_BYTES << s.min_order);
		/* all bits fit what the window keeps for the pages */
		KUNIT_ASSERT_LE(test, s.objects, 512u << s.order);
	}
	KUNIT_EXPECT_NULL(test, slab_create(&large, &err));
	KUNIT_EXPECT_EQ(test, err, -EINVAL);
}

/*
 * The quotient never falls as the offset grows, so it is right everywhere
 * when it is right at both ends of every object.
 */
static void reciprocal_divides_exactly(struct kunit *test)
{
	unsigned long off, k, bad = 0;
	struct kmem_cache s;
	unsigned int size;

	for (size = 8; size <= 1024; size++) {
		s = geometry(size);
		KUNIT_ASSERT_NE(test, s.recip, 0);
		for (off = 0, k = 0; off < 4ul << 20; off += s.size, k++)
			bad += off * s.recip >> 32 != k ||
			       (off + s.size - 1) * s.recip >> 32 != k;
		KUNIT_ASSERT_EQ_MSG(test, bad, 0, "size %u", size);
	}
}

SLAB_CASE(index_knows_starts_from_insides, 0)
{
	static const unsigned int sizes[] = { 8,    24,   104,  1024,
					      1032, 3072, 4096, 40960 };
	struct kmem_cache *s;
	struct page *slab;
	unsigned int i, off;
	void *obj;
	int want;

	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		s = bare(test, sizes[i]);
		KUNIT_ASSERT_EQ(test, slub_take(s, GFP_KERNEL, 1, &obj), 1);
		slab = slub_of(obj);
		KUNIT_ASSERT_PTR_EQ(test, page_addr(slab), obj);
		for (off = 0; off < PG_BYTES << slab->order; off++) {
			want = off % sizes[i] || off / sizes[i] >= s->objects ?
				       -1 :
				       (int)(off / sizes[i]);
			KUNIT_ASSERT_EQ(test,
					slub_index(s, slab, (char *)obj + off),
					want);
			KUNIT_ASSERT_PTR_EQ(test, slub_of((char *)obj + off),
					    slab);
		}
		slub_give(s, 1, &obj, LOCK_SLEEP);
		end(test, s);
	}
}

SLAB_CASE(of_knows_what_is_no_slab, 0)
{
	struct page *page = page_alloc(GFP_KERNEL, 1);
	int local;

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_NULL(test, slub_of(page_addr(page)));
	KUNIT_EXPECT_NULL(test, slub_of(NULL));
	KUNIT_EXPECT_NULL(test, slub_of(&local));
	/* reserved, and its record too */
	KUNIT_EXPECT_NULL(test, slub_of(window.base + window.size - 4096));
	page_free(page, 1);
}

SLAB_CASE(take_hands_out_lowest_last, 0)
{
	struct kmem_cache *s = bare(test, 64);
	void *p[100];
	unsigned int i;

	/* one new slab and no more, although more was asked for */
	KUNIT_ASSERT_EQ(test, slub_take(s, GFP_KERNEL, 100, p), 64);
	for (i = 0; i < 64; i++)
		KUNIT_EXPECT_PTR_EQ(test, p[i],
				    (char *)p[63] + (63 - i) * 64ul);
	KUNIT_EXPECT_EQ(test, s->node->nr_slabs, 1);
	KUNIT_EXPECT_EQ(test, s->node->nr_partial, 0);
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	/* no new slab while there is a free object for each four */
	slub_give(s, 1, p + 7, LOCK_SLEEP);
	KUNIT_EXPECT_EQ(test, s->node->nr_partial, 1);
	KUNIT_ASSERT_EQ(test, slub_take(s, GFP_KERNEL, 7, p + 90), 1);
	KUNIT_EXPECT_PTR_EQ(test, p[90], p[7]);
	KUNIT_EXPECT_EQ(test, s->node->nr_slabs, 1);
	slub_give(s, 64, p, LOCK_SLEEP);
	KUNIT_EXPECT_EQ(test, s->node->nr_empty, 1);
	end(test, s);
}

/* A sheaf of one object would be no use; those of the old slab come first. */
SLAB_CASE(few_partial_objects_are_topped_up_from_a_new_slab, 0)
{
	struct kmem_cache *s = bare(test, 64);
	void *p[63], *q[63];
	unsigned int i;

	KUNIT_ASSERT_EQ(test, slub_take(s, GFP_KERNEL, 63, p), 63);
	KUNIT_ASSERT_EQ(test, slub_take(s, GFP_KERNEL, 63, q), 63);
	KUNIT_EXPECT_EQ(test, s->node->nr_slabs, 2);
	KUNIT_EXPECT_PTR_EQ(test, slub_of(q[62]), slub_of(p[0]));
	for (i = 0; i < 62; i++)
		KUNIT_EXPECT_PTR_EQ(test, q[i],
				    (char *)q[61] + (61 - i) * 64ul);
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	slub_give(s, 63, q, LOCK_SLEEP);
	slub_give(s, 63, p, LOCK_SLEEP);
	end(test, s);
}

/* The wish for more costs no reserve, no reclaim and no report. */
SLAB_CASE(few_partial_objects_are_enough_without_memory, .options = "mem=4M")
{
	struct kmem_cache *s = bare(test, 512);
	static struct page *pages[2048];
	unsigned int n = 0, i;
	unsigned long free;
	void *p[8], *q;

	KUNIT_ASSERT_EQ(test, slub_take(s, GFP_KERNEL, 8, p), 8);
	slub_give(s, 1, p, LOCK_SLEEP);
	while (n < ARRAY_LEN(pages) &&
	       (pages[n] = page_alloc(GFP_NOWAIT | __GFP_NOWARN, 0)))
		n++;
	free = pages_in_use();
	fake_log_clear();
	KUNIT_EXPECT_EQ(test, slub_take(s, GFP_ATOMIC | __GFP_NOFAIL, 8, p), 1);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	KUNIT_EXPECT_EQ(test, pages_in_use(), free);
	q = p[0];
	for (i = 0; i < n; i++)
		page_free(pages[i], 0);
	KUNIT_EXPECT_EQ(test, slub_of(q)->inuse, 8);
	for (i = 0; i < 8; i++) {
		p[i] = (char *)page_addr(slub_of(q)) + i * 512ul;
		slub_give(s, 1, &p[i], LOCK_SLEEP);
	}
	end(test, s);
}

/* Objects on both sides of every boundary of words and of map places. */
SLAB_CASE(claims_cross_words_of_the_map, 0)
{
	/* 1, 2, 32, 64, 85, 128, 170, 512 objects */
	static const unsigned int sizes[] = { 1u << 20, 40000, 128, 64,
					      48,       32,    24,  8 };
	void *p[MANY];
	struct kmem_cache *s;
	unsigned int i, step, n, k;

	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		s = bare(test, sizes[i]);
		for (step = 1; step <= 65; step += 16) {
			for (n = 0; n < s->objects; n += k) {
				k = s->objects - n < step ? s->objects - n :
							    step;
				k = slub_take(s, GFP_KERNEL, k, p + n);
				KUNIT_ASSERT_GE(test, k, 1);
				KUNIT_ASSERT_TRUE(test, cache_validate(s));
			}
			KUNIT_EXPECT_EQ(test, n, s->objects);
			for (k = 0; k < n; k += step) {
				slub_give(s, n - k < step ? n - k : step, p + k,
					  LOCK_SLEEP);
				KUNIT_ASSERT_TRUE(test, cache_validate(s));
			}
			KUNIT_EXPECT_EQ(test, s->node->nr_slabs, 1);
			KUNIT_EXPECT_EQ(test, s->node->nr_empty, 1);
		}
		end(test, s);
	}
}

/* Objects of one slab by index; NULL for those that are free. */
static void *by_index[512];

/* Takes want objects: the free ones from *at on, the lowest of them last. */
static void take_lowest(struct kunit *test, struct kmem_cache *s,
			unsigned int want, unsigned int got, unsigned int *at)
{
	void *p[70];

	KUNIT_ASSERT_EQ(test, slub_take(s, GFP_KERNEL, want, p), got);
	while (got--) {
		while (by_index[*at])
			++*at;
		KUNIT_ASSERT_EQ(test, slub_index(s, slub_of(p[got]), p[got]),
				*at);
		by_index[*at] = p[got];
	}
}

/* Holes of every shape: bits alone, runs, words with all bits set. */
SLAB_CASE(take_keeps_the_order_of_what_is_free, 0)
{
	/* 64, 102, 512 objects: one word, a tail, many words */
	static const unsigned int sizes[] = { 64, 40, 8 };
	unsigned int i, at, n, part, round, want, got;
	struct kmem_cache *s;
	uint64_t seed = 7;
	void *p[512];

	for (round = 0; round < 600; round++) {
		s = bare(test, sizes[round % ARRAY_LEN(sizes)]);
		n = slub_take(s, GFP_KERNEL, s->objects, p);
		KUNIT_ASSERT_EQ(test, n, s->objects);
		for (i = 0, part = 0; i < n; i++) {
			by_index[n - 1 - i] = p[i];
			if (dice(&seed) % (2 + round % 7)) {
				by_index[n - 1 - i] = NULL;
				slub_give(s, 1, &p[i], LOCK_SLEEP);
				part++;
			}
		}
		for (at = 0; part; part -= got) {
			/* more than there are, but no more than that allows */
			want = round % 70 + 1;
			want = want < 4 * part ? want : 4 * part;
			got = want < part ? want : part;
			take_lowest(test, s, want, got, &at);
		}
		KUNIT_ASSERT_TRUE(test, cache_validate(s));
		slub_give(s, n, by_index, LOCK_SLEEP);
		end(test, s);
	}
}

struct held {
	void *p[MANY];
	unsigned int n;
};

/* Is p free of overlap with what is held, and where objects may be? */
static void check_new(struct kunit *test, struct kmem_cache *s,
		      const struct held *h, void *p)
{
	unsigned int i;

	KUNIT_ASSERT_EQ(test, (uintptr_t)p % s->align, 0);
	for (i = 0; i < h->n; i++)
		KUNIT_ASSERT_TRUE(
			test, (char *)p + s->size <= (char *)h->p[i] ||
				      (char *)h->p[i] + s->size <= (char *)p);
}

static void random_steps(struct kunit *test, struct kmem_cache *s,
			 uint64_t seed, unsigned int steps)
{
	static struct held h;
	unsigned int k, i, at, got;
	void *p[80];

	h.n = 0;
	while (steps--) {
		k = dice(&seed) % 80 + 1;
		if (dice(&seed) % 2 && h.n + k < 600) {
			got = slub_take(s, GFP_KERNEL, k, p);
			for (i = 0; i < got; i++) {
				check_new(test, s, &h, p[i]);
				h.p[h.n++] = p[i];
			}
		} else {
			for (i = 0; i < k && h.n; i++) {
				at = dice(&seed) % h.n;
				p[i] = h.p[at];
				h.p[at] = h.p[--h.n];
			}
			if (i)
				slub_give(s, i, p, LOCK_SLEEP);
		}
		KUNIT_ASSERT_EQ(test, counts(s).active_objs, h.n);
		KUNIT_ASSERT_TRUE(test, cache_validate(s));
	}
	slub_give(s, h.n, h.p, LOCK_SLEEP);
}

SLAB_CASE(random_takes_and_gives_agree_with_the_books, 0)
{
	static const unsigned int sizes[] = { 8, 40, 136, 512, 1000, 5000 };
	struct kmem_cache *s;
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		s = make(test, sizes[i], i % 2 ? 64 : 0, SLAB_NOLEAKTRACE);
		random_steps(test, s, i + 1, 60);
		KUNIT_EXPECT_LE(test, s->node->nr_slabs, s->min_partial);
		end(test, s);
	}
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
}

/* Of large slabs fewer stay: 64 KiB of them. */
SLAB_CASE(empty_slabs_beyond_64k_leave, 0)
{
	struct kmem_cache *s = bare(test, 4096);
	unsigned int i;
	void *p[80];

	KUNIT_ASSERT_EQ(test, s->order, 3);
	for (i = 0; i < 80; i += 8)
		KUNIT_ASSERT_EQ(test, slub_take(s, GFP_KERNEL, 8, p + i), 8);
	for (i = 0; i < 80; i += 8)
		slub_give(s, 8, p + i, LOCK_SLEEP);
	KUNIT_EXPECT_EQ(test, s->node->nr_empty, 2);
	KUNIT_EXPECT_EQ(test, slub_shrink(s), 0);
	end(test, s);
}

SLAB_CASE(empty_slabs_beyond_min_partial_leave, 0)
{
	struct kmem_cache *s = bare(test, 512);
	unsigned long made;
	unsigned int i;
	void *p[160];

	for (i = 0; i < 160; i += 8)
		KUNIT_ASSERT_EQ(test, slub_take(s, GFP_KERNEL, 8, p + i), 8);
	KUNIT_EXPECT_EQ(test, s->node->nr_slabs, 20);
	for (i = 0; i < 160; i += 8)
		slub_give(s, 8, p + i, LOCK_SLEEP);
	KUNIT_EXPECT_EQ(test, s->min_partial, 5);
	KUNIT_EXPECT_EQ(test, s->node->nr_slabs, 4);
	KUNIT_EXPECT_EQ(test, s->node->nr_empty, 4);
	KUNIT_EXPECT_EQ(test, s->node->slabs_freed, 16);
	/* these are used before new ones are made */
	made = s->node->slabs_made;
	KUNIT_EXPECT_EQ(test, slub_take(s, GFP_KERNEL, 32, p), 32);
	KUNIT_EXPECT_EQ(test, s->node->slabs_made, made);
	KUNIT_EXPECT_EQ(test, s->node->nr_empty, 0);
	slub_give(s, 32, p, LOCK_SLEEP);
	KUNIT_EXPECT_EQ(test, slub_shrink(s), 0);
	KUNIT_EXPECT_EQ(test, s->node->nr_slabs, 0);
	end(test, s);
}

SLAB_CASE(shrink_says_how_many_slabs_are_left, 0)
{
	struct kmem_cache *s = bare(test, 1024);
	void *p[24];
	unsigned int i;

	for (i = 0; i < 24; i += 8)
		KUNIT_ASSERT_EQ(test, slub_take(s, GFP_KERNEL, 8, p + i), 8);
	KUNIT_EXPECT_EQ(test, slub_shrink(s), 3);
	slub_give(s, 8, p, LOCK_SLEEP);
	slub_give(s, 7, p + 8, LOCK_SLEEP);
	KUNIT_EXPECT_EQ(test, slub_shrink(s), 2);
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	slub_give(s, 1, p + 15, LOCK_SLEEP);
	slub_give(s, 8, p + 16, LOCK_SLEEP);
	KUNIT_EXPECT_EQ(test, slub_shrink(s), 0);
	end(test, s);
}

/* Memory in which no two free pages lie together. */
static unsigned int crumble(struct page **pages, unsigned int max)
{
	unsigned int n = 0, i;

	while (n < max &&
	       (pages[n] = page_alloc(__GFP_NOWARN | __GFP_MEMALLOC, 0)))
		n++;
	/* in pairs of neighbours one stays */
	for (i = 0; i < n; i++) {
		if (page_pfn(pages[i]) % 2 == 0) {
			page_free(pages[i], 0);
			pages[i] = NULL;
		}
	}
	pcp_drain(true);
	return n;
}

SLAB_CASE(slabs_of_the_smallest_order_when_there_are_no_others,
	  .options = "mem=4M")
{
	static struct page *pages[2048];
	struct kmem_cache *s = bare(test, 4096);
	unsigned int n = crumble(pages, ARRAY_LEN(pages)), i;
	void *p[20];

	KUNIT_ASSERT_GE(test, n, 1000);
	for (i = 0; i < 10; i++)
		KUNIT_ASSERT_EQ(test, slub_take(s, GFP_ROUND, 8, p + i), 1);
	KUNIT_EXPECT_EQ(test, s->node->nr_slabs, 10);
	KUNIT_EXPECT_EQ(test, s->node->total_objects, 10);
	KUNIT_EXPECT_EQ(test, slub_of(p[0])->objects, 1);
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	for (i = 0; i < n; i++)
		if (pages[i])
			page_free(pages[i], 0);
	pcp_drain(true);
	/* both kinds in one cache */
	KUNIT_EXPECT_EQ(test, slub_take(s, GFP_KERNEL, 9, p + 10), 8);
	KUNIT_EXPECT_EQ(test, s->node->total_objects, 18);
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	slub_give(s, 18, p, LOCK_SLEEP);
	end(test, s);
}

SLAB_CASE(take_without_memory_takes_nothing, .options = "mem=4M")
{
	struct kmem_cache *s = bare(test, 4096);
	static void *p[2048];
	unsigned int n = 0, k;

	while ((k = slub_take(s, GFP_ROUND, 8, p + n)))
		n += k;
	KUNIT_EXPECT_GE(test, n, 500);
	KUNIT_EXPECT_EQ(test, counts(s).active_objs, n);
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	slub_give(s, n, p, LOCK_SLEEP);
	end(test, s);
}

/* --- misuse --------------------------------------------------------------- */

static void expect_reports(struct kunit *test, unsigned long before,
			   unsigned long n, const char *text)
{
	KUNIT_EXPECT_EQ(test, report_errors() - before, n);
	KUNIT_EXPECT_TRUE_MSG(test, strstr(fake_log(), text), "no \"%s\" in %s",
			      text, fake_log());
	fake_log_clear();
}

SLAB_CASE(double_free_is_reported_and_harmless, 0)
{
	struct kmem_cache *s = bare(test, 64);
	unsigned long before = report_errors();
	void *p[64], *q[65];
	unsigned int i, j;
	char text[64];

	KUNIT_ASSERT_EQ(test, slub_take(s, GFP_KERNEL, 64, p), 64);
	slub_give(s, 1, p + 3, LOCK_SLEEP);
	slub_give(s, 1, p + 3, LOCK_SLEEP);
	KUNIT_EXPECT_EQ(test, counts(s).active_objs, 63);
	snprintf(text, sizeof(text), "Object already free 0x%016lx\n",
		 (unsigned long)p[3]);
	/* one report, one fix */
	expect_reports(test, before, 2, text);
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	/* twice in one run, and again after the slab was emptied by it */
	memcpy(q, p, sizeof(p));
	q[3] = p[4];
	q[64] = p[0];
	before = report_errors();
	slub_give(s, 65, q, LOCK_SLEEP);
	KUNIT_EXPECT_EQ(test, report_errors() - before, 4);
	fake_log_clear();
	KUNIT_EXPECT_EQ(test, counts(s).active_objs, 0);
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	/* nothing is handed out twice for it */
	KUNIT_ASSERT_EQ(test, slub_take(s, GFP_KERNEL, 64, p), 64);
	for (i = 0; i < 64; i++)
		for (j = 0; j < i; j++)
			KUNIT_ASSERT_PTR_NE(test, p[i], p[j]);
	slub_give(s, 64, p, LOCK_SLEEP);
	end(test, s);
}

SLAB_CASE(interior_and_tail_pointers_are_reported, 0)
{
	struct kmem_cache *s = bare(test, 96);
	unsigned long before = report_errors();
	void *p, *bad;

	KUNIT_ASSERT_EQ(test, slub_take(s, GFP_KERNEL, 1, &p), 1);
	bad = (char *)p + 8;
	slub_give(s, 1, &bad, LOCK_SLEEP);
	expect_reports(test, before, 2, "BUG test-1 (");
	before = report_errors();
	/* past the last object, in the slab's waste */
	bad = (char *)p + 42 * 96;
	slub_give(s, 1, &bad, LOCK_SLEEP);
	expect_reports(test, before, 2, "Invalid object pointer 0x");
	KUNIT_EXPECT_EQ(test, counts(s).active_objs, 1);
	slub_give(s, 1, &p, LOCK_SLEEP);
	end(test, s);
}

/* A bad pointer of each kind, alone and behind a good one. */
SLAB_CASE(foreign_and_wild_pointers_are_reported, 0)
{
	struct kmem_cache *s = bare(test, 64), *other = bare(test, 64);
	struct page *page = page_alloc(GFP_KERNEL, 0);
	void *theirs, *mine, *run[3];
	unsigned long before;
	unsigned int i;
	int local;
	struct {
		void *p;
		const char *text;
	} bad[] = {
		{ NULL, "object is not in a slab page" },
		{ &local, "object is not in a slab page" },
		{ page_addr(page), "object is not in a slab page" },
		{ window.base + window.size - 64,
		  "object is not in a slab page" },
		{ NULL, "object belongs to different cache other" },
	};

	KUNIT_ASSERT_EQ(test, slub_take(other, GFP_KERNEL, 1, &theirs), 1);
	strcpy(other->name, "other");
	bad[4].p = theirs;
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		before = report_errors();
		slub_give(s, 1, &bad[i].p, LOCK_SLEEP);
		expect_reports(test, before, 1, bad[i].text);
		KUNIT_ASSERT_EQ(test, slub_take(s, GFP_KERNEL, 2, run), 2);
		run[2] = run[1];
		run[1] = bad[i].p;
		mine = run[0];
		before = report_errors();
		slub_give(s, 3, run, LOCK_SLEEP);
		expect_reports(test, before, 1, bad[i].text);
		KUNIT_EXPECT_PTR_EQ(test, run[0], mine);
		KUNIT_EXPECT_EQ(test, counts(s).active_objs, 0);
	}
	KUNIT_EXPECT_EQ(test, counts(other).active_objs, 1);
	slub_give(other, 1, &theirs, LOCK_SLEEP);
	page_free(page, 0);
	end(test, other);
	end(test, s);
}

/* --- constructors, destructors, grace periods, zones ---------------------- */

static unsigned int ctors, dtors;
static struct kmem_cache *ctor_cache;

static void ctor3(void *obj, struct kmem_cache *s, unsigned long flags)
{
	ctor_cache = s;
	ctors += flags == SLAB_CTOR_CONSTRUCTOR;
	memset(obj, 0xc7, 40);
}

static void dtor3(void *obj, struct kmem_cache *s, unsigned long flags)
{
	dtors += s == ctor_cache && !flags && *(unsigned char *)obj == 0xc7;
}

SLAB_CASE(constructed_once_a_slab_destructed_at_its_end, 0)
{
	struct kmem_cache *s;
	unsigned int round, i, k;
	unsigned char *p[102];

	s = kmem_cache_create_ctor3_dtor("test", 40, 0, SLAB_NOLEAKTRACE, ctor3,
					 dtor3);
	KUNIT_ASSERT_NOT_NULL(test, s);
	KUNIT_EXPECT_EQ(test, ctors, 0);
	for (round = 0; round < 3; round++) {
		k = slub_take(s, GFP_KERNEL, 102, (void **)p);
		KUNIT_ASSERT_EQ(test, k, 102);
		KUNIT_EXPECT_EQ(test, ctors, 102);
		for (i = 0; i < k; i++)
			KUNIT_ASSERT_EQ(test, p[i][39], 0xc7);
		slub_give(s, k, (void **)p, LOCK_SLEEP);
		KUNIT_EXPECT_EQ(test, dtors, 0);
	}
	KUNIT_EXPECT_EQ(test, slub_shrink(s), 0);
	KUNIT_EXPECT_EQ(test, dtors, 102);
	KUNIT_EXPECT_PTR_EQ(test, ctor_cache, s);
	end(test, s);
	KUNIT_EXPECT_EQ(test, ctors, 102);
	KUNIT_EXPECT_EQ(test, dtors, 102);
}

SLAB_CASE(type_safe_slabs_wait_for_readers, 0)
{
	struct kmem_cache *s =
		make(test, 64, 0, SLAB_NOLEAKTRACE | SLAB_TYPESAFE_BY_RCU);
	unsigned long pages;
	char *p[64];

	KUNIT_ASSERT_EQ(test, slub_take(s, GFP_KERNEL, 64, (void **)p), 64);
	strcpy(p[5], "still here");
	pages = pages_in_use();
	fake_rcu_enter();
	slub_give(s, 64, (void **)p, LOCK_SLEEP);
	KUNIT_EXPECT_EQ(test, slub_shrink(s), 0);
	KUNIT_EXPECT_STREQ(test, p[5], "still here");
	KUNIT_EXPECT_EQ(test, pages_in_use(), pages);
	/* no slab of the cache's any more, and no fault of it either */
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	KUNIT_EXPECT_EQ(test, fake_rcu_leave(), 1);
	KUNIT_EXPECT_EQ(test, pages_in_use(), pages - 1);
	end(test, s);
}

SLAB_CASE(dma_caches_lie_below_16_mib, .window = 256 * MIB)
{
	struct kmem_cache *s =
		make(test, 256, 0, SLAB_CACHE_DMA | SLAB_NOLEAKTRACE);
	struct kmem_cache *any = bare(test, 256);
	void *p, *q;

	KUNIT_ASSERT_EQ(test, slub_take(s, GFP_KERNEL, 1, &p), 1);
	KUNIT_EXPECT_LT(test, virt_to_phys(p), 16 * MIB);
	KUNIT_ASSERT_EQ(test, slub_take(any, GFP_KERNEL, 1, &q), 1);
	KUNIT_EXPECT_GE(test, virt_to_phys(q), 16 * MIB);
	slub_give(s, 1, &p, LOCK_SLEEP);
	slub_give(any, 1, &q, LOCK_SLEEP);
	end(test, s);
	end(test, any);
}

/* The zone of a slab is the cache's choice and not the request's. */
SLAB_CASE(zone_bits_of_a_request_are_dropped_with_a_warning,
	  .window = 256 * MIB)
{
	struct kmem_cache *s = bare(test, 256);
	void *p;

	KUNIT_ASSERT_EQ(test, slub_take(s, GFP_KERNEL | __GFP_HIGHMEM, 1, &p),
			1);
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake_log(), "Unexpected gfp: 0x"));
	slub_give(s, 1, &p, LOCK_SLEEP);
	end(test, s);
}

static struct {
	struct kmem_cache *s;
	void *obj[2];
	bool given;
} giver;

static unsigned long give_objects(gfp_t gfp, unsigned int priority)
{
	(void)gfp;
	(void)priority;
	if (giver.s && !giver.given) {
		giver.given = true;
		slub_give(giver.s, 2, giver.obj, LOCK_SLEEP);
	}
	return 0;
}

/* Reclaim found no page, but somebody gave objects of this cache back. */
SLAB_CASE(objects_that_reclaim_frees_are_taken, .options = "mem=8M")
{
	static struct page_client step = { .shrink = give_objects };
	struct kmem_cache *s = bare(test, 512);
	struct page *page, *head = NULL;
	void *p[64], *q;
	unsigned int n;

	page_register(&step);
	n = slub_take(s, GFP_KERNEL, ARRAY_LEN(p), p);
	KUNIT_ASSERT_GE(test, n, 4);
	/* the slab is full */
	while (n < ARRAY_LEN(p) && s->node->nr_partial)
		n += slub_take(s, GFP_KERNEL, 1, p + n);
	while ((page = page_alloc(GFP_KERNEL | __GFP_NOWARN, 0))) {
		page->private = (unsigned long)head;
		head = page;
	}
	KUNIT_EXPECT_EQ(test, slub_take(s, GFP_NOWAIT, 1, &q), 0);
	giver.s = s;
	giver.obj[0] = p[0];
	giver.obj[1] = p[1];
	KUNIT_EXPECT_EQ(test, slub_take(s, GFP_KERNEL | __GFP_NOWARN, 1, &q),
			1);
	KUNIT_EXPECT_TRUE(test, q == p[0] || q == p[1]);
	slub_give(s, 1, &q, LOCK_SLEEP);
	slub_give(s, n - 2, p + 2, LOCK_SLEEP);
	while ((page = head)) {
		head = (struct page *)page->private;
		page_free(page, 0);
	}
	end(test, s);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(objects_that_reclaim_frees_are_taken),
	KUNIT_CASE(geometry_is_the_kernels),
	KUNIT_CASE(geometry_wastes_little),
	KUNIT_CASE(geometry_of_every_size_is_sound),
	KUNIT_CASE(reciprocal_divides_exactly),
	KUNIT_CASE(index_knows_starts_from_insides),
	KUNIT_CASE(of_knows_what_is_no_slab),
	KUNIT_CASE(take_hands_out_lowest_last),
	KUNIT_CASE(few_partial_objects_are_topped_up_from_a_new_slab),
	KUNIT_CASE(few_partial_objects_are_enough_without_memory),
	KUNIT_CASE(claims_cross_words_of_the_map),
	KUNIT_CASE(take_keeps_the_order_of_what_is_free),
	KUNIT_CASE(random_takes_and_gives_agree_with_the_books),
	KUNIT_CASE(empty_slabs_beyond_64k_leave),
	KUNIT_CASE(empty_slabs_beyond_min_partial_leave),
	KUNIT_CASE(shrink_says_how_many_slabs_are_left),
	KUNIT_CASE(slabs_of_the_smallest_order_when_there_are_no_others),
	KUNIT_CASE(take_without_memory_takes_nothing),
	KUNIT_CASE(double_free_is_reported_and_harmless),
	KUNIT_CASE(interior_and_tail_pointers_are_reported),
	KUNIT_CASE(foreign_and_wild_pointers_are_reported),
	KUNIT_CASE(constructed_once_a_slab_destructed_at_its_end),
	KUNIT_CASE(type_safe_slabs_wait_for_readers),
	KUNIT_CASE(dma_caches_lie_below_16_mib),
	KUNIT_CASE(zone_bits_of_a_request_are_dropped_with_a_warning),
	{},
};

static struct kunit_suite suite = {
	.name = "slub",
	.test_cases = cases,
};

kunit_test_suite(suite);
