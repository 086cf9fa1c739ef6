/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* kmalloc and its kin: classes, alignment, limits, zeroing. */
#include <linux/gfp.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "conform/oracle.h"
#include "kunit/test.h"

static const size_t sizes[] = {
	0,     1,      7,       8,       9,       16,      24,      32,
	33,    64,     65,      96,      97,      128,     129,     192,
	193,   256,    257,     511,     512,     513,     1024,    1025,
	2048,  2049,   4096,    4097,    8192,    8193,    16384,   16385,
	65536, 100000, 1048576, 2097152, 4194304, 4194305, 8388608,
};

static const char *kind(const void *p)
{
	return !p ? "NULL" : p == ZERO_SIZE_PTR ? "ZERO_SIZE_PTR" : "PTR";
}

static unsigned long smaller(unsigned long a, unsigned long b)
{
	return a < b ? a : b;
}

/* As many blocks as the oracle looked at. */
static unsigned int samples(size_t size)
{
	return size <= KMALLOC_MAX_CACHE_SIZE ? 64 : size <= 1048576 ? 4 : 1;
}

/* The smallest alignment of several blocks that are live together. */
static unsigned long min_align(struct kunit *test, size_t size)
{
	unsigned int n = samples(size), i;
	unsigned long align = ~0ul;
	void *p[64];

	for (i = 0; i < n; i++) {
		p[i] = kmalloc(size, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, p[i]);
		align = smaller(align, oracle_align(p[i]));
	}
	while (i)
		kfree(p[--i]);
	return align;
}

static void one_size(struct kunit *test, size_t size)
{
	void *p = kmalloc(size, GFP_KERNEL | __GFP_NOWARN);
	struct kmem_cache *owner;
	struct oracle_cache c;
	unsigned long align;
	unsigned int order;
	const char *key;

	oracle_expect(test, oracle_key("ksize.kmalloc.%zu", size), "%zu",
		      ksize(p));
	key = oracle_key("kmalloc.%zu", size);
	if (ZERO_OR_NULL_PTR(p)) {
		oracle_expect(test, key, "result:%s", kind(p));
		if (p)
			oracle_expect(test, key, "ksize:%zu", ksize(p));
		return;
	}
	oracle_expect(test, key, "result:PTR ksize:%zu", ksize(p));
	owner = oracle_owner(p);
	order = oracle_order(p);
	if (owner) {
		oracle_cache(owner, &c);
		order = c.order;
	}
	oracle_expect(test, key, "cache:%s order:%u",
		      owner ? c.name : "page-allocator", order);
	kfree(p);

	align = min_align(test, size);
	if (samples(size) > 1)
		oracle_expect(test, key, "align_min_over_%u:%lu", samples(size),
			      align);
	else
		KUNIT_EXPECT_GE(test, align, size);
}

static void kmalloc_classes(struct kunit *test)
{
	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		one_size(test, sizes[i]);
}

/* What the contract says for every size, not for the oracle's samples only. */
static void kmalloc_aligns_to_the_divisor(struct kunit *test)
{
	for (size_t size = 1; size <= KMALLOC_MAX_CACHE_SIZE; size++) {
		unsigned long want = size & -size;
		void *p[3];

		if (want < ARCH_KMALLOC_MINALIGN)
			want = ARCH_KMALLOC_MINALIGN;
		for (int i = 0; i < 3; i++) {
			p[i] = kmalloc(size, GFP_KERNEL);
			KUNIT_ASSERT_NOT_NULL(test, p[i]);
			KUNIT_EXPECT_GE_MSG(test, oracle_align(p[i]), want,
					    "size %zu", size);
			KUNIT_EXPECT_GE(test, ksize(p[i]), size);
			KUNIT_EXPECT_EQ(test, ksize(p[i]),
					kmalloc_size_roundup(size));
			memset(p[i], 0xa5, size);
		}
		for (int i = 0; i < 3; i++)
			kfree(p[i]);
	}
}

static void kmalloc_size_roundup_agrees(struct kunit *test)
{
	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		/* Changed since 6.1: the limit is no class of 8 MiB. */
		if (sizes[i] == 4194305) {
			KUNIT_EXPECT_EQ(test, kmalloc_size_roundup(sizes[i]),
					sizes[i]);
			continue;
		}
		oracle_expect(test,
			      oracle_key("kmalloc_size_roundup.%zu", sizes[i]),
			      "%zu", kmalloc_size_roundup(sizes[i]));
	}
	oracle_expect(test, "kmalloc_size_roundup.SIZE_MAX", "%zu",
		      kmalloc_size_roundup(SIZE_MAX));
}

static void kmalloc_zero_size(struct kunit *test)
{
	void *p = kmalloc(0, GFP_KERNEL);

	oracle_expect(test, "kmalloc.0.is_ZERO_SIZE_PTR", "%d",
		      p == ZERO_SIZE_PTR);
	oracle_expect(test, "kmalloc.0.ZERO_OR_NULL_PTR", "%d",
		      ZERO_OR_NULL_PTR(p));
	oracle_expect(test, "ksize.NULL", "%zu", ksize(NULL));
	oracle_expect(test, "ksize.ZERO_SIZE_PTR", "%zu", ksize(ZERO_SIZE_PTR));
	kfree(p);
	oracle_expect(test, "kfree.ZERO_SIZE_PTR", "no-op");
	kfree(NULL);
	oracle_expect(test, "kfree.NULL", "no-op");
	oracle_expect(test, "kzalloc.0.is_ZERO_SIZE_PTR", "%d",
		      kzalloc(0, GFP_KERNEL) == ZERO_SIZE_PTR);
	kfree_sensitive(NULL);
	kfree_sensitive(ZERO_SIZE_PTR);
}

