/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* A stranger's program: a cache, a buffer, a pool, pages. */
#include <linux/gfp.h>
#include <linux/mempool.h>
#include <linux/slab.h>

#include <stdio.h>
#include <string.h>

struct request {
	int id;
	char text[60];
	void *next;
};

#define CHECK(cond)                                                        \
	do {                                                               \
		if (!(cond)) {                                             \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, \
				#cond);                                    \
			return 1;                                          \
		}                                                          \
	} while (0)

int main(void)
{
	struct kmem_cache *cache = KMEM_CACHE(request, SLAB_HWCACHE_ALIGN);
	struct request *request;
	mempool_t *pool;
	void *element;
	char *text;
	unsigned long page;

	CHECK(cache != NULL);
	CHECK(kmem_cache_size(cache) == sizeof(struct request));
	request = kmem_cache_zalloc(cache, GFP_KERNEL);
	CHECK(request && !request->id && !request->next);

	text = kmalloc(100, GFP_KERNEL);
	CHECK(text && ksize(text) >= 100);
	strcpy(text, "hello");
	text = krealloc(text, 5000, GFP_KERNEL);
	CHECK(text && strcmp(text, "hello") == 0);
	kfree(text);

	pool = mempool_create_slab_pool(4, cache);
	CHECK(pool != NULL);
	element = mempool_alloc(pool, GFP_KERNEL);
	CHECK(element != NULL);
	mempool_free(element, pool);
	mempool_destroy(pool);

	page = __get_free_pages(GFP_KERNEL, 1);
	CHECK(page && page % PAGE_SIZE == 0);
	free_pages(page, 1);

	kmem_cache_free(cache, request);
	kmem_cache_destroy(cache);
	return 0;
}
