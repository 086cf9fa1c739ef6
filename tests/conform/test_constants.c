/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Constants that callers build upon, and the arithmetic of sizes. */
#include <linux/cache.h>
#include <linux/gfp.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "conform/oracle.h"
#include "kunit/test.h"

#define SAME(test, name) \
	oracle_expect(test, #name, "%lu", (unsigned long)(name))

static void constants_of_pages(struct kunit *test)
{
	SAME(test, PAGE_SIZE);
	SAME(test, PAGE_SHIFT);
	SAME(test, PAGE_ALLOC_COSTLY_ORDER);
	KUNIT_EXPECT_EQ(test, MAX_PAGE_ORDER, 10);
	KUNIT_EXPECT_EQ(test, PAGE_ALIGN(1ul), PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, PAGE_ALIGN(0ul), 0ul);
}

static void constants_of_kmalloc(struct kunit *test)
{
	SAME(test, KMALLOC_MAX_SIZE);
	SAME(test, KMALLOC_MAX_CACHE_SIZE);
	SAME(test, KMALLOC_MIN_SIZE);
	SAME(test, KMALLOC_SHIFT_LOW);
	SAME(test, KMALLOC_SHIFT_HIGH);
	SAME(test, KMALLOC_SHIFT_MAX);
	SAME(test, KMALLOC_MAX_ORDER);
	SAME(test, ARCH_KMALLOC_MINALIGN);
	SAME(test, ARCH_SLAB_MINALIGN);
	SAME(test, SLAB_OBJ_MIN_SIZE);
	oracle_expect(test, "ZERO_SIZE_PTR", "0x%lx",
		      (unsigned long)ZERO_SIZE_PTR);
}

static void constants_of_cache_lines(struct kunit *test)
{
	SAME(test, L1_CACHE_BYTES);
	SAME(test, SMP_CACHE_BYTES);
	oracle_expect(test, "cache_line_size()", "%d", cache_line_size());
}

static void constants_of_types(struct kunit *test)
{
	oracle_expect(test, "sizeof.gfp_t", "%zu", sizeof(gfp_t));
	KUNIT_EXPECT_EQ(test, sizeof(struct page), 64);
}

/* No contract either, but masks are printed. */
static void constants_of_caches(struct kunit *test)
{
#define FLAG(name)                                     \
	oracle_expect(test, "slabflag." #name, "0x%x", \
		      (__force unsigned int)(name))
	FLAG(SLAB_CONSISTENCY_CHECKS);
	FLAG(SLAB_RED_ZONE);
	FLAG(SLAB_POISON);
	FLAG(SLAB_KMALLOC);
	FLAG(SLAB_HWCACHE_ALIGN);
	FLAG(SLAB_CACHE_DMA);
	FLAG(SLAB_CACHE_DMA32);
	FLAG(SLAB_STORE_USER);
	FLAG(SLAB_PANIC);
	FLAG(SLAB_TYPESAFE_BY_RCU);
	FLAG(SLAB_TRACE);
	FLAG(SLAB_NOLEAKTRACE);
	FLAG(SLAB_ACCOUNT);
	FLAG(SLAB_NO_USER_FLAGS);
	FLAG(SLAB_RECLAIM_ACCOUNT);
#undef FLAG
	/* Removed in 6.9, and must compile. */
	KUNIT_EXPECT_EQ(test, SLAB_MEM_SPREAD, 0);
}

/* A number that the compiler does not know. */
static size_t hide(size_t n)
{
	__asm__ volatile("" : "+r"(n));
	return n;
}

static void sizes_saturate(struct kunit *test)
{
	size_t max = hide(SIZE_MAX), two = hide(2), one = hide(1);

	oracle_expect(test, "array_size.SIZE_MAX_x_2", "0x%zx",
		      array_size(max, two));
	oracle_expect(test, "size_add.SIZE_MAX_plus_1", "0x%zx",
		      size_add(max, one));
	oracle_expect(test, "size_mul.SIZE_MAX_x_2", "0x%zx",
		      size_mul(max, two));
	oracle_expect(test, "size_sub.1_minus_2", "0x%zx", size_sub(one, two));
	oracle_expect(test, "array3_size.overflow", "0x%zx",
		      array3_size(max / 2, two, two));
	KUNIT_EXPECT_EQ(test, array3_size(one, two, two), 4);
	KUNIT_EXPECT_EQ(test, size_sub(two, one), 1);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(constants_of_pages),
	KUNIT_CASE(constants_of_kmalloc),
	KUNIT_CASE(constants_of_cache_lines),
	KUNIT_CASE(constants_of_types),
	KUNIT_CASE(constants_of_caches),
	KUNIT_CASE(sizes_saturate),
	{},
};

static struct kunit_suite suite = {
	.name = "conform_constants",
	.init = oracle_init,
	.exit = oracle_exit,
	.test_cases = cases,
};
kunit_test_suite(suite);
