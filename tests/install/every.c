/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * One thing of every header, as C and as C++: USE(linux_slab_h) is what this
 * program uses of <linux/slab.h>.  test_installed.sh looks at what is
 * installed: a header without an include and a use here fails.
 */
#include <kmem/abi.h>
#include <kmem/compiler.h>
#include <kmem/contig.h>
#include <kmem/cpu.h>
#include <kmem/dialect.h>
#include <kmem/dma.h>
#include <kmem/fault.h>
#include <kmem/folio.h>
#include <kmem/hook.h>
#include <kmem/kmem.h>
#include <kmem/mixed.h>
#include <kmem/page.h>
#include <kmem/percpu.h>
#include <kmem/profiled_pages.h>
#include <kmem/profiled_percpu.h>
#include <kmem/profiled_pool.h>
#include <kmem/profiled_slab.h>
#include <kmem/profiled_vmalloc.h>
#include <kmem/published.h>
#include <kmem/reserve.h>
#include <kmem/scope.h>
#include <kmem/sequence.h>
#include <kmem/stats.h>
#include <kmem/string.h>
#include <kmem/test.h>
#include <kmem/torture.h>
#include <kmem/torture_area.h>
#include <kmem/typed.h>
#include <kmem/types.h>
#include <linux/alloc_tag.h>
#include <linux/bootmem.h>
#include <linux/cache.h>
#include <linux/cleanup.h>
#include <linux/compiler.h>
#include <linux/cpumask.h>
#include <linux/device.h>
#include <linux/device/devres.h>
#include <linux/dma-mapping.h>
#include <linux/dmapool.h>
#include <linux/err.h>
#include <linux/genalloc.h>
#include <linux/gfp.h>
#include <linux/gfp_types.h>
#include <linux/highmem.h>
#include <linux/kernel.h>
#include <linux/kfence.h>
#include <linux/kmemleak.h>
#include <linux/memblock.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/mm_types.h>
#include <linux/mmzone.h>
#include <linux/notifier.h>
#include <linux/numa.h>
#include <linux/oom.h>
#include <linux/overflow.h>
#include <linux/page_frag_cache.h>
#include <linux/percpu-defs.h>
#include <linux/percpu-refcount.h>
#include <linux/percpu.h>
#include <linux/percpu_counter.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/shrinker.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/types.h>
#include <linux/vmalloc.h>

#include <stdio.h>
#include <string.h>

/* The script makes a list of the uses, for main(), out of this file. */
#define USE(header) static bool use_##header(void)

struct thing {
	int n;
	int room[];
};

static int one = 1;

/* --- kmem/ */

KMEM_EXTERN_C_BEGIN
int every_named(void) KMEM_ABI(every_label);
KMEM_EXTERN_C_END

int every_named(void)
{
	return 42;
}

USE(kmem_abi_h)
{
	return every_named() == 42;
}

USE(kmem_compiler_h)
{
	KMEM_STATIC_ASSERT(sizeof(long) == 8, "64 bits");
	return true;
}

USE(kmem_contig_h)
{
	struct page *page = alloc_contig_pages(3, GFP_KERNEL, 0, NULL);

	if (page)
		free_contig_range(page_to_pfn(page), 3);
	return page != NULL;
}

USE(kmem_cpu_h)
{
	return kmem_nr_cpu_ids() > 0;
}

static void construct(void *obj)
{
	*(int *)obj = 7;
}

USE(kmem_dialect_h)
{
	kmem_cache_t *s = kmem_cache_create("every", 64, 0, 0, construct);
	int *p = (int *)kmem_cache_alloc_noprof(s, GFP_KERNEL);
	bool good = p && *p == 7;

	kmem_cache_free(s, p);
	return kmem_cache_destroy(s) == 0 && good;
}

USE(kmem_dma_h)
{
	return sizeof(kmem_phys_t) == 8;
}

USE(kmem_fault_h)
{
	struct kmem_fault_attr attr;

	kmem_fault_get(KMEM_FAILSLAB, &attr);
	return !attr.probability && !kmem_fail_nth_left();
}

