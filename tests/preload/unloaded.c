/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A plugin that has the library inside, or its fast paths, or just calls it:
 * what test_unload.py opens and closes.
 */
#include <linux/slab.h>

#include <pthread.h>

void *plugin_alloc(size_t size, unsigned int gfp);
void plugin_free(void *p);

static struct kmem_cache *cache;

static void begin(void)
{
	cache = kmem_cache_create("plugin", 64, 0, 0, NULL);
}

static __attribute__((destructor)) void end(void)
{
	if (cache)
		kmem_cache_destroy(cache);
	cache = NULL;
}

void *plugin_alloc(size_t size, unsigned int gfp)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, begin);
	return size == 64 ? kmem_cache_alloc(cache, (KMEM_FORCE gfp_t)gfp) :
			    NULL;
}

void plugin_free(void *p)
{
	kmem_cache_free(cache, p);
}