static void kmalloc_limits(struct kunit *test)
{
	size_t max = SIZE_MAX;
	void *p;

	__asm__ volatile("" : "+r"(max));
	oracle_expect(test, "kmalloc.SIZE_MAX.nowarn", "%s",
		      kind(kmalloc(max, GFP_KERNEL | __GFP_NOWARN)));
	oracle_expect(test, "kmalloc.SIZE_MAX", "%s",
		      kind(kmalloc(max, GFP_KERNEL)));
	p = kmalloc(KMALLOC_MAX_SIZE, GFP_KERNEL);
	oracle_expect(test, "kmalloc.KMALLOC_MAX_SIZE", "%s", kind(p));
	kfree(p);
	oracle_expect(test, "kmalloc.KMALLOC_MAX_SIZE_plus_1", "%s",
		      kind(kmalloc(KMALLOC_MAX_SIZE + (max & 1), GFP_KERNEL)));
}

static void kmalloc_array_overflows_silently(struct kunit *test)
{
	size_t max = SIZE_MAX, half = SIZE_MAX / 2 + 1;
	void *p;
	bool zero = true;

	__asm__ volatile("" : "+r"(max), "+r"(half));
	oracle_expect(test, "kmalloc_array.overflow", "%s",
		      kind(kmalloc_array(half, 8, GFP_KERNEL)));
	oracle_expect(test, "kmalloc_array.SIZE_MAX_x_2", "%s",
		      kind(kmalloc_array(max, 2, GFP_KERNEL)));
	oracle_expect(test, "kcalloc.SIZE_MAX_x_SIZE_MAX", "%s",
		      kind(kcalloc(max, max, GFP_KERNEL)));
	oracle_expect(test, "kmalloc_array.0_x_8", "%s",
		      kind(kmalloc_array(0, 8, GFP_KERNEL)));
	oracle_expect(test, "kmalloc_array.8_x_0", "%s",
		      kind(kmalloc_array(8, 0, GFP_KERNEL)));

	p = kmalloc(63, GFP_KERNEL);
	memset(p, 0xcc, 63);
	kfree(p);
	p = kcalloc(7, 9, GFP_KERNEL);
	for (int i = 0; i < 63; i++)
		zero &= ((char *)p)[i] == 0;
	oracle_expect(test, "kcalloc.7_x_9", "ksize:%zu zeroed63:%d", ksize(p),
		      zero);
	kfree(p);
}

/* The whole class is cleared, or krealloc could not grow in place. */
static void kzalloc_clears_the_class(struct kunit *test)
{
	unsigned char *p = oracle_hide(kmalloc(40, GFP_KERNEL)), *q;
	size_t room = ksize(p);
	unsigned int n;

	memset(p, 0xee, room);
	kfree(p);
	q = oracle_hide(kzalloc(40, GFP_KERNEL));
	oracle_expect(test, "kzalloc.40.same_object_as_freed", "%d", p == q);
	for (n = 0; n < room && !q[n]; n++)
		;
	oracle_expect(test, "kzalloc.40.leading_zero_bytes", "%u", n);
	kfree(q);

	/* A large block too, up to its last byte. */
	p = oracle_hide(kmalloc(100000, GFP_KERNEL));
	KUNIT_ASSERT_NOT_NULL(test, p);
	memset(p, 0xee, ksize(p));
	kfree(p);
	p = oracle_hide(kzalloc(100000, GFP_KERNEL));
	for (n = 0; n < ksize(p) && !p[n]; n++)
		;
	KUNIT_EXPECT_EQ(test, n, ksize(p));
	kfree(p);
}

static void kfree_sensitive_wipes(struct kunit *test)
{
	unsigned char *p = kmalloc(64, GFP_KERNEL), *q;
	unsigned int left = 0;

	memset(p, 0xcc, 64);
	kfree_sensitive(p);
	q = kmalloc(64, GFP_KERNEL);
	oracle_expect(test, "kfree_sensitive.reused_same", "%d", p == q);
	for (int i = 0; i < 64; i++)
		left += q[i] == 0xcc;
	oracle_expect(test, "kfree_sensitive.0xcc_bytes_left", "%u", left);
	kfree(q);
}

static void kmalloc_node_forms(struct kunit *test)
{
	static const int nodes[] = { NUMA_NO_NODE, 0 };

	for (int i = 0; i < 2; i++) {
		void *a = kmalloc_node(100, GFP_KERNEL, nodes[i]);
		char *b = kzalloc_node(100, GFP_KERNEL, nodes[i]);
		void *c = kmalloc_array_node(10, 10, GFP_KERNEL, nodes[i]);
		char *d = kcalloc_node(10, 10, GFP_KERNEL, nodes[i]);

		KUNIT_EXPECT_EQ(test, ksize(a), 128);
		KUNIT_EXPECT_EQ(test, ksize(c), 128);
		KUNIT_EXPECT_EQ(test, b[0] | b[99] | d[0] | d[99], 0);
		kfree(a);
		kfree(b);
		kfree(c);
		kfree(d);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(kmalloc_classes),
	KUNIT_CASE(kmalloc_aligns_to_the_divisor),
	KUNIT_CASE(kmalloc_size_roundup_agrees),
	KUNIT_CASE(kmalloc_zero_size),
	KUNIT_CASE(kmalloc_limits),
	KUNIT_CASE(kmalloc_array_overflows_silently),
	KUNIT_CASE(kzalloc_clears_the_class),
	KUNIT_CASE(kfree_sensitive_wipes),
	KUNIT_CASE(kmalloc_node_forms),
	{},
};

static struct kunit_suite suite = {
	.name = "conform_kmalloc",
	.init = oracle_init,
	.exit = oracle_exit,
	.test_cases = cases,
};
kunit_test_suite(suite);
