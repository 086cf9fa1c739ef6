// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * What a cache says about itself; above all, that the check of its invariants
 * sees every one of them broken.
 */
#include "unit/slab/world.h"

/*
 * A cache with something of everything: full and partial slabs, sheaves in
 * slots, full and empty ones in the barn.
 */
#define OBJECTS 8400

struct zoo {
	struct kmem_cache *s;
	void *p[OBJECTS];
	struct page *full, *partial;
	unsigned int partial_free; /* an index that is free there */
};

static struct zoo zoo;

static bool is_full(const struct page *slab)
{
	return slab->inuse == slab->objects;
}

static void zoo_open(struct kunit *test, unsigned int size)
{
	struct kmem_cache *s = make(test, size, 0, 0);
	unsigned int i;
	void *one;

	zoo.s = s;
	for (i = 0; i < OBJECTS; i++)
		zoo.p[i] = kmem_cache_alloc(s, GFP_KERNEL);
	/* a hole here and there; sheaves are filled and the rest flushed */
	for (i = 0; i < OBJECTS; i += 3) {
		fake_set_cpu(i % 2);
		kmem_cache_free(s, zoo.p[i]);
		zoo.p[i] = NULL;
	}
	/* single objects past the sheaves, so that slabs are partial */
	for (i = 1; i < 30; i += 3) {
		slub_give(s, 1, &zoo.p[i], LOCK_SLEEP);
		zoo.p[i] = NULL;
	}
	/* an empty sheaf into the barn */
	one = barn_get_empty(s->barn, LOCK_SLEEP);
	if (!one) {
		void **top = take_full(s->barn);

		KUNIT_ASSERT_NOT_NULL(test, top);
		slub_give(s, pcs_count(&s->pcs, top),
			  pcs_base(&s->pcs, top) + 1, LOCK_SLEEP);
		one = pcs_base(&s->pcs, top) + 1;
	}
	KUNIT_ASSERT_TRUE(test, barn_put_empty(s->barn, one, LOCK_SLEEP));
	fake_set_cpu(0);
	zoo.full = NULL;
	for (i = 0; i < OBJECTS && !zoo.full; i++)
		if (zoo.p[i] && is_full(slub_of(zoo.p[i])))
			zoo.full = slub_of(zoo.p[i]);
	zoo.partial = list_entry_of(s->node->partial.next, struct page, lru);
	for (i = 0; !slub_is_free(zoo.partial, i); i++)
		;
	zoo.partial_free = i;
	KUNIT_ASSERT_NOT_NULL(test, zoo.full);
	KUNIT_ASSERT_GE(test, s->node->nr_partial, 2);
	KUNIT_ASSERT_GE(test, s->barn->nr_full, 1);
	KUNIT_ASSERT_GE(test, s->barn->nr_empty, 1);
	KUNIT_ASSERT_GE(test, pcs_objects(&s->pcs), 10);
	KUNIT_ASSERT_TRUE(test, cache_validate(s));
}

static void zoo_close(struct kunit *test)
{
	unsigned int i;

	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	for (i = 0; i < OBJECTS; i++)
		if (zoo.p[i])
			kmem_cache_free(zoo.s, zoo.p[i]);
	end(test, zoo.s);
}

