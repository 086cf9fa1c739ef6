/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The caller's flags travel: every public call with a mask is made when memory
 * is out, with GFP_NOFS, GFP_NOIO, GFP_NOWAIT, GFP_ATOMIC and in each scope;
 * what shrinkers, notifiers and pools' functions are told is no more than the
 * caller said, and a request that must not block calls no callback and makes no
 * system call.
 *
 * scripts/check-gfp-calls.py compares the two lists with the headers: a call
 * that is not here fails there.
 */
#include <stdarg.h>
#include <string.h>

#include <kmem/kmem.h>
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/dmapool.h>
#include <linux/genalloc.h>
#include <linux/gfp.h>
#include <linux/memblock.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/oom.h>
#include <linux/percpu.h>
#include <linux/percpu_counter.h>
#include <linux/sched/mm.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "context/guard.h"
#include "kunit/test.h"

#define SECONDS 200
/* Times that a call is made: more than its cache has ready. */
#define TIMES 24
#define LONG 5000 /* bytes: whole pages, for what is usually small */
#define HUGE_BYTES (6ul << 20)

/* --- what others are told ------------------------------------------------- */

static const char *now;   /* the call */
static gfp_t forbidden;   /* bits that nobody may be told */
static bool nobody_asked; /* no shrinker and no notifier may be called */
static unsigned long asked, asked_fs;

static void told(const char *who, gfp_t gfp)
{
	if (gfp & forbidden)
		world_wrong("%s: %s was told %#x", now, who,
			    (unsigned int)(gfp & forbidden));
}

static unsigned long count(struct shrinker *s, struct shrink_control *sc)
{
	(void)s;
	asked++;
	asked_fs += (sc->gfp_mask & __GFP_FS) != 0;
	told("a shrinker", sc->gfp_mask);
	if (nobody_asked)
		world_wrong("%s: a shrinker was called", now);
	return 1000;
}

static unsigned long scan(struct shrinker *s, struct shrink_control *sc)
{
	(void)s;
	told("a shrinker", sc->gfp_mask);
	return SHRINK_STOP;
}

static int on_oom(struct notifier_block *nb, unsigned long action, void *data)
{
	(void)nb;
	(void)action;
	(void)data;
	/* it may do anything */
	told("a notifier", __GFP_IO | __GFP_FS);
	if (nobody_asked)
		world_wrong("%s: a notifier was called", now);
	return NOTIFY_OK;
}

static void *element(gfp_t gfp, void *data)
{
	told("a pool's function", gfp);
	return kmalloc((size_t)(uintptr_t)data, gfp);
}

static void element_free(void *p, void *data)
{
	(void)data;
	kfree(p);
}

static struct notifier_block notifier = { .notifier_call = on_oom };
static struct kmem_cache *cache;
static kmem_buckets *set;
static mempool_t *pool, *grown;
static struct device device = { .init_name = "flags" };
static struct dma_pool *dma_pool;
static struct page_frag_cache frags;

/* --- the calls ------------------------------------------------------------ */

/* How the result goes back. */
static void by_kfree(void *p)
{
	kfree(p);
}

static void by_kvfree(void *p)
{
	kvfree(p);
}

static void by_cache(void *p)
{
	kmem_cache_free(cache, p);
}

static void by_pool(void *p)
{
	mempool_free(p, pool);
}

static gfp_t sheaf_gfp;

static void by_sheaf(void *p)
{
	kmem_cache_return_sheaf(cache, sheaf_gfp, p);
}

static struct slab_sheaf *prefill(gfp_t gfp, unsigned int n)
{
	sheaf_gfp = gfp;
	return kmem_cache_prefill_sheaf(cache, gfp, n);
}

static void *refill(gfp_t gfp)
{
	struct slab_sheaf *sheaf = prefill(gfp, 1);

	if (sheaf)
		kmem_cache_refill_sheaf(cache, gfp, &sheaf, 600);
	return sheaf;
}

static void by_nolock(void *p)
{
	kfree_nolock(p);
}

