/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Every public call that takes a cache, a block, a page, a pool, a shrinker or
 * a notifier is made with NULL and with pointers to something else, each in a
 * child of its own.  It must do what the table says; nothing may crash, and
 * the library must be whole afterwards.
 *
 * The last case compares the table with what the library exports, so that a
 * new call gets its row.
 */
#include <linux/alloc_tag.h>
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/dmapool.h>
#include <linux/genalloc.h>
#include <linux/gfp.h>
#include <linux/kfence.h>
#include <linux/kmemleak.h>
#include <linux/memblock.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/oom.h>
#include <linux/percpu.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include <kmem/dma.h>
#include <kmem/kmem.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kunit/test.h"

enum kind { K_NULL, K_LOW, K_FOREIGN, K_INSIDE, K_ENDED, K_WILD, KINDS };

static const char *const kind_name[KINDS] = {
	"NULL",
	"a low address",
	"memory of the program",
	"the inside of a block",
	"a cache that was destroyed",
	"an address that cannot be",
};

static struct kmem_cache *cache;
static void *block;
static char foreign[4096] __attribute__((aligned(4096)));

static void *pointer(enum kind kind)
{
	struct kmem_cache *gone;

	switch (kind) {
	case K_NULL:
		return NULL;
	case K_LOW:
		return (void *)0x1008;
	case K_FOREIGN:
		return foreign;
	case K_INSIDE:
		return (char *)block + 40;
	case K_ENDED:
		gone = kmem_cache_create("gone", 64, 0, 0, NULL);
		kmem_cache_destroy(gone);
		return gone;
	default:
		return (void *)0xdead000000000100;
	}
}

/* --- the calls ------------------------------------------------------------ */

/* clang-format off */
#define CALL(fn, ...) static void call_##fn(void *p) { __VA_ARGS__; }

CALL(kmem_cache_alloc, kmem_cache_alloc(p, GFP_KERNEL))
CALL(kmem_cache_zalloc, kmem_cache_zalloc(p, GFP_KERNEL))
CALL(kmem_cache_alloc_node, kmem_cache_alloc_node(p, GFP_KERNEL, 0))
CALL(kmem_cache_alloc_lru, kmem_cache_alloc_lru(p, NULL, GFP_KERNEL))
CALL(kmem_cache_alloc_bulk, void *v[2];
     if (kmem_cache_alloc_bulk(p, GFP_KERNEL, 2, v)) abort())
CALL(kmem_cache_free, kmem_cache_free(p, kmem_cache_alloc(cache, GFP_KERNEL)))
CALL(kmem_cache_free_block, kmem_cache_free(p, kmalloc(64, GFP_KERNEL)))
CALL(kmem_cache_free_large, kmem_cache_free(p, kmalloc(65536, GFP_KERNEL)))
CALL(kmem_cache_free_null, kmem_cache_free(p, NULL))
CALL(kmem_cache_free_junk, kmem_cache_free(p, foreign))
CALL(kmem_cache_free_of, kmem_cache_free(cache, p))
CALL(kmem_cache_free_bulk,
     void *v[1] = { kmem_cache_alloc(cache, GFP_KERNEL) };
     kmem_cache_free_bulk(p, 1, v))
CALL(kmem_cache_free_bulk_of, void *v[1] = { p };
     kmem_cache_free_bulk(cache, 1, v))
CALL(free_percpu, free_percpu((void __percpu *)p))
CALL(pcpu_alloc_size, if (pcpu_alloc_size((void __percpu *)p)) abort())
CALL(is_kernel_percpu_address,
     if (is_kernel_percpu_address((unsigned long)p)) abort())
CALL(is_kfence_address, if (is_kfence_address(p)) abort())
CALL(kmemleak_alloc, kmem_mem_profiling_set(true);
     kmemleak_alloc(p, 64, 1, GFP_KERNEL))
CALL(kmemleak_free, kmem_mem_profiling_set(true);
     kmemleak_free(p))
