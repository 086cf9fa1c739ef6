/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Code as today's kernel writes it, unchanged: struct kmem_cache_args, typed
 * allocation, cleanup handlers, embedded pools, the *_noprof twins.
 */
#include <linux/highmem.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/oom.h>
#include <linux/shrinker.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include <kmem/kmem.h>
#include <kmem/stats.h>

#include <string.h>
#include <sys/sysinfo.h>

#include "headers/constant_sizes.h"
#include "kunit/test.h"

struct inode {
	struct list_head list;
	unsigned long number;
	char name[24];
};

static int ctors;

static void inode_ctor(void *obj)
{
	struct inode *inode = obj;

	ctors++;
	inode->number = 77;
}

static int reset(struct kunit *test)
{
	(void)test;
	ctors = 0;
	return 0;
}

static void leaves_nothing(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, kmem_validate());
}

/* One object out and in, then the end of the cache. */
static void try_cache(struct kunit *test, struct kmem_cache *cache,
		      unsigned int size)
{
	void *obj;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, cache);
	KUNIT_EXPECT_EQ(test, kmem_cache_size(cache), size);
	obj = kmem_cache_alloc(cache, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, obj);
	kmem_cache_free(cache, obj);
	kmem_cache_destroy(cache);
}

static void third_argument_is_args(struct kunit *test)
{
	struct kmem_cache_args args = {
		.align = 128,
		.ctor = inode_ctor,
	};
	struct kmem_cache *cache;
	struct inode *inode;

	cache = kmem_cache_create("inode_args", sizeof(struct inode), &args,
				  SLAB_ACCOUNT | SLAB_RECLAIM_ACCOUNT);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, cache);
	inode = kmem_cache_alloc(cache, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, inode);
	KUNIT_EXPECT_EQ(test, (unsigned long)inode % 128, 0);
	KUNIT_EXPECT_EQ(test, inode->number, 77);
	KUNIT_EXPECT_GT(test, ctors, 0);
	kmem_cache_free(cache, inode);
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(cache), 0);
	leaves_nothing(test);
}

static void third_argument_is_null(struct kunit *test)
{
	void *untyped = &ctors;
	struct kmem_cache *cache;

	try_cache(test, kmem_cache_create("inode_null", 72, NULL, 0), 72);
	try_cache(test, kmem_cache_create("inode_null", 72, (void *)0, 0), 72);
	try_cache(test,
		  kmem_cache_create("inode_null", 72,
				    (struct kmem_cache_args *)NULL, 0),
		  72);

	/* What is not known to be args is refused, with a warning. */
	cache = kmem_cache_create("inode_untyped", 72, untyped, 0);
	KUNIT_EXPECT_TRUE(test, IS_ERR_OR_NULL(cache));
	leaves_nothing(test);
}

static void third_argument_is_align(struct kunit *test)
{
	unsigned int align = 256;
	struct kmem_cache *cache;
	struct inode *inode;

	try_cache(test, kmem_cache_create("inode_0", 72, 0, 0, NULL), 72);
	cache = kmem_cache_create("inode_align", sizeof(struct inode), align, 0,
				  inode_ctor);
	KUNIT_ASSERT_NOT_NULL(test, cache);
	inode = kmem_cache_alloc(cache, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, inode);
	KUNIT_EXPECT_EQ(test, (unsigned long)inode % 256, 0);
	KUNIT_EXPECT_EQ(test, inode->number, 77);
	kmem_cache_free(cache, inode);
	kmem_cache_destroy(cache);
	leaves_nothing(test);
}

static void create_is_a_function_too(struct kunit *test)
{
	struct kmem_cache *(*create)(const char *, size_t, size_t, slab_flags_t,
				     void (*)(void *)) = kmem_cache_create;
	struct {
		void *(*kmalloc)(size_t, gfp_t);
		void (*kfree)(const void *);
	} ops = { kmalloc, kfree };

	try_cache(test, create("inode_ptr", 72, 0, 0, inode_ctor), 72);
	KUNIT_EXPECT_GT(test, ctors, 0);
	try_cache(test, (kmem_cache_create)("inode_par", 72, 0, 0, NULL), 72);
	ops.kfree(ops.kmalloc(8, GFP_KERNEL));
	leaves_nothing(test);
}

