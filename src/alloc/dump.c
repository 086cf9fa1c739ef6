/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* What an address is, as far as it can be told without tracking blocks. */
#include <linux/slab.h>

#include "debug/report.h"
#include "slab/slab.h"

/**
 * kmem_valid_obj - does this address lie in an object?
 * @object: any address
 *
 * Return: true in a slab of any cache, also behind its last object and in an
 * object that is free; blocks above KMALLOC_MAX_CACHE_SIZE are in none.
 * Context: any.
 * Source: Linux 5.12 to 6.5.
 */
bool kmem_valid_obj(void *object)
{
	return page_owner(object) != NULL;
}

/**
 * kmem_dump_obj - a line in the report about an address
 * @object: any address
 *
 * The name of its cache, where the object begins, how far in the address lies,
 * and the size.  Who allocated it is not known.
 *
 * Return: true when it lies in a slab, else false, and nothing is written.
 * Context: any; writes a report.
 * Source: Linux 7.x without user tracking, which ends a line of the caller's.
 */
bool kmem_dump_obj(void *object)
{
	struct kmem_cache *s = page_owner(object);
	size_t off, into;

	if (!s)
		return false;
	off = (size_t)((char *)object - (char *)page_addr(slub_of(object)));
	into = (off < s->left ? 0 : off - s->left) % s->size;
	report(" slab %s start %p pointer offset %zu size %u", s->name,
	       (void *)((char *)object - into), into, s->object_size);
	return true;
}
