/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Pools of blocks for devices: sizes, alignment and boundaries, what is
 * reported, and random operations against a list of what is in use.
 */
#include "unit/alloc/world.h"

#include <kmem/dma.h>
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/dmapool.h>

#define MOST 3000

static void *blocks[MOST];
static dma_addr_t handles[MOST];

/* --- sizes ---------------------------------------------------------------- */

WORLD_CASE(refuses_sizes)
{
	KUNIT_EXPECT_NULL(test, dma_pool_create("x", NULL, 0, 0, 0));
	KUNIT_EXPECT_NULL(test, dma_pool_create("x", NULL, 64, 3, 0));
	KUNIT_EXPECT_NULL(test, dma_pool_create("x", NULL, 64, 0, 96));
	KUNIT_EXPECT_NULL(test, dma_pool_create("x", NULL, 64, 0, 32));
	/* rounded to the alignment, it is larger than the boundary */
	KUNIT_EXPECT_NULL(test, dma_pool_create("x", NULL, 64, 128, 64));
	KUNIT_EXPECT_NULL(test, dma_pool_create("x", NULL, 1ul << 31, 0, 0));
	KUNIT_EXPECT_NULL(test, dma_pool_create("x", NULL, SIZE_MAX, 0, 0));
	KUNIT_EXPECT_NULL(test, dma_pool_create("x", NULL, 8, 1ul << 40, 0));
	KUNIT_EXPECT_EQ(test, report_errors(), 0);
	dma_pool_destroy(NULL);
}

/* Fills some pages and looks at every block. */
static void try_shape(struct kunit *test, size_t size, size_t align,
		      size_t boundary, unsigned int n, size_t step)
{
	struct dma_pool *pool =
		dma_pool_create("shape", NULL, size, align, boundary);

	KUNIT_ASSERT_NOT_NULL(test, pool);
	for (unsigned int i = 0; i < n; i++) {
		dma_addr_t end;

		blocks[i] = dma_pool_alloc(pool, GFP_KERNEL, &handles[i]);
		KUNIT_ASSERT_NOT_NULL(test, blocks[i]);
		memset(blocks[i], (int)i, size);
		KUNIT_EXPECT_EQ(test, handles[i], virt_to_phys(blocks[i]));
		if (align)
			KUNIT_EXPECT_EQ(test, handles[i] % align, 0);
		end = handles[i] + size - 1;
		if (boundary)
			KUNIT_EXPECT_EQ(test, handles[i] / boundary,
					end / boundary);
		if (i && handles[i] > handles[i - 1] &&
		    handles[i] / PAGE_SIZE == handles[i - 1] / PAGE_SIZE)
			KUNIT_EXPECT_GE(test, handles[i] - handles[i - 1],
					step);
	}
	for (unsigned int i = 0; i < n; i++) {
		KUNIT_EXPECT_TRUE(test,
				  all_bytes(blocks[i], (int)i & 0xff, size));
		dma_pool_free(pool, blocks[i], handles[i]);
	}
	dma_pool_destroy(pool);
	KUNIT_EXPECT_EQ(test, report_errors(), 0);
}

WORLD_CASE(shapes)
{
	try_shape(test, 1, 0, 0, 600, 16);
	try_shape(test, 16, 16, 0, 600, 16);
	try_shape(test, 17, 0, 0, 500, 17);
	try_shape(test, 20, 8, 64, 500, 24);
	try_shape(test, 24, 0, 32, 300, 32);
	try_shape(test, 100, 0, 256, 100, 100);
	try_shape(test, 64, 64, 4096, 200, 64);
	try_shape(test, 40, 256, 0, 64, 256);
	try_shape(test, 4096, 4096, 0, 9, 4096);
	try_shape(test, 2048, 0, 1ul << 20, 9, 2048);
	try_shape(test, 5000, 0, 0, 9, 5000);
	try_shape(test, 5000, 0, 8192, 9, 5000);
	try_shape(test, 100, 16384, 0, 9, 16384);
	try_shape(test, 1 << 20, 1 << 20, 0, 3, 1 << 20);
	try_shape(test, 5 << 20, 0, 0, 2, 5 << 20);
}