static void caches_named_after_structs(struct kunit *test)
{
	struct kmem_cache *cache = KMEM_CACHE(inode, SLAB_HWCACHE_ALIGN);

	KUNIT_ASSERT_NOT_NULL(test, cache);
	KUNIT_EXPECT_STREQ(test, kmem_cache_name(cache), "inode");
	try_cache(test, cache, sizeof(struct inode));
	try_cache(test, KMEM_CACHE_USERCOPY(inode, 0, name),
		  sizeof(struct inode));
	try_cache(test,
		  kmem_cache_create_usercopy("copied", 64, 8, 0, 16, 32, NULL),
		  64);
	leaves_nothing(test);
}

static void typed_allocation(struct kunit *test)
{
	struct inode *one, *many, *none;
	volatile size_t huge = SIZE_MAX / 8; /* no constant: it is warned of */
	size_t n = 5;

	one = kmalloc_obj(*one);
	KUNIT_ASSERT_NOT_NULL(test, one);
	KUNIT_EXPECT_GE(test, ksize(one), sizeof(*one));
	kfree(one);
	one = kzalloc_obj(struct inode, GFP_NOWAIT);
	KUNIT_ASSERT_NOT_NULL(test, one);
	KUNIT_EXPECT_EQ(test, one->number, 0);
	kfree(one);
	many = kmalloc_objs(*many, n, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, many);
	KUNIT_EXPECT_GE(test, ksize(many), n * sizeof(*many));
	kfree(many);
	many = kvzalloc_objs(struct inode, n);
	KUNIT_ASSERT_NOT_NULL(test, many);
	KUNIT_EXPECT_EQ(test, many[4].number, 0);
	kvfree(many);
	none = kmalloc_objs(*none, huge, GFP_KERNEL | __GFP_NOWARN);
	KUNIT_EXPECT_NULL(test, none);
	leaves_nothing(test);
}

struct packet {
	unsigned int len;
	unsigned short data[];
};

static void flexible_arrays(struct kunit *test)
{
	struct packet *p = kzalloc_flex(*p, data, 100, GFP_KERNEL), *none;
	volatile size_t huge = SIZE_MAX / 2;
	size_t n = 3;

	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_GE(test, ksize(p), sizeof(*p) + 200);
	KUNIT_EXPECT_EQ(test, p->data[99], 0);
	kfree(p);
	p = kvmalloc_flex(struct packet, data, 3);
	KUNIT_ASSERT_NOT_NULL(test, p);
	kvfree(p);
	none = kmalloc_flex(*none, data, huge, GFP_KERNEL | __GFP_NOWARN);
	KUNIT_EXPECT_NULL(test, none);
	KUNIT_EXPECT_EQ(test, struct_size(p, data, 10), sizeof(*p) + 20);
	KUNIT_EXPECT_EQ(test, struct_size_t(struct packet, data, huge + 8),
			SIZE_MAX);
	/* what is no constant is evaluated once */
	KUNIT_EXPECT_EQ(test, struct_size(p, data, n++), sizeof(*p) + 6);
	KUNIT_EXPECT_EQ(test, array3_size(2, n++, 5), 40);
	KUNIT_EXPECT_EQ(test, size_sub(n++, 5), 0);
	KUNIT_EXPECT_EQ(test, size_add(SIZE_MAX, n++), SIZE_MAX);
	KUNIT_EXPECT_EQ(test, n, 7);
	leaves_nothing(test);
}

static char *named(const char *name)
{
	char *copy __free(kfree) = kstrdup(name, GFP_KERNEL);

	if (!copy)
		return ERR_PTR(-12);
	copy[0] = 'X';
	return_ptr(copy);
}

static void cleanup_at_the_end_of_scope(struct kunit *test)
{
	struct inode *bad __free(kfree) = ERR_PTR(-12);
	struct inode *nothing __free(kvfree) = NULL;
	char *name __free(kfree_sensitive) = named("inode");

	KUNIT_EXPECT_TRUE(test, IS_ERR(bad));
	KUNIT_EXPECT_NULL(test, nothing);
	KUNIT_EXPECT_STREQ(test, name, "Xnode");
}