USE(kmem_folio_h)
{
	struct folio *folio = folio_alloc(GFP_KERNEL, 1);
	bool good = folio && folio_nr_pages(folio) == 2;

	folio_put(folio);
	return good;
}

USE(kmem_hook_h)
{
	struct kmem_hook hook;

	memset(&hook, 0, sizeof(hook));
	return !hook.users;
}

USE(kmem_kmem_h)
{
	return kmem_init() == 0 && kmem_version() && kmem_validate();
}

USE(kmem_mixed_h)
{
	void *p = kmalloc(8, GFP_KERNEL);
	bool good = kmem_owns(p) && !kmem_owns(&p);

	kfree(p);
	return good;
}

USE(kmem_page_h)
{
	return PAGE_ALIGN(1ul) == PAGE_SIZE && get_order(PAGE_SIZE + 1) == 1;
}

USE(kmem_percpu_h)
{
	return KMEM_PERCPU_UNIT == 1ul << KMEM_PERCPU_SHIFT;
}

USE(kmem_published_h)
{
	return sizeof(struct kmem_pub_header) % KMEM_PUB_ALIGN == 0;
}

USE(kmem_reserve_h)
{
	return kmem_reserve_used(false) < (1ul << 40);
}

USE(kmem_scope_h)
{
	return (PF_MEMALLOC & PF_MEMALLOC_NOFS) == 0;
}

USE(kmem_sequence_h)
{
	return KMEM_SEQ_UNIT == 1ul << KMEM_SEQ_SHIFT;
}

USE(kmem_stats_h)
{
	return kmem_slabinfo(NULL, 0) > 0;
}

USE(kmem_string_h)
{
	char *s = kasprintf(GFP_KERNEL, "%d-%s", 42, "x");
	bool good = s && !strcmp(s, "42-x") && !memchr_inv("aaa", 'a', 3);

	kfree(s);
	return good;
}

/* Those of the kernel's tests are in the library of kmem-kernel. */
USE(kmem_test_h)
{
	struct kmem_test_limits none = { 0, 0, 0 };
	struct kmem_test_result got;
	bool good = !kmem_test_begin("every", &none);

	return good && !kmem_test_end(&got) && !got.leaks &&
	       sizeof(kmem_cache_nr_allocated(NULL)) == sizeof(int);
}

USE(kmem_torture_h)
{
	kmem_torture_begin();
	kmem_torture_end();
	return true;
}

USE(kmem_torture_area_h)
{
	return KMEM_TORTURE_FORK != KMEM_TORTURE_NTH;
}

USE(kmem_typed_h)
{
	struct thing *t = kzalloc_flex(*t, room, 3);
	bool good = t && !t->room[2];

	kfree(t);
	return good;
}

USE(kmem_types_h)
{
	gfp_t gfp = GFP_KERNEL;

	return gfp && NUMA_NO_NODE == -1;
}

/* --- linux/ */

USE(linux_bootmem_h)
{
	char *p = (char *)alloc_bootmem(100);
	bool good = p && !p[99];

	memblock_free(p, 100);
	return good;
}

USE(linux_cache_h)
{
	return L1_CACHE_ALIGN(1) == L1_CACHE_BYTES;
}

USE(linux_cleanup_h)
{
	void *kept __free(kfree) = kmalloc(8, GFP_KERNEL);
	void *p = no_free_ptr(kept);

	kfree(p);
	return p && !kept;
}

USE(linux_compiler_h)
{
	const char __user *text = "x";

	return text != NULL;
}

USE(linux_cpumask_h)
{
	return cpu_possible(0) && num_possible_cpus() > 0;
}

static struct device device;

USE(linux_device_h)
{
	return dev_set_name(&device, "dev%d", 1) == 0 &&
	       !strcmp(dev_name(&device), "dev1");
}

USE(linux_device_devres_h)
{
	void *p = devm_kmalloc(&device, 100, GFP_KERNEL);

	return p && devres_release_all(&device) >= 0;
}

