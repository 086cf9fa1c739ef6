/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Pools, devices, fragments and large buffers from C++. */
#include <linux/bootmem.h>
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/dmapool.h>
#include <linux/genalloc.h>
#include <linux/memblock.h>
#include <linux/page_frag_cache.h>

#include <kmem/dma.h>

#include "kunit/test.h"

static void ranges(struct kunit *test)
{
	gen_pool *pool = gen_pool_create(4, NUMA_NO_NODE);
	genpool_data_align align = { 256 };
	unsigned long p, q;

	KUNIT_ASSERT_NOT_NULL(test, pool);
	KUNIT_EXPECT_EQ(test, gen_pool_add(pool, 4096 + 16, 4096, 0), 0);
	p = gen_pool_alloc(pool, 10);
	q = gen_pool_alloc_algo(pool, 10, gen_pool_first_fit_align, &align);
	KUNIT_EXPECT_EQ(test, p, 4112ul);
	KUNIT_EXPECT_EQ(test, q, 4096ul + 256);
	gen_pool_free(pool, p, 10);
	gen_pool_free(pool, q, 10);
	gen_pool_destroy(pool);
}

static unsigned int calls;

static void call(void *data)
{
	calls += *static_cast<unsigned int *>(data);
}

static void of_a_device(struct kunit *test)
{
	struct device dev = {};
	unsigned int two = 2;
	dma_addr_t bus;
	dma_pool *pool;
	void *p;
	char text[200];

	dev.init_name = "card";
	KUNIT_EXPECT_STREQ(test, dev_name(&dev), "card");
	KUNIT_EXPECT_EQ(test, dma_set_mask_and_coherent(&dev, DMA_BIT_MASK(64)),
			0);
	pool = dmam_pool_create("ring", &dev, 64, 64, 0);
	KUNIT_ASSERT_NOT_NULL(test, pool);
	p = dma_pool_zalloc(pool, GFP_KERNEL, &bus);
	KUNIT_EXPECT_EQ(test, bus, virt_to_phys(p));
	KUNIT_EXPECT_GT(test, kmem_dma_pools(&dev, text, sizeof(text)), 0ul);
	dma_pool_free(pool, p, bus);
	p = dmam_alloc_coherent(&dev, 100, &bus, GFP_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, p);
	p = devm_kzalloc(&dev, 100, GFP_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, devm_add_action_or_reset(&dev, call, &two), 0);
	KUNIT_EXPECT_EQ(test, devres_release_all(&dev), 4);
	KUNIT_EXPECT_EQ(test, calls, 2u);
}

static void large_and_small(struct kunit *test)
{
	page_frag_cache nc = {};
	void *p = page_frag_alloc(&nc, 100, GFP_KERNEL);

	KUNIT_EXPECT_NOT_NULL(test, p);
	page_frag_free(p);
	page_frag_cache_drain(&nc);
	p = memblock_alloc(100000, 0);
	KUNIT_EXPECT_NOT_NULL(test, p);
	memblock_free(p, 100000);
	p = alloc_bootmem_pages(100);
	free_bootmem(__pa(p), 100);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(ranges),
	KUNIT_CASE(of_a_device),
	KUNIT_CASE(large_and_small),
	{ nullptr, nullptr },
};
static struct kunit_suite suite = {
	"devices", nullptr, nullptr, nullptr, nullptr, cases,
};
kunit_test_suite(suite);
