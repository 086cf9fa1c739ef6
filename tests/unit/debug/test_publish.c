/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "debug/publish.h"

#include "unit/slab/world.h"

/* Records as a reader meets them: from the header on, each by its size. */
static unsigned int records(uint32_t kind, void **last)
{
	struct kmem_pub_header *h = publish_header();
	unsigned int n = 0;
	size_t at;

	for (at = sizeof(*h); at < h->used;) {
		struct kmem_pub_record *r = (void *)((char *)h + at);

		if (r->size < KMEM_PUB_ALIGN || r->size % KMEM_PUB_ALIGN)
			return UINT32_MAX;
		if (r->kind == kind) {
			n++;
			if (last)
				*last = r;
		}
		at += r->size;
	}
	return at == h->used ? n : UINT32_MAX;
}

WORLD_CASE(publish_makes_an_area, .unbooted = true)
{
	struct kmem_pub_header *h;
	void *r;

	KUNIT_EXPECT_NULL(test, publish_header());
	KUNIT_EXPECT_NULL(test, publish_now(KMEM_PUB_PCP, 64));
	KUNIT_EXPECT_NULL(test, publish(KMEM_PUB_PCP, 64));
	publish_boot();
	r = publish(KMEM_PUB_PCP, sizeof(struct kmem_pub_pcp));
	KUNIT_ASSERT_NOT_NULL(test, r);
	h = publish_header();
	KUNIT_ASSERT_NOT_NULL(test, h);
	/* nobody reads what is half made */
	KUNIT_EXPECT_EQ(test, h->magic, 0);
	publish_open();
	KUNIT_EXPECT_EQ(test, h->magic, KMEM_PUB_MAGIC);
	KUNIT_EXPECT_EQ(test, h->version, KMEM_PUB_VERSION);
	KUNIT_EXPECT_EQ(test, h->pid, port_pid());
	KUNIT_EXPECT_EQ(test, h->used, sizeof(*h) + 64);
	KUNIT_EXPECT_EQ(test, publish_offset(r), sizeof(*h));
	KUNIT_EXPECT_EQ(test, publish_offset(&h), 0);
	KUNIT_EXPECT_EQ(test, records(KMEM_PUB_PCP, NULL), 1);
	KUNIT_ASSERT_EQ(test, page_boot(), 0);
}

WORLD_CASE(publish_reuses_records_of_a_size, .unbooted = true)
{
	struct kmem_pub_cache *a, *b, *c;
	struct kmem_pub_pcp *p;
	uint64_t used;

	publish_boot();
	a = publish(KMEM_PUB_CACHE, sizeof(*a));
	b = publish(KMEM_PUB_CACHE, sizeof(*b));
	KUNIT_ASSERT_NOT_NULL(test, a);
	KUNIT_ASSERT_NOT_NULL(test, b);
	KUNIT_EXPECT_PTR_NE(test, a, b);
	a->slabs = 7;
	a->record.seq = 12;
	used = publish_header()->used;
	unpublish(a);
	KUNIT_EXPECT_EQ(test, a->record.kind, KMEM_PUB_FREE);
	KUNIT_EXPECT_EQ(test, records(KMEM_PUB_CACHE, NULL), 1);
	/* another size does not fit there */
	p = publish(KMEM_PUB_PCP, sizeof(*p));
	KUNIT_EXPECT_PTR_NE(test, (void *)p, (void *)a);
	KUNIT_EXPECT_GT(test, publish_header()->used, used);
	used = publish_header()->used;
	c = publish(KMEM_PUB_CACHE, sizeof(*c));
	KUNIT_EXPECT_PTR_EQ(test, c, a);
	KUNIT_EXPECT_EQ(test, publish_header()->used, used);
	KUNIT_EXPECT_EQ(test, c->slabs, 0);
	KUNIT_EXPECT_EQ(test, c->record.seq, 0);
	/* the last given back is the first taken, and each once */
	unpublish(b);
	unpublish(c);
	KUNIT_EXPECT_PTR_EQ(test, publish(KMEM_PUB_CACHE, sizeof(*c)),
			    (void *)c);
	KUNIT_EXPECT_PTR_EQ(test, publish(KMEM_PUB_CACHE, sizeof(*c)),
			    (void *)b);
	KUNIT_EXPECT_EQ(test, publish_header()->used, used);
	/* what is nobody's record is nobody's */
	unpublish(NULL);
	unpublish(&used);
	KUNIT_EXPECT_EQ(test, records(KMEM_PUB_CACHE, NULL), 2);
	KUNIT_ASSERT_EQ(test, page_boot(), 0);
}