USE(linux_dma_mapping_h)
{
	dma_addr_t at = 0;
	void *p = dma_alloc_coherent(&device, 4096, &at, GFP_KERNEL);

	dma_free_coherent(&device, 4096, p, at);
	return p != NULL;
}

USE(linux_dmapool_h)
{
	struct dma_pool *pool = dma_pool_create("every", &device, 64, 64, 0);
	dma_addr_t at = 0;
	void *p = dma_pool_alloc(pool, GFP_KERNEL, &at);

	dma_pool_free(pool, p, at);
	dma_pool_destroy(pool);
	return p != NULL;
}

USE(linux_err_h)
{
	return IS_ERR(ERR_PTR(-12)) && PTR_ERR(ERR_PTR(-12)) == -12;
}

USE(linux_genalloc_h)
{
	struct gen_pool *pool = gen_pool_create(4, NUMA_NO_NODE);
	unsigned long at;

	if (!pool || gen_pool_add(pool, 4096, 4096, NUMA_NO_NODE))
		return false;
	at = gen_pool_alloc(pool, 100);
	gen_pool_free(pool, at, 100);
	gen_pool_destroy(pool);
	return at == 4096;
}

USE(linux_gfp_h)
{
	unsigned long page = get_zeroed_page(GFP_KERNEL);

	free_page(page);
	return page != 0;
}

USE(linux_gfp_types_h)
{
	return (GFP_ATOMIC & __GFP_DIRECT_RECLAIM) == 0;
}

USE(linux_highmem_h)
{
	struct page *page = alloc_page(GFP_KERNEL);
	char byte = 1;

	memzero_page(page, 0, PAGE_SIZE);
	memcpy_from_page(&byte, page, 5, 1);
	__free_page(page);
	return !byte;
}

USE(linux_kernel_h)
{
	might_sleep();
	return true;
}

USE(linux_alloc_tag_h)
{
	return !mem_alloc_profiling_enabled();
}

USE(linux_kmemleak_h)
{
	void *p = &p;

	kmemleak_erase(&p);
	kmemleak_not_leak(p);
	return !p;
}

/* Without CONFIG_MEM_ALLOC_PROFILING the calls are the functions. */
USE(kmem_profiled_pages_h)
{
	unsigned long (*volatile fn)(gfp_t, unsigned int) = __get_free_pages;

	return fn;
}

USE(kmem_profiled_percpu_h)
{
	void *(*volatile fn)(size_t, size_t) = __alloc_percpu;

	return fn;
}

USE(kmem_profiled_pool_h)
{
	void *(*volatile fn)(mempool_t *, gfp_t) = mempool_alloc;

	return fn;
}

USE(kmem_profiled_slab_h)
{
	void *(*volatile fn)(size_t, gfp_t) = kmalloc;

	return fn;
}

USE(kmem_profiled_vmalloc_h)
{
	void *(*volatile fn)(unsigned long) = vmalloc;

	return fn;
}

USE(linux_kfence_h)
{
	return !is_kfence_address(&one);
}

USE(linux_memblock_h)
{
	void *p = memblock_alloc(4096, 64);

	memblock_free(p, 4096);
	return p != NULL;
}

USE(linux_mempool_h)
{
	mempool_t *pool = mempool_create_kmalloc_pool(2, 64);
	void *p = mempool_alloc(pool, GFP_KERNEL);

	mempool_free(p, pool);
	mempool_destroy(pool);
	return p != NULL;
}

USE(linux_mm_h)
{
	struct page *page = alloc_page(GFP_KERNEL);
	bool good = virt_to_page(page_address(page)) == page;

	put_page(page);
	return good;
}

USE(linux_mm_types_h)
{
	return sizeof(struct page) == 64;
}

USE(linux_mmzone_h)
{
	return gfp_zone(GFP_KERNEL) == ZONE_NORMAL;
}

