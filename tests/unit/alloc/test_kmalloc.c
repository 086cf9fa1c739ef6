// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/* kmalloc(), kfree(), ksize() and their kin: every row of the contract. */
#include "unit/alloc/world.h"

static const size_t classes[] = { 8,   16,  32,   64,   96,   128, 192,
				  256, 512, 1024, 2048, 4096, 8192 };

#define NR_CLASSES (sizeof(classes) / sizeof(classes[0]))

static size_t class_for(size_t size)
{
	unsigned int i = 0;

	while (classes[i] < size)
		i++;
	return classes[i];
}

static struct kmem_cache *owner(const void *p)
{
	return page_cache(addr_page(p));
}

WORLD_CASE(kmalloc_first_call_boots, .unbooted = true)
{
	void *p = kmalloc(100, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, ksize(p), 128);
	kfree(p);
}

WORLD_CASE(kmalloc_first_large_call_boots, .unbooted = true)
{
	void *p = kmalloc(100000, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, ksize(p), 131072);
	kfree(p);
}

WORLD_CASE(kmalloc_of_nothing_needs_no_boot, .unbooted = true)
{
	KUNIT_EXPECT_PTR_EQ(test, kmalloc(0, GFP_KERNEL), ZERO_SIZE_PTR);
	kfree(ZERO_SIZE_PTR);
	kfree(NULL);
	KUNIT_EXPECT_EQ(test, ksize(NULL), 0);
	KUNIT_EXPECT_FALSE(test, is_vmalloc_addr(test));
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_CLAIM), 0);
}

WORLD_CASE(kmalloc_picks_the_class_of_every_size)
{
	size_t size, class;

	for (size = 1; size <= KMALLOC_MAX_CACHE_SIZE; size++) {
		void *p = kmalloc(size, GFP_KERNEL);

		class = class_for(size);
		KUNIT_ASSERT_NOT_NULL(test, p);
		KUNIT_ASSERT_EQ_MSG(test, ksize(p), class, "size %zu", size);
		KUNIT_ASSERT_EQ(test, kmalloc_size_roundup(size), class);
		KUNIT_ASSERT_EQ_MSG(test, (uintptr_t)p & ((size & -size) - 1),
				    0, "size %zu at %p", size, p);
		KUNIT_ASSERT_EQ(test, (uintptr_t)p & ((class & -class) - 1), 0);
		memset(p, 0xa5, size);
		kfree(p);
	}
}

WORLD_CASE(kmalloc_large_sizes_are_whole_aligned_blocks)
{
	size_t size, block;
	void *p;

	for (size = 8193; size <= KMALLOC_MAX_SIZE; size = size * 3 / 2 + 1) {
		block = PAGE_SIZE << get_order(size);
		p = kmalloc(size, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, p);
		KUNIT_EXPECT_EQ(test, ksize(p), block);
		KUNIT_EXPECT_EQ(test, kmalloc_size_roundup(size), block);
		KUNIT_EXPECT_EQ(test, (uintptr_t)p & (block - 1), 0);
		KUNIT_EXPECT_NULL(test, owner(p));
		KUNIT_EXPECT_EQ(test, kmalloc_large_bytes(), block);
		memset(p, 0xa5, size);
		kfree(p);
		KUNIT_EXPECT_EQ(test, kmalloc_large_bytes(), 0);
	}
	p = kmalloc(KMALLOC_MAX_SIZE, GFP_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, p);
	kfree(p);
}

