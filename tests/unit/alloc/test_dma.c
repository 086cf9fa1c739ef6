/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Memory that a device can reach: masks, device addresses, and misuse. */
#include "unit/alloc/world.h"

#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/gfp.h>

#include "alloc/device.h"

WORLD_CASE(coherent_memory)
{
	static const size_t sizes[] = { 1,     100,     4096,   4097,
					70000, 4 << 20, 9 << 20 };
	struct device dev = {};

	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		size_t size = sizes[i], whole = PAGE_SIZE << get_order(size);
		dma_addr_t h = 1;
		char *p = dma_alloc_coherent(&dev, size, &h, GFP_KERNEL);

		KUNIT_ASSERT_NOT_NULL(test, p);
		KUNIT_EXPECT_EQ(test, h, virt_to_phys(p));
		KUNIT_EXPECT_EQ(test, h % whole, 0);
		KUNIT_EXPECT_TRUE(test, all_bytes(p, 0, size));
		memset(p, 0x55, size);
		dma_free_coherent(&dev, size, p, h);
	}
	{
		dma_addr_t h;
		void *p = dma_alloc_attrs(&dev, 100, &h, GFP_KERNEL,
					  DMA_ATTR_NO_WARN);

		dma_free_attrs(&dev, 100, p, h, 0);
		p = dma_zalloc_coherent(&dev, 100, &h, GFP_KERNEL);
		KUNIT_EXPECT_TRUE(test, p && all_bytes(p, 0, 100));
		dma_free_coherent(&dev, 100, p, h);
	}
	KUNIT_EXPECT_NULL(test, dma_alloc_coherent(&dev, 0, NULL, GFP_KERNEL));
	dma_free_coherent(&dev, 100, NULL, 0);
	KUNIT_EXPECT_EQ(test, report_errors(), 0);
	KUNIT_EXPECT_NULL(test, dma_alloc_coherent(&dev, 64, NULL,
						   GFP_KERNEL | __GFP_COMP));
	KUNIT_EXPECT_EQ(test, log_count("with __GFP_COMP"), 1);
}

WORLD_CASE(masks, .window = 8 * GIB)
{
	struct device dev = {};
	dma_addr_t h;
	void *p;

	KUNIT_EXPECT_EQ(test, dma_get_mask(&dev), DMA_BIT_MASK(32));
	KUNIT_EXPECT_EQ(test, dma_set_mask(&dev, DMA_BIT_MASK(23)), -5);
	KUNIT_EXPECT_EQ(test, dma_set_coherent_mask(&dev, 0), -5);
	KUNIT_EXPECT_EQ(test, dma_get_mask(&dev), DMA_BIT_MASK(32));
	KUNIT_EXPECT_EQ(test, dma_set_mask(&dev, DMA_BIT_MASK(40)), 0);
	KUNIT_EXPECT_EQ(test, dma_get_mask(&dev), DMA_BIT_MASK(40));
	for (unsigned int bits = 24; bits <= 64; bits++) {
		KUNIT_EXPECT_EQ(
			test,
			dma_set_mask_and_coherent(&dev, DMA_BIT_MASK(bits)), 0);
		p = dma_alloc_coherent(&dev, 8192, &h, GFP_KERNEL | GFP_DMA);
		KUNIT_ASSERT_NOT_NULL(test, p);
		KUNIT_EXPECT_LE(test, h + 8191, DMA_BIT_MASK(bits));
		dma_free_coherent(&dev, 8192, p, h);
	}
	KUNIT_EXPECT_EQ(
		test, dma_coerce_mask_and_coherent(&dev, DMA_BIT_MASK(64)), 0);
	KUNIT_EXPECT_EQ(test, dma_get_mask(&dev), ~0ull);
	KUNIT_EXPECT_EQ(test, dma_set_mask(NULL, ~0ull), -5);
	devres_release_all(&dev);
	KUNIT_EXPECT_EQ(test, dma_get_mask(&dev), DMA_BIT_MASK(32));
}

/* A mask that ends in the middle of a zone. */
WORLD_CASE(mask_within_a_zone, .window = 8 * GIB)
{
	struct device dev = {};
	dma_addr_t h;
	void *p;

	/* so that DMA32 begins to hand out above 32 MiB */
	struct page *held = alloc_pages(GFP_KERNEL | GFP_DMA32, 10);
	struct page *more[8];

	for (unsigned int i = 0; i < 8; i++)
		more[i] = alloc_pages(GFP_KERNEL | GFP_DMA32, 10);
	dma_set_coherent_mask(&dev, (32ull << 20) - 1);
	for (unsigned int i = 0; i < 3; i++) {
		p = dma_alloc_coherent(&dev, 1 << 20, &h, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, p);
		KUNIT_EXPECT_LT(test, h + (1 << 20) - 1, 32ull << 20);
		dma_free_coherent(&dev, 1 << 20, p, h);
	}
	__free_pages(held, 10);
	for (unsigned int i = 0; i < 8; i++)
		__free_pages(more[i], 10);
	devres_release_all(&dev);
}

