/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Calls for objects, each charged to its own call site.
 * <linux/slab.h> includes this at its end
 * where CONFIG_MEM_ALLOC_PROFILING asks for it.
 */
#ifndef KMEM_PROFILED_SLAB_H
#define KMEM_PROFILED_SLAB_H

#include <linux/alloc_tag.h>

#include "../linux/slab.h"

#if defined(CONFIG_MEM_ALLOC_PROFILING) && !defined(__cplusplus)
/* clang-format off */

#define kmalloc(...) alloc_hooks((kmalloc)(__VA_ARGS__))
#define kzalloc(...) alloc_hooks((kzalloc)(__VA_ARGS__))
#define kmalloc_array(...) alloc_hooks((kmalloc_array)(__VA_ARGS__))
#define kcalloc(...) alloc_hooks((kcalloc)(__VA_ARGS__))
#define kmalloc_nolock(...) alloc_hooks((kmalloc_nolock)(__VA_ARGS__))
#define kmalloc_node(...) alloc_hooks((kmalloc_node)(__VA_ARGS__))
#define kzalloc_node(...) alloc_hooks((kzalloc_node)(__VA_ARGS__))
#define kmalloc_array_node(...) alloc_hooks((kmalloc_array_node)(__VA_ARGS__))
#define kcalloc_node(...) alloc_hooks((kcalloc_node)(__VA_ARGS__))
#define krealloc(...) alloc_hooks((krealloc)(__VA_ARGS__))
#define krealloc_array(...) alloc_hooks((krealloc_array)(__VA_ARGS__))
#define krealloc_node_align(...) alloc_hooks((krealloc_node_align)(__VA_ARGS__))
#define kmem_cache_alloc(...) alloc_hooks((kmem_cache_alloc)(__VA_ARGS__))
#define kmem_cache_zalloc(...) alloc_hooks((kmem_cache_zalloc)(__VA_ARGS__))
#define kmem_cache_alloc_node(...) \
	alloc_hooks((kmem_cache_alloc_node)(__VA_ARGS__))
#define kmem_cache_alloc_lru(...) \
	alloc_hooks((kmem_cache_alloc_lru)(__VA_ARGS__))
#define kmem_cache_alloc_bulk(...) \
	alloc_hooks((kmem_cache_alloc_bulk)(__VA_ARGS__))
#define kmem_cache_prefill_sheaf(...) \
	alloc_hooks((kmem_cache_prefill_sheaf)(__VA_ARGS__))
#define kmem_cache_refill_sheaf(...) \
	alloc_hooks((kmem_cache_refill_sheaf)(__VA_ARGS__))
#define kmem_cache_alloc_from_sheaf(...) \
	alloc_hooks((kmem_cache_alloc_from_sheaf)(__VA_ARGS__))
#define kvmalloc(...) alloc_hooks((kvmalloc)(__VA_ARGS__))
#define kvzalloc(...) alloc_hooks((kvzalloc)(__VA_ARGS__))
#define kvmalloc_array(...) alloc_hooks((kvmalloc_array)(__VA_ARGS__))
#define kvcalloc(...) alloc_hooks((kvcalloc)(__VA_ARGS__))
#define kvmalloc_node(...) alloc_hooks((kvmalloc_node)(__VA_ARGS__))
#define kvzalloc_node(...) alloc_hooks((kvzalloc_node)(__VA_ARGS__))
#define kvmalloc_array_node(...) alloc_hooks((kvmalloc_array_node)(__VA_ARGS__))
#define kvcalloc_node(...) alloc_hooks((kvcalloc_node)(__VA_ARGS__))
#define kvmalloc_node_align(...) alloc_hooks((kvmalloc_node_align)(__VA_ARGS__))
#define kvrealloc_node_align(...) \
	alloc_hooks((kvrealloc_node_align)(__VA_ARGS__))
#define kmem_buckets_alloc(...) alloc_hooks((kmem_buckets_alloc)(__VA_ARGS__))
#define kmem_buckets_valloc(...) alloc_hooks((kmem_buckets_valloc)(__VA_ARGS__))
#define kstrdup(...) alloc_hooks((kstrdup)(__VA_ARGS__))
#define kstrdup_const(...) alloc_hooks((kstrdup_const)(__VA_ARGS__))
#define kstrndup(...) alloc_hooks((kstrndup)(__VA_ARGS__))
#define kmemdup(...) alloc_hooks((kmemdup)(__VA_ARGS__))
#define kmemdup_nul(...) alloc_hooks((kmemdup_nul)(__VA_ARGS__))
#define kmemdup_array(...) alloc_hooks((kmemdup_array)(__VA_ARGS__))
#define kvmemdup(...) alloc_hooks((kvmemdup)(__VA_ARGS__))
#define kasprintf(...) alloc_hooks((kasprintf)(__VA_ARGS__))
#define kasprintf_const(...) alloc_hooks((kasprintf_const)(__VA_ARGS__))
#define kvasprintf(...) alloc_hooks((kvasprintf)(__VA_ARGS__))
#define kvasprintf_const(...) alloc_hooks((kvasprintf_const)(__VA_ARGS__))
#define memdup_user(...) alloc_hooks((memdup_user)(__VA_ARGS__))
#define vmemdup_user(...) alloc_hooks((vmemdup_user)(__VA_ARGS__))
#define memdup_user_nul(...) alloc_hooks((memdup_user_nul)(__VA_ARGS__))
#define strndup_user(...) alloc_hooks((strndup_user)(__VA_ARGS__))

#undef kvrealloc
#define kvrealloc(...)                                                   \
	alloc_hooks(KMEM_5TH(__VA_ARGS__, kvrealloc_sized, (kvrealloc), 0, 0, \
			     0)(__VA_ARGS__))

/* clang-format on */
#endif

#endif