WORLD_CASE(kmalloc_beyond_the_maximum_is_null_and_warned_once)
{
	KUNIT_EXPECT_NULL(test, kmalloc(KMALLOC_MAX_SIZE + 1,
					GFP_KERNEL | __GFP_NOWARN));
	KUNIT_EXPECT_NULL(test, kmalloc((size_t)hide((void *)-1),
					GFP_KERNEL | __GFP_NOWARN));
	KUNIT_EXPECT_EQ(test, log_count("WARNING"), 0);
	KUNIT_EXPECT_NULL(test, kmalloc(KMALLOC_MAX_SIZE + 1, GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, kmalloc((size_t)hide((void *)-1), GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, log_count("WARNING"), 1);
	KUNIT_EXPECT_EQ(test, kmalloc_size_roundup(KMALLOC_MAX_SIZE + 1),
			KMALLOC_MAX_SIZE + 1);
	KUNIT_EXPECT_EQ(test, kmalloc_size_roundup(SIZE_MAX), SIZE_MAX);
	KUNIT_EXPECT_EQ(test, kmalloc_size_roundup(0), 0);
}

WORLD_CASE(kmalloc_zero_size_pointer_is_welcome_everywhere)
{
	KUNIT_EXPECT_PTR_EQ(test, kmalloc(0, GFP_KERNEL), ZERO_SIZE_PTR);
	KUNIT_EXPECT_PTR_EQ(test, kzalloc(0, GFP_ATOMIC), ZERO_SIZE_PTR);
	KUNIT_EXPECT_PTR_EQ(test, kmalloc_node(0, GFP_KERNEL, 0),
			    ZERO_SIZE_PTR);
	KUNIT_EXPECT_PTR_EQ(test, kmalloc_array(0, 8, GFP_KERNEL),
			    ZERO_SIZE_PTR);
	KUNIT_EXPECT_PTR_EQ(test, kcalloc(8, 0, GFP_KERNEL), ZERO_SIZE_PTR);
	KUNIT_EXPECT_EQ(test, ksize(ZERO_SIZE_PTR), 0);
	kfree(ZERO_SIZE_PTR);
	kfree_sensitive(ZERO_SIZE_PTR);
	kvfree(ZERO_SIZE_PTR);
	kvfree_sensitive(ZERO_SIZE_PTR, 0);
	kfree(NULL);
	kfree_sensitive(NULL);
	kfree_bulk(0, NULL);
	KUNIT_EXPECT_TRUE(test, ZERO_OR_NULL_PTR((void *)15));
	KUNIT_EXPECT_FALSE(test, ZERO_OR_NULL_PTR(ERR_PTR(-12)));
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
}

WORLD_CASE(kmalloc_array_overflow_is_silent)
{
	size_t half = (size_t)hide((void *)(SIZE_MAX / 2 + 2));

	KUNIT_EXPECT_NULL(test, kmalloc_array(half, 2, GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, kcalloc(half, half, GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, kmalloc_array_node(2, half, GFP_KERNEL, 0));
	KUNIT_EXPECT_NULL(test, kcalloc_node(2, half, GFP_KERNEL, -1));
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
}

WORLD_CASE(kzalloc_clears_the_whole_class)
{
	unsigned int i;
	void *p, *q;

	for (i = 0; i < NR_CLASSES; i++) {
		p = kmalloc(classes[i], GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, p);
		memset(p, 0x5a, classes[i]);
		kfree(p);
		q = kzalloc(i ? classes[i - 1] + 1 : 1, GFP_KERNEL);
		KUNIT_EXPECT_PTR_EQ(test, q, p);
		KUNIT_EXPECT_TRUE(test, all_bytes(q, 0, ksize(q)));
		kfree(q);
	}
	p = kmalloc(40000, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	memset(hide(p), 0x5a, 65536);
	kfree(p);
	q = kcalloc(4, 10000, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, q);
	KUNIT_EXPECT_TRUE(test, all_bytes(q, 0, 65536));
	kfree(q);
}

static void expect_type(struct kunit *test, gfp_t gfp, const char *prefix,
			bool dma)
{
	static const char *const suffix[] = { "8",   "16",  "32",  "64",  "96",
					      "128", "192", "256", "512", "1k",
					      "2k",  "4k",  "8k" };
	unsigned int i;
	char name[32];
	void *p;

	for (i = 0; i < NR_CLASSES; i++) {
		p = kmalloc(classes[i], gfp);
		KUNIT_ASSERT_NOT_NULL(test, p);
		snprintf(name, sizeof(name), "%s%s", prefix, suffix[i]);
		KUNIT_EXPECT_STREQ(test, owner(p)->name, name);
		if (dma)
			KUNIT_EXPECT_LE(test, virt_to_phys(p) + classes[i],
					16 * MIB);
		kfree(p);
	}
}

WORLD_CASE(kmalloc_type_follows_the_flags)
{
	expect_type(test, GFP_KERNEL, "kmalloc-", false);
	expect_type(test, GFP_KERNEL_ACCOUNT, "kmalloc-", false);
	expect_type(test, GFP_KERNEL | __GFP_RECLAIMABLE, "kmalloc-rcl-",
		    false);
	expect_type(test, GFP_KERNEL | __GFP_DMA, "dma-kmalloc-", true);
	expect_type(test, GFP_KERNEL | __GFP_DMA | __GFP_RECLAIMABLE,
		    "dma-kmalloc-", true);
}

WORLD_CASE(kmalloc_caches_are_aligned_to_what_divides_the_class)
{
	unsigned int i;

	for (i = 0; i < NR_CLASSES; i++) {
		void *p = kmalloc(classes[i], GFP_KERNEL);
		struct kmem_cache *s;

		KUNIT_ASSERT_NOT_NULL(test, p);
		s = owner(p);
		KUNIT_EXPECT_EQ(test, s->size, classes[i]);
		KUNIT_EXPECT_EQ(test, s->object_size, classes[i]);
		KUNIT_EXPECT_EQ(test, s->usersize, classes[i]);
		KUNIT_EXPECT_EQ(test, s->align, classes[i] & -classes[i]);
		kfree(p);
	}
}

WORLD_CASE(kmalloc_large_dma_is_below_16_mib)
{
	void *p = kmalloc(100000, GFP_KERNEL | __GFP_DMA);

	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_LE(test, virt_to_phys(p) + 100000, 16 * MIB);
	kfree(p);
}

WORLD_CASE(kmalloc_large_strips_illegal_flags)
{
	void *p = kmalloc(20000, GFP_KERNEL | __GFP_HIGHMEM);

	KUNIT_EXPECT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test,
			log_count("Unexpected gfp: 0x2 (__GFP_HIGHMEM). "
				  "Fixing up to gfp: 0xcc0 (GFP_KERNEL). "
				  "Fix your code!\n"),
			1);
	kfree(p);
	p = kmalloc(20000, GFP_KERNEL | __GFP_DMA32 | (1u << 30));
	KUNIT_EXPECT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, log_count("Fix your code!\n"), 2);
	kfree(p);
}

WORLD_CASE(kmalloc_node_is_a_wish)
{
	void *p = kmalloc_node(100, GFP_KERNEL, 3);

	KUNIT_EXPECT_NOT_NULL(test, p);
	kfree(p);
	p = kzalloc_node(100, GFP_KERNEL | __GFP_THISNODE, 0);
	KUNIT_EXPECT_NOT_NULL(test, p);
	kfree(p);
	p = kmalloc_array_node(3, 100, GFP_KERNEL | __GFP_THISNODE, -1);
	KUNIT_EXPECT_NOT_NULL(test, p);
	kfree(p);
	KUNIT_EXPECT_NULL(test,
			  kmalloc_node(100, GFP_KERNEL | __GFP_THISNODE, 1));
	KUNIT_EXPECT_NULL(test,
			  kcalloc_node(9, 9, GFP_KERNEL | __GFP_THISNODE, 1));
	p = kmalloc_track_caller(30, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, ksize(p), 32);
	kfree(p);
}

WORLD_CASE(kfree_takes_objects_of_any_cache)
{
	struct kmem_cache *s = kmem_cache_create("odd", 72, 0, 0, NULL);
	void *p;

	KUNIT_ASSERT_NOT_NULL(test, s);
	p = kmem_cache_alloc(s, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, ksize(p), s->size);
	kfree(p);
	KUNIT_EXPECT_PTR_EQ(test, kmem_cache_alloc(s, GFP_KERNEL), p);
	kfree(p);
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(s), 0);
}

WORLD_CASE(kfree_of_strangers_is_warned_of_once_and_leaks)
{
	unsigned long errors = report_errors();
	char *page = (char *)__get_free_pages(GFP_KERNEL, 1);
	char *large = kmalloc(50000, GFP_KERNEL);
	int local = 0;

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_NOT_NULL(test, large);
	kfree(hide(page));
	KUNIT_EXPECT_EQ(test, log_count("\nobject pointer: 0x"), 1);
	/* inside a large block, on the stack, an error pointer */
	kfree(hide(large + 16));
	kfree(hide(large + PAGE_SIZE));
	kfree(hide(&local));
	kfree(hide(ERR_PTR(-12)));
	KUNIT_EXPECT_EQ(test, log_count("WARNING"), 1);
	KUNIT_EXPECT_EQ(test, report_errors(), errors + 1);
	KUNIT_EXPECT_EQ(test, ksize(large), 65536);
	KUNIT_EXPECT_EQ(test, ksize(hide(&local)), 0);
	KUNIT_EXPECT_EQ(test, ksize(hide(page)), 0);
	KUNIT_EXPECT_EQ(test, log_count("WARNING"), 2);
	free_pages((unsigned long)page, 1);
	kfree(large);
}

WORLD_CASE(kfree_of_a_freed_large_block_does_nothing)
{
	void *p = kmalloc(50000, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	kfree(p);
	kfree(hide(p));
	KUNIT_EXPECT_EQ(test, log_count("object pointer"), 1);
	KUNIT_EXPECT_EQ(test, kmalloc_large_bytes(), 0);
	KUNIT_EXPECT_TRUE(test, zone_validate());
}

WORLD_CASE(kfree_sensitive_wipes_the_whole_class)
{
	void *p = kmalloc(40, GFP_KERNEL);
	void *q;

	KUNIT_ASSERT_NOT_NULL(test, p);
	memset(hide(p), 0xcc, 64);
	kfree_sensitive(p);
	q = kmalloc(64, GFP_KERNEL);
	KUNIT_EXPECT_PTR_EQ(test, q, p);
	KUNIT_EXPECT_TRUE(test, all_bytes(q, 0, 64));
	kzfree(q);
	p = kmalloc(9000, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	memset(hide(p), 0xcc, 16384);
	kfree_sensitive(p);
	KUNIT_EXPECT_TRUE(test, all_bytes(hide(p), 0, 16384));
}

WORLD_CASE(kfree_bulk_takes_a_mixture)
{
	struct kmem_cache *s = kmem_cache_create("odd", 72, 0, 0, NULL);
	uint64_t seed = 7;
	void *p[100];
	unsigned int round, i;

	KUNIT_ASSERT_NOT_NULL(test, s);
	for (round = 0; round < 50; round++) {
		for (i = 0; i < 100; i++) {
			uint32_t d = dice(&seed);

			p[i] = d % 5 == 0 ?
				       kmem_cache_alloc(s, GFP_KERNEL) :
			       d % 5 == 1 ?
				       kmalloc(9000 + d % 50000, GFP_KERNEL) :
				       kmalloc(d % 8192 + 1, GFP_KERNEL);
			KUNIT_ASSERT_NOT_NULL(test, p[i]);
		}
		if (round % 2)
			kfree_bulk(100, p);
		else
			kmem_cache_free_bulk(NULL, 100, p);
	}
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(s), 0);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
}

/* Memory that runs out: NULL and a report, or none; and all comes back. */
WORLD_CASE(kmalloc_out_of_memory, .options = "mem=16M")
{
	gfp_t quiet = GFP_KERNEL | __GFP_NOWARN;
	void *head = NULL, **p;
	unsigned long n = 0;

	while ((p = kmalloc(4096, quiet))) {
		*p = head;
		head = p;
		n++;
	}
	KUNIT_EXPECT_GT(test, n, 2000);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	KUNIT_EXPECT_NULL(test, kmalloc(100000, quiet));
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	KUNIT_EXPECT_NULL(test, kmalloc(100000, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, log_count("page allocation failure"), 1);
	while ((p = head)) {
		head = *p;
		kfree(p);
	}
}

/*
 * Every port call that may fail fails once, at boot: then a later call works.
 */
static void boot_fails_at(struct kunit *test, unsigned long n, bool *done)
{
	void *p;

	fake_fail_nth(FAKE_ANY, n);
	p = kmalloc(100, GFP_KERNEL | __GFP_NOWARN);
	*done = !fake_failed();
	fake_fail_nth(0, 0);
	if (!p)
		p = kmalloc(100, GFP_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, p);
	kfree(p);
	p = kmalloc(100, GFP_KERNEL | __GFP_DMA);
	KUNIT_EXPECT_NOT_NULL(test, p);
	kfree(p);
	p = kmalloc(8192, GFP_KERNEL | __GFP_RECLAIMABLE);
	KUNIT_EXPECT_NOT_NULL(test, p);
	kfree(p);
	expect_valid(test);
}

static void kmalloc_boot_survives_each_failure(struct kunit *test)
{
	unsigned long n;
	int status;
	pid_t pid;

	for (n = 1; n < 100; n++) {
		fflush(stdout);
		pid = fork();
		KUNIT_ASSERT_GE(test, pid, 0);
		if (!pid) {
			bool done;

			fake_set_window(GIB);
			boot_fails_at(test, n, &done);
			fflush(stdout);
			_exit(test->status ? 1 : done ? 2 : 0);
		}
		KUNIT_ASSERT_EQ(test, waitpid(pid, &status, 0), pid);
		KUNIT_ASSERT_TRUE_MSG(test, WIFEXITED(status), "signal %d",
				      WTERMSIG(status));
		KUNIT_ASSERT_NE_MSG(test, WEXITSTATUS(status), 1, "call %lu",
				    n);
		if (WEXITSTATUS(status) == 2)
			break;
	}
	KUNIT_EXPECT_GT(test, n, 2);
	KUNIT_EXPECT_LT(test, n, 100);
}

static unsigned int caches_named(const char *name)
{
	struct list_head *pos;
	unsigned int n = 0;

	ring_for_each(pos, &slab_caches)
	{
		n += !strcmp(list_entry_of(pos, struct kmem_cache, list)->name,
			     name);
	}
	return n;
}

/* Boots with so many pages left; the rest is taken before. */
static void boot_with(struct kunit *test, unsigned int left, bool *enough)
{
	gfp_t quiet = GFP_KERNEL | __GFP_NOWARN;
	struct page *page, *head = NULL;
	void *p;

	KUNIT_ASSERT_EQ(test, page_boot(), 0);
	while ((page = page_alloc(quiet, 0))) {
		page->private = (unsigned long)head;
		head = page;
	}
	for (; left && head; left--) {
		page = head;
		head = (struct page *)page->private;
		page_free(page, 0);
	}
	p = kmalloc(100, quiet);
	*enough = p;
	while ((page = head)) {
		head = (struct page *)page->private;
		page_free(page, 0);
	}
	if (!p)
		p = kmalloc(100, GFP_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, p);
	kfree(p);
	/*
	 * a call that misses a class boots again; here all of them are wanted
	 */
	KUNIT_EXPECT_EQ(test, kmalloc_boot(), 0);
	KUNIT_EXPECT_EQ(test, caches_named("vm_region"), 1);
	KUNIT_EXPECT_EQ(test, caches_named("kmalloc-8"), 1);
	KUNIT_EXPECT_EQ(test, caches_named("kmalloc-rcl-96"), 1);
	KUNIT_EXPECT_EQ(test, caches_named("dma-kmalloc-8k"), 1);
	expect_valid(test);
}

static void kmalloc_boot_goes_on_where_memory_ended(struct kunit *test)
{
	unsigned int left;
	int status;
	pid_t pid;

	for (left = 0; left < 200; left++) {
		fflush(stdout);
		pid = fork();
		KUNIT_ASSERT_GE(test, pid, 0);
		if (!pid) {
			bool enough = false;

			fake_set_window(32 * MIB);
			boot_with(test, left, &enough);
			fflush(stdout);
			_exit(test->status ? 1 : enough ? 2 : 0);
		}
		KUNIT_ASSERT_EQ(test, waitpid(pid, &status, 0), pid);
		KUNIT_ASSERT_TRUE_MSG(test, WIFEXITED(status), "signal %d",
				      WTERMSIG(status));
		KUNIT_ASSERT_NE_MSG(test, WEXITSTATUS(status), 1,
				    "%u pages left", left);
		if (WEXITSTATUS(status) == 2)
			break;
	}
	KUNIT_EXPECT_GT(test, left, 5);
	KUNIT_EXPECT_LT(test, left, 200);
}

static void *first_thread(void *start)
{
	pthread_barrier_wait(start);
	return kmalloc(64, GFP_KERNEL);
}

WORLD_CASE(kmalloc_boots_once_for_many_threads, .unbooted = true)
{
	pthread_barrier_t start;
	pthread_t thread[8];
	void *p[8];
	unsigned int i, j;

	pthread_barrier_init(&start, NULL, 8);
	for (i = 0; i < 8; i++)
		KUNIT_ASSERT_EQ(test,
				pthread_create(&thread[i], NULL, first_thread,
					       &start),
				0);
	for (i = 0; i < 8; i++)
		pthread_join(thread[i], &p[i]);
	for (i = 0; i < 8; i++) {
		KUNIT_ASSERT_NOT_NULL(test, p[i]);
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_PTR_NE(test, p[i], p[j]);
	}
	for (i = 0; i < 8; i++)
		kfree(p[i]);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_CLAIM), 1);
	KUNIT_EXPECT_NOT_NULL(test, cache_named("kmalloc-64"));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(kmalloc_first_call_boots),
	KUNIT_CASE(kmalloc_first_large_call_boots),
	KUNIT_CASE(kmalloc_of_nothing_needs_no_boot),
	KUNIT_CASE(kmalloc_picks_the_class_of_every_size),
	KUNIT_CASE(kmalloc_large_sizes_are_whole_aligned_blocks),
	KUNIT_CASE(kmalloc_beyond_the_maximum_is_null_and_warned_once),
	KUNIT_CASE(kmalloc_zero_size_pointer_is_welcome_everywhere),
	KUNIT_CASE(kmalloc_array_overflow_is_silent),
	KUNIT_CASE(kzalloc_clears_the_whole_class),
	KUNIT_CASE(kmalloc_type_follows_the_flags),
	KUNIT_CASE(kmalloc_caches_are_aligned_to_what_divides_the_class),
	KUNIT_CASE(kmalloc_large_dma_is_below_16_mib),
	KUNIT_CASE(kmalloc_large_strips_illegal_flags),
	KUNIT_CASE(kmalloc_node_is_a_wish),
	KUNIT_CASE(kfree_takes_objects_of_any_cache),
	KUNIT_CASE(kfree_of_strangers_is_warned_of_once_and_leaks),
	KUNIT_CASE(kfree_of_a_freed_large_block_does_nothing),
	KUNIT_CASE(kfree_sensitive_wipes_the_whole_class),
	KUNIT_CASE(kfree_bulk_takes_a_mixture),
	KUNIT_CASE(kmalloc_out_of_memory),
	KUNIT_CASE(kmalloc_boot_survives_each_failure),
	KUNIT_CASE(kmalloc_boot_goes_on_where_memory_ended),
	KUNIT_CASE(kmalloc_boots_once_for_many_threads),
	{},
};

static struct kunit_suite suite = {
	.name = "alloc_kmalloc",
	.test_cases = cases,
};

kunit_test_suite(suite);
