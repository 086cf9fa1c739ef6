/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Caches: their geometry, their names, what creation refuses. */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "conform/oracle.h"
#include "kunit/test.h"

static const unsigned int sizes[] = { 1, 3, 8, 12, 24, 100, 128, 192, 4096 };

static const struct {
	const char *name;
	unsigned int align;
	slab_flags_t flags;
} kinds[] = {
	{ "align0", 0, 0 },
	{ "align64", 64, 0 },
	{ "hwcache", 0, SLAB_HWCACHE_ALIGN },
};

static void construct_nothing(void *obj)
{
	(void)obj;
}

static void one_geometry(struct kunit *test, unsigned int size, int k)
{
	unsigned long align = ~0ul;
	struct kmem_cache *s;
	char text[400], name[40], key[40];
	void *p[16];

	snprintf(name, sizeof(name), "orc-%u-%s", size, kinds[k].name);
	snprintf(key, sizeof(key), "cache.%u.%s", size, kinds[k].name);
	s = kmem_cache_create(name, size, kinds[k].align, kinds[k].flags, NULL);
	KUNIT_ASSERT_NOT_NULL(test, s);
	oracle_cache_text(s, text, sizeof(text));
	oracle_expect(test, key, "%s", text);

	for (int i = 0; i < 16; i++) {
		unsigned long a;

		p[i] = kmem_cache_alloc(s, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, p[i]);
		a = oracle_align(p[i]);
		align = a < align ? a : align;
		memset(p[i], 0x5c, size);
	}
	oracle_expect(test, oracle_key("%s.min_align_over_16", key), "%lu",
		      align);
	oracle_expect(test, oracle_key("%s.ksize_of_object", key), "%zu",
		      ksize(p[0]));
	for (int i = 0; i < 16; i++)
		kmem_cache_free(s, p[i]);
	kmem_cache_destroy(s);
}

static void cache_geometry(struct kunit *test)
{
	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		for (int k = 0; k < 3; k++)
			one_geometry(test, sizes[i], k);
}

/* Takes a field out of a text of fields. */
static void without(char *text, const char *field)
{
	char *from = strstr(text, field), *to = from;

	while (*to && *to != ' ')
		to++;
	memmove(from, to, strlen(to) + 1);
}

static void caches_of_kmalloc(struct kunit *test)
{
	static const size_t all[] = { 96,  192, 8,    16,   32,   64,  128,
				      256, 512, 1024, 2048, 4096, 8192 };
	struct oracle_cache c;
	char text[400];
	void *p;

	for (unsigned int i = 0; i < sizeof(all) / sizeof(*all); i++) {
		p = kmalloc(all[i], GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, p);
		oracle_cache(oracle_owner(p), &c);
		oracle_cache_text(oracle_owner(p), text, sizeof(text));
		/* Since 6.11 a class is aligned to its divisor. */
		KUNIT_EXPECT_EQ(test, c.align, all[i] & -all[i]);
		if (all[i] == 96 || all[i] == 192)
			without(text, "align:");
		oracle_expect(test, oracle_key("kmalloc_cache.%s", c.name),
			      "%s", text);
		kfree(p);
	}
	p = kmalloc(64, GFP_KERNEL | __GFP_RECLAIMABLE);
	KUNIT_ASSERT_NOT_NULL(test, p);
	oracle_cache_text(oracle_owner(p), text, sizeof(text));
	oracle_expect(test, "kmalloc_cache_rcl.kmalloc-rcl-64", "%s", text);
	kfree(p);
}

/* Each cache is its own: no merging, so no surprise in a name or a size. */
static void caches_do_not_merge(struct kunit *test)
{
	static const unsigned int of[] = { 64, 60, 40 };
	void *k = kmalloc(64, GFP_KERNEL);

	for (int i = 0; i < 3; i++) {
		struct kmem_cache *s;
		struct oracle_cache c;
		char name[32], more[48] = "";

		snprintf(name, sizeof(name), "orc-mergeme-%u", of[i]);
		s = kmem_cache_create(name, of[i], 0, 0, NULL);
		KUNIT_ASSERT_NOT_NULL(test, s);
		oracle_cache(s, &c);
		if (of[i] == 60)
			snprintf(more, sizeof(more), " kmem_cache_size:%u",
				 kmem_cache_size(s));
		if (of[i] == 40)
			snprintf(more, sizeof(more), " size:%u", c.size);
		oracle_expect(test, oracle_key("merge.%u_align0", of[i]),
			      "is_kmalloc_64:%d name:%s%s",
			      s == oracle_owner(k), c.name, more);
		kmem_cache_destroy(s);
	}
	kfree(k);
}