static void by_page(void *p)
{
	__free_pages(p, 0);
}

static void by_pages(void *p)
{
	__free_pages(p, 3);
}

static void by_address(void *p)
{
	free_page((unsigned long)p);
}

static void by_addresses(void *p)
{
	free_pages((unsigned long)p, 3);
}

static void by_exact(void *p)
{
	free_pages_exact(p, 3 * PAGE_SIZE);
}

static void by_devm(void *p)
{
	devm_kfree(&device, p);
}

static void by_devm_pages(void *p)
{
	devm_free_pages(&device, (unsigned long)p);
}

static void by_devres(void *p)
{
	devres_free(p);
}

static void by_dma(void *p)
{
	dma_free_coherent(&device, 9000, p, virt_to_phys(p));
}

static void by_dmam(void *p)
{
	dmam_free_coherent(&device, 9000, p, virt_to_phys(p));
}

static void by_dma_pool(void *p)
{
	dma_pool_free(dma_pool, p, virt_to_phys(p));
}

static void by_frag(void *p)
{
	page_frag_free(p);
	page_frag_cache_drain(&frags);
}

static void by_destroy(void *p)
{
	mempool_destroy(p);
}

static void by_memblock(void *p)
{
	memblock_free(p, 100000);
}

static void by_genpool_destroy(void *p)
{
	gen_pool_destroy(p);
}

static void by_dma_pool_destroy(void *p)
{
	dma_pool_destroy(p);
}

static void by_percpu(void *p)
{
	free_percpu((void __percpu *)p);
}

static void by_cache_destroy(void *p)
{
	kmem_cache_destroy(p);
}

static void by_shrinker_free(void *p)
{
	shrinker_free(p);
}

static void *bulk_by_policy(gfp_t gfp)
{
	static struct page *pages[64];
	unsigned long n;

	memset(pages, 0, sizeof(pages));
	n = alloc_pages_bulk_mempolicy(gfp, 64, pages);
	free_pages_bulk(pages, n);
	return NULL;
}

static void *bulk(gfp_t gfp, bool array, bool node)
{
	static struct page *pages[64];
	unsigned long n;

	memset(pages, 0, sizeof(pages));
	if (array)
		n = node ? alloc_pages_bulk_array_node(gfp, 0, 64, pages) :
			   alloc_pages_bulk_array(gfp, 64, pages);
	else
		n = node ? alloc_pages_bulk_node(gfp, 0, 64, pages) :
			   alloc_pages_bulk(gfp, 64, pages);
	while (n--)
		__free_page(pages[n]);
	return NULL;
}

static void *cache_bulk(gfp_t gfp)
{
	void *objs[64];
	int n = kmem_cache_alloc_bulk(cache, gfp, 64, objs);

	if (n > 0)
		kmem_cache_free_bulk(cache, (size_t)n, objs);
	return NULL;
}

static const char *text(void)
{
	static char s[LONG];

	memset(s, 'x', sizeof(s) - 1);
	return s;
}

static char *vformat(gfp_t gfp, bool is_const, const char *fmt, ...)
{
	const char *p;
	va_list args;

	va_start(args, fmt);
	p = is_const ? kvasprintf_const(gfp, fmt, args) :
		       kvasprintf(gfp, fmt, args);
	va_end(args);
	return (char *)(uintptr_t)p;
}

static char *devm_vformat(gfp_t gfp, const char *fmt, ...)
{
	va_list args;
	char *p;

	va_start(args, fmt);
	p = devm_kvasprintf(&device, gfp, fmt, args);
	va_end(args);
	return p;
}

static void *devm_grow(gfp_t gfp, bool array)
{
	void *p = devm_kmalloc(&device, 100, gfp), *bigger;

	if (!p)
		return NULL;
	bigger = array ? devm_krealloc_array(&device, p, 9, 1000, gfp) :
			 devm_krealloc(&device, p, 9000, gfp);
	if (!bigger)
		devm_kfree(&device, p);
	return bigger;
}