CALL(kmemleak_ignore, kmem_mem_profiling_set(true);
     kmemleak_ignore(p))
CALL(kmemleak_no_scan, kmem_mem_profiling_set(true);
     kmemleak_no_scan(p))
CALL(kmemleak_not_leak, kmem_mem_profiling_set(true);
     kmemleak_not_leak(p))
CALL(kmemleak_update_trace, kmem_mem_profiling_set(true);
     kmemleak_update_trace(p))
CALL(kmem_cache_destroy, kmem_cache_destroy(p))
CALL(kmem_cache_shrink, if (!kmem_cache_shrink(p)) abort())
CALL(kmem_cache_size, if (kmem_cache_size(p)) abort())
CALL(kmem_cache_name, if (kmem_cache_name(p)[0] != '(') abort())

CALL(kmem_cache_prefill_sheaf,
     if (kmem_cache_prefill_sheaf(p, GFP_KERNEL, 1)) abort())
CALL(kmem_cache_refill_sheaf, struct slab_sheaf *sheaf = p;
     if (kmem_cache_refill_sheaf(cache, GFP_KERNEL, &sheaf, 1) != -EINVAL)
	     abort())
CALL(kmem_cache_alloc_from_sheaf,
     if (kmem_cache_alloc_from_sheaf(cache, 0, p)) abort())
CALL(kmem_cache_return_sheaf, kmem_cache_return_sheaf(cache, GFP_KERNEL, p))
CALL(kmem_cache_sheaf_size, if (kmem_cache_sheaf_size(p)) abort())
CALL(kvfree_rcu_barrier_on_cache, kvfree_rcu_barrier_on_cache(p))
CALL(kmem_cache_validate, if (kmem_cache_validate(p)) abort())
CALL(kmem_cache_errors, if (kmem_cache_errors(p)) abort())
CALL(kmem_valid_obj, kmem_valid_obj(p))
CALL(kmem_dump_obj, if (kmem_dump_obj(p) != kmem_valid_obj(p)) abort())

CALL(kfree, kfree(p))
CALL(kfree_nolock, kfree_nolock(p))
CALL(kfree_sensitive, kfree_sensitive(p))
CALL(kfree_bulk, void *v[2] = { p, kmalloc(8, GFP_KERNEL) }; kfree_bulk(2, v))
CALL(kvfree, kvfree(p))
CALL(kvfree_sensitive, kvfree_sensitive(p, 16))
CALL(kvfree_call_rcu, kvfree_call_rcu(NULL, p))
CALL(ksize, ksize(p))
CALL(krealloc, if (krealloc(p, 5000, GFP_KERNEL) && p) abort())
CALL(krealloc_node_align,
     if (krealloc_node_align(p, 5000, 8, GFP_KERNEL, 0) && p) abort())
CALL(kvrealloc_node_align,
     if (kvrealloc_node_align(p, 5000, 8, GFP_KERNEL, 0) && p) abort())
CALL(krealloc_array, if (krealloc_array(p, 5, 1000, GFP_KERNEL) && p) abort())
CALL(kvrealloc, if (kvrealloc(p, 5000, GFP_KERNEL) && p) abort())
CALL(is_vmalloc_addr, if (is_vmalloc_addr(p)) abort())
CALL(kvfree_atomic, kvfree_atomic(p))
CALL(vfree, vfree(p))
CALL(vfree_atomic, vfree_atomic(p))
CALL(vrealloc, if (vrealloc(p, 5000, GFP_KERNEL) && p) abort())
CALL(vrealloc_node_align,
     if (vrealloc_node_align(p, 5000, 1, GFP_KERNEL, 0) && p) abort())
CALL(vunmap, vunmap(p))
CALL(vm_unmap_ram, vm_unmap_ram(p, 1))
CALL(vmap_pfn, if (vmap_pfn(p, p ? 1 : 0, PAGE_KERNEL)) abort())
CALL(vmap, if (vmap(p ? (struct page **)&p : NULL, 1, VM_MAP, PAGE_KERNEL))
     abort())