static void caches_of_one_name(struct kunit *test)
{
	struct kmem_cache *a, *b, *d, *e;
	struct oracle_cache c;

	a = kmem_cache_create("orc-dup-ctor", 56, 0, 0, construct_nothing);
	b = kmem_cache_create("orc-dup-ctor", 56, 0, 0, construct_nothing);
	oracle_expect(test, "dup.unmergeable_same_name", "%s",
		      b ? "PTR" : "NULL");
	kmem_cache_destroy(b);
	kmem_cache_destroy(a);

	a = kmem_cache_create("orc-dup", 56, 0, 0, NULL);
	d = kmem_cache_create("orc-dup", 56, 0, 0, NULL);
	KUNIT_ASSERT_NOT_NULL(test, d);
	oracle_cache(d, &c);
	oracle_expect(test, "dup.mergeable_same_name_same_size",
		      "PTR same_cache:%d refcount:%d name:%s", a == d,
		      c.refcount, c.name);
	e = kmem_cache_create("orc-dup", 72, 0, 0, NULL);
	KUNIT_ASSERT_NOT_NULL(test, e);
	oracle_cache(e, &c);
	oracle_expect(test, "dup.mergeable_same_name_other_size",
		      "PTR same_cache:%d name:%s", a == e, c.name);
	kmem_cache_destroy(e);
	kmem_cache_destroy(d);
	kmem_cache_destroy(a);
}

static void creation_at_the_limits(struct kunit *test)
{
	struct kmem_cache *s;
	char text[400];

	s = kmem_cache_create("orc-8M", 8u << 20, 0, 0, NULL);
	oracle_expect(test, "create.size_8MiB", "%s", s ? "PTR" : "NULL");
	s = kmem_cache_create("orc-flag", 64, 0, (__force slab_flags_t)1, NULL);
	oracle_expect(test, "create.unknown_flag_0x1", "%s",
		      s ? "PTR" : "NULL");

	s = kmem_cache_create("orc-4M", KMALLOC_MAX_SIZE, 0, 0, NULL);
	KUNIT_ASSERT_NOT_NULL(test, s);
	oracle_cache_text(s, text, sizeof(text));
	oracle_expect(test, "create.size_KMALLOC_MAX_SIZE", "%s", text);
	kmem_cache_destroy(s);

	s = kmem_cache_create("orc-align4k", 64, 4096, 0, NULL);
	KUNIT_ASSERT_NOT_NULL(test, s);
	oracle_cache_text(s, text, sizeof(text));
	oracle_expect(test, "create.64_align4096", "%s", text);
	kmem_cache_destroy(s);

	/* An alignment that is none becomes the next one that is. */
	s = kmem_cache_create("orc-align48", 64, 48, 0, NULL);
	KUNIT_ASSERT_NOT_NULL(test, s);
	oracle_cache_text(s, text, sizeof(text));
	without(text, "align:");
	oracle_expect(test, "create.64_align48_not_pow2", "%s", text);
	kmem_cache_destroy(s);

	kmem_cache_destroy(NULL);
	oracle_expect(test, "kmem_cache_destroy.NULL", "no-op");
}

