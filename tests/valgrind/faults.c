/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What test_valgrind.py runs under valgrind: one fault, or none, by name.
 */
#include <linux/mempool.h>
#include <linux/slab.h>

#include <stdio.h>
#include <string.h>

struct thing {
	long a, b, c[6];
};

static struct kmem_cache *cache;
static void *volatile sink;

static void construct(void *obj)
{
	((struct thing *)obj)->b = 7;
}

static long use_after_free(void)
{
	volatile struct thing *t = kmem_cache_alloc(cache, GFP_KERNEL);

	t->a = 1;
	kmem_cache_free(cache, (void *)t);
	return t->a;
}

static long use_after_kfree(void)
{
	volatile long *p = kmalloc(100, GFP_KERNEL);

	p[3] = 1;
	kfree((void *)p);
	return p[3];
}

static long use_after_bulk_free(void)
{
	void *p[20];

	if (!kmem_cache_alloc_bulk(cache, GFP_KERNEL | __GFP_ZERO, 20, p))
		return 1;
	sink = p[11];
	kmem_cache_free_bulk(cache, 20, p);
	return ((volatile struct thing *)sink)->a;
}

static long overrun(void)
{
	volatile struct thing *t = kmem_cache_alloc(cache, GFP_KERNEL);
	long x;

	t[1].a = 1;
	x = t[1].a;
	kmem_cache_free(cache, (void *)t);
	return x;
}

static long uninitialised(void)
{
	volatile long *p = kmalloc(200, GFP_KERNEL);
	long x = p[2];

	kfree((void *)p);
	if (x == 12345)
		puts("unlikely");
	return 0;
}

static long double_free(void)
{
	void *p = kmalloc(64, GFP_KERNEL);

	sink = p;
	kfree(p);
	kfree(sink);
	return 0;
}

static __attribute__((noinline)) void lose(void)
{
	unsigned int i;

	for (i = 0; i < 5; i++)
		sink = kmem_cache_alloc(cache, GFP_KERNEL);
	for (i = 0; i < 3; i++)
		sink = kmalloc(1000, GFP_KERNEL);
	sink = kmalloc(100000, GFP_KERNEL);
	sink = NULL;
}

static long leaks(void)
{
	lose();
	return 0;
}

/* All kinds of calls, and no fault. */
static long none(void)
{
	struct kmem_cache *made, *rcu;
	struct thing *t, *u;
	mempool_t *pool;
	void *p[40];
	char *s;
	int i;

	made = kmem_cache_create("made", sizeof(struct thing), 0, 0, construct);
	rcu = kmem_cache_create("rcu", sizeof(struct thing), 0,
				SLAB_TYPESAFE_BY_RCU, NULL);
	for (i = 0; i < 40; i++) {
		p[i] = kmem_cache_alloc(made, GFP_KERNEL);
		if (((struct thing *)p[i])->b != 7)
			return 1;
	}
	kmem_cache_free_bulk(made, 40, p);
	t = kmem_cache_alloc(rcu, GFP_KERNEL);
	t->a = 5;
	kmem_cache_free(rcu, t);
	if (*(volatile long *)&t->a != 5) /* readers may still look */
		return 2;
	for (i = 0; i < 40; i++)
		p[i] = kzalloc((size_t)i * 700 + 1, GFP_KERNEL);
	for (i = 0; i < 40; i++)
		if (((char *)p[i])[i * 700])
			return 3;
	kfree_bulk(40, p);
	s = kasprintf(GFP_KERNEL, "%d", 5);
	s = krealloc(s, 5000, GFP_KERNEL);
	if (strcmp(s, "5"))
		return 4;
	kfree(s);
	pool = mempool_create_kmalloc_pool(4, 300);
	u = mempool_alloc(pool, GFP_KERNEL);
	memset(u, 1, 300);
	mempool_free(u, pool);
	mempool_destroy(pool);
	if (kmem_cache_destroy(made) || kmem_cache_destroy(rcu))
		return 5;
	/* what was a slab's is anybody's */
	for (i = 0; i < 40; i++) {
		p[i] = kmalloc(8192, GFP_KERNEL);
		memset(p[i], 0, 8192);
	}
	for (i = 0; i < 40; i++)
		kfree(p[i]);
	return 0;
}

static const struct {
	const char *name;
	long (*fn)(void);
} faults[] = {
	{ "use_after_free", use_after_free },
	{ "use_after_kfree", use_after_kfree },
	{ "use_after_bulk_free", use_after_bulk_free },
	{ "overrun", overrun },
	{ "uninitialised", uninitialised },
	{ "double_free", double_free },
	{ "leaks", leaks },
	{ "none", none },
};

int main(int argc, char **argv)
{
	size_t i;

	cache = KMEM_CACHE(thing, 0);
	for (i = 0; argc > 1 && i < sizeof(faults) / sizeof(*faults); i++)
		if (!strcmp(argv[1], faults[i].name))
			return (int)faults[i].fn() & 0x3f;
	return 63;
}