WORLD_CASE(publish_ends_with_the_area, .unbooted = true)
{
	unsigned int n = 0;
	void *last = NULL, *r;

	publish_boot();
	while ((r = publish(KMEM_PUB_CACHE, 64 * 1024 - 64))) {
		KUNIT_ASSERT_LT(test, n++, 100);
		last = r;
	}
	KUNIT_EXPECT_GT(test, n, 60);
	KUNIT_EXPECT_LE(test, publish_header()->used, publish_header()->size);
	KUNIT_EXPECT_EQ(test, records(KMEM_PUB_CACHE, NULL), n);
	/* larger than any chain: given up, not handed out again */
	unpublish(last);
	KUNIT_EXPECT_NULL(test, publish(KMEM_PUB_CACHE, 64 * 1024 - 64));
	/* small ones still fit, and the layers live without a record */
	KUNIT_EXPECT_NOT_NULL(test, publish(KMEM_PUB_PCP, 64));
	KUNIT_ASSERT_EQ(test, page_boot(), 0);
}

WORLD_CASE(publish_seq_is_odd_during_a_change, .unbooted = true)
{
	struct kmem_pub_zone *z;

	publish_boot();
	z = publish(KMEM_PUB_ZONE, sizeof(*z));
	KUNIT_ASSERT_NOT_NULL(test, z);
	publish_begin(&z->record);
	KUNIT_EXPECT_EQ(test, z->record.seq, 1);
	publish_end(&z->record);
	KUNIT_EXPECT_EQ(test, z->record.seq, 2);
	KUNIT_ASSERT_EQ(test, page_boot(), 0);
}

WORLD_CASE(publish_0_publishes_nothing, .options = "publish=0")
{
	KUNIT_EXPECT_NULL(test, publish_header());
	KUNIT_EXPECT_NULL(test, publish(KMEM_PUB_CACHE, 64));
	KUNIT_EXPECT_NULL(test, publish_now(KMEM_PUB_CACHE, 64));
	/* books are kept all the same */
	KUNIT_EXPECT_EQ(test, page_totals()->usable_pages, zones_usable());
}

static void copy_area(char *to, size_t n)
{
	memcpy(to, (const char *)publish_header(), n);
}

/* Everything that changes books, of all layers. */
static void change_books(struct kunit *test)
{
	struct kmem_cache *s = make(test, 64, 0, 0);
	struct page *page;
	void *obj[40];

	for (unsigned int i = 0; i < ARRAY_LEN(obj); i++)
		KUNIT_ASSERT_NOT_NULL(test,
				      obj[i] = kmem_cache_alloc(s, GFP_KERNEL));
	for (unsigned int i = 0; i < ARRAY_LEN(obj); i++)
		kmem_cache_free(s, obj[i]);
	kmem_cache_shrink(s);
	page = alloc_pages(GFP_KERNEL, 5);
	KUNIT_ASSERT_NOT_NULL(test, page);
	__free_pages(page, 5);
	total_add(&page_totals()->span_pages, 3);
	total_add(&page_totals()->span_pages, -3);
	end(test, s);
}

/* A child by _Fork() has the area, and no right to it. */
SLAB_CASE(a_raw_child_writes_nothing)
{
	struct kmem_pub_header *h = publish_header();
	size_t n = h->used;
	char *before = malloc(n);

	KUNIT_ASSERT_NOT_NULL(test, before);
	change_books(test);
	n = h->used;
	before = realloc(before, n);
	copy_area(before, n);
	fake_fork_raw();
	KUNIT_EXPECT_NULL(test, publish_header());
	change_books(test);
	KUNIT_EXPECT_EQ(test, memcmp(before, h, n), 0);
	KUNIT_EXPECT_EQ(test, h->used, n);
	/* nor does it do what its parent is asked for */
	page_ask->asked++;
	KUNIT_EXPECT_FALSE(test, page_asked());
	page_ask->asked--;
	/* a child of its own that runs the handlers is whole again */
	fake_fork_prepare();
	fake_fork_child();
	KUNIT_EXPECT_PTR_EQ(test, publish_header(), h);
	KUNIT_EXPECT_EQ(test, h->pid, port_pid());
	change_books(test);
	KUNIT_EXPECT_NE(test, memcmp(before, h, n), 0);
	free(before);
}

