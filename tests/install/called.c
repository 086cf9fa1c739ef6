/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* The part of inline.c that is built as ever. */
#include "called.h"

void *called_alloc(struct kmem_cache *s)
{
	return kmem_cache_alloc(s, GFP_KERNEL);
}

void called_free(struct kmem_cache *s, void *obj)
{
	kmem_cache_free(s, obj);
}

void *(*called_address(void))(struct kmem_cache *, gfp_t)
{
	return kmem_cache_alloc;
}