static void *grow(void *p, void *bigger)
{
	if (!bigger)
		kvfree(p);
	return bigger;
}

static void *realloc_of(gfp_t gfp, unsigned int how)
{
	void *p = kvmalloc(100, gfp);

	if (!p)
		return NULL;
	if (how == 0)
		return grow(p, krealloc(p, 9000, gfp));
	if (how == 1)
		return grow(p, krealloc_array(p, 9, 1000, gfp));
	if (how == 2)
		return grow(p, kvrealloc_sized(p, 100, HUGE_BYTES, gfp));
	if (how == 4)
		return grow(p, krealloc_node_align(p, 9000, 64, gfp, 0));
	if (how == 5)
		return grow(p, kvrealloc_node_align(p, HUGE_BYTES, 64, gfp, 0));
	return grow(p, kvrealloc(p, HUGE_BYTES, gfp));
}

static void by_vfree(void *p)
{
	vfree_atomic(p);
}

static void *vrealloc_of(gfp_t gfp, unsigned int how)
{
	void *p = (__vmalloc)(9000, gfp), *bigger;

	if (!p)
		return NULL;
	if (how == 0)
		bigger = vrealloc(p, HUGE_BYTES, gfp);
	else if (how == 1)
		bigger = vrealloc_node(p, HUGE_BYTES, gfp, 0);
	else
		bigger = vrealloc_node_align(p, 30000, 4096, gfp, 0);
	if (!bigger)
		vfree(p);
	return bigger;
}

static void by_contig(void *p)
{
	for (int i = 0; i < 5; i++)
		__free_page((struct page *)p + i);
}

static void by_frozen(void *p)
{
	for (int i = 0; i < 5; i++)
		init_page_count((struct page *)p + i);
	by_contig(p);
}

/* A page that was free a moment ago; nothing is kept. */
static void *contig_range(gfp_t gfp, bool frozen)
{
	struct page *page = alloc_page(gfp);
	unsigned long pfn;

	if (!page)
		return NULL;
	pfn = page_to_pfn(page);
	__free_page(page);
	if (frozen) {
		if (!alloc_contig_frozen_range(pfn, pfn + 1, 0, gfp))
			free_contig_frozen_range(pfn, 1);
	} else if (!alloc_contig_range(pfn, pfn + 1, 0, gfp)) {
		free_contig_range(pfn, 1);
	}
	return NULL;
}

static void *init_pool(gfp_t gfp)
{
	static mempool_t in_place;

	if (!mempool_init_node(&in_place, 4, element, element_free,
			       (void *)(uintptr_t)9000, gfp, NUMA_NO_NODE))
		mempool_exit(&in_place);
	return NULL;
}

static void *resize(gfp_t gfp, bool old)
{
	if (old)
		mempool_resize(grown, 8, gfp);
	else
		mempool_resize_gfp(grown, 8, gfp);
	mempool_resize_gfp(grown, 2, gfp);
	return NULL;
}

static void *counters(gfp_t gfp)
{
	static struct percpu_counter many[4000];

	percpu_counter_init_many(many, 0, gfp, 4000);
	return (void *)(uintptr_t)many[0].counters;
}

#define SIZED(n) ((void *)(uintptr_t)(n))