CALL(vm_map_ram, if (vm_map_ram(p ? (struct page **)&p : NULL, 1, 0)) abort())
CALL(vmalloc_to_page, if (vmalloc_to_page(p)) abort())
CALL(vmalloc_to_pfn, if (vmalloc_to_pfn(p)) abort())
CALL(find_vm_area, if (find_vm_area(p)) abort())
CALL(free_contig_range, free_contig_range((unsigned long)p, 1))
CALL(free_contig_frozen_range, free_contig_frozen_range((unsigned long)p, 1))
CALL(alloc_contig_range,
     if (!alloc_contig_range((unsigned long)p, 1ul << 60, 0, GFP_KERNEL))
	     abort())
CALL(alloc_contig_frozen_range,
     if (!alloc_contig_frozen_range((unsigned long)p, 1ul << 60, 0,
				    GFP_KERNEL)) abort())
CALL(__virt_addr_valid, __virt_addr_valid((unsigned long)p))

CALL(__free_pages, __free_pages(p, 0))
CALL(free_pages_nolock, free_pages_nolock(p, 0))
CALL(put_page, put_page(p))
CALL(split_page, split_page(p, 1))
CALL(free_pages_bulk, struct page *v[1] = { p }; free_pages_bulk(v, 1))
CALL(release_pages, struct page *v[1] = { p }; release_pages(v, 1))
CALL(put_pages_list, put_pages_list(p))
CALL(free_pages, free_pages((unsigned long)p, 0))
CALL(free_pages_exact, free_pages_exact(p, 100))

CALL(shrinker_register, shrinker_register(p))
CALL(shrinker_free, shrinker_free(p))
CALL(remove_shrinker, remove_shrinker(p))
CALL(register_shrinker, if (register_shrinker(p, "x") != -EINVAL) abort())
CALL(kmem_register_shrinker_unnamed,
     if (kmem_register_shrinker_unnamed(p) != -EINVAL) abort())
CALL(prealloc_shrinker, if (prealloc_shrinker(p, "x") != -EINVAL) abort())
CALL(kmem_prealloc_shrinker_unnamed,
     if (kmem_prealloc_shrinker_unnamed(p) != -EINVAL) abort())
CALL(register_shrinker_prepared, register_shrinker_prepared(p))
CALL(free_prealloced_shrinker, free_prealloced_shrinker(p))
CALL(unregister_shrinker, unregister_shrinker(p))
CALL(register_oom_notifier, if (register_oom_notifier(p) != -EINVAL) abort())
CALL(unregister_oom_notifier, if (!unregister_oom_notifier(p)) abort())

CALL(mempool_init, if (mempool_init(p, 1, mempool_kmalloc, mempool_kfree,
				    (void *)64) != -EINVAL) abort())
CALL(mempool_exit, mempool_exit(p))
CALL(mempool_destroy, mempool_destroy(p))
CALL(mempool_resize, if ((mempool_resize)(p, 2) != -EINVAL) abort())
CALL(mempool_resize_gfp,
     if (mempool_resize_gfp(p, 2, GFP_KERNEL) != -EINVAL) abort())
CALL(mempool_alloc, mempool_alloc(p, GFP_KERNEL))
CALL(mempool_alloc_preallocated, if (mempool_alloc_preallocated(p)) abort())
CALL(mempool_alloc_bulk, void *v[2] = { NULL };
     if (mempool_alloc_bulk(p, v, 2, 0) != -EINVAL || v[0]) abort())
CALL(mempool_free, mempool_free(block, p))
CALL(mempool_free_null, mempool_free(NULL, p))
CALL(mempool_free_bulk, void *v[1] = { block };
     if (mempool_free_bulk(p, v, 1)) abort())

CALL(gen_pool_destroy, gen_pool_destroy(p))
CALL(gen_pool_add_owner,
     if (gen_pool_add_owner(p, 64, 0, 64, 0, NULL) != -EINVAL) abort())