/* No address space is left for an area: the child lives, unpublished. */
SLAB_CASE(a_child_without_an_area_goes_on)
{
	struct kmem_pub_header *h = publish_header();
	size_t n = h->used;
	char *before = malloc(n);

	KUNIT_ASSERT_NOT_NULL(test, before);
	fake_publish_refuse(true);
	fake_fork_prepare();
	copy_area(before, n);
	fake_fork_child();
	fake_publish_refuse(false);
	KUNIT_EXPECT_NULL(test, publish_header());
	change_books(test);
	KUNIT_EXPECT_EQ(test, memcmp(before, h, n), 0);
	free(before);
}

/* What a reader adds up is what the layer itself counts. */
WORLD_CASE(zones_and_totals_agree_with_the_layer, .window = 256 * MIB)
{
	struct kmem_pub_totals *t = NULL;
	struct kmem_pub_header *h = publish_header();
	unsigned long usable = 0, lists = 0, free = 0;
	struct page *held[64];
	unsigned int i, o;
	size_t at;

	KUNIT_ASSERT_EQ(test, records(KMEM_PUB_TOTALS, (void **)&t), 1);
	KUNIT_EXPECT_EQ(test, records(KMEM_PUB_ZONE, NULL), ZONES);
	KUNIT_EXPECT_EQ(test, h->window_base, (uintptr_t)window.base);
	KUNIT_EXPECT_EQ(test, h->window_size, window.size);
	for (i = 0; i < 64; i++)
		held[i] = page_alloc(TEST_GFP_KERNEL, i % 6);
	for (i = 0; i < 64; i += 2)
		page_free(held[i], i % 6);
	for (at = sizeof(*h); at < h->used;) {
		struct kmem_pub_zone *z = (void *)((char *)h + at);
		struct kmem_pub_pcp *p = (void *)z;
		unsigned long blocks = 0;

		at += z->record.size;
		if (z->record.kind == KMEM_PUB_PCP)
			lists += p->pages;
		if (z->record.kind != KMEM_PUB_ZONE)
			continue;
		KUNIT_EXPECT_EQ(test, z->record.seq % 2, 0);
		usable += z->grown_pfn - z->start_pfn;
		free += z->free;
		for (o = 0; o < KMEM_PUB_ORDERS; o++)
			blocks += z->nr_free[o] << o;
		KUNIT_EXPECT_EQ(test, blocks, z->free);
	}
	KUNIT_EXPECT_EQ(test, usable, zones_usable());
	KUNIT_EXPECT_EQ(test, t->usable_pages, usable);
	KUNIT_EXPECT_EQ(test, usable - free - lists, pages_in_use());
	KUNIT_EXPECT_EQ(test, lists, pcp_pages());
	/* records for each usable page, in whole blocks of the largest order */
	KUNIT_EXPECT_GE(test, t->map_bytes, usable * sizeof(struct page));
	/* 64 bytes, owner and column of 8, maps of 64, notes of 128 */
	KUNIT_EXPECT_EQ(test, t->map_bytes, t->slab_map_bytes / 192 * 80);
	KUNIT_EXPECT_EQ(test, t->map_bytes % 4096, 0);
	for (i = 1; i < 64; i += 2)
		page_free(held[i], i % 6);
}