/* clang-format off */
#define CALLS(X) \
	X(kmalloc, by_kfree, kmalloc(9000, gfp)) \
	X(kzalloc, by_kfree, kzalloc(9000, gfp)) \
	X(kcalloc, by_kfree, kcalloc(9, 1000, gfp)) \
	X(kmalloc_array, by_kfree, kmalloc_array(9, 1000, gfp)) \
	X(kmalloc_node, by_kfree, kmalloc_node(9000, gfp, 0)) \
	X(kzalloc_node, by_kfree, kzalloc_node(9000, gfp, 0)) \
	X(kcalloc_node, by_kfree, kcalloc_node(9, 1000, gfp, 0)) \
	X(kmalloc_array_node, by_kfree, kmalloc_array_node(9, 1000, gfp, 0)) \
	X(__kmalloc_node_track_caller, by_kfree, \
	  kmalloc_node_track_caller(9000, gfp, 0)) \
	X(krealloc, by_kfree, realloc_of(gfp, 0)) \
	X(krealloc_array, by_kfree, realloc_of(gfp, 1)) \
	X(kvmalloc, by_kvfree, kvmalloc(HUGE_BYTES, gfp)) \
	X(kvzalloc, by_kvfree, kvzalloc(HUGE_BYTES, gfp)) \
	X(kvcalloc, by_kvfree, kvcalloc(6, 1u << 20, gfp)) \
	X(kvmalloc_array, by_kvfree, kvmalloc_array(6, 1u << 20, gfp)) \
	X(kvmalloc_node, by_kvfree, kvmalloc_node(300000, gfp, 0)) \
	X(kvzalloc_node, by_kvfree, kvzalloc_node(HUGE_BYTES, gfp, 0)) \
	X(kvcalloc_node, by_kvfree, kvcalloc_node(6, 1u << 20, gfp, 0)) \
	X(kvmalloc_array_node, by_kvfree, \
	  kvmalloc_array_node(6, 1u << 20, gfp, 0)) \
	X(kvrealloc, by_kvfree, realloc_of(gfp, 3)) \
	X(kvrealloc_sized, by_kvfree, realloc_of(gfp, 2)) \
	X(krealloc_node_align, by_kfree, realloc_of(gfp, 4)) \
	X(kvrealloc_node_align, by_kvfree, realloc_of(gfp, 5)) \
	X(kvmalloc_node_align, by_kvfree, \
	  kvmalloc_node_align(HUGE_BYTES, 1 << 16, gfp, 0)) \
	X(kmem_buckets_alloc, by_kfree, kmem_buckets_alloc(set, 5000, gfp)) \
	X(kmem_buckets_valloc, by_kvfree, \
	  kmem_buckets_valloc(set, HUGE_BYTES, gfp)) \
	X(kmem_cache_prefill_sheaf, by_sheaf, prefill(gfp, 600)) \
	X(kmem_cache_refill_sheaf, by_sheaf, refill(gfp)) \
	X(kmem_cache_return_sheaf, by_sheaf, prefill(gfp, 1)) \
	X(__vmalloc, by_vfree, (__vmalloc)(HUGE_BYTES, gfp)) \
	X(__vmalloc_node, by_vfree, \
	  __vmalloc_node(300000, 1, gfp, NUMA_NO_NODE, NULL)) \
	X(__vmalloc_array, by_vfree, __vmalloc_array(9, 1000, gfp)) \
	X(__vcalloc, by_vfree, __vcalloc(6, 1u << 20, gfp)) \
	X(vmalloc_huge, by_vfree, vmalloc_huge(HUGE_BYTES, gfp)) \
	X(vmalloc_huge_node, by_vfree, vmalloc_huge_node(9000, gfp, 0)) \
	X(vrealloc, by_vfree, vrealloc_of(gfp, 0)) \
	X(vrealloc_node, by_vfree, vrealloc_of(gfp, 1)) \
	X(vrealloc_node_align, by_vfree, vrealloc_of(gfp, 2)) \
	X(alloc_contig_pages, by_contig, alloc_contig_pages(5, gfp, 0, NULL)) \
	X(alloc_contig_frozen_pages, by_frozen, \
	  alloc_contig_frozen_pages(5, gfp, 0, NULL)) \
	X(alloc_contig_range, by_page, contig_range(gfp, false)) \
	X(alloc_contig_frozen_range, by_page, contig_range(gfp, true)) \
	X(kvmemdup, by_kvfree, kvmemdup(text(), LONG, gfp)) \
	X(kmemdup, by_kfree, kmemdup(text(), LONG, gfp)) \
	X(kmemdup_array, by_kfree, kmemdup_array(text(), 5, 1000, gfp)) \
	X(kmemdup_nul, by_kfree, kmemdup_nul(text(), LONG - 1, gfp)) \
	X(kstrdup, by_kfree, kstrdup(text(), gfp)) \
	X(kstrdup_const, by_kfree, kstrdup_const(text(), gfp)) \
	X(kstrndup, by_kfree, kstrndup(text(), LONG, gfp)) \
	X(kasprintf, by_kfree, kasprintf(gfp, "%s!", text())) \
	X(kasprintf_const, by_kfree, kasprintf_const(gfp, "%s!", text())) \
	X(kvasprintf, by_kfree, vformat(gfp, false, "%s!", text())) \
	X(kvasprintf_const, by_kfree, vformat(gfp, true, "%s!", text())) \
	X(kmem_cache_alloc, by_cache, kmem_cache_alloc(cache, gfp)) \
	X(kmem_cache_zalloc, by_cache, kmem_cache_zalloc(cache, gfp)) \
	X(kmem_cache_alloc_node, by_cache, \
	  kmem_cache_alloc_node(cache, gfp, 0)) \
	X(kmem_cache_alloc_lru, by_cache, \
	  kmem_cache_alloc_lru(cache, NULL, gfp)) \
	X(kmem_cache_alloc_bulk, by_cache, cache_bulk(gfp)) \
	X(alloc_page, by_page, alloc_page(gfp)) \
	X(alloc_pages, by_pages, alloc_pages(gfp, 3)) \
	X(alloc_pages_node, by_pages, alloc_pages_node(0, gfp, 3)) \
	X(__get_free_page, by_address, __get_free_page(gfp)) \
	X(__get_free_pages, by_addresses, __get_free_pages(gfp, 3)) \
	X(get_free_pages, by_addresses, get_free_pages_noprof(gfp, 3)) \
	X(get_zeroed_page, by_address, get_zeroed_page(gfp)) \
	X(__get_dma_pages, by_addresses, __get_dma_pages(gfp, 3)) \
	X(alloc_pages_exact, by_exact, \
	  alloc_pages_exact(3 * PAGE_SIZE, gfp)) \
	X(alloc_pages_exact_nid, by_exact, \
	  alloc_pages_exact_nid(0, 3 * PAGE_SIZE, gfp)) \
	X(alloc_pages_bulk, by_page, bulk(gfp, false, false)) \
	X(alloc_pages_bulk_node, by_page, bulk(gfp, false, true)) \
	X(alloc_pages_bulk_array, by_page, bulk(gfp, true, false)) \
	X(alloc_pages_bulk_array_node, by_page, bulk(gfp, true, true)) \
	X(alloc_pages_bulk_mempolicy, by_page, bulk_by_policy(gfp)) \
	X(alloc_pages_mpol, by_pages, \
	  alloc_pages_mpol(gfp, 3, NULL, 0, NUMA_NO_NODE)) \
	X(alloc_page_vma, by_page, alloc_page_vma(gfp, NULL, 0)) \
	X(folio_alloc, by_pages, folio_alloc(gfp, 3)) \
	X(__folio_alloc_node, by_pages, __folio_alloc_node(gfp, 3, 0)) \
	X(__folio_alloc, by_pages, __folio_alloc(gfp, 3, 0, NULL)) \
	X(vma_alloc_folio, by_pages, vma_alloc_folio(gfp, 3, NULL, 0)) \
	X(__page_frag_alloc_align, by_frag, \
	  __page_frag_alloc_align(&frags, 4000, gfp, -64u)) \
	X(page_frag_alloc, by_frag, page_frag_alloc(&frags, 4000, gfp)) \
	X(page_frag_alloc_align, by_frag, \
	  page_frag_alloc_align(&frags, 4000, gfp, 64)) \
	X(devm_kmalloc, by_devm, devm_kmalloc(&device, 9000, gfp)) \
	X(devm_kzalloc, by_devm, devm_kzalloc(&device, 9000, gfp)) \
	X(devm_kcalloc, by_devm, devm_kcalloc(&device, 9, 1000, gfp)) \
	X(devm_kmalloc_array, by_devm, \
	  devm_kmalloc_array(&device, 9, 1000, gfp)) \
	X(devm_krealloc, by_devm, devm_grow(gfp, false)) \
	X(devm_krealloc_array, by_devm, devm_grow(gfp, true)) \
	X(devm_kmemdup, by_devm, devm_kmemdup(&device, text(), LONG, gfp)) \
	X(devm_kstrdup, by_devm, devm_kstrdup(&device, text(), gfp)) \
	X(devm_kstrdup_const, by_devm, \
	  devm_kstrdup_const(&device, text(), gfp)) \
	X(devm_kasprintf, by_devm, \
	  devm_kasprintf(&device, gfp, "%s!", text())) \
	X(devm_kvasprintf, by_devm, devm_vformat(gfp, "%s!", text())) \
	X(devm_get_free_pages, by_devm_pages, \
	  devm_get_free_pages(&device, gfp, 3)) \
	X(devres_alloc, by_devres, devres_alloc(NULL, 9000, gfp)) \
	X(devres_alloc_node, by_devres, \
	  devres_alloc_node(NULL, 9000, gfp, 0)) \
	X(dma_alloc_attrs, by_dma, \
	  dma_alloc_attrs(&device, 9000, NULL, gfp, 0)) \
	X(dma_alloc_coherent, by_dma, \
	  dma_alloc_coherent(&device, 9000, NULL, gfp)) \
	X(dma_zalloc_coherent, by_dma, \
	  dma_zalloc_coherent(&device, 9000, NULL, gfp)) \
	X(dmam_alloc_attrs, by_dmam, \
	  dmam_alloc_attrs(&device, 9000, NULL, gfp, 0)) \
	X(dmam_alloc_coherent, by_dmam, \
	  dmam_alloc_coherent(&device, 9000, NULL, gfp)) \
	X(dma_pool_alloc, by_dma_pool, dma_pool_alloc(dma_pool, gfp, NULL)) \
	X(dma_pool_zalloc, by_dma_pool, \
	  dma_pool_zalloc(dma_pool, gfp, NULL)) \
	X(mempool_alloc, by_pool, mempool_alloc(pool, gfp)) \
	X(mempool_alloc_slab, by_cache, mempool_alloc_slab(gfp, cache)) \
	X(mempool_alloc_pages, by_pages, mempool_alloc_pages(gfp, SIZED(3))) \
	X(mempool_kmalloc, by_kfree, mempool_kmalloc(gfp, SIZED(9000))) \
	X(mempool_kvmalloc, by_kvfree, \
	  mempool_kvmalloc(gfp, SIZED(HUGE_BYTES))) \
	X(mempool_create_node, by_destroy, \
	  mempool_create_node(4, element, element_free, SIZED(9000), gfp, \
			      NUMA_NO_NODE)) \
	X(mempool_init_node, by_destroy, init_pool(gfp)) \
	X(mempool_resize, by_destroy, resize(gfp, true)) \
	X(mempool_resize_gfp, by_destroy, resize(gfp, false)) \
	X(__alloc_percpu_gfp, by_percpu, __alloc_percpu_gfp(20000, 8, gfp)) \
	X(percpu_counter_init_many, by_percpu, counters(gfp)) \
	X(pcpu_alloc, by_percpu, pcpu_alloc_noprof(20000, 8, false, gfp)) \
	X(kmalloc_nolock, by_nolock, \
	  kmalloc_nolock(5000, gfp & __GFP_ZERO, NUMA_NO_NODE)) \
	X(alloc_pages_nolock, by_page, \
	  alloc_pages_nolock(gfp & __GFP_ZERO, NUMA_NO_NODE, 0))