CALL(gen_pool_alloc_algo_owner,
     if (gen_pool_alloc_algo_owner(p, 8, gen_pool_first_fit, NULL, NULL))
	     abort())
CALL(gen_pool_free_owner, gen_pool_free_owner(p, 64, 8, NULL))
CALL(gen_pool_dma_alloc, if (gen_pool_dma_alloc(p, 8, NULL)) abort())
CALL(gen_pool_dma_alloc_algo,
     if (gen_pool_dma_alloc_algo(p, 8, NULL, gen_pool_first_fit, NULL))
	     abort())
CALL(gen_pool_dma_alloc_align,
     if (gen_pool_dma_alloc_align(p, 8, NULL, 8)) abort())
CALL(gen_pool_dma_zalloc, if (gen_pool_dma_zalloc(p, 8, NULL)) abort())
CALL(gen_pool_dma_zalloc_algo,
     if (gen_pool_dma_zalloc_algo(p, 8, NULL, gen_pool_first_fit, NULL))
	     abort())
CALL(gen_pool_dma_zalloc_align,
     if (gen_pool_dma_zalloc_align(p, 8, NULL, 8)) abort())
CALL(gen_pool_set_algo, gen_pool_set_algo(p, NULL, NULL))
CALL(gen_pool_virt_to_phys,
     if (gen_pool_virt_to_phys(p, 64) != (phys_addr_t)-1) abort())
CALL(gen_pool_avail, if (gen_pool_avail(p)) abort())
CALL(gen_pool_size, if (gen_pool_size(p)) abort())
CALL(gen_pool_has_addr, if (gen_pool_has_addr(p, 64, 1)) abort())
CALL(gen_pool_for_each_chunk, gen_pool_for_each_chunk(p, NULL, NULL))

CALL(dma_pool_destroy, dma_pool_destroy(p))
CALL(dma_pool_alloc, if (dma_pool_alloc(p, GFP_KERNEL, NULL)) abort())
CALL(dma_pool_free, dma_pool_free(p, block, 0))
CALL(dmam_pool_destroy, dmam_pool_destroy(p))
CALL(dma_free_attrs, dma_free_attrs(NULL, 64, p, 0, 0))
CALL(dmam_free_coherent, dmam_free_coherent(block, 64, p, 0))
CALL(dma_map_single,
     if (block != p && dma_map_single(NULL, p, 8, DMA_TO_DEVICE) !=
			       DMA_MAPPING_ERROR) abort())
CALL(dma_map_page,
     if (dma_map_page(NULL, p, 0, 8, DMA_TO_DEVICE) != DMA_MAPPING_ERROR)
	     abort())

CALL(devres_free, devres_free(p))
CALL(devres_add, devres_add(block, p))
CALL(devm_kfree, devm_kfree(block, p))
CALL(devm_krealloc,
     if (devm_krealloc(block, p, 64, GFP_KERNEL) && p) abort())
CALL(devm_free_pages, devm_free_pages(block, (unsigned long)p))
CALL(page_frag_free, page_frag_free(p))
CALL(__page_frag_cache_drain, __page_frag_cache_drain(p, 1))
CALL(memblock_free, memblock_free(p, 64))
CALL(memblock_phys_free, memblock_phys_free((phys_addr_t)p, 64))

/*
 * A letter for each kind of pointer:
 *	q	nothing is written
 *	r	a report
 *	F	the access faults: docs/compat.md says so
 *	-	not tried: the call may write to a struct of the caller's
 */