static void creation_for_rcu(struct kunit *test)
{
	struct kmem_cache *s;
	struct oracle_cache c;

	s = kmem_cache_create("orc-rcu", 64, 0, SLAB_TYPESAFE_BY_RCU, NULL);
	if (!s)
		kunit_skip(test, "no SLAB_TYPESAFE_BY_RCU in this build");
	oracle_cache(s, &c);
	/* No list pointer behind the object, so the slot is the object. */
	KUNIT_EXPECT_EQ(test, c.size, 64);
	KUNIT_EXPECT_EQ(test, c.objs_per_slab, 64);
	oracle_expect(test, "create.64_typesafe_by_rcu",
		      "kmem_cache_size:%u object_size:%u align:%u order:%u "
		      "slab_bytes:%lu min_partial:%u refcount:%d name:%s "
		      "flags:0x%x",
		      kmem_cache_size(s), c.object_size, c.align, c.order,
		      PAGE_SIZE << c.order, c.min_partial, c.refcount, c.name,
		      c.flags);
	kmem_cache_destroy(s);
}

/* The name is copied: the caller's buffer may go. */
static void cache_names_are_copied(struct kunit *test)
{
	char name[16] = "orc-mine";
	struct kmem_cache *s = kmem_cache_create(name, 32, 0, 0, NULL);
	struct oracle_cache c;

	KUNIT_ASSERT_NOT_NULL(test, s);
	memset(name, 'x', sizeof(name) - 1);
	oracle_cache(s, &c);
	KUNIT_EXPECT_STREQ(test, c.name, "orc-mine");
	kmem_cache_destroy(s);
}

struct conform_pair {
	long a;
	char b[20];
};

static void cache_of_a_struct(struct kunit *test)
{
	struct kmem_cache *s = KMEM_CACHE(conform_pair, SLAB_PANIC);
	struct oracle_cache c;
	struct conform_pair *p;

	oracle_cache(s, &c);
	KUNIT_EXPECT_STREQ(test, c.name, "conform_pair");
	KUNIT_EXPECT_EQ(test, kmem_cache_size(s), sizeof(*p));
	p = kmem_cache_zalloc(s, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, p->a, 0);
	KUNIT_EXPECT_EQ(test, p->b[19], 0);
	kmem_cache_free(s, p);
	p = kmem_cache_alloc_node(s, GFP_KERNEL, 0);
	KUNIT_ASSERT_NOT_NULL(test, p);
	kmem_cache_free(s, p);
	kmem_cache_destroy(s);
}

/* SLAB_CACHE_DMA objects lie where a device of 24 address lines can reach. */
static void cache_for_dma(struct kunit *test)
{
	struct kmem_cache *s =
		kmem_cache_create("orc-dma", 512, 0, SLAB_CACHE_DMA, NULL);
	void *p[40];

	KUNIT_ASSERT_NOT_NULL(test, s);
	for (int i = 0; i < 40; i++) {
		p[i] = kmem_cache_alloc(s, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, p[i]);
		KUNIT_EXPECT_LT(test, virt_to_phys(p[i]), oracle_dma_end());
	}
	for (int i = 0; i < 40; i++)
		kmem_cache_free(s, p[i]);
	kmem_cache_destroy(s);

	p[0] = kmalloc(3000, GFP_KERNEL | GFP_DMA);
	KUNIT_ASSERT_NOT_NULL(test, p[0]);
	KUNIT_EXPECT_LT(test, virt_to_phys(p[0]), oracle_dma_end());
	kfree(p[0]);
	p[0] = kmalloc(30000, GFP_KERNEL | GFP_DMA);
	KUNIT_ASSERT_NOT_NULL(test, p[0]);
	KUNIT_EXPECT_LT(test, virt_to_phys(p[0]) + 30000, oracle_dma_end());
	kfree(p[0]);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(cache_geometry),         KUNIT_CASE(caches_of_kmalloc),
	KUNIT_CASE(caches_do_not_merge),    KUNIT_CASE(caches_of_one_name),
	KUNIT_CASE(creation_at_the_limits), KUNIT_CASE(creation_for_rcu),
	KUNIT_CASE(cache_names_are_copied), KUNIT_CASE(cache_of_a_struct),
	KUNIT_CASE(cache_for_dma),          {},
};

static struct kunit_suite suite = {
	.name = "conform_cache",
	.init = oracle_init,
	.exit = oracle_exit,
	.test_cases = cases,
};
kunit_test_suite(suite);
