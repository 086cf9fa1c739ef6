/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The GFP flags.  Their values are no contract, but masks are printed, so
 * they are kept where the kernel has them; what they say of sleeping is.
 */
#include <linux/gfp.h>

#include "conform/oracle.h"
#include "kunit/test.h"

#define SAME(test, flag) \
	oracle_expect(test, "gfp." #flag, "0x%x", (unsigned int)(flag))

static void gfp_modifiers(struct kunit *test)
{
	SAME(test, __GFP_DMA);
	SAME(test, __GFP_HIGHMEM);
	SAME(test, __GFP_DMA32);
	SAME(test, __GFP_MOVABLE);
	SAME(test, __GFP_RECLAIMABLE);
	SAME(test, __GFP_HIGH);
	SAME(test, __GFP_IO);
	SAME(test, __GFP_FS);
	SAME(test, __GFP_ZERO);
	SAME(test, __GFP_DIRECT_RECLAIM);
	SAME(test, __GFP_KSWAPD_RECLAIM);
	SAME(test, __GFP_RECLAIM);
	SAME(test, __GFP_WRITE);
	SAME(test, __GFP_NOWARN);
	SAME(test, __GFP_RETRY_MAYFAIL);
	SAME(test, __GFP_NOFAIL);
	SAME(test, __GFP_NORETRY);
	SAME(test, __GFP_MEMALLOC);
	SAME(test, __GFP_COMP);
	SAME(test, __GFP_NOMEMALLOC);
	SAME(test, __GFP_HARDWALL);
	SAME(test, __GFP_THISNODE);
	SAME(test, __GFP_ACCOUNT);
	SAME(test, __GFP_ZEROTAGS);
	SAME(test, __GFP_SKIP_ZERO);
	SAME(test, __GFP_NOLOCKDEP);
}

static void gfp_composites(struct kunit *test)
{
	SAME(test, GFP_KERNEL);
	SAME(test, GFP_KERNEL_ACCOUNT);
	SAME(test, GFP_NOIO);
	SAME(test, GFP_NOFS);
	SAME(test, GFP_USER);
	SAME(test, GFP_DMA);
	SAME(test, GFP_DMA32);
	SAME(test, GFP_HIGHUSER);
	SAME(test, GFP_HIGHUSER_MOVABLE);
	SAME(test, GFP_TRANSHUGE_LIGHT);
	SAME(test, GFP_TRANSHUGE);
	SAME(test, GFP_ZONEMASK);
	SAME(test, GFP_CONSTRAINT_MASK);
}

/* Where the newest release differs from the oracle's 6.1. */
static void gfp_since_6_1(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, __GFP_ATOMIC, 0);
	KUNIT_EXPECT_EQ(test, GFP_ATOMIC, __GFP_HIGH | __GFP_KSWAPD_RECLAIM);
	KUNIT_EXPECT_EQ(test, GFP_NOWAIT, __GFP_KSWAPD_RECLAIM | __GFP_NOWARN);
	KUNIT_EXPECT_EQ(test, GFP_BOOT_MASK,
			__GFP_BITS_MASK &
				~(__GFP_RECLAIM | __GFP_IO | __GFP_FS));
}

static void gfp_retired_names_compile(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, __GFP_COLD, 0);
	KUNIT_EXPECT_EQ(test, __GFP_NOTRACK, 0);
	KUNIT_EXPECT_TRUE(test, __GFP_WAIT & __GFP_DIRECT_RECLAIM);
	KUNIT_EXPECT_EQ(test, __GFP_REPEAT, __GFP_RETRY_MAYFAIL);
}

static void gfp_says_who_may_block(struct kunit *test)
{
#define BLOCKS(flag)                                                    \
	oracle_expect(test, "gfp.gfpflags_allow_blocking." #flag, "%d", \
		      gfpflags_allow_blocking(flag))
	BLOCKS(GFP_KERNEL);
	BLOCKS(GFP_NOIO);
	BLOCKS(GFP_ATOMIC);
	BLOCKS(GFP_NOWAIT);
#undef BLOCKS
	KUNIT_EXPECT_TRUE(test, gfpflags_allow_blocking(GFP_NOFS));
	/* GFP_DMA alone is a request that must not block. */
	KUNIT_EXPECT_FALSE(test, gfpflags_allow_blocking(GFP_DMA));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(gfp_modifiers),
	KUNIT_CASE(gfp_composites),
	KUNIT_CASE(gfp_since_6_1),
	KUNIT_CASE(gfp_retired_names_compile),
	KUNIT_CASE(gfp_says_who_may_block),
	{},
};

static struct kunit_suite suite = {
	.name = "conform_gfp",
	.init = oracle_init,
	.exit = oracle_exit,
	.test_cases = cases,
};
kunit_test_suite(suite);
