/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "compat.h"

#include <linux/vmalloc.h>

#include "../mm/slab.h"

int conform_destroy(struct kmem_cache *s)
{
	struct kmem_cache *other;
	int ret = 0;

	(kmem_cache_destroy)(s);
	if (!s)
		return 0;
	mutex_lock(&slab_mutex);
	list_for_each_entry(other, &slab_caches, list)
		if (other == s)
			ret = -EBUSY;
	mutex_unlock(&slab_mutex);
	return ret;
}

void *conform_kvrealloc(const void *p, size_t size, gfp_t gfp)
{
	size_t old = 0;

	conform_lacks("kvrealloc() of three arguments");
	if (is_vmalloc_addr(p))
		old = get_vm_area_size(find_vm_area(p));
	else if (!ZERO_OR_NULL_PTR(p))
		old = ksize(p);
	return (kvrealloc)(p, old, size, gfp);
}
