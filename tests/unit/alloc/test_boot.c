/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The boot, seen from inside: a request there is refused, nothing that an
 * option asks for has begun, and what it makes is whole afterwards.
 */
#include <linux/mempool.h>
#include <linux/oom.h>
#include <linux/shrinker.h>

#include "sync/boot.h"
#include "world.h"
#include <kmem/kmem.h>
#include <kmem/reserve.h>

#define EBUSY 16

static struct kunit *of;
static unsigned int asked, told;
static bool inside;

static int told_of_shortage(struct notifier_block *nb, unsigned long event,
			    void *data)
{
	(void)nb;
	(void)event;
	(void)data;
	told += boot_inside();
	return NOTIFY_OK;
}

static struct notifier_block notifier = { .notifier_call = told_of_shortage };

/* A class that has its cache is whole; one that has not gives nothing. */
static void use(void *p, size_t n)
{
	KUNIT_EXPECT_TRUE(of, !p || slab_is_available());
	if (!p)
		return;
	memset(p, 0x5a, n);
	kfree(p);
}

/* Anything that an interrupt in the middle of the boot could want. */
static void ask(void)
{
	struct kmem_cache_args args = { 0 };
	mempool_t *pool;

	KUNIT_EXPECT_EQ(of, kmalloc_boot(), -EBUSY);
	KUNIT_EXPECT_EQ(of, kmem_init(), -EBUSY);
	use(kmalloc(32, GFP_KERNEL), 32);
	use(kzalloc(8192, GFP_ATOMIC), 8192);
	use(kmalloc_nolock(64, 0, NUMA_NO_NODE), 64);
	KUNIT_EXPECT_NULL(of, kmalloc(MIB, GFP_KERNEL));
	KUNIT_EXPECT_NULL(of, kvmalloc(64 * MIB, GFP_KERNEL));
	/* of a class that is whole it may be had, and then it serves */
	pool = mempool_create_kmalloc_pool(4, 64);
	if (pool) {
		mempool_free(mempool_alloc(pool, GFP_ATOMIC), pool);
		mempool_destroy(pool);
	}
	KUNIT_EXPECT_NULL(of, shrinker_alloc(0, "early"));
	if (!slab_is_available())
		KUNIT_EXPECT_NULL(of, kmem_cache_create("early", 64, &args, 0));
	KUNIT_EXPECT_EQ(of, kmem_trim(), 0);
	KUNIT_EXPECT_NE(of, kmem_reserve(MIB), 0);
	page_pass_due();
	page_pass();
	page_thread();
	KUNIT_EXPECT_EQ(of, fake_calls(FAKE_THREAD), 0);
}

/* The fake CPU number is asked for in the middle of everything. */
static unsigned int hook(void)
{
	if (boot_inside() && !inside) {
		inside = true;
		asked++;
		ask();
		inside = false;
	}
	return 0;
}

static void from_inside(struct kunit *test)
{
	void *p;

	of = test;
	register_oom_notifier(&notifier);
	fake_set_cpu_hook(hook);
	KUNIT_EXPECT_EQ(test, kmalloc_boot(), 0);
	fake_set_cpu_hook(NULL);
	KUNIT_EXPECT_GT(test, asked, 2);
	KUNIT_EXPECT_EQ(test, told, 0);
	KUNIT_EXPECT_FALSE(test, boot_busy());
	p = kmalloc(32, GFP_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, p);
	kfree(p);
	unregister_oom_notifier(&notifier);
}

static void boot_refuses_who_is_inside(struct kunit *test)
{
	static const char *const options[] = {
		"",
		"kswapd=1",
		"background=1,decay_ms=0",
		"atomic_checks=1",
		"mem=8M,kswapd=1",
	};

	for (unsigned int i = 0; i < ARRAY_LEN(options); i++)
		in_world(test,
			 (struct world){ .options = options[i],
					 .unbooted = true },
			 from_inside);
}

/* The thread comes after the last layer, and from outside the boot. */
WORLD_CASE(boot_is_over_when_the_thread_starts,
	   .options = "kswapd=1,background=1", .unbooted = true)
{
	KUNIT_EXPECT_EQ(test, kmalloc_boot(), 0);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_THREAD), 0);
	KUNIT_EXPECT_EQ(test, kmem_init(), 0);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_THREAD), 1);
}

/* While another thread boots or forks the start is put off, not forgotten. */
WORLD_CASE(boot_puts_the_thread_off, .options = "kswapd=1")
{
	KUNIT_ASSERT_TRUE(test, boot_enter());
	page_pass_due();
	page_pass();
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_THREAD), 0);
	boot_leave();
	page_pass();
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_THREAD), 1);
}

/* One that cannot be had is told of, once, and tried again. */
WORLD_CASE(boot_tells_of_a_thread_that_cannot_be, .options = "kswapd=1")
{
	fake_fail_from(FAKE_BIT(FAKE_THREAD), 1);
	for (int i = 0; i < 3; i++) {
		page_pass_due();
		page_pass();
	}
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_THREAD), 3);
	KUNIT_EXPECT_EQ(test, log_count("no thread for kswapd= yet"), 1);
	fake_fail_nth(0, 0);
	fake_log_clear();
	page_pass_due();
	page_pass();
	page_thread();
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_THREAD), 4);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
}

static struct kunit_case cases[] = {
	KUNIT_CASE(boot_refuses_who_is_inside),
	KUNIT_CASE(boot_is_over_when_the_thread_starts),
	KUNIT_CASE(boot_puts_the_thread_off),
	KUNIT_CASE(boot_tells_of_a_thread_that_cannot_be),
	{}
};

static struct kunit_suite suite = { .name = "boot", .test_cases = cases };
kunit_test_suite(suite);
