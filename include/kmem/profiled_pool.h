/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Calls for pools, each charged to its own call site.
 * <linux/mempool.h> includes this at its end
 * where CONFIG_MEM_ALLOC_PROFILING asks for it.
 */
#ifndef KMEM_PROFILED_POOL_H
#define KMEM_PROFILED_POOL_H

#include <linux/alloc_tag.h>

#include "../linux/mempool.h"

#if defined(CONFIG_MEM_ALLOC_PROFILING) && !defined(__cplusplus)
/* clang-format off */

#define mempool_alloc(...) alloc_hooks((mempool_alloc)(__VA_ARGS__))
#define mempool_alloc_bulk(...) alloc_hooks((mempool_alloc_bulk)(__VA_ARGS__))
#define mempool_create_node(...) alloc_hooks((mempool_create_node)(__VA_ARGS__))
#define mempool_init_node(...) alloc_hooks((mempool_init_node)(__VA_ARGS__))
#define mempool_create(...) alloc_hooks((mempool_create)(__VA_ARGS__))
#define mempool_init(...) alloc_hooks((mempool_init)(__VA_ARGS__))
#define mempool_create_slab_pool(...) \
	alloc_hooks((mempool_create_slab_pool)(__VA_ARGS__))
#define mempool_create_kmalloc_pool(...) \
	alloc_hooks((mempool_create_kmalloc_pool)(__VA_ARGS__))
#define mempool_create_kvmalloc_pool(...) \
	alloc_hooks((mempool_create_kvmalloc_pool)(__VA_ARGS__))
#define mempool_create_page_pool(...) \
	alloc_hooks((mempool_create_page_pool)(__VA_ARGS__))

/* clang-format on */
#endif

#endif