#define ROW(fn, outcome) { #fn, call_##fn, outcome }
static const struct row {
	const char *name;
	void (*call)(void *p);
	const char *outcome;
} rows[] = {
	ROW(kmem_cache_alloc, "FF---F"),
	ROW(kmem_cache_zalloc, "FF---F"),
	ROW(kmem_cache_alloc_node, "FF---F"),
	ROW(kmem_cache_alloc_lru, "FF---F"),
	ROW(kmem_cache_alloc_bulk, "rrrrrr"),
	ROW(kmem_cache_free, "rrrrrr"),
	ROW(kmem_cache_free_block, "rrrrrr"),
	ROW(kmem_cache_free_large, "rrrrrr"),
	ROW(kmem_cache_free_null, "rrrrrr"),
	ROW(kmem_cache_free_junk, "rrrrrr"),
	ROW(kmem_cache_free_of, "rrrr-r"),
	ROW(kmem_cache_free_bulk, "qrrrrr"),
	ROW(kmem_cache_free_bulk_of, "rrrr-r"),
	ROW(kmem_cache_destroy, "qrrrrr"),
	ROW(kmem_cache_shrink, "rrrrrr"),
	ROW(kmem_cache_size, "rrrrrr"),
	ROW(kmem_cache_name, "qqqqqq"),
	ROW(kmem_cache_prefill_sheaf, "rrrrrr"),
	ROW(kmem_cache_refill_sheaf, "rrrrrr"),
	ROW(kmem_cache_alloc_from_sheaf, "rrrrrr"),
	ROW(kmem_cache_return_sheaf, "rrrrrr"),
	ROW(kmem_cache_sheaf_size, "q-----"),
	ROW(kvfree_rcu_barrier_on_cache, "qqqqqq"),
	ROW(kmem_cache_validate, "rrrrrr"),
	ROW(kmem_cache_errors, "rrrrrr"),
	ROW(kmem_valid_obj, "qqqqqq"),
	ROW(kmem_dump_obj, "qqq--q"),

	ROW(kfree, "qrr--r"),
	ROW(kfree_nolock, "qrr--r"),
	ROW(kfree_sensitive, "qrr--r"),
	ROW(kfree_bulk, "qrr--r"),
	ROW(kvfree, "qrr--r"),
	ROW(kvfree_sensitive, "qrr--r"),
	ROW(kvfree_call_rcu, "qrr--r"),
	ROW(ksize, "qrrqqr"),
	ROW(krealloc, "qrr--r"),
	ROW(krealloc_array, "qrr--r"),
	ROW(krealloc_node_align, "qrr--r"),
	ROW(kvrealloc_node_align, "qrr--r"),
	ROW(kvrealloc, "qrr--r"),
	ROW(is_vmalloc_addr, "qqqqqq"),
	ROW(__virt_addr_valid, "qqqqqq"),
	ROW(kvfree_atomic, "qrr--r"),
	ROW(vfree, "qrrrrr"),
	ROW(vfree_atomic, "qrrrrr"),
	ROW(vrealloc, "qrrrrr"),
	ROW(vrealloc_node_align, "qrrrrr"),
	ROW(vunmap, "qrrrrr"),
	ROW(vm_unmap_ram, "qrrrrr"),
	ROW(vmap, "qqqqqq"),
	ROW(vmap_pfn, "q-q---"),
	ROW(vm_map_ram, "qqqqqq"),
	ROW(vmalloc_to_page, "qqqqqq"),
	ROW(vmalloc_to_pfn, "qqqqqq"),
	ROW(find_vm_area, "qqqqqq"),
	ROW(free_contig_range, "rrrrrr"),
	ROW(free_contig_frozen_range, "rrrrrr"),
	ROW(alloc_contig_range, "qqqqqq"),
	ROW(alloc_contig_frozen_range, "qqqqqq"),

	ROW(mempool_init, "r-----"),
	ROW(mempool_exit, "rFq--F"),
	ROW(mempool_destroy, "qF---F"),
	ROW(mempool_resize, "rFr--F"),
	ROW(mempool_resize_gfp, "rFr--F"),
	ROW(mempool_alloc, "FF---F"),
	ROW(mempool_alloc_preallocated, "rFr--F"),
	ROW(mempool_alloc_bulk, "rFr--F"),
	ROW(mempool_free, "FF---F"),
	ROW(mempool_free_null, "qqqqqq"),
	ROW(mempool_free_bulk, "rFr--F"),

	ROW(__free_pages, "rrrrrr"),
	ROW(free_pages_nolock, "rrrrrr"),
	ROW(put_page, "rrrrrr"),
	ROW(split_page, "rrrrrr"),
	ROW(free_pages_bulk, "rrrrrr"),
	ROW(release_pages, "rrrrrr"),
	ROW(put_pages_list, "r-----"),
	ROW(free_pages, "qrrrrr"),
	ROW(free_pages_exact, "qrrrrr"),

	ROW(shrinker_register, "rrrrrr"),
	ROW(shrinker_free, "qrrrrr"),
	ROW(remove_shrinker, "qrrrrr"),
	ROW(register_shrinker, "r-rr--"),
	ROW(kmem_register_shrinker_unnamed, "r-rr--"),
	ROW(prealloc_shrinker, "r-----"),
	ROW(kmem_prealloc_shrinker_unnamed, "r-----"),
	ROW(register_shrinker_prepared, "r-rr--"),
	ROW(free_prealloced_shrinker, "q-q---"),
	ROW(unregister_shrinker, "qqqqqq"),
	ROW(register_oom_notifier, "r-rr--"),
	ROW(unregister_oom_notifier, "qqqqqq"),

	ROW(gen_pool_destroy, "rrrrrr"),
	ROW(gen_pool_add_owner, "rrrrrr"),
	ROW(gen_pool_alloc_algo_owner, "rrrrrr"),
	ROW(gen_pool_free_owner, "rrrrrr"),
	ROW(gen_pool_dma_alloc, "qrrrrr"),
	ROW(gen_pool_dma_alloc_algo, "qrrrrr"),
	ROW(gen_pool_dma_alloc_align, "qrrrrr"),
	ROW(gen_pool_dma_zalloc, "qrrrrr"),
	ROW(gen_pool_dma_zalloc_algo, "qrrrrr"),
	ROW(gen_pool_dma_zalloc_align, "qrrrrr"),
	ROW(gen_pool_set_algo, "rrrrrr"),
	ROW(gen_pool_virt_to_phys, "rrrrrr"),
	ROW(gen_pool_avail, "rrrrrr"),
	ROW(gen_pool_size, "rrrrrr"),
	ROW(gen_pool_has_addr, "rrrrrr"),
	ROW(gen_pool_for_each_chunk, "rrrrrr"),
	ROW(dma_pool_destroy, "qrrrrr"),
	ROW(dma_pool_alloc, "rrrrrr"),
	ROW(dma_pool_free, "rrrrrr"),
	ROW(dmam_pool_destroy, "rrrrrr"),
	ROW(dma_free_attrs, "qrrrrr"),
	ROW(dmam_free_coherent, "rrrrrr"),
	ROW(dma_map_single, "qqq--q"),
	ROW(dma_map_page, "qqqqqq"),
	ROW(devres_free, "qrrrrr"),
	ROW(devres_add, "rrrrrr"),
	ROW(devm_kfree, "qrrrrr"),
	ROW(devm_krealloc, "qrrrrr"),
	ROW(devm_free_pages, "rrrrrr"),
	ROW(page_frag_free, "rrr--r"),
	ROW(__page_frag_cache_drain, "rrrrrr"),
	ROW(memblock_free, "qrr--r"),
	ROW(memblock_phys_free, "rrrrrr"),

	ROW(free_percpu, "qrrrrr"),
	ROW(pcpu_alloc_size, "qqqqqq"),
	ROW(is_kernel_percpu_address, "qqqqqq"),
	ROW(is_kfence_address, "qqqqqq"),

	ROW(kmemleak_alloc, "qqqqqq"),
	ROW(kmemleak_free, "qqqqqq"),
	ROW(kmemleak_ignore, "qqqqqq"),
	ROW(kmemleak_no_scan, "qqqqqq"),
	ROW(kmemleak_not_leak, "qqqqqq"),
	ROW(kmemleak_update_trace, "qqqqqq"),
};

