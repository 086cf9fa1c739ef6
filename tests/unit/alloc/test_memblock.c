/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Memory in one piece: sizes, alignment, ranges, and frees in parts. */
#include "unit/alloc/world.h"

#include <linux/bootmem.h>
#include <linux/memblock.h>

WORLD_CASE(sizes_and_alignment)
{
	static const size_t sizes[] = { 1,       64,      100,    4096,
					8192,    8193,    10000,  100000,
					1 << 20, 4 << 20, 9 << 20 };

	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		for (size_t align = 0; align <= 1 << 20;
		     align = align ? align * 8 : 1) {
			char *p = memblock_alloc(sizes[i], align);

			KUNIT_ASSERT_NOT_NULL(test, p);
			KUNIT_EXPECT_EQ(test,
					virt_to_phys(p) % (align ? align : 64),
					0);
			KUNIT_EXPECT_TRUE(test, all_bytes(p, 0, sizes[i]));
			memset(p, 0x55, sizes[i]);
			memblock_free(p, sizes[i]);
		}
	}
	KUNIT_EXPECT_NULL(test, memblock_alloc(0, 0));
	KUNIT_EXPECT_NULL(test, memblock_alloc(100, 3));
	KUNIT_EXPECT_NULL(test,
			  memblock_alloc((size_t)hide((void *)SIZE_MAX), 0));
	memblock_free(NULL, 100);
	KUNIT_EXPECT_EQ(test, report_errors(), 0);
}

WORLD_CASE(ranges, .window = 8 * GIB)
{
	phys_addr_t at;
	void *p;

	p = memblock_alloc_low(100000, 0);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_LT(test, virt_to_phys(p) + 99999, 4 * GIB);
	memblock_free(p, 100000);
	p = memblock_alloc_try_nid(100, 0, 0, 16 * MIB, NUMA_NO_NODE);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_LT(test, virt_to_phys(p) + 99, 16 * MIB);
	memblock_free(p, 100);
	/* a wish that cannot be */
	p = memblock_alloc_from(100000, 0, 100 * GIB);
	KUNIT_EXPECT_NOT_NULL(test, p);
	memblock_free(p, 100000);
	p = memblock_alloc_try_nid_raw(100000, 0, 100 * GIB, 4 * GIB, 0);
	KUNIT_EXPECT_NOT_NULL(test, p);
	memblock_free(p, 100000);
	KUNIT_EXPECT_NULL(test, memblock_alloc_try_nid(100, 0, 0, 99, 0));
	at = memblock_phys_alloc_range(100000, 0, 0, 4 * GIB);
	KUNIT_EXPECT_NE(test, at, 0);
	KUNIT_EXPECT_LE(test, at + 100000, 4 * GIB);
	KUNIT_EXPECT_EQ(test, memblock_phys_free(at, 100000), 0);
	KUNIT_EXPECT_EQ(test,
			memblock_phys_alloc_range(100000, 0, 100 * GIB, 0), 0);
	at = memblock_phys_alloc(5000, 4096);
	KUNIT_EXPECT_NE(test, at, 0);
	memblock_free_late(at, 5000);
	at = memblock_phys_alloc_try_nid(50000, 0, 0);
	KUNIT_EXPECT_NE(test, at, 0);
	memblock_phys_free(at, 50000);
	KUNIT_EXPECT_EQ(test, report_errors(), 0);
}

WORLD_CASE(other_forms)
{
	char *p = memblock_alloc_raw(20000, 0);
	char *q = memblock_alloc_node(20000, 0, 0);
	char *r = memblock_alloc_or_panic(20000, 0);

	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_TRUE(test, q && all_bytes(q, 0, 20000));
	KUNIT_EXPECT_TRUE(test, all_bytes(r, 0, 20000));
	memblock_free(p, 20000);
	memblock_free(q, 20000);
	memblock_free(r, 20000);
	r = __memblock_alloc_or_panic(100, 0, "test");
	memblock_free(r, 100);
	p = alloc_bootmem(100);
	free_bootmem(__pa(p), 100);
	p = alloc_bootmem_low(20000);
	KUNIT_EXPECT_LT(test, __pa(p), 4 * GIB);
	free_bootmem(__pa(p), 20000);
	p = alloc_bootmem_pages(100);
	KUNIT_EXPECT_EQ(test, __pa(p) % PAGE_SIZE, 0);
	free_bootmem(__pa(p), 100);
	p = alloc_bootmem_low_pages(100);
	free_bootmem(__pa(p), 100);
	KUNIT_EXPECT_NULL(test, alloc_bootmem_nopanic(0));
	p = __alloc_bootmem(100, 0, 1ul << 20);
	free_bootmem(__pa(p), 100);
	p = __alloc_bootmem_low(100, 0, 0);
	free_bootmem(__pa(p), 100);
	p = alloc_bootmem_pages_nopanic(20000);
	free_bootmem(__pa(p), 20000);
	KUNIT_EXPECT_EQ(test, report_errors(), 0);
}

/* A page goes when all its bytes have gone that were asked for. */
WORLD_CASE(frees_in_parts)
{
	char *p = memblock_alloc(100000, PAGE_SIZE);
	unsigned long free = nr_free_pages();

	memblock_free(p, 50000);
	KUNIT_EXPECT_EQ(test, nr_free_pages(), free + 12);
	/* the thirteenth is used beyond */
	KUNIT_EXPECT_TRUE(test, all_bytes(p + 49152, 0, 100000 - 49152));
	memblock_free(p + 49152, 100000 - 49152);
	KUNIT_EXPECT_EQ(test, nr_free_pages(), free + 25);
	KUNIT_EXPECT_EQ(test, report_errors(), 0);
}

WORLD_CASE(misuse)
{
	char *p = memblock_alloc(20000, 0), *q = kmalloc(100, GFP_KERNEL);
	struct page *page = alloc_page(GFP_KERNEL);

	memblock_free(page_address(page), 4096);
	memblock_free(&p, 1 << 20);
	KUNIT_EXPECT_EQ(test, report_errors(), 2);
	memblock_free(p, 20000);
	memblock_free(p, 20000);
	memblock_free(p + 8, 8);
	KUNIT_EXPECT_EQ(test, log_count("memblock_free() of"), 4);
	__free_page(page);
	kfree(q);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(sizes_and_alignment),
	KUNIT_CASE(ranges),
	KUNIT_CASE(other_forms),
	KUNIT_CASE(frees_in_parts),
	KUNIT_CASE(misuse),
	{},
};
static struct kunit_suite suite = { .name = "memblock", .test_cases = cases };
kunit_test_suite(suite);