static void copies_of_strings_and_memory(struct kunit *test)
{
	static const unsigned int words[3] = { 1, 2, 3 };
	char *s = kasprintf(GFP_KERNEL, "%s-%d", "inode", 7);
	const char *c = kstrdup_const("const", GFP_KERNEL);
	char *n = kstrndup("abcdef", 3, GFP_KERNEL);
	char *z = kmemdup_nul("abcdef", 2, GFP_KERNEL);
	unsigned int *w = kmemdup_array(words, 3, sizeof(*words), GFP_KERNEL);
	unsigned int *v = kvmemdup(words, sizeof(words), GFP_KERNEL);
	char *u = strndup_user("user", 10);

	KUNIT_EXPECT_STREQ(test, s, "inode-7");
	KUNIT_EXPECT_STREQ(test, c, "const");
	KUNIT_EXPECT_STREQ(test, n, "abc");
	KUNIT_EXPECT_STREQ(test, z, "ab");
	KUNIT_EXPECT_MEMEQ(test, w, words, sizeof(words));
	KUNIT_EXPECT_MEMEQ(test, v, words, sizeof(words));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, u);
	KUNIT_EXPECT_STREQ(test, u, "user");
	kfree(s);
	kfree_const(c);
	kfree(n);
	kfree(z);
	kfree(w);
	kvfree(v);
	kfree(u);
	u = memdup_array_user(words, SIZE_MAX, sizeof(*words));
	KUNIT_EXPECT_EQ(test, PTR_ERR(u), -75);
	leaves_nothing(test);
}

/* Compilers take two declarations for two functions; the linker decides. */
static bool same_function(void (*volatile a)(void), void (*volatile b)(void))
{
	return a == b;
}

#define SAME(a, b) same_function((void (*)(void))(a), (void (*)(void))(b))

static void twins_are_the_same_functions(struct kunit *test)
{
	void *p = alloc_hooks(kmalloc_noprof(32, GFP_KERNEL)), *q;

	KUNIT_ASSERT_NOT_NULL(test, p);
	q = krealloc_noprof(p, 30, GFP_KERNEL);
	KUNIT_EXPECT_PTR_EQ(test, q, p);
	kfree(q);
	KUNIT_EXPECT_TRUE(test, SAME(kmalloc_noprof, kmalloc));
	KUNIT_EXPECT_TRUE(test, SAME(kvmalloc_noprof, kvmalloc));
	KUNIT_EXPECT_TRUE(test, SAME(mempool_alloc_noprof, mempool_alloc));
	KUNIT_EXPECT_TRUE(test, SAME(alloc_pages_noprof, alloc_pages));
	KUNIT_EXPECT_TRUE(test, SAME(alloc_pages_bulk_array, alloc_pages_bulk));
	KUNIT_EXPECT_TRUE(test, SAME(kzfree, kfree_sensitive));
	leaves_nothing(test);
}

static void bulk_and_nodes(struct kunit *test)
{
	struct kmem_cache *cache = kmem_cache_create("bulk", 96, NULL, 0);
	void *objs[40], *more[4];
	int i;

	KUNIT_ASSERT_NOT_NULL(test, cache);
	KUNIT_ASSERT_EQ(test,
			kmem_cache_alloc_bulk(cache, GFP_KERNEL, 40, objs), 40);
	for (i = 0; i < 40; i++)
		KUNIT_EXPECT_NOT_NULL(test, objs[i]);
	kmem_cache_free_bulk(cache, 39, objs);
	more[0] = objs[39];
	more[1] = kmem_cache_alloc_node(cache, GFP_KERNEL, NUMA_NO_NODE);
	more[2] = kmalloc_node(100, GFP_KERNEL, 0);
	more[3] = kcalloc_node(3, 30, GFP_KERNEL, NUMA_NO_NODE);
	for (i = 0; i < 4; i++)
		KUNIT_ASSERT_NOT_NULL(test, more[i]);
	kfree_bulk(4, more);
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(cache), 0);
	kfree(kmalloc_track_caller(20, GFP_KERNEL));
	leaves_nothing(test);
}