/* As many as the text says, and none across the boundary's gap. */
static void expect_pools(struct kunit *test, const struct device *dev,
			 const char *want)
{
	char text[512];
	size_t n = kmem_dma_pools(dev, text, sizeof(text));

	KUNIT_EXPECT_STREQ(test, text, want);
	KUNIT_EXPECT_EQ(test, n, strlen(want));
	KUNIT_EXPECT_EQ(test, kmem_dma_pools(dev, text, 4), strlen(want));
	KUNIT_EXPECT_STREQ(test, text, "poo");
}

WORLD_CASE(text_of_the_pools)
{
	struct device dev = {};
	struct dma_pool *a, *b, *none;
	dma_addr_t h[3];
	void *p[3];

	expect_pools(test, &dev, "poolinfo - 0.1\n");
	a = dma_pool_create("ring", &dev, 24, 0, 32);
	b = dma_pool_create("a name of more than thirty-one bytes", &dev, 5000,
			    0, 0);
	none = dma_pool_create_node("no device", NULL, 64, 0, 0, 0);
	expect_pools(test, &dev,
		     "poolinfo - 0.1\n"
		     "ring                0    0   24  0\n"
		     "a name of more than thirty-one     0    0 5000  0\n");
	p[0] = dma_pool_alloc(a, GFP_KERNEL, &h[0]);
	p[1] = dma_pool_alloc(a, GFP_KERNEL, &h[1]);
	p[2] = dma_pool_alloc(b, GFP_KERNEL, &h[2]);
	dma_pool_free(a, p[0], h[0]);
	expect_pools(test, &dev,
		     "poolinfo - 0.1\n"
		     "ring                1  128   24  1\n"
		     "a name of more than thirty-one     1    1 5000  1\n");
	dma_pool_free(a, p[1], h[1]);
	dma_pool_free(b, p[2], h[2]);
	dma_pool_destroy(a);
	dma_pool_destroy(b);
	expect_pools(test, &dev, "poolinfo - 0.1\n");
	dma_pool_destroy(none);
	devres_release_all(&dev);
}

/* --- allocation ----------------------------------------------------------- */

WORLD_CASE(zeroed_when_asked)
{
	struct dma_pool *pool = dma_pool_create("z", NULL, 64, 0, 0);
	dma_addr_t h;
	char *p = dma_pool_alloc(pool, GFP_KERNEL, &h);

	memset(p, 0x55, 64);
	dma_pool_free(pool, p, h);
	/* what was there is there, as nothing of the pool's is in a block */
	KUNIT_EXPECT_PTR_EQ(test, dma_pool_alloc(pool, GFP_ATOMIC, NULL),
			    (void *)p);
	KUNIT_EXPECT_TRUE(test, all_bytes(p, 0x55, 64));
	dma_pool_free(pool, p, h);
	KUNIT_EXPECT_PTR_EQ(test, dma_pool_zalloc(pool, GFP_KERNEL, &h),
			    (void *)p);
	KUNIT_EXPECT_TRUE(test, all_bytes(p, 0, 64));
	dma_pool_free(pool, p, h);
	dma_pool_destroy(pool);
}