/* Exported, and given nothing of the library's. */
static const char *const others[] = {
	"__alloc_percpu*", "__percpu_counter_*", "cpu_online", "cpus_online",
	"kmem_kfence_*", "nr_cpu_ids", "pcpu_alloc_noprof", "pcpu_nr_pages",
	"percpu_*", "want_init_on_*",
	"__cant_sleep", "__folio_alloc_node", "__get_free_pages", "__kmalloc_node_track_caller",
	"__kmem_cache_create_args", "__kmem_cache_default_args",
	"__might_sleep", "__vcalloc", "__vmalloc*",
	"alloc_contig_pages", "alloc_contig_frozen_pages", "alloc_pages*", "called_*", "current_gfp_context",
	"__alloc_bootmem*", "__memblock_alloc_or_panic",
	"__page_frag_alloc_align", "dev_set_name", "devm_add_action",
	"devm_gen_pool_create", "devm_get_free_pages", "devm_is_action_added",
	"devm_kasprintf", "devm_kmalloc", "devm_kmemdup", "devm_kstrdup",
	"devm_kvasprintf", "devm_release_action", "devm_remove_action*",
	"devres_alloc_node", "devres_destroy", "devres_find",
	"devres_release*", "devres_remove", "dma_alloc_attrs", "dma_get_mask",
	"dma_pool_create_node", "dma_set_*", "dmam_alloc_attrs",
	"dmam_pool_create", "gen_pool_best_fit", "gen_pool_create",
	"gen_pool_first_fit*", "gen_pool_fixed_alloc", "gen_pool_get",
	"kmem_dev_name", "kmem_dma_pools", "memblock_alloc_try_nid*",
	"memblock_phys_alloc_range", "page_frag_cache_drain",
	"page_frag_cache_is_pfmemalloc",
	"drain_all_pages", "drain_local_pages", "fs_reclaim_*",
	"folio_alloc", "get_zeroed_page", "gfp_*", "inline_*", "kasprintf", "kcalloc*", "kmalloc*",
	"alloc_tag_*", "kmem_allocinfo", "kmem_mem_profiling_set", "mem_profiling",
	"kmem_backend", "kmem_buckets_*", "kmem_cache_create*", "kmem_confined",
	"kmem_fail_*", "kmem_fault_*", "kmem_for_each_*", "kmem_init",
	"kmem_make_it_fail",
	"kmem_mem_map", "kmem_page_offset", "kmem_raw_thread",
	"kmem_reserve*", "kmem_rt_thread", "kmem_shrinkers", "kmem_slabinfo",
	"kmem_test_*",
	"kmem_trim", "kmem_validate", "kmem_version", "kmem_vmallocinfo",
	"kmem_zero_page",
	"kmem_zoneinfo", "kmemdup*", "kstrdup*", "kstrndup", "kvasprintf",
	"kvcalloc*", "kvfree_rcu_barrier", "kvmalloc*", "kvmemdup", "kvzalloc*",
	"kzalloc*", "memalloc_*", "memchr_inv", "memdup_user*",
	"mempool_alloc_pages", "mempool_alloc_slab", "mempool_create*",
	"mempool_free_pages", "mempool_free_slab", "mempool_init_node",
	"mempool_kfree", "mempool_kmalloc", "mempool_kv*", "might_alloc", "mm_account_reclaimed_pages",
	"non_block_*", "nr_free_*", "pool_*", "preempt_*", "rseq_*",
	"set_shrinker", "shrinker_alloc", "si_mem_available",
	"slab_is_available", "strndup_user", "totalram_pages",
	"try_alloc_pages", "vcalloc", "vm_unmap_aliases", "vmalloc*",
	"vmemdup_user", "vzalloc*",
};
/* clang-format on */

