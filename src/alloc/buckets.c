/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Private sets of the kmalloc classes: blocks of one kind of user lie in slabs
 * of their own, so that no other's block comes to lie where one of them was.
 */
#include <linux/slab.h>

#include "alloc/sizes.h"
#include "debug/atomic.h"
#include "slab/debug.h"
#include "slab/slab.h"

static const char *const suffix[INDEXES] = {
	NULL,  "96",  "192", "8",  "16", "32", "64",
	"128", "256", "512", "1k", "2k", "4k", "8k",
};

static struct kmem_cache *bucket_create(const char *name, unsigned int index,
					struct kmem_cache_args *usercopy,
					slab_flags_t flags)
{
	unsigned int size = (unsigned int)kmalloc_class_bytes(index);
	struct kmem_cache_args args = *usercopy;
	char *full = kasprintf(GFP_KERNEL, "%s-%s", name, suffix[index]);
	struct kmem_cache *s;

	if (!full)
		return NULL;
	args.align = size & -size;
	if (args.useroffset >= size)
		args.useroffset = args.usersize = 0;
	if (args.usersize > size - args.useroffset)
		args.usersize = size - args.useroffset;
	s = __kmem_cache_create_args(full, size, &args, flags);
	kfree(full);
	return s;
}

static void buckets_end(kmem_buckets *b)
{
	for (unsigned int index = 1; index < INDEXES; index++)
		kmem_cache_destroy((*b)[index]);
	kfree(b);
}

/**
 * kmem_buckets_create - a private set of the kmalloc classes
 * @name: the caches are called NAME-8 to NAME-8k; copied
 * @flags: SLAB_*
 * @useroffset: of each block, where the window for user copies begins
 * @usersize: its bytes
 * @ctor: run once for each block, or NULL
 *
 * There is no end to a set: it is for the life of the program.
 *
 * Return: the set, or NULL after a warning, or without memory.
 * Context: may sleep.
 * Source: Linux 6.11 and later.
 */
kmem_buckets *kmem_buckets_create(const char *name, slab_flags_t flags,
				  unsigned int useroffset,
				  unsigned int usersize, kmem_ctor_t *ctor)
{
	struct kmem_cache_args usercopy = {
		.useroffset = useroffset,
		.usersize = usersize,
		.ctor = ctor,
	};
	kmem_buckets *b;

	check_sleeping();
	b = kzalloc(sizeof(*b), GFP_KERNEL);
	for (unsigned int index = 1; b && index < INDEXES; index++) {
		(*b)[index] = bucket_create(name, index, &usercopy, flags);
		if (!(*b)[index]) {
			buckets_end(b);
			b = NULL;
		}
	}
	return b;
}

/**
 * kmem_buckets_alloc - a block of a private set
 * @b: the set; NULL and ZERO_SIZE_PTR are kmalloc()'s own
 * @size: bytes; above KMALLOC_MAX_CACHE_SIZE it is a block of kmalloc()
 * @flags: GFP_*
 *
 * krealloc() of it moves to kmalloc()'s own caches, if it moves.
 *
 * Return: as kmalloc().
 * Context: as @flags say.
 * Source: Linux 6.11 and later.
 */
void *kmem_buckets_alloc(kmem_buckets *b, size_t size, gfp_t flags)
{
	struct kmem_cache *s;

	if (ZERO_OR_NULL_PTR(b) || !size || size > KMALLOC_MAX_CACHE_SIZE)
		return kmalloc(size, flags);
	s = (*b)[index_of(size)];
	return unlikely(slab_debugged(s)) ? debug_alloc(s, flags, size) :
					    slab_alloc(s, flags);
}

/**
 * kmem_buckets_valloc - a block of a private set, which may be large
 * @b: the set, or NULL
 * @size: bytes; above KMALLOC_MAX_CACHE_SIZE it is a block of kvmalloc()
 * @flags: GFP_*
 *
 * Return: as kvmalloc().
 * Context: as @flags say.
 * Source: Linux 6.11 and later.
 */
void *kmem_buckets_valloc(kmem_buckets *b, size_t size, gfp_t flags)
{
	if (ZERO_OR_NULL_PTR(b) || size > KMALLOC_MAX_CACHE_SIZE)
		return kvmalloc(size, flags);
	return kmem_buckets_alloc(b, size, flags);
}