/* From the pages that are there, when there is no more memory. */
WORLD_CASE(atomic_from_present_pages, .options = "mem=16M")
{
	struct dma_pool *pool = dma_pool_create("full", NULL, 1024, 0, 0);
	static struct page *pages[4096];
	unsigned long n = 0;

	for (unsigned int i = 0; i < 4; i++)
		blocks[i] = dma_pool_alloc(pool, GFP_KERNEL, &handles[i]);
	dma_pool_free(pool, blocks[2], handles[2]);
	while (n < 4096 &&
	       (pages[n] = alloc_pages(
			GFP_ATOMIC | __GFP_NOWARN | __GFP_MEMALLOC, 0)))
		n++;
	KUNIT_EXPECT_PTR_EQ(test, dma_pool_alloc(pool, GFP_ATOMIC, &handles[2]),
			    blocks[2]);
	KUNIT_EXPECT_NULL(test, dma_pool_alloc(pool, GFP_ATOMIC | __GFP_NOWARN,
					       NULL));
	while (n)
		__free_page(pages[--n]);
	for (unsigned int i = 0; i < 4; i++)
		dma_pool_free(pool, blocks[i], handles[i]);
	dma_pool_destroy(pool);
	KUNIT_EXPECT_EQ(test, report_errors(), 0);
}

/* Below what the mask of the device reaches. */
WORLD_CASE(zone_of_the_mask, .window = 8 * GIB)
{
	struct device dev = { .init_name = "narrow" };
	static const unsigned int bits[] = { 24, 30, 32 };
	struct dma_pool *pool;

	for (unsigned int i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(
			test,
			dma_set_coherent_mask(&dev, DMA_BIT_MASK(bits[i])), 0);
		pool = dma_pool_create("masked", &dev, 64, 0, 0);
		blocks[0] = dma_pool_alloc(pool, GFP_KERNEL, &handles[0]);
		KUNIT_ASSERT_NOT_NULL(test, blocks[0]);
		KUNIT_EXPECT_LE(test, handles[0] + 63, DMA_BIT_MASK(bits[i]));
		dma_pool_free(pool, blocks[0], handles[0]);
		dma_pool_destroy(pool);
	}
	pool = dma_pool_create("any", NULL, 64, 0, 0);
	blocks[0] = dma_pool_alloc(pool, GFP_KERNEL, &handles[0]);
	KUNIT_EXPECT_NOT_NULL(test, blocks[0]);
	dma_pool_free(pool, blocks[0], handles[0]);
	dma_pool_destroy(pool);
	devres_release_all(&dev);
}

/* --- misuse --------------------------------------------------------------- */

WORLD_CASE(misuse_changes_nothing)
{
	struct device dev = {};
	struct dma_pool *pool, *other;
	dma_addr_t h, h2;
	char *p, *q;

	dev_set_name(&dev, "card%d", 7);
	pool = dma_pool_create("ring", &dev, 24, 0, 32);
	other = dma_pool_create("other", &dev, 24, 0, 32);
	p = dma_pool_alloc(pool, GFP_KERNEL, &h);
	q = dma_pool_alloc(other, GFP_KERNEL, &h2);
	dma_pool_free(pool, p, h + 1);
	dma_pool_free(pool, p + 1, h + 1);
	dma_pool_free(pool, p + 24, h + 24);
	dma_pool_free(pool, q, h);
	dma_pool_free(pool, NULL, h);
	KUNIT_EXPECT_EQ(test, log_count("(bad vaddr)/0x"), 5);
	dma_pool_free(pool, q, h2);
	dma_pool_free(pool, p, 12345);
	dma_pool_free(pool, p, ~0ull);
	KUNIT_EXPECT_EQ(test, log_count("(bad dma)"), 3);
	KUNIT_EXPECT_EQ(test, log_count("card7: dma_pool_free ring, "), 8);
	KUNIT_EXPECT_EQ(test, report_errors(), 8);
	dma_pool_destroy(pool);
	KUNIT_EXPECT_EQ(test, log_count("card7: dma_pool_destroy ring busy"),
			1);
	/* it stays usable for what is in use */
	dma_pool_free(pool, p, h);
	KUNIT_EXPECT_EQ(test, report_errors(), 9);
	dma_pool_free(pool, p, h);
	KUNIT_EXPECT_EQ(test, log_count("already free"), 1);
	dma_pool_destroy(pool);
	dma_pool_free(other, q, h2);
	dma_pool_destroy(other);
	devres_release_all(&dev);
}

