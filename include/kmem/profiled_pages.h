/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Calls for pages, each charged to its own call site.
 * <linux/gfp.h> includes this at its end
 * where CONFIG_MEM_ALLOC_PROFILING asks for it.
 */
#ifndef KMEM_PROFILED_PAGES_H
#define KMEM_PROFILED_PAGES_H

#include <linux/alloc_tag.h>

#include "../linux/gfp.h"

#if defined(CONFIG_MEM_ALLOC_PROFILING) && !defined(__cplusplus)
/* clang-format off */

#define alloc_pages(...) alloc_hooks((alloc_pages)(__VA_ARGS__))
#define alloc_pages_node(...) alloc_hooks((alloc_pages_node)(__VA_ARGS__))
#define alloc_pages_nolock(...) alloc_hooks((alloc_pages_nolock)(__VA_ARGS__))
#define try_alloc_pages(...) alloc_hooks((try_alloc_pages)(__VA_ARGS__))
#define __get_free_pages(...) alloc_hooks((__get_free_pages)(__VA_ARGS__))
#define get_zeroed_page(...) alloc_hooks((get_zeroed_page)(__VA_ARGS__))
#define alloc_pages_exact(...) alloc_hooks((alloc_pages_exact)(__VA_ARGS__))
#define alloc_pages_exact_nid(...) \
	alloc_hooks((alloc_pages_exact_nid)(__VA_ARGS__))
#define alloc_pages_bulk(...) alloc_hooks((alloc_pages_bulk)(__VA_ARGS__))
#define alloc_pages_bulk_node(...) \
	alloc_hooks((alloc_pages_bulk_node)(__VA_ARGS__))
#define alloc_page(...) alloc_hooks((alloc_page)(__VA_ARGS__))
#define __get_free_page(...) alloc_hooks((__get_free_page)(__VA_ARGS__))
#define __get_dma_pages(...) alloc_hooks((__get_dma_pages)(__VA_ARGS__))
#define alloc_pages_mpol(...) alloc_hooks((alloc_pages_mpol)(__VA_ARGS__))
#define folio_alloc(...) alloc_hooks((folio_alloc)(__VA_ARGS__))
#define __folio_alloc_node(...) alloc_hooks((__folio_alloc_node)(__VA_ARGS__))
#define __folio_alloc(...) alloc_hooks((__folio_alloc)(__VA_ARGS__))
#define vma_alloc_folio(...) alloc_hooks((vma_alloc_folio)(__VA_ARGS__))

/* clang-format on */
#endif

#endif