SLAB_CASE(caches_agree_with_the_layer)
{
	struct kmem_cache *s = make(test, 96, 0, 0);
	struct kmem_pub_cache *r = s->pub;
	unsigned int before = records(KMEM_PUB_CACHE, NULL), i, w;
	static void *held[3000];
	struct slab_counts c;
	unsigned long kept;

	KUNIT_ASSERT_NOT_NULL(test, r);
	KUNIT_EXPECT_STREQ(test, r->name, s->name);
	KUNIT_EXPECT_EQ(test, r->size, s->size);
	KUNIT_EXPECT_EQ(test, before, caches_listed());
	for (i = 0; i < 3000; i++)
		held[i] = slab_alloc(s, GFP_KERNEL);
	for (i = 0; i < 3000; i += 3)
		slab_free(s, held[i], LOCK_SLEEP);
	slab_counts(s, &c);
	KUNIT_EXPECT_EQ(test, r->record.seq % 2, 0);
	KUNIT_EXPECT_EQ(test, r->total_objects, c.num_objs);
	KUNIT_EXPECT_EQ(test, r->total_objects - r->free_objects,
			c.active_objs);
	KUNIT_EXPECT_EQ(test, r->slabs, c.num_slabs);
	KUNIT_EXPECT_EQ(test, r->slabs, r->slabs_made - r->slabs_freed);
	KUNIT_EXPECT_EQ(test, r->slab_pages, r->slabs << r->order);
	KUNIT_EXPECT_EQ(test, r->taken - r->given, c.active_objs);
	/* objects in sheaves, from the record and the slots it points at */
	kept = r->barn_full * (r->sheaf_bytes / 8 - 1);
	for (i = 0; i < r->nr_slots; i++) {
		void ***word = (void *)(r->slots + i * r->slot_stride);

		for (w = 0; w < 2; w++) {
			uintptr_t top = (uintptr_t)word[w];

			if (!top || top == publish_header()->standin)
				continue;
			kept += (top - ((top - 8) & ~(r->sheaf_bytes - 1ul))) /
					8 -
				1;
		}
	}
	KUNIT_EXPECT_EQ(test, kept, c.free_in_sheaves);
	KUNIT_EXPECT_EQ(test, c.active_objs - kept, 2000);
	for (i = 0; i < 3000; i++)
		if (i % 3)
			slab_free(s, held[i], LOCK_SLEEP);
	end(test, s);
	KUNIT_EXPECT_EQ(test, records(KMEM_PUB_CACHE, NULL), before - 1);
	KUNIT_EXPECT_EQ(test, r->record.kind, KMEM_PUB_FREE);
}

/* It keeps no sheaves any more: there is nothing to look for. */
SLAB_CASE(a_cache_with_live_objects_names_no_slots)
{
	struct kmem_cache *s = make(test, 96, 0, 0);
	void *late = slab_alloc(s, GFP_KERNEL), *early;
	struct kmem_pub_cache *r = s->pub;

	early = slab_alloc(s, GFP_KERNEL);
	slab_free(s, early, LOCK_SLEEP);
	KUNIT_EXPECT_NE(test, r->slots, 0);
	KUNIT_EXPECT_NE(test, kmem_cache_destroy(s), 0);
	KUNIT_EXPECT_EQ(test, r->record.kind, KMEM_PUB_CACHE);
	KUNIT_EXPECT_EQ(test, r->slots, 0);
	KUNIT_EXPECT_EQ(test, r->nr_slots, 0);
	KUNIT_EXPECT_EQ(test, r->column, 0);
	kmem_cache_free(s, late);
	KUNIT_EXPECT_EQ(test, r->total_objects, 0);
}

/* Numbers go up with creation, also where a record's place is used again. */
SLAB_CASE(caches_are_numbered_in_their_order)
{
	struct kmem_cache *a = make(test, 64, 0, 0), *b, *c;
	struct kmem_pub_cache *place = a->pub;

	b = make(test, 64, 0, 0);
	KUNIT_EXPECT_GT(test, b->pub->number, a->pub->number);
	end(test, a);
	c = make(test, 64, 0, 0);
	KUNIT_EXPECT_PTR_EQ(test, c->pub, place);
	KUNIT_EXPECT_GT(test, c->pub->number, b->pub->number);
	end(test, b);
	end(test, c);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(publish_makes_an_area),
	KUNIT_CASE(publish_reuses_records_of_a_size),
	KUNIT_CASE(publish_ends_with_the_area),
	KUNIT_CASE(publish_seq_is_odd_during_a_change),
	KUNIT_CASE(publish_0_publishes_nothing),
	KUNIT_CASE(a_raw_child_writes_nothing),
	KUNIT_CASE(a_child_without_an_area_goes_on),
	KUNIT_CASE(zones_and_totals_agree_with_the_layer),
	KUNIT_CASE(caches_agree_with_the_layer),
	KUNIT_CASE(a_cache_with_live_objects_names_no_slots),
	KUNIT_CASE(caches_are_numbered_in_their_order),
	{}
};

static struct kunit_suite suite = { .name = "publish", .test_cases = cases };
kunit_test_suite(suite);
