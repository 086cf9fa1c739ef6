/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Calls for areas, each charged to its own call site.
 * <linux/vmalloc.h> includes this at its end
 * where CONFIG_MEM_ALLOC_PROFILING asks for it.
 */
#ifndef KMEM_PROFILED_VMALLOC_H
#define KMEM_PROFILED_VMALLOC_H

#include <linux/alloc_tag.h>

#include "../linux/vmalloc.h"

#if defined(CONFIG_MEM_ALLOC_PROFILING) && !defined(__cplusplus)
/* clang-format off */

#define vmalloc(...) alloc_hooks((vmalloc)(__VA_ARGS__))
#define vzalloc(...) alloc_hooks((vzalloc)(__VA_ARGS__))
#define vmalloc_node(...) alloc_hooks((vmalloc_node)(__VA_ARGS__))
#define vzalloc_node(...) alloc_hooks((vzalloc_node)(__VA_ARGS__))
#define __vmalloc_node(...) alloc_hooks((__vmalloc_node)(__VA_ARGS__))
#define vmalloc_user(...) alloc_hooks((vmalloc_user)(__VA_ARGS__))
#define vmalloc_32(...) alloc_hooks((vmalloc_32)(__VA_ARGS__))
#define vmalloc_32_user(...) alloc_hooks((vmalloc_32_user)(__VA_ARGS__))
#define vmalloc_huge(...) alloc_hooks((vmalloc_huge)(__VA_ARGS__))
#define vmalloc_huge_node(...) alloc_hooks((vmalloc_huge_node)(__VA_ARGS__))
#define __vmalloc_array(...) alloc_hooks((__vmalloc_array)(__VA_ARGS__))
#define vmalloc_array(...) alloc_hooks((vmalloc_array)(__VA_ARGS__))
#define __vcalloc(...) alloc_hooks((__vcalloc)(__VA_ARGS__))
#define vcalloc(...) alloc_hooks((vcalloc)(__VA_ARGS__))
#define vrealloc(...) alloc_hooks((vrealloc)(__VA_ARGS__))
#define vrealloc_node_align(...) alloc_hooks((vrealloc_node_align)(__VA_ARGS__))
#define vrealloc_node(...) alloc_hooks((vrealloc_node)(__VA_ARGS__))

#undef __vmalloc
#define __vmalloc(...)                                               \
	alloc_hooks(KMEM_VMALLOC_4TH(__VA_ARGS__, KMEM_VMALLOC_3, \
				     KMEM_VMALLOC_2, 0, 0)(__VA_ARGS__))

/* clang-format on */
#endif

#endif