WORLD_CASE(misuse_leaks)
{
	struct device dev = {};
	dma_addr_t h;
	char *p = dma_alloc_coherent(&dev, 8192, &h, GFP_KERNEL);

	dma_free_coherent(&dev, 8192, p, h + 4096);
	dma_free_coherent(&dev, 8192, p + 8, h + 8);
	dma_free_coherent(&dev, 8192, &dev, h);
	dma_free_coherent(&dev, 0, p, h);
	dma_free_coherent(&dev, SIZE_MAX, p, h);
	KUNIT_EXPECT_EQ(test, report_errors(), 5);
	KUNIT_EXPECT_EQ(test, log_count("dma_free_coherent() of"), 5);
	dma_free_coherent(&dev, 8192, p, h);
	KUNIT_EXPECT_EQ(test, report_errors(), 5);
	dma_free_coherent(&dev, 8192, p, h);
	KUNIT_EXPECT_EQ(test, report_errors(), 6);
}

WORLD_CASE(of_a_device)
{
	struct device dev = {}, other = {};
	dma_addr_t h, h2;
	void *p = dmam_alloc_coherent(&dev, 5000, &h, GFP_KERNEL);
	void *q = dmam_alloc_attrs(&dev, 5000, &h2, GFP_KERNEL,
				   DMA_ATTR_WRITE_COMBINE);

	KUNIT_EXPECT_EQ(test, h, virt_to_phys(p));
	dmam_free_coherent(&dev, 5000, p, h);
	KUNIT_EXPECT_EQ(test, report_errors(), 0);
	dmam_free_coherent(&other, 5000, q, h2);
	KUNIT_EXPECT_EQ(test, report_errors(), 1);
	KUNIT_EXPECT_NULL(test, dmam_alloc_coherent(NULL, 64, &h, GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, dmam_alloc_coherent(&dev, 0, &h, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, devres_release_all(&dev), 1);
}

WORLD_CASE(mappings)
{
	struct device dev = {};
	enum dma_data_direction dir = DMA_TO_DEVICE;
	char *p = kmalloc(100, GFP_KERNEL);
	char foreign[16];

	dma_set_mask(&dev, DMA_BIT_MASK(64));
	KUNIT_EXPECT_EQ(test, dma_map_single(&dev, p, 100, dir),
			virt_to_phys(p));
	KUNIT_EXPECT_EQ(test,
			dma_map_page(&dev, virt_to_page(p),
				     (uintptr_t)p % PAGE_SIZE, 100, dir),
			virt_to_phys(p));
	KUNIT_EXPECT_EQ(test, dma_mapping_error(&dev, virt_to_phys(p)), 0);
	KUNIT_EXPECT_EQ(
		test,
		dma_mapping_error(&dev, dma_map_single(&dev, foreign, 16, dir)),
		-12);
	KUNIT_EXPECT_EQ(test, dma_map_single(&dev, p, 0, dir),
			DMA_MAPPING_ERROR);
	KUNIT_EXPECT_EQ(test, dma_map_page(&dev, NULL, 0, 8, dir),
			DMA_MAPPING_ERROR);
	/* beyond the mask */
	dma_set_mask(&dev, virt_to_phys(p) + 50 > DMA_BIT_MASK(24) ?
				   virt_to_phys(p) + 50 :
				   DMA_BIT_MASK(24));
	if (virt_to_phys(p) + 50 > DMA_BIT_MASK(24))
		KUNIT_EXPECT_EQ(test, dma_map_single(&dev, p, 100, dir),
				DMA_MAPPING_ERROR);
	dma_sync_single_for_cpu(&dev, 0, 8, dir);
	dma_sync_single_for_device(&dev, 0, 8, dir);
	dma_unmap_single(&dev, 0, 8, dir);
	dma_unmap_page(&dev, 0, 8, dir);
	kfree(p);
	devres_release_all(&dev);
	KUNIT_EXPECT_EQ(test, report_errors(), 0);
}

/* A request that must not wait for the lock is refused. */
WORLD_CASE(beside_a_holder)
{
	struct device dev = {};
	void *p;

	lock_take(&device_lock, LOCK_DEVICE);
	p = dma_alloc_coherent(&dev, 64, NULL, GFP_ATOMIC);
	KUNIT_EXPECT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, dma_map_single(&dev, test, 8, DMA_TO_DEVICE),
			DMA_MAPPING_ERROR);
	/* no device, no question */
	p = dma_alloc_coherent(NULL, 64, NULL, GFP_ATOMIC);
	KUNIT_EXPECT_NOT_NULL(test, p);
	lock_drop(&device_lock, LOCK_DEVICE);
	dma_free_coherent(NULL, 64, p, virt_to_phys(p));
	KUNIT_EXPECT_EQ(test, report_errors(), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(coherent_memory),    KUNIT_CASE(masks),
	KUNIT_CASE(mask_within_a_zone), KUNIT_CASE(misuse_leaks),
	KUNIT_CASE(of_a_device),        KUNIT_CASE(mappings),
	KUNIT_CASE(beside_a_holder),    {},
};
static struct kunit_suite suite = { .name = "dma", .test_cases = cases };
kunit_test_suite(suite);