static int elements;

static void *element_alloc(gfp_t gfp, void *pool_data)
{
	elements++;
	return kmalloc((size_t)pool_data, gfp);
}

static void element_free(void *element, void *pool_data)
{
	(void)pool_data;
	elements--;
	kfree(element);
}

static void pools_inside_a_struct(struct kunit *test)
{
	struct {
		int before;
		mempool_t pool;
		int after;
	} dev = { .before = 1, .after = 2 };
	void *element;

	elements = 0;
	mempool_exit(&dev.pool);
	KUNIT_EXPECT_FALSE(test, mempool_initialized(&dev.pool));
	KUNIT_ASSERT_EQ(test,
			mempool_init(&dev.pool, 3, element_alloc, element_free,
				     (void *)64),
			0);
	KUNIT_EXPECT_TRUE(test, mempool_initialized(&dev.pool));
	KUNIT_EXPECT_TRUE(test, mempool_is_saturated(&dev.pool));
	KUNIT_EXPECT_EQ(test, dev.pool.curr_nr, 3);
	element = mempool_alloc_preallocated(&dev.pool);
	KUNIT_EXPECT_NOT_NULL(test, element);
	KUNIT_EXPECT_EQ(test, dev.pool.curr_nr, 2);
	mempool_free(element, &dev.pool);
	KUNIT_EXPECT_EQ(test, mempool_resize(&dev.pool, 5), 0);
	KUNIT_EXPECT_EQ(test, elements, 5);
	mempool_exit(&dev.pool);
	KUNIT_EXPECT_EQ(test, elements, 0);
	KUNIT_EXPECT_EQ(test, dev.before + dev.after, 3);
	leaves_nothing(test);
}

static void ready_made_pools(struct kunit *test)
{
	struct kmem_cache *cache = kmem_cache_create("pool", 100, NULL, 0);
	mempool_t *pools[4];
	mempool_t embedded = { 0 };
	void *element;
	int i;

	pools[0] = mempool_create_slab_pool(2, cache);
	pools[1] = mempool_create_kmalloc_pool(2, 300);
	pools[2] = mempool_create_page_pool(2, 1);
	pools[3] = mempool_create_node(2, mempool_kmalloc, mempool_kfree,
				       (void *)40, GFP_KERNEL, NUMA_NO_NODE);
	for (i = 0; i < 4; i++) {
		KUNIT_ASSERT_NOT_NULL(test, pools[i]);
		element = mempool_alloc(pools[i], GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, element);
		mempool_free(element, pools[i]);
		mempool_destroy(pools[i]);
	}
	KUNIT_ASSERT_EQ(test, mempool_init_page_pool(&embedded, 1, 0), 0);
	mempool_exit(&embedded);
	KUNIT_ASSERT_EQ(test, mempool_init_kmalloc_pool(&embedded, 1, 9), 0);
	mempool_exit(&embedded);
	KUNIT_ASSERT_EQ(test, mempool_init_slab_pool(&embedded, 1, cache), 0);
	mempool_exit(&embedded);
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(cache), 0);
	leaves_nothing(test);
}