/* --- one call in a child -------------------------------------------------- */

static void still_whole(void)
{
	void *p = kmem_cache_alloc(cache, GFP_KERNEL);
	void *q = kmalloc(64, GFP_KERNEL);

	if (!p || !q)
		_exit(2);
	kmem_cache_free(cache, p);
	kfree(q);
	if (!kmem_validate())
		_exit(3);
}

/* What a child wrote, in text; its wait status. */
static int in_child(const struct row *row, enum kind kind, char *text,
		    size_t size)
{
	int ends[2], status;
	size_t n = 0;
	ssize_t got;
	pid_t pid;

	if (pipe(ends))
		return -1;
	pid = fork();
	if (!pid) {
		void *p = pointer(kind);

		dup2(ends[1], STDERR_FILENO);
		row->call(p);
		still_whole();
		_exit(0);
	}
	close(ends[1]);
	while (n < size - 1 &&
	       (got = read(ends[0], text + n, size - 1 - n)) > 0)
		n += (size_t)got;
	text[n] = 0;
	close(ends[0]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}

static bool is_report(const char *text)
{
	return strstr(text, "WARNING: CPU: ") || strstr(text, "BUG: ") ||
	       strstr(text, "BUG ");
}

static void calls_with_nonsense(struct kunit *test)
{
	char text[8192];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct row *r = &rows[i];

		for (enum kind k = 0; k < KINDS; k++) {
			char want = r->outcome[k];
			int status, ok;

			if (want == '-')
				continue;
			status = in_child(r, k, text, sizeof(text));
			/* sanitizers turn the fault into a status */
			ok = want == 'F' ? status != 0 :
			     want == 'r' ? !status && is_report(text) :
					   !status && !text[0];
			if (!ok)
				kunit_err(test,
					  "%s of %s: want %c, status %#x: %s",
					  r->name, kind_name[k], want,
					  (unsigned int)status, text);
			KUNIT_EXPECT_TRUE(test, ok);
		}
	}
}