/* Without a mask: what they may do is what the scope says. */
#define SCOPED(X) \
	X(memblock_alloc, by_memblock, memblock_alloc(100000, 0)) \
	X(gen_pool_create, by_genpool_destroy, \
	  gen_pool_create(3, NUMA_NO_NODE)) \
	X(dma_pool_create, by_dma_pool_destroy, \
	  dma_pool_create("scoped", &device, 64, 0, 0)) \
	X(kmem_cache_create, by_cache_destroy, \
	  kmem_cache_create("flags-made", 300, 0, 0, NULL)) \
	X(mempool_create, by_destroy, \
	  mempool_create(4, element, element_free, SIZED(9000))) \
	X(shrinker_alloc, by_shrinker_free, shrinker_alloc(0, "%s", text())) \
	X(kmem_trim, by_kfree, (kmem_trim(), NULL))

/* These have a mask and allocate nothing. */
#define ASKS(X) \
	X(current_gfp_context) X(fs_reclaim_acquire) X(fs_reclaim_release) \
	X(gfp_has_io_fs) X(gfp_nested_mask) X(gfpflags_allow_blocking) \
	X(gfpflags_allow_spinning) X(kmem_cache_charge) \
	X(memalloc_apply_gfp_scope) X(memalloc_retry_wait) X(might_alloc) \
	X(mempool_alloc_t) X(gfp_compaction_allowed) X(gfp_has_flags) \
	X(gfp_migratetype) X(gfp_pfmemalloc_allowed) X(gfp_zone) \
	X(gfp_zonelist) X(want_init_on_alloc) \
	X(kmem_cache_alloc_from_sheaf) X(kmem_cache_fail_on) \
	X(kmemleak_alloc) X(kmemleak_alloc_percpu) X(kmemleak_alloc_phys) \
	X(kmemleak_alloc_recursive) X(kmemleak_scan_area) X(kmemleak_vmalloc) \
	X(percpu_ref_init)
