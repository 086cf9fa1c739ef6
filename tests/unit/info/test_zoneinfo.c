/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The table of zones, to the letter.
 */
#include <kmem/stats.h>
#include <linux/gfp.h>

#include "unit/page/world.h"

/* One zone of 4096 pages, min 1024: what it must say of it. */
#define SAYS                               \
	"Node 0, zone      DMA\n"          \
	"  pages free     %lu\n"           \
	"        min      1024\n"          \
	"        low      1280\n"          \
	"        high     1536\n"          \
	"        spanned  4096\n"          \
	"        present  4096\n"          \
	"        managed  4096\n"          \
	"        protection: (0, 0, 0)\n"  \
	"      nr_free_pages %lu\n"        \
	"      nr_reserve_used %lu\n"      \
	"      nr_reserved_highatomic 0\n" \
	"      nr_free_highatomic 0\n"     \
	"  start_pfn:           0\n"

static void expect(struct kunit *test, unsigned long free, unsigned long used)
{
	char text[1000], wanted[1000];

	snprintf(wanted, sizeof(wanted), SAYS, free, free, used);
	KUNIT_EXPECT_EQ(test, kmem_zoneinfo(text, sizeof(text)),
			strlen(wanted));
	KUNIT_EXPECT_STREQ(test, text, wanted);
}

WORLD_CASE(zoneinfo_says_what_the_zones_have,
	   .options = "mem=16M,min_free_kbytes=4096")
{
	struct page *held[256], *page;
	unsigned int n = 0;

	expect(test, 4096, 0);
	/* down to 37.5 % of min, to the block */
	while ((page = page_alloc(GFP_ATOMIC | __GFP_NOWARN, 4)))
		held[n++] = page;
	expect(test, 384, 640);
	while (n)
		page_free(held[--n], 4);
	expect(test, 4096, 640);
	page_reserve_used(true);
	expect(test, 4096, 0);
}

WORLD_CASE(zoneinfo_leaves_out_what_is_not, .window = 18ul << 30)
{
	char text[2000], cut[64];
	size_t n = kmem_zoneinfo(text, sizeof(text));

	KUNIT_EXPECT_LT(test, n, sizeof(text));
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, "Node 0, zone   Normal\n"));
	/* a zone that has not grown has no pages yet */
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, "Node 0, zone    DMA32\n"
						 "  pages free     0\n"));
	KUNIT_EXPECT_EQ(test, kmem_zoneinfo(cut, sizeof(cut)), n);
	KUNIT_EXPECT_EQ(test, strlen(cut), sizeof(cut) - 1);
	KUNIT_EXPECT_MEMEQ(test, cut, text, sizeof(cut) - 1);
	KUNIT_EXPECT_EQ(test, kmem_zoneinfo(NULL, 0), n);
}

WORLD_CASE(zoneinfo_of_a_small_window, .window = 64 * MIB)
{
	char text[2000];

	kmem_zoneinfo(text, sizeof(text));
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, "zone    DMA32\n"));
	KUNIT_EXPECT_NULL(test, strstr(text, "Normal"));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(zoneinfo_says_what_the_zones_have),
	KUNIT_CASE(zoneinfo_leaves_out_what_is_not),
	KUNIT_CASE(zoneinfo_of_a_small_window),
	{},
};

static struct kunit_suite suite = { .name = "zoneinfo", .test_cases = cases };

kunit_test_suite(suite);