static void pages_and_their_records(struct kunit *test)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, 3), *tail;
	struct page *pages[4] = { NULL };
	void *exact;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, page);
	tail = page + 5;
	KUNIT_EXPECT_TRUE(test, PageHead(page) && !PageTail(page));
	KUNIT_EXPECT_TRUE(test, PageTail(tail) && PageCompound(tail));
	KUNIT_EXPECT_PTR_EQ(test, compound_head(tail), page);
	KUNIT_EXPECT_EQ(test, compound_order(page), 3);
	KUNIT_EXPECT_EQ(test, page_size(page), SZ_32K);
	KUNIT_EXPECT_PTR_EQ(test, pfn_to_page(page_to_pfn(tail)), tail);
	KUNIT_EXPECT_PTR_EQ(test, virt_to_head_page(page_address(tail)), page);
	KUNIT_EXPECT_TRUE(test, virt_addr_valid(page_address(tail)));
	KUNIT_EXPECT_TRUE(test, pfn_valid(page_to_pfn(page)));
	KUNIT_EXPECT_FALSE(test, virt_addr_valid(&i));
	KUNIT_EXPECT_FALSE(test, pfn_valid(~0UL));
	KUNIT_EXPECT_EQ(test, page_count(page), 1);
	get_page(tail);
	KUNIT_EXPECT_EQ(test, page_count(page), 2);
	put_page(page);
	KUNIT_EXPECT_TRUE(test, get_page_unless_zero(page));
	__free_pages(page, 3);
	put_page(page);
	KUNIT_EXPECT_EQ(test, page_count(page), 0);

	page = alloc_page(GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	set_page_private(page, 42);
	KUNIT_EXPECT_EQ(test, page_private(page), 42);
	set_page_private(page, 0);
	pages[1] = page;
	KUNIT_EXPECT_EQ(test, alloc_pages_bulk(GFP_KERNEL, 4, pages), 4);
	KUNIT_EXPECT_PTR_EQ(test, pages[1], page);
	for (i = 0; i < 4; i++) {
		char *map = kmap_local_page(pages[i]);

		clear_page(map);
		KUNIT_EXPECT_MEMEQ(test, map, page_address(ZERO_PAGE(0)),
				   PAGE_SIZE);
		kunmap_local(map);
		__free_page(pages[i]);
	}
	exact = alloc_pages_exact(5 * PAGE_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, exact);
	free_pages_exact(exact, 5 * PAGE_SIZE);

	page = alloc_pages(GFP_KERNEL, 1);
	KUNIT_ASSERT_NOT_NULL(test, page);
	split_page(page, 1);
	KUNIT_EXPECT_EQ(test, page_count(page + 1), 1);
	__free_page(page);
	__free_page(page + 1);
	drain_local_pages(NULL);
	drain_all_pages(NULL);
	leaves_nothing(test);
}

static void orders_fold_to_constants(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, get_order(0), 52);
	KUNIT_EXPECT_EQ(test, get_order(1), 0);
	KUNIT_EXPECT_EQ(test, get_order(PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, get_order(PAGE_SIZE + 1), 1);
	KUNIT_EXPECT_EQ(test, get_order(KMALLOC_MAX_SIZE), MAX_PAGE_ORDER);
	KUNIT_EXPECT_EQ(test, get_order(~0UL), 52);
	KUNIT_EXPECT_EQ(test, PAGE_ALIGN(PAGE_SIZE + 1), 2 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, offset_in_page(&((char *)PAGE_SIZE)[7]), 7);
}

static void memory_in_total(struct kunit *test)
{
	struct sysinfo si;

	memset(&si, 0xff, sizeof(si));
	kfree(kmalloc(8, GFP_KERNEL));
	si_meminfo(&si);
	KUNIT_EXPECT_EQ(test, si.mem_unit, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, si.totalram, totalram_pages());
	KUNIT_EXPECT_GT(test, si.totalram, 0);
	KUNIT_EXPECT_LE(test, si.freeram, si.totalram);
	KUNIT_EXPECT_EQ(test, si.totalhigh, 0);
}

struct seen {
	int times;
	size_t object_size;
	unsigned long active;
};

static void look(const struct kmem_cache_stats *st, void *data)
{
	struct seen *seen = data;

	if (strcmp(st->name, "looked_at"))
		return;
	seen->times++;
	seen->object_size = st->object_size;
	seen->active = st->active_objs;
}