/* clang-format on */

#define DEFINE_CALL(name, back, call)             \
	static void *make_##name(gfp_t gfp)       \
	{                                         \
		(void)gfp;                        \
		return (void *)(uintptr_t)(call); \
	}
CALLS(DEFINE_CALL)
SCOPED(DEFINE_CALL)

struct call {
	const char *name;
	void *(*make)(gfp_t gfp);
	void (*back)(void *p);
};

#define LIST_CALL(name, back, call) { #name, make_##name, back },
static const struct call calls[] = { CALLS(LIST_CALL) };
static const struct call scoped[] = { SCOPED(LIST_CALL) };
#define NR_CALLS (sizeof(calls) / sizeof(calls[0]))
#define NR_SCOPED (sizeof(scoped) / sizeof(scoped[0]))

static void make(const struct call *c, unsigned int times, gfp_t gfp)
{
	void *got[TIMES];
	unsigned int n = 0;

	now = c->name;
	while (n < times) {
		got[n] = c->make(gfp | __GFP_NOWARN);
		if (!got[n])
			break;
		n++;
	}
	while (n--)
		c->back(got[n]);
}

static void make_all(gfp_t gfp)
{
	for (unsigned int i = 0; i < NR_CALLS; i++)
		make(&calls[i], TIMES, gfp);
}

