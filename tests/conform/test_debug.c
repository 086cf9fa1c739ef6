/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * All caches checked: the geometry, the bytes and what is survived, against a
 * kernel that was booted with slub_debug=FZPU.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "conform/oracle.h"
#include "kunit/test.h"

const char oracle_options[] = "slab_debug=FZPU";

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

static void one_geometry(struct kunit *test, unsigned int size, int k)
{
	unsigned long align = ~0ul;
	struct kmem_cache *s;
	char text[400], name[40], key[40];
	void *p[16];

	snprintf(name, sizeof(name), "orc-%u-%s", size, kinds[k].name);
	snprintf(key, sizeof(key), "debug.cache.%u.%s", size, kinds[k].name);
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
	KUNIT_EXPECT_GE(test, align, 8);
	if (size == 128 || size == 4096)
		oracle_expect(test, oracle_key("%s.min_align_over_16", key),
			      "%lu", align);
	if (size < 128 && size != 8)
		KUNIT_EXPECT_EQ(test, ksize(p[0]), size);
	for (int i = 0; i < 16; i++)
		kmem_cache_free(s, p[i]);
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(s), 0);
}

static void debugged_geometry(struct kunit *test)
{
	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		for (int k = 0; k < 3; k++)
			one_geometry(test, sizes[i], k);
}

static void debugged_kmalloc(struct kunit *test)
{
	static const size_t all[] = { 8,   16,   32,   64,   128, 256,
				      512, 1024, 2048, 4096, 8192 };
	struct oracle_cache c;
	char text[400];
	void *p;

	for (unsigned int i = 0; i < sizeof(all) / sizeof(*all); i++) {
		p = kmalloc(all[i], GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, p);
		KUNIT_EXPECT_EQ(test, (unsigned long)p % all[i], 0);
		oracle_cache(oracle_owner(p), &c);
		oracle_cache_text(oracle_owner(p), text, sizeof(text));
		/* the largest get larger slabs here, for less waste */
		if (all[i] > 2048)
			snprintf(text, sizeof(text),
				 "size:%u align:%u flags:0x%x", c.size, c.align,
				 c.flags);
		oracle_expect(test,
			      oracle_key("debug.kmalloc_cache.%s", c.name),
			      "%s", text);
		KUNIT_EXPECT_EQ(test, ksize(p), all[i]);
		kfree(p);
	}
	p = kmalloc(64, GFP_KERNEL | __GFP_RECLAIMABLE);
	KUNIT_ASSERT_NOT_NULL(test, p);
	oracle_cache_text(oracle_owner(p), text, sizeof(text));
	oracle_expect(test, "debug.kmalloc_cache_rcl.kmalloc-rcl-64", "%s",
		      text);
	kfree(p);
}

static void construct(void *obj)
{
	memset(obj, 0x5e, 40);
}

static void debugged_kinds(struct kunit *test)
{
	struct oracle_cache c;
	struct kmem_cache *s;
	char text[400];

	s = kmem_cache_create("orc-ctor", 40, 0, 0, construct);
	oracle_cache_text(s, text, sizeof(text));
	oracle_expect(test, "debug.ctor.cache", "%s", text);
	kmem_cache_destroy(s);
	s = kmem_cache_create("orc-align4096", 64, 4096, 0, NULL);
	oracle_cache(s, &c);
	oracle_expect(test, "debug.create.64_align4096",
		      "size:%u align:%u objs_per_slab:%u order:%u", c.size,
		      c.align, c.objs_per_slab, c.order);
	kmem_cache_destroy(s);
	s = kmem_cache_create("orc-typesafe", 64, 0, SLAB_TYPESAFE_BY_RCU,
			      NULL);
	oracle_cache(s, &c);
	oracle_expect(test, "debug.create.64_typesafe_by_rcu",
		      "size:%u align:%u objs_per_slab:%u order:%u flags:0x%x",
		      c.size, c.align, c.objs_per_slab, c.order, c.flags);
	kmem_cache_destroy(s);
	s = kmem_cache_create("orc-mergeme-40", 40, 0, 0, NULL);
	oracle_cache(s, &c);
	oracle_expect(test, "debug.merge.40_align0",
		      "is_kmalloc_64:0 name:%s size:%u", c.name, c.size);
	kmem_cache_destroy(s);
}

