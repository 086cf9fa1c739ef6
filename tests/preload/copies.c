/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * copies OTHER : a program with the fast paths in it, and then a second
 * library of the same kind, which is used as well.  Each keeps to its own.
 */
#define KMEM_INLINE 2
#include <kmem/kmem.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static int bad;

#define CHECK(cond)                                                       \
	do {                                                              \
		if (!(cond)) {                                            \
			printf("%s:%d: %s\n", __FILE__, __LINE__, #cond); \
			bad = 1;                                          \
		}                                                         \
	} while (0)

struct other {
	void *(*alloc)(size_t size, gfp_t gfp);
	void (*free)(const void *p);
	size_t (*ksize)(const void *p);
	bool (*validate)(void);
};

static bool open_other(const char *path, struct other *o)
{
	void *lib = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (!lib) {
		puts(dlerror());
		return false;
	}
	*(void **)&o->alloc = dlsym(lib, "kmem_kmalloc");
	*(void **)&o->free = dlsym(lib, "kmem_kfree");
	*(void **)&o->ksize = dlsym(lib, "kmem_ksize");
	*(void **)&o->validate = dlsym(lib, "kmem_kmem_validate");
	return o->alloc && o->free && o->ksize && o->validate;
}

int main(int argc, char **argv)
{
	struct kmem_cache *cache, *before = kmem_inline_caches[6];
	void *const *base = (void *const *)&kmem_page_offset;
	void *mine[200], *theirs[200], *window;
	struct other o;
	mempool_t *pool;

	kfree(kmalloc(64, GFP_KERNEL));
	cache = kmem_cache_create("copies", 64, 0, 0, NULL);
	pool = mempool_create_slab_pool(4, cache);
	CHECK(cache && pool);
	before = kmem_inline_caches[6];
	window = *base;
	CHECK(before && window);
	if (argc < 2 || !open_other(argv[1], &o))
		return 2;
	CHECK(o.alloc != kmem_called_kmalloc);
	for (int round = 0; round < 20; round++) {
		for (int i = 0; i < 200; i++) {
			mine[i] = i & 1 ? kmalloc(64, GFP_KERNEL) :
					  kmem_cache_alloc(cache, GFP_KERNEL);
			theirs[i] = o.alloc(64, GFP_KERNEL);
			memset(mine[i], 1, 64);
			memset(theirs[i], 2, 64);
		}
		for (int i = 0; i < 200; i++) {
			CHECK(ksize(mine[i]) == 64);
			CHECK(o.ksize(theirs[i]) == 64);
			CHECK(*(char *)mine[i] == 1 && *(char *)theirs[i] == 2);
			CHECK(virt_addr_valid(mine[i]));
			CHECK(!virt_addr_valid(theirs[i]));
			if (i & 1)
				kfree(mine[i]);
			else
				kmem_cache_free(cache, mine[i]);
			o.free(theirs[i]);
		}
	}
	CHECK(kmem_inline_caches[6] == before && *base == window);
	mempool_free(mempool_alloc(pool, GFP_KERNEL), pool);
	mempool_destroy(pool);
	CHECK(kmem_cache_destroy(cache) == 0);
	CHECK(kmem_validate() && o.validate());
	puts(bad ? "mixed" : "each its own");
	return bad;
}