static void make_scoped(void)
{
	make_all(GFP_KERNEL);
	for (unsigned int i = 0; i < NR_SCOPED; i++)
		make(&scoped[i], 1, GFP_KERNEL);
}

/* --- when memory is out --------------------------------------------------- */

static void take_all_memory(void)
{
	gfp_t quiet = GFP_KERNEL | __GFP_NOWARN | __GFP_NORETRY;

	for (unsigned int order = 11; order-- > 0;)
		while (alloc_pages(quiet, order))
			;
}

static void begin(void)
{
	struct shrinker *s = shrinker_alloc(0, "flags");

	cache = kmem_cache_create("flags", 3000, 0, 0, NULL);
	set = kmem_buckets_create("flags", 0, 0, 0, NULL);
	pool = mempool_create(TIMES + 8, element, element_free, SIZED(9000));
	grown = mempool_create(2, element, element_free, SIZED(9000));
	s->count_objects = count;
	s->scan_objects = scan;
	dma_pool = dma_pool_create("flags", &device, 9000, 0, 0);
	/* each call has its caches and tables */
	make_all(GFP_KERNEL);
	/* and this none of the pages that it keeps */
	dma_pool_destroy(dma_pool);
	dma_pool = dma_pool_create("flags", &device, 9000, 0, 0);
	/* nor is any memory idle */
	kmem_trim();
	/* so that there are records of regions, and it is room that lacks */
	if (!kvmalloc(HUGE_BYTES, GFP_KERNEL))
		world_wrong("no region");
	shrinker_register(s);
	register_oom_notifier(&notifier);
	take_all_memory();
	asked = asked_fs = 0;
}