/* --- is every call in the table? ------------------------------------------ */

static bool is_other(const char *name)
{
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		size_t n = strcspn(others[i], "*");

		if (!strncmp(name, others[i], n) &&
		    (others[i][n] == '*' || !name[n]))
			return true;
	}
	return false;
}

static bool has_row(const char *name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (!strcmp(rows[i].name, name))
			return true;
	return false;
}

static void table_is_complete(struct kunit *test)
{
	char path[4096], line[512], command[4200];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	unsigned int seen = 0;
	FILE *f;

	KUNIT_ASSERT_GT(test, n, 0);
	path[n] = 0;
	*strrchr(path, '/') = 0;
	snprintf(command, sizeof(command),
		 "nm -D --defined-only '%s/libkmem.so.0' 2>/dev/null", path);
	f = popen(command, "r");
	KUNIT_ASSERT_NOT_NULL(test, f);
	while (fgets(line, sizeof(line), f)) {
		char *name = strstr(line, " kmem_");

		if (!name)
			continue;
		name[strcspn(name, "@\n")] = 0;
		name += strlen(" kmem_");
		seen++;
		if (has_row(name) || is_other(name))
			continue;
		/* our own calls have the prefix twice: kmem_kmem_trim */
		if (!strncmp(name, "register_shrinker_unn", 21) ||
		    !strncmp(name, "prealloc_shrinker_unn", 21))
			continue;
		KUNIT_EXPECT_TRUE(test, false);
		kunit_err(test, "%s has no row here", name);
	}
	pclose(f);
	if (!seen)
		kunit_skip(test, "nm or the shared library is not there");
}

static int make(struct kunit *test)
{
	(void)test;
	cache = kmem_cache_create("nonsense", 64, 0, 0, NULL);
	block = kmalloc(128, GFP_KERNEL);
	return !cache || !block;
}

static void unmake(struct kunit *test)
{
	(void)test;
	kfree(block);
	kmem_cache_destroy(cache);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(calls_with_nonsense),
	KUNIT_CASE(table_is_complete),
	{},
};
static struct kunit_suite suite = {
	.name = "nonsense",
	.init = make,
	.exit = unmake,
	.test_cases = cases,
};
kunit_test_suite(suite);