WORLD_CASE(of_a_device)
{
	struct device dev = {}, other = {};
	struct dma_pool *a = dmam_pool_create("a", &dev, 64, 0, 0);
	struct dma_pool *b = dmam_pool_create("b", &dev, 64, 0, 0);
	struct dma_pool *c = dma_pool_create("c", &other, 64, 0, 0);

	KUNIT_ASSERT_NOT_NULL(test, a);
	KUNIT_ASSERT_NOT_NULL(test, b);
	dmam_pool_destroy(a);
	KUNIT_EXPECT_EQ(test, report_errors(), 0);
	dmam_pool_destroy(c);
	KUNIT_EXPECT_EQ(test, log_count("is not the device's"), 1);
	dma_pool_destroy(c);
	KUNIT_EXPECT_EQ(test, devres_release_all(&dev), 1);
	KUNIT_EXPECT_NULL(test, dmam_pool_create("d", NULL, 64, 0, 0));
	KUNIT_EXPECT_NULL(test, dmam_pool_create("d", &dev, 0, 0, 0));
	KUNIT_EXPECT_EQ(test, devres_release_all(&dev), 0);
}

/* --- against a model ------------------------------------------------------ */

static struct {
	unsigned char *p;
	dma_addr_t h;
	unsigned char mark;
} live[MOST];
static unsigned int nr_live;

static void random_free(struct kunit *test, struct dma_pool *pool,
			uint64_t *seed, size_t size)
{
	unsigned int i = dice(seed) % nr_live;

	KUNIT_EXPECT_TRUE(test, all_bytes(live[i].p, live[i].mark, size));
	dma_pool_free(pool, live[i].p, live[i].h);
	live[i] = live[--nr_live];
}

static void random_alloc(struct kunit *test, struct dma_pool *pool,
			 uint64_t *seed, size_t size)
{
	static unsigned char mark;
	bool zero = dice(seed) % 4 == 0;

	live[nr_live].p =
		zero ? dma_pool_zalloc(pool, GFP_KERNEL, &live[nr_live].h) :
		       dma_pool_alloc(pool, GFP_KERNEL, &live[nr_live].h);
	KUNIT_ASSERT_NOT_NULL(test, live[nr_live].p);
	if (zero)
		KUNIT_EXPECT_TRUE(test, all_bytes(live[nr_live].p, 0, size));
	live[nr_live].mark = ++mark;
	memset(live[nr_live++].p, mark, size);
}

WORLD_CASE(as_a_model_says)
{
	uint64_t seed = 99;

	for (unsigned int round = 0; round < 12; round++) {
		size_t size = 1 + dice(&seed) % 700;
		size_t boundary = dice(&seed) % 2 ? 1024 : 0;
		struct dma_pool *pool = dma_pool_create(
			"model", NULL, size, 1u << dice(&seed) % 6, boundary);
		unsigned int most = 1 + dice(&seed) % MOST;

		for (unsigned int i = 0; i < 4000; i++) {
			if (nr_live == most || (nr_live && dice(&seed) % 5 < 2))
				random_free(test, pool, &seed, size);
			else
				random_alloc(test, pool, &seed, size);
		}
		while (nr_live)
			random_free(test, pool, &seed, size);
		dma_pool_destroy(pool);
	}
	KUNIT_EXPECT_EQ(test, report_errors(), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(refuses_sizes),
	KUNIT_CASE(shapes),
	KUNIT_CASE(text_of_the_pools),
	KUNIT_CASE(zeroed_when_asked),
	KUNIT_CASE(atomic_from_present_pages),
	KUNIT_CASE(zone_of_the_mask),
	KUNIT_CASE(misuse_changes_nothing),
	KUNIT_CASE(of_a_device),
	KUNIT_CASE(as_a_model_says),
	{},
};
static struct kunit_suite suite = { .name = "dmapool", .test_cases = cases };
kunit_test_suite(suite);