static void expect_seen(struct kunit *test, const char *what, const char *text)
{
	unsigned long before = report_errors();

	KUNIT_EXPECT_FALSE_MSG(test, cache_validate(zoo.s), "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, report_errors() - before, 1, "%s", what);
	KUNIT_EXPECT_TRUE_MSG(test, strstr(fake_log(), text), "%s: %s", what,
			      fake_log());
	fake_log_clear();
}

/* The validator says text while the place holds the value, and only then. */
#define BREAK(test, place, value, text)                           \
	do {                                                      \
		const __typeof__(place) kept_ = (place);          \
		(place) = (value);                                \
		expect_seen((test), #place " = " #value, (text)); \
		(place) = kept_;                                  \
		KUNIT_EXPECT_TRUE((test), cache_validate(zoo.s)); \
	} while (0)

static void break_slabs(struct kunit *test)
{
	struct page *full = zoo.full, *part = zoo.partial;
	unsigned long *map = slub_map(part);
	unsigned int word = zoo.partial_free / 64;
	unsigned int tail = part->objects % 64;

	BREAK(test, part->inuse, part->inuse + 1, "Wrong object count");
	BREAK(test, full->inuse, full->inuse - 1, "Wrong object count");
	BREAK(test, full->objects, 65535, "Wrong number of objects");
	BREAK(test, part->objects, part->objects - 1,
	      "Wrong number of objects");
	BREAK(test, part->order, 5, "Slab of a wrong order");
	BREAK(test, full->on_list, 1, "Slab on the wrong list");
	BREAK(test, part->on_list, 0, "Slab on the wrong list");
	BREAK(test, part->first, word + 1, "Free bit below the first");
	BREAK(test, map[word], map[word] ^ 1ul << zoo.partial_free % 64,
	      "Wrong object count");
	BREAK(test, *slub_map(full), 4ul, "Wrong object count");
	if (tail)
		BREAK(test, map[part->objects / 64],
		      map[part->objects / 64] | 1ul << 63,
		      "Free bit beyond the last object");
	if (full->order)
		BREAK(test, *page_owner_word(full + 1), NULL,
		      "page slab pointer corrupt");
}

static void break_node(struct kunit *test)
{
	struct kmem_cache_node *n = zoo.s->node;

	BREAK(test, n->nr_slabs, n->nr_slabs + 1, "Wrong number of objects");
	BREAK(test, n->total_objects, n->total_objects - 1,
	      "Wrong number of objects");
	BREAK(test, n->free_objects, n->free_objects + 1,
	      "Wrong number of free objects");
	BREAK(test, n->nr_empty, n->nr_empty + 1,
	      "Wrong number of free objects");
	BREAK(test, n->nr_partial, n->nr_partial + 1,
	      "Wrong number of partial slabs");
	BREAK(test, n->nr_partial, n->nr_partial - 1,
	      "Wrong number of partial slabs");
	BREAK(test, n->partial.next, n->partial.next->next,
	      "Wrong number of partial slabs");
	BREAK(test, n->partial.prev, n->partial.prev->prev,
	      "Wrong number of partial slabs");
	BREAK(test, zoo.partial->lru.next, &zoo.partial->lru,
	      "Wrong number of partial slabs");
	BREAK(test, zoo.partial->lru.prev, NULL,
	      "Wrong number of partial slabs");
}

/* A slot's word that holds a sheaf with at least two objects. */
static void ***some_word(struct kunit *test)
{
	struct pcs_slot *slot = zoo.s->pcs.slots;
	unsigned int i, w;

	for (i = 0; i < zoo.s->pcs.nr; i++)
		for (w = 0; w < 2; w++)
			if (slot[i].word[w] &&
			    !pcs_is_standin(slot[i].word[w]) &&
			    pcs_count(&zoo.s->pcs, slot[i].word[w]) > 1)
				return &slot[i].word[w];
	KUNIT_FAIL_AND_ABORT(test, "no sheaf in any slot");
}

static void break_sheaves(struct kunit *test)
{
	void ***word = some_word(test), **top = *word, *theirs;
	struct kmem_cache *other = make(test, 64, 0, 0);
	struct barn *b = zoo.s->barn;
	void **full = b->full, **empty = b->empty;
	int local;

	theirs = kmem_cache_alloc(other, GFP_KERNEL);
	BREAK(test, top[-2], NULL, "Sheaf corrupt");
	BREAK(test, *pcs_base(&zoo.s->pcs, top), theirs, "Sheaf corrupt");
	BREAK(test, top[-1], theirs,
	      "Sheaf holds what is no object of the cache");
	BREAK(test, top[-1], &local,
	      "Sheaf holds what is no object of the cache");
	BREAK(test, top[-1], (char *)top[-1] + 8,
	      "Sheaf holds an invalid object pointer");
	BREAK(test, top[-1], top[-2],
	      "Sheaf holds a free object, or one twice");
	BREAK(test, top[-1], full[-1],
	      "Sheaf holds a free object, or one twice");
	BREAK(test, full[-1], full[-2],
	      "Sheaf holds a free object, or one twice");
	BREAK(test, top[-1],
	      (char *)page_addr(zoo.partial) +
		      zoo.partial_free * (size_t)zoo.s->size,
	      "Sheaf holds a free object, or one twice");
	/* one sheaf in two places; in the barn word 0 is the link */
	BREAK(test, *word, full,
	      barn_below(b, full) ? "Sheaf corrupt" :
				    "Sheaf holds a free object, or one twice");

	BREAK(test, b->full, full - 1, "Full sheaf of the barn is not full");
	BREAK(test, b->full, empty, "Full sheaf of the barn is not full");
	BREAK(test, b->full, PCS_STANDIN, "Full sheaf of the barn is not full");
	BREAK(test, b->full, NULL, "Wrong number of sheaves in the barn");
	BREAK(test, *pcs_base(&zoo.s->pcs, full), full,
	      "Wrong number of sheaves in the barn");
	BREAK(test, b->empty, full, "Empty sheaf of the barn is not empty");
	BREAK(test, b->empty, PCS_STANDIN,
	      "Empty sheaf of the barn is not empty");
	BREAK(test, *pcs_base(&zoo.s->pcs, empty), empty,
	      "Wrong number of sheaves in the barn");
	BREAK(test, b->nr_full, b->room + 1,
	      "Barn holds more sheaves than it can");
	BREAK(test, b->nr_empty, b->room + 1,
	      "Barn holds more sheaves than it can");
	BREAK(test, b->nr_full, b->nr_full + 1,
	      "Wrong number of sheaves in the barn");
	BREAK(test, b->room, 1, "Barn of a wrong size");
	BREAK(test, b->bytes, b->bytes * 2, "Barn of a wrong size");
	kmem_cache_free(other, theirs);
	end(test, other);
}

/* Maps in the record, and beside it; slabs of one page, and of more. */
SLAB_CASE(every_broken_invariant_is_seen, 0)
{
	static const unsigned int sizes[] = { 64, 24, 96, 600 };
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		zoo_open(test, sizes[i]);
		break_slabs(test);
		break_node(test);
		break_sheaves(test);
		zoo_close(test);
	}
}

/* The walk marks objects and takes every mark off again, faults or not. */
SLAB_CASE(validating_changes_nothing, 0)
{
	struct slab_counts before, after;
	unsigned long first[2];
	void **top;

	zoo_open(test, 64);
	before = counts(zoo.s);
	memcpy(first, zoo.full->free_map, sizeof(first));
	top = *some_word(test);
	top[-1] = (char *)top[-1] + 8;
	KUNIT_EXPECT_FALSE(test, cache_validate(zoo.s));
	KUNIT_EXPECT_FALSE(test, cache_validate(zoo.s));
	top[-1] = (char *)top[-1] - 8;
	KUNIT_EXPECT_TRUE(test, cache_validate(zoo.s));
	after = counts(zoo.s);
	KUNIT_EXPECT_MEMEQ(test, &before, &after, sizeof(before));
	KUNIT_EXPECT_MEMEQ(test, first, zoo.full->free_map, sizeof(first));
	KUNIT_EXPECT_EQ(test, port_task()->held, 0);
	fake_log_clear();
	zoo_close(test);
}

SLAB_CASE(counts_tell_used_from_parked, 0)
{
	struct kmem_cache *s = make(test, 64, 0, 0);
	struct slab_counts c = counts(s);
	void *p[200];
	unsigned int i;

	KUNIT_EXPECT_EQ(test,
			c.active_objs + c.num_objs + c.num_slabs +
				c.free_in_sheaves,
			0);
	for (i = 0; i < 200; i++) {
		p[i] = kmem_cache_alloc(s, GFP_KERNEL);
		c = counts(s);
		KUNIT_EXPECT_EQ(test, c.active_objs - c.free_in_sheaves, i + 1);
		KUNIT_EXPECT_EQ(test, c.num_objs, c.num_slabs * 64);
		KUNIT_EXPECT_LE(test, c.active_objs, c.num_objs);
	}
	KUNIT_EXPECT_EQ(test, c.num_slabs, 4);
	for (i = 0; i < 200; i++) {
		kmem_cache_free(s, p[i]);
		c = counts(s);
		KUNIT_EXPECT_EQ(test, c.active_objs - c.free_in_sheaves,
				199 - i);
	}
	/* parked objects count as active until they are flushed */
	KUNIT_EXPECT_EQ(test, c.active_objs, c.free_in_sheaves);
	KUNIT_EXPECT_GE(test, c.free_in_sheaves, 100);
	kmem_cache_shrink(s);
	c = counts(s);
	KUNIT_EXPECT_EQ(test,
			c.active_objs + c.num_objs + c.num_slabs +
				c.free_in_sheaves,
			0);
	end(test, s);
}

/* A free that sheaves hid comes to light when they are emptied. */
SLAB_CASE(double_free_is_seen_at_the_flush, 0)
{
	struct kmem_cache *s = make(test, 64, 0, 0);
	unsigned long before;
	char text[512];
	void *p, *q;

	p = kmem_cache_alloc(s, GFP_KERNEL);
	q = kmem_cache_alloc(s, GFP_KERNEL);
	kmem_cache_free(s, p);
	kmem_cache_free(s, p);
	kmem_cache_free(s, q);
	KUNIT_EXPECT_FALSE(test, cache_validate(s));
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake_log(), "or one twice"));
	fake_log_clear();
	before = report_errors();
	KUNIT_EXPECT_EQ(test, kmem_cache_shrink(s), 0);
	KUNIT_EXPECT_EQ(test, report_errors() - before, 2);
	snprintf(text, sizeof(text),
		 ": Object already free 0x%016lx\n"
		 "----------------------------------------"
		 "-------------------------------------\n\n"
		 "Slab 0x",
		 (unsigned long)p);
	KUNIT_EXPECT_TRUE_MSG(test, strstr(fake_log(), text), "%s", fake_log());
	snprintf(text, sizeof(text),
		 "Object 0x%016lx @offset=%lu\n"
		 "FIX test-1: Object at 0x%016lx not freed\n",
		 (unsigned long)p, (unsigned long)p % 4096, (unsigned long)p);
	KUNIT_EXPECT_TRUE_MSG(test, strstr(fake_log(), text), "%s", fake_log());
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake_log(), "objects=64 used="));
	fake_log_clear();
	end(test, s);
}

SLAB_CASE(interior_pointer_is_seen_at_the_flush, 0)
{
	struct kmem_cache *s = make(test, 64, 0, 0);
	unsigned long before = report_errors();
	char *p = kmem_cache_alloc(s, GFP_KERNEL);

	kmem_cache_free(s, p + 16);
	KUNIT_EXPECT_NE(test, kmem_cache_shrink(s), 0);
	KUNIT_EXPECT_EQ(test, report_errors() - before, 2);
	KUNIT_EXPECT_NOT_NULL(test,
			      strstr(fake_log(), ": Invalid object pointer"));
	fake_log_clear();
	kmem_cache_free(s, p);
	end(test, s);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(every_broken_invariant_is_seen),
	KUNIT_CASE(validating_changes_nothing),
	KUNIT_CASE(counts_tell_used_from_parked),
	KUNIT_CASE(double_free_is_seen_at_the_flush),
	KUNIT_CASE(interior_pointer_is_seen_at_the_flush),
	{},
};

static struct kunit_suite suite = {
	.name = "slab_debug",
	.test_cases = cases,
};

kunit_test_suite(suite);
