/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A program with the fast paths in it, beside a file without (called.c): the
 * objects of one are freed by the other, by threads that come and go.
 */
#include <kmem/kmem.h>
#include <linux/mempool.h>
#include <linux/slab.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "called.h"

#define CHECK(cond)                                                        \
	do {                                                               \
		if (!(cond)) {                                             \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, \
				#cond);                                    \
			return 1;                                          \
		}                                                          \
	} while (0)

/* Sizes that a compiler knows; before and after everything has been set up. */
#define SIZE(n)                                                    \
	do {                                                       \
		char *p_ = kmalloc(n, GFP_KERNEL), *z_;            \
		CHECK(p_ &&ksize(p_) >= (n));                      \
		CHECK(!((unsigned long)p_ & ((n) & -(n)) / 2));    \
		memset(p_, 0xa5, n);                               \
		kfree(p_);                                         \
		z_ = kmalloc(n, GFP_KERNEL | __GFP_ZERO);          \
		CHECK(z_ && !z_[0] && !z_[(n) / 2] && !z_[(n)-1]); \
		kfree(z_);                                         \
	} while (0)

static int sizes(void)
{
	SIZE(1);
	SIZE(8);
	SIZE(9);
	SIZE(16);
	SIZE(32);
	SIZE(64);
	SIZE(65);
	SIZE(96);
	SIZE(97);
	SIZE(128);
	SIZE(129);
	SIZE(192);
	SIZE(193);
	SIZE(256);
	SIZE(500);
	SIZE(1024);
	SIZE(2048);
	SIZE(4096);
	SIZE(8192);
	SIZE(8193);
	SIZE(100000);
	CHECK(kmalloc(0, GFP_KERNEL) == ZERO_SIZE_PTR);
	return 0;
}

static struct kmem_cache *cache;

static void *relay(void *arg)
{
	void *held[200] = { NULL };
	long i;

	for (i = 0; i < 20000; i++) {
		int k = (int)(i * 7 % 200);

		if (held[k] && *(long *)held[k] != (long)held[k])
			return (void *)1;
		if (held[k] && i & 1)
			kmem_cache_free(cache, held[k]);
		else if (held[k])
			called_free(cache, held[k]);
		held[k] = i & 2 ? kmem_cache_alloc(cache, GFP_KERNEL) :
				  called_alloc(cache);
		*(long *)held[k] = (long)held[k];
	}
	for (i = 0; i < 200; i++)
		if (held[i])
			kmem_cache_free(cache, held[i]);
	return arg;
}

static int pool(void)
{
	mempool_t *pool = mempool_create_slab_pool(4, cache);
	void *held[100];
	int i, round;

	CHECK(pool);
	for (round = 0; round < 50; round++) {
		for (i = 0; i < 100; i++) {
			held[i] = mempool_alloc(pool, GFP_KERNEL);
			CHECK(held[i]);
			*(long *)held[i] = i;
		}
		for (i = 0; i < 100; i++) {
			CHECK(*(long *)held[i] == i);
			mempool_free(held[i], pool);
		}
	}
	mempool_free(NULL, pool);
	mempool_destroy(pool);
	return 0;
}

int main(void)
{
	void *(*alloc)(struct kmem_cache *, gfp_t) = kmem_cache_alloc;
	void *failed = NULL;
	pthread_t t[4];
	int i;

	if (sizes())
		return 1;
	cache = kmem_cache_create("relay", 40, 0, 0, NULL);
	CHECK(cache);
	for (i = 0; i < 4; i++)
		CHECK(!pthread_create(&t[i], NULL, relay, NULL));
	for (i = 0; i < 4; i++) {
		pthread_join(t[i], &failed);
		CHECK(!failed);
	}
	CHECK(alloc == called_address());
	called_free(cache, alloc(cache, GFP_KERNEL));
	if (sizes() || pool())
		return 1;
	CHECK(kmem_validate());
	CHECK(kmem_cache_destroy(cache) == 0);
	return 0;
}