static void the_library_as_a_library(struct kunit *test)
{
	struct kmem_cache *cache = kmem_cache_create("looked_at", 88, NULL, 0);
	struct seen seen = { 0, 0, 0 };
	char few[16], *table;
	size_t len;
	void *obj;

	KUNIT_EXPECT_EQ(test, kmem_init(), 0);
	KUNIT_EXPECT_STREQ(test, kmem_version(), KMEM_VERSION_STRING);
	KUNIT_EXPECT_TRUE(test, !strcmp(kmem_backend(), "lock") ||
					!strcmp(kmem_backend(), "rseq"));
	KUNIT_ASSERT_NOT_NULL(test, cache);
	obj = kmem_cache_alloc(cache, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, obj);
	kmem_for_each_cache(look, &seen);
	KUNIT_EXPECT_EQ(test, seen.times, 1);
	KUNIT_EXPECT_EQ(test, seen.object_size, 88);
	KUNIT_EXPECT_GE(test, seen.active, 1);

	memset(few, 'x', sizeof(few));
	len = kmem_slabinfo(few, sizeof(few));
	KUNIT_EXPECT_GT(test, len, sizeof(few));
	KUNIT_EXPECT_EQ(test, strlen(few), sizeof(few) - 1);
	table = kvmalloc(len + 4096, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, table);
	kmem_slabinfo(table, len + 4096);
	KUNIT_EXPECT_TRUE(test,
			  !strncmp(table, "slabinfo - version: 2.1\n", 24));
	KUNIT_EXPECT_NOT_NULL(test, strstr(table, "\nlooked_at "));
	kvfree(table);
	kmem_cache_free(cache, obj);
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(cache), 0);
	kmem_trim();
	leaves_nothing(test);
}

static unsigned long some(struct shrinker *s, struct shrink_control *sc)
{
	unsigned long *left = s->private_data, n = sc->nr_to_scan;

	if (!n)
		return *left ? *left : SHRINK_EMPTY;
	n = n < *left ? n : *left;
	*left -= n;
	return n;
}

static int told_of_oom(struct notifier_block *nb, unsigned long action,
		       void *freed)
{
	(void)nb;
	(void)action;
	(void)freed;
	return NOTIFY_OK;
}

static struct notifier_block oom_nb = { .notifier_call = told_of_oom };

static void shrinkers_and_notifiers(struct kunit *test)
{
	struct shrinker *s = shrinker_alloc(SHRINKER_NUMA_AWARE, "sb-%s", "fs");
	unsigned long left = 700;
	char table[512];

	KUNIT_ASSERT_NOT_NULL(test, s);
	KUNIT_EXPECT_EQ(test, s->seeks, DEFAULT_SEEKS);
	s->count_objects = some;
	s->scan_objects = some;
	s->batch = 64;
	s->private_data = &left;
	shrinker_register(s);
	KUNIT_EXPECT_LT(test, kmem_shrinkers(table, sizeof(table)),
			sizeof(table));
	KUNIT_EXPECT_NOT_NULL(test, strstr(table, "\nsb-fs "));
	kmem_trim();
	KUNIT_EXPECT_EQ(test, left, 0);
	shrinker_free(s);
	KUNIT_EXPECT_EQ(test, register_oom_notifier(&oom_nb), 0);
	KUNIT_EXPECT_EQ(test, unregister_oom_notifier(&oom_nb), 0);
	leaves_nothing(test);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(third_argument_is_args),
	KUNIT_CASE(third_argument_is_null),
	KUNIT_CASE(third_argument_is_align),
	KUNIT_CASE(create_is_a_function_too),
	KUNIT_CASE(caches_named_after_structs),
	KUNIT_CASE(typed_allocation),
	KUNIT_CASE(flexible_arrays),
	KUNIT_CASE(cleanup_at_the_end_of_scope),
	KUNIT_CASE(copies_of_strings_and_memory),
	KUNIT_CASE(twins_are_the_same_functions),
	KUNIT_CASE(bulk_and_nodes),
	KUNIT_CASE(pools_inside_a_struct),
	KUNIT_CASE(ready_made_pools),
	KUNIT_CASE(pages_and_their_records),
	KUNIT_CASE(orders_fold_to_constants),
	KUNIT_CASE(memory_in_total),
	KUNIT_CASE(the_library_as_a_library),
	KUNIT_CASE(shrinkers_and_notifiers),
	{ NULL, NULL },
};

static struct kunit_suite suite = {
	.name = "dialect_today",
	.init = reset,
	.test_cases = cases,
};
kunit_test_suite(suite);