static bool asks_somebody(const char *name)
{
	/* per-CPU memory asks without __GFP_FS */
	return !strstr(name, "_nolock") && !strstr(name, "pcpu") &&
	       !strstr(name, "percpu") && strcmp(name, "mempool_alloc") != 0;
}

/*
 * Each of the calls needs memory, and the callbacks that it may call are
 * called.
 */
static void every_call_is_short(void)
{
	unsigned long before;

	begin();
	for (unsigned int i = 0; i < NR_CALLS; i++) {
		before = asked_fs;
		make(&calls[i], TIMES, GFP_KERNEL);
		/* a pool has its reserve, and these do without */
		if (asked_fs == before && asks_somebody(now))
			world_wrong("%s: nobody was asked", now);
	}
}

static void nofs_and_noio(void)
{
	begin();
	forbidden = __GFP_FS;
	make_all(GFP_NOFS);
	if (!asked)
		world_wrong("GFP_NOFS: nobody was asked");
	forbidden = __GFP_FS | __GFP_IO;
	make_all(GFP_NOIO);
	make_all(__GFP_DIRECT_RECLAIM);
}

static void in_scopes(void)
{
	unsigned int scope;

	begin();
	forbidden = __GFP_FS;
	scope = memalloc_nofs_save();
	make_scoped();
	memalloc_nofs_restore(scope);
	if (!asked)
		world_wrong("a NOFS scope: nobody was asked");
	forbidden = __GFP_FS | __GFP_IO;
	scope = memalloc_noio_save();
	make_scoped();
	memalloc_noio_restore(scope);
	forbidden = 0;
	nobody_asked = true;
	scope = memalloc_noreclaim_save();
	make_all(GFP_KERNEL);
	memalloc_noreclaim_restore(scope);
}

static void silent(void *arg)
{
	make_all(*(gfp_t *)arg);
}

static void without_blocking(void)
{
	gfp_t masks[] = { GFP_NOWAIT, GFP_ATOMIC, __GFP_HIGH, 0 };

	begin();
	nobody_asked = true;
	forbidden = __GFP_FS | __GFP_IO | __GFP_DIRECT_RECLAIM;
	for (unsigned int i = 0; i < 4 && !world_is_wrong(); i++)
		guard_run(silent, &masks[i]);
	if (world_is_wrong())
		world_note("the last call was %s", now);
}

/* --- cases ---------------------------------------------------------------- */

static void in_world(struct kunit *test, void (*fn)(void))
{
	world_run(test, "mem=24M,decay_ms=-1", SECONDS, fn);
}

static void every_call_needs_memory(struct kunit *test)
{
	in_world(test, every_call_is_short);
}

static void nofs_and_noio_are_told(struct kunit *test)
{
	in_world(test, nofs_and_noio);
}

static void scopes_are_told(struct kunit *test)
{
	in_world(test, in_scopes);
}

static void who_must_not_block_calls_nobody(struct kunit *test)
{
	in_world(test, without_blocking);
}

#define NAME(name) #name " "

static void lists_are_there(struct kunit *test)
{
	KUNIT_EXPECT_GT(test, sizeof(ASKS(NAME)), 1u);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(every_call_needs_memory),
	KUNIT_CASE(nofs_and_noio_are_told),
	KUNIT_CASE(scopes_are_told),
	KUNIT_CASE(who_must_not_block_calls_nobody),
	KUNIT_CASE(lists_are_there),
	{},
};

static struct kunit_suite suite = {
	.name = "flags",
	.test_cases = cases,
};

kunit_test_suite(suite);