static int told(struct notifier_block *nb, unsigned long action, void *data)
{
	return nb && !action && data ? NOTIFY_OK : NOTIFY_DONE;
}

static struct notifier_block notifier;

USE(linux_notifier_h)
{
	notifier.notifier_call = told;
	return notifier.notifier_call(&notifier, 0, &one) == NOTIFY_OK;
}

USE(linux_numa_h)
{
	return kmalloc_node(0, GFP_KERNEL, NUMA_NO_NODE) == ZERO_SIZE_PTR;
}

USE(linux_oom_h)
{
	return register_oom_notifier(&notifier) == 0 &&
	       unregister_oom_notifier(&notifier) == 0;
}

USE(linux_overflow_h)
{
	return struct_size_t(struct thing, room, 3) == 16 &&
	       overflows_type(300 * one, unsigned char);
}

USE(linux_page_frag_cache_h)
{
	struct page_frag_cache nc;
	void *p;

	memset(&nc, 0, sizeof(nc));
	p = page_frag_alloc(&nc, 100, GFP_KERNEL);
	page_frag_free(p);
	page_frag_cache_drain(&nc);
	return p != NULL;
}

DEFINE_PER_CPU(int, every_count) = 3;

USE(linux_percpu_defs_h)
{
	return per_cpu(every_count, 0) == 3;
}

USE(linux_percpu_h)
{
	long __percpu *p = alloc_percpu(long);
	bool good;

	this_cpu_add(*p, 2);
	good = this_cpu_read(every_count) == 3;
	free_percpu(p);
	return good;
}

static void gone(struct percpu_ref *ref)
{
	ref->release = NULL;
}

USE(linux_percpu_refcount_h)
{
	struct percpu_ref ref;

	percpu_ref_init(&ref, gone, 0, GFP_KERNEL);
	percpu_ref_kill(&ref);
	return !ref.release;
}

USE(linux_percpu_counter_h)
{
	struct percpu_counter counter;
	bool good;

	if (percpu_counter_init(&counter, 5, GFP_KERNEL))
		return false;
	percpu_counter_add(&counter, 2);
	good = percpu_counter_sum(&counter) == 7;
	percpu_counter_destroy(&counter);
	return good;
}

USE(linux_preempt_h)
{
	bool good;

	preempt_disable();
	good = preempt_count() == 1;
	preempt_enable();
	return good && preemptible();
}

USE(linux_sched_h)
{
	return PF_MEMALLOC_NOIO != PF_MEMALLOC_NOFS;
}

USE(linux_sched_mm_h)
{
	unsigned int was = memalloc_noio_save();
	bool good = current_gfp_context(GFP_KERNEL) == GFP_NOIO;

	memalloc_noio_restore(was);
	return good;
}

USE(linux_shrinker_h)
{
	struct shrinker *s = shrinker_alloc(0, "every-%d", 1);
	bool good = s && s->seeks == DEFAULT_SEEKS;

	shrinker_free(s);
	return good;
}

USE(linux_sizes_h)
{
	return SZ_4K == 4096;
}

USE(linux_slab_h)
{
	char *p = (char *)kzalloc(100, GFP_KERNEL);
	bool good = p && !p[99] && ksize(p) == 128;

	kfree(p);
	return good;
}

USE(linux_smp_h)
{
	bool good = cpu_possible(get_cpu());

	put_cpu();
	return good;
}

USE(linux_types_h)
{
	u8 byte = 255;

	return (u8)(byte + one) == 0;
}

USE(linux_vmalloc_h)
{
	char *p = (char *)vzalloc(100000);
	bool good = p && !p[99999] && is_vmalloc_addr(p) &&
		    page_address(vmalloc_to_page(p)) != NULL;

	vfree(p);
	return good;
}

#define CALL(header)                                      \
	do {                                              \
		if (!use_##header()) {                    \
			fprintf(stderr, "%s\n", #header); \
			bad = 1;                          \
		}                                         \
	} while (0);

int main(void)
{
	int bad = 0;

#include "uses.h"
	return bad;
}