static const char *bytes_text(char *buf, size_t n, const unsigned char *p)
{
	snprintf(buf, n,
		 "[0]:0x%x [1]:0x%x [62]:0x%x [63]:0x%x after_end[64]:0x%x "
		 "before[-1]:0x%x",
		 p[0], p[1], p[62], p[63], p[64], p[-1]);
	return buf;
}

static void debugged_bytes(struct kunit *test)
{
	struct kmem_cache *s = kmem_cache_create("orc-poison", 64, 0, 0, NULL);
	unsigned char *p = oracle_hide(kmem_cache_alloc(s, GFP_KERNEL));
	char text[200];

	oracle_expect(test, "debug.danger.poison.fresh_alloc", "%s",
		      bytes_text(text, sizeof(text), p));
	memset(p, 0, 64);
	kmem_cache_free(s, p);
	p = oracle_hide(p);
	oracle_expect(test, "debug.danger.poison.after_free", "%s",
		      bytes_text(text, sizeof(text), p));
	p = oracle_hide(kmem_cache_zalloc(s, GFP_KERNEL));
	oracle_expect(test, "debug.danger.poison.zalloc",
		      "[0]:0x%x [63]:0x%x after_end[64]:0x%x", p[0], p[63],
		      p[64]);
	kmem_cache_free(s, p);
	oracle_expect(test, "debug.danger.poison_values.outcome",
		      "kernel went on");
	kmem_cache_destroy(s);
}

/* What is found is mended: everything can be given back at the end. */
static void misuse_is_survived(struct kunit *test)
{
	struct kmem_cache *s =
		kmem_cache_create("orc-overflow", 64, 0, 0, NULL);
	unsigned char *p, *q;

	p = oracle_hide(kmem_cache_alloc(s, GFP_KERNEL));
	p[64] = 0x12;
	kmem_cache_free(s, p);
	oracle_expect(test, "debug.danger.overflow", "survived");
	oracle_expect(test, "debug.danger.overflow.outcome", "kernel went on");
	kmem_cache_free(s, p);
	p = oracle_hide(kmem_cache_alloc(s, GFP_KERNEL));
	p[-1] = 0x12;
	kmem_cache_free(s, p);
	oracle_expect(test, "debug.danger.underflow", "survived");
	oracle_expect(test, "debug.danger.underflow.outcome", "kernel went on");
	kmem_cache_free(s, p);
	p = kmem_cache_alloc(s, GFP_KERNEL);
	kmem_cache_free(s, p);
	kmem_cache_free(s, p);
	q = kmem_cache_alloc(s, GFP_KERNEL);
	KUNIT_EXPECT_PTR_EQ(test, q, p);
	KUNIT_EXPECT_TRUE(test, kmem_cache_alloc(s, GFP_KERNEL) != q);
	p = kmalloc(64, GFP_KERNEL);
	kfree(p + 8);
	q = kmalloc(64, GFP_KERNEL);
	oracle_expect(test, "debug.danger.kfree_interior",
		      "next_is_interior:%d", q == p + 8);
	oracle_expect(test, "debug.danger.kfree_interior.outcome",
		      "kernel went on");
	kfree(p);
	kfree(q);
	KUNIT_EXPECT_TRUE(test, oracle_valid());
}

static void writes_after_a_free(struct kunit *test)
{
	struct kmem_cache *s = kmem_cache_create("orc-uaf", 64, 0, 0, NULL);
	unsigned char *p = kmem_cache_alloc(s, GFP_KERNEL), *q;

	kmem_cache_free(s, p);
	p = oracle_hide(p);
	p[5] = 0x12;
	q = kmem_cache_alloc(s, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, q);
	oracle_expect(test, "debug.danger.uaf_write",
		      "survived same:%d q5:0x%x", p == q, q[5]);
	oracle_expect(test, "debug.danger.uaf_write.outcome", "kernel went on");
	kmem_cache_free(s, q);
	KUNIT_EXPECT_TRUE(test, oracle_valid());
}

static struct kunit_case cases[] = {
	KUNIT_CASE(debugged_geometry),
	KUNIT_CASE(debugged_kmalloc),
	KUNIT_CASE(debugged_kinds),
	KUNIT_CASE(debugged_bytes),
	KUNIT_CASE(misuse_is_survived),
	KUNIT_CASE(writes_after_a_free),
	{},
};

static struct kunit_suite suite = {
	.name = "conform_debug",
	.test_cases = cases,
};
kunit_test_suite(suite);
