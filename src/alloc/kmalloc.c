/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kmalloc(): a block of any size.
 *
 * A size up to KMALLOC_MAX_CACHE_SIZE becomes a class, and a class of one of
 * three types is a cache; a larger one becomes a compound block of pages,
 * marked PG_large.  The way back needs no size: the window's array of columns
 * says for each page where the sheaves of its cache lie, the array of owners
 * which cache that is, and the page's record whether it is a large block.
 * alloc/sizes.h has the classes.
 *
 * A class is aligned to the largest power of two that divides it, which is
 * what every size it serves may expect.
 *
 * An OS that can run code before the program boots the layers then.  Where it
 * cannot, the table of caches is empty at the first call, and a call that finds
 * an empty place boots them.  A place is filled once and for ever, so a pointer
 * found in it needs no lock.  That of a debugged cache stays empty: its objects
 * are given out by a call that knows the size (slab/debug.h).
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "alloc/account.h"
#include "alloc/alloc.h"
#include "alloc/percpu.h"
#include "alloc/region.h"
#include "alloc/sizes.h"
#include "alloc/vmalloc.h"
#include "debug/atomic.h"
#include "debug/fail.h"
#include "debug/publish.h"
#include "debug/report.h"
#include "debug/watch.h"
#include "lib/mem.h"
#include "page/page.h"
#include "page/reclaim.h"
#include "page/sites.h"
#include "port/probe.h"
#include "sync/lock.h"
#include "slab/debug.h"
#include "slab/given.h"
#include "slab/slab.h"
#include "sync/boot.h"

enum kmalloc_type { TYPE_NORMAL, TYPE_RECLAIM, TYPE_DMA, TYPES };

static struct kmem_cache *made[TYPES][INDEXES];
/* Those that need not know the size asked for; the others are not debugged. */
static struct kmem_cache *caches[TYPES][INDEXES];
static bool classes_debugged; /* one of them is */
static struct once booted;

/* The normal type again, by (size - 1) / 8: one load for small sizes. */
#define SMALL_MAX 1024
static struct kmem_cache *small_caches[SMALL_MAX / 8];

#if KMEM_RSEQ
/* <kmem/inline.h> */
#define INLINE_CACHES INDEXES
/* 0 is no size: that place holds the owner, as in lib/shown.h. */
KMEM_API extern struct kmem_cache *kmem_inline_caches[INLINE_CACHES];
extern struct kmem_cache *inline_caches_own[INLINE_CACHES]
	__attribute__((alias("kmem_inline_caches"), visibility("hidden")));
struct kmem_cache *kmem_inline_caches[INLINE_CACHES] = { (
	struct kmem_cache *)(void *)inline_caches_own };

static void inline_cache_set(unsigned int index, struct kmem_cache *s)
{
	__atomic_store_n(&inline_caches_own[index], s, __ATOMIC_RELEASE);
	if (kmem_inline_caches[0] == inline_caches_own[0])
		__atomic_store_n(&kmem_inline_caches[index], s,
				 __ATOMIC_RELEASE);
}
#else
static void inline_cache_set(unsigned int index, struct kmem_cache *s)
{
	(void)index;
	(void)s;
}
#endif

/* __GFP_ACCOUNT would come last here, and has no effect. */
static inline enum kmalloc_type type_of(gfp_t gfp)
{
	if (likely(!(gfp & (__GFP_DMA | __GFP_RECLAIMABLE))))
		return TYPE_NORMAL;
	return gfp & __GFP_DMA ? TYPE_DMA : TYPE_RECLAIM;
}

static int make_cache(enum kmalloc_type type, unsigned int index)
{
	static const char *const names[TYPES][INDEXES] = {
		{ NULL, "kmalloc-96", "kmalloc-192", "kmalloc-8", "kmalloc-16",
		  "kmalloc-32", "kmalloc-64", "kmalloc-128", "kmalloc-256",
		  "kmalloc-512", "kmalloc-1k", "kmalloc-2k", "kmalloc-4k",
		  "kmalloc-8k" },
		{ NULL, "kmalloc-rcl-96", "kmalloc-rcl-192", "kmalloc-rcl-8",
		  "kmalloc-rcl-16", "kmalloc-rcl-32", "kmalloc-rcl-64",
		  "kmalloc-rcl-128", "kmalloc-rcl-256", "kmalloc-rcl-512",
		  "kmalloc-rcl-1k", "kmalloc-rcl-2k", "kmalloc-rcl-4k",
		  "kmalloc-rcl-8k" },
		{ NULL, "dma-kmalloc-96", "dma-kmalloc-192", "dma-kmalloc-8",
		  "dma-kmalloc-16", "dma-kmalloc-32", "dma-kmalloc-64",
		  "dma-kmalloc-128", "dma-kmalloc-256", "dma-kmalloc-512",
		  "dma-kmalloc-1k", "dma-kmalloc-2k", "dma-kmalloc-4k",
		  "dma-kmalloc-8k" },
	};
	static const slab_flags_t flags[TYPES] = {
		SLAB_KMALLOC,
		SLAB_KMALLOC | SLAB_RECLAIM_ACCOUNT,
		SLAB_KMALLOC | SLAB_CACHE_DMA,
	};
	size_t size = kmalloc_class_bytes(index);
	struct slab_params params = {
		.name = names[type][index],
		.size = size,
		.align = size & -size,
		.flags = flags[type],
		.usersize = (unsigned int)size,
		.whole_zero = true,
		.place = &made[type][index],
	};
	struct kmem_cache *s;
	unsigned int n;
	int err = 0;

	s = slab_create(&params, &err);
	if (!s)
		return err;
	if (slab_debugged(s)) {
		classes_debugged = true;
		return 0;
	}
	__atomic_store_n(&caches[type][index], s, __ATOMIC_RELEASE);
	for (n = 0; type == TYPE_NORMAL && n < SMALL_MAX / 8; n++)
		if (index_of(n * 8 + 1) == index)
			__atomic_store_n(&small_caches[n], s, __ATOMIC_RELEASE);
	if (KMEM_RSEQ && type == TYPE_NORMAL)
		inline_cache_set(index, s);
	return 0;
}

/* More than the tool knows of an address. */
static void dump_for_tool(const void *p)
{
	kmem_dump_obj((void *)(uintptr_t)p);
}

/* What was made before a failure stays, and is not made again. */
static int sizes_boot(void)
{
	unsigned int type, index;
	size_t n;
	int err;

	/* before there are caches; the front asks itself, front/torture.c */
	if (!core_is_front)
		fail_boot(option_text(OPT_TORTURE, &n) ? port_failing() : NULL);
	err = slab_boot();
	if (!err)
		err = region_boot();
	if (!err)
		err = percpu_boot();
	if (!err)
		err = areas_boot();
	if (!err) {
		devices_boot();
		pressure_boot();
	}
	/* behind malloc() a few of them are used, by callers that may wait */
	for (type = 0; type < TYPES && !err && !core_is_front; type++)
		for (index = 1; index < INDEXES && !err; index++)
			if (!made[type][index])
				err = make_cache(type, index);
	if (err)
		return err;
	kfence_start(core_is_front ? 16 : 8);
	account_boot();
	if (watch_on())
		watcher->describe(dump_for_tool);
	publish_open();
	return 0;
}

/*
 * The OS's constructor; after a failure the first allocation tries again.  A
 * test may have one of its own.
 */
__attribute__((weak)) void core_start(void)
{
	if (kmalloc_boot())
		return;
	reserve_start();
	pressure_start();
	page_thread();
	test_case_start();
}

int core_end(void)
{
	page_report_held();
	return test_case_finish();
}

int kmalloc_boot(void)
{
	return likely(once_done(&booted)) ? 0 : once_boot(&booted, sizes_boot);
}

unsigned long kmalloc_large_bytes(void)
{
	return __atomic_load_n(&page_totals()->large_pages, __ATOMIC_RELAXED)
	       << PG_SHIFT;
}

static gfp_t fix_flags(gfp_t gfp)
{
	gfp_t bad = gfp & GFP_SLAB_BUG_MASK, good = gfp & ~GFP_SLAB_BUG_MASK;
	char bad_text[128], good_text[256];

	if (likely(!bad))
		return gfp;
	report_gfp(bad_text, sizeof(bad_text), bad);
	report_gfp(good_text, sizeof(good_text), good);
	report("Unexpected gfp: 0x%x (%s). Fixing up to gfp: 0x%x (%s). "
	       "Fix your code!",
	       bad, bad_text, good, good_text);
	return good;
}

static __attribute__((noinline)) void watch_large(struct page *page,
						  size_t size, bool zero)
{
	*kmalloc_large_asked(page) = size;
	watch_shut(page_addr(page), PG_BYTES << page->order);
	watch_born(page_addr(page), size, zero);
}

static __attribute__((noinline)) void *large_alloc(size_t size, gfp_t gfp)
{
	unsigned int order;
	struct page *page;

	check_blocking(gfp);
	if (size > KMALLOC_MAX_SIZE) {
		warn_once_if(!(gfp & __GFP_NOWARN),
			     "kmalloc: %zu bytes asked for, the most is %lu",
			     size, KMALLOC_MAX_SIZE);
		return NULL;
	}
	if (kmalloc_boot() || should_fail(size, gfp))
		return NULL;
	order = (unsigned int)get_order(size);
	page = page_alloc(fix_flags(gfp) | __GFP_COMP, order);
	if (!page)
		return NULL;
	page_set_bits(page, page_bits(page) | PG_MASK(PG_large));
	total_add(&page_totals()->large_pages, 1l << order);
	if (watch_on())
		watch_large(page, size, gfp & __GFP_ZERO);
	STAP_PROBE6(kmem, kmalloc, PROBE_WORD(WARN_CALLER()),
		    PROBE_WORD(page_addr(page)), PROBE_WORD(size),
		    PROBE_WORD(PG_BYTES << order), gfp, -1);
	return page_addr(page);
}

/* size bytes of the class of a size, or NULL. */
static void *class_alloc(enum kmalloc_type type, unsigned int index,
			 size_t size, gfp_t gfp)
{
	struct kmem_cache *s;

	s = __atomic_load_n(&made[type][index], __ATOMIC_ACQUIRE);
	/* only inside boot itself, which asks for no blocks by size */
	if (unlikely(!s))
		return NULL;
	return slab_debugged(s) ? debug_alloc(s, gfp, size) :
				  slab_alloc_sized(s, gfp, size);
}

/*
 * The very first allocation of a process comes here, or one without memory, or
 * one of a debugged class.
 */
static __attribute__((noinline)) void *first_alloc(size_t size, gfp_t gfp)
{
	enum kmalloc_type type = type_of(gfp);
	unsigned int index = index_of(size);

	if (kmalloc_boot())
		return NULL;
	if (core_is_front && !READ_ONCE(made[type][index]) &&
	    gfpflags_allow_blocking(gfp))
		make_cache(type, index);
	return class_alloc(type, index, size, gfp);
}

static __attribute__((noinline)) void *block_alloc_rest(size_t size, gfp_t gfp)
{
	struct kmem_cache *s;

	if (unlikely(size > KMALLOC_MAX_CACHE_SIZE))
		return large_alloc(size, gfp);
	if (unlikely(!size))
		return ZERO_SIZE_PTR;
	/* acquire: pairs with the release of make_cache() */
	s = __atomic_load_n(&caches[type_of(gfp)][index_of(size)],
			    __ATOMIC_ACQUIRE);
	if (unlikely(!s))
		return first_alloc(size, gfp);
	return slab_alloc_sized(s, gfp, size);
}

static inline __attribute__((always_inline)) void *block_alloc(size_t size,
							       gfp_t gfp)
{
	struct kmem_cache *s;

	if (likely(size - 1 < SMALL_MAX &&
		   !(gfp & (__GFP_DMA | __GFP_RECLAIMABLE)))) {
		s = __atomic_load_n(&small_caches[(size - 1) / 8],
				    __ATOMIC_ACQUIRE);
		if (likely(s))
			return slab_alloc_sized(s, gfp, size);
	}
	return block_alloc_rest(size, gfp);
}

/* There is node 0 and no other. */
static inline bool node_is_absent(gfp_t gfp, int node)
{
	return unlikely(gfp & __GFP_THISNODE) && node > 0;
}

/**
 * kmalloc - a block of memory
 * @size: bytes; 0 gives ZERO_SIZE_PTR
 * @flags: what may be done to get it (GFP_*); __GFP_ZERO clears the whole
 *	of it, as far as ksize() goes
 *
 * Contiguous in the direct map, aligned to the largest power of two that
 * divides @size and at least to 8 bytes.  Above KMALLOC_MAX_CACHE_SIZE it
 * is made of whole pages, a power of two of them.
 *
 * Return: the block, for kfree(); NULL when there is no memory, or when
 * @size is above KMALLOC_MAX_SIZE, which is warned of once unless
 * __GFP_NOWARN is set.
 * Context: as @flags say: without __GFP_DIRECT_RECLAIM it does not sleep.
 * Source: Linux 7.x.
 */
FAST_PATH void *kmalloc(size_t size, gfp_t flags)
{
	return block_alloc(size, flags);
}

/* <kmem/inline.h> */
#if KMEM_RSEQ
extern KMEM_API __typeof__(kmalloc) kmem_called_kmalloc
	__attribute__((malloc, alias("kmem_kmalloc")));
#endif

/**
 * kzalloc - a block of zero bytes
 * @size: bytes
 * @flags: GFP_*
 *
 * Return: as kmalloc().
 * Context: as @flags say.
 * Source: Linux 7.x.
 */
void *kzalloc(size_t size, gfp_t flags)
{
	return block_alloc(size, flags | __GFP_ZERO);
}

/**
 * kmalloc_array - a block for an array
 * @n: elements
 * @size: bytes of one
 * @flags: GFP_*
 *
 * Return: as kmalloc(); NULL, without a word, when the product overflows.
 * Context: as @flags say.
 * Source: Linux 7.x.
 */
void *kmalloc_array(size_t n, size_t size, gfp_t flags)
{
	size_t bytes;

	if (unlikely(__builtin_mul_overflow(n, size, &bytes)))
		return NULL;
	return block_alloc(bytes, flags);
}

/**
 * kcalloc - a block of zero bytes for an array
 * @n: elements
 * @size: bytes of one
 * @flags: GFP_*
 *
 * Return: as kmalloc_array().
 * Context: as @flags say.
 * Source: Linux 7.x.
 */
void *kcalloc(size_t n, size_t size, gfp_t flags)
{
	return kmalloc_array(n, size, flags | __GFP_ZERO);
}

/**
 * kmalloc_node - a block near a node
 * @size: bytes
 * @flags: GFP_*
 * @node: a wish, or NUMA_NO_NODE; there is node 0 only
 *
 * Return: as kmalloc(); with __GFP_THISNODE also NULL for a node that does
 * not exist.
 * Context: as @flags say.
 * Source: Linux 7.x without NUMA.
 */
void *kmalloc_node(size_t size, gfp_t flags, int node)
{
	return node_is_absent(flags, node) ? NULL : block_alloc(size, flags);
}

/**
 * kzalloc_node - a block of zero bytes near a node
 * @size: bytes
 * @flags: GFP_*
 * @node: as for kmalloc_node()
 *
 * Return: as kmalloc_node().
 * Context: as @flags say.
 * Source: Linux 7.x without NUMA.
 */
void *kzalloc_node(size_t size, gfp_t flags, int node)
{
	return kmalloc_node(size, flags | __GFP_ZERO, node);
}

/**
 * kmalloc_array_node - a block for an array near a node
 * @n: elements
 * @size: bytes of one
 * @flags: GFP_*
 * @node: as for kmalloc_node()
 *
 * Return: as kmalloc_array() and kmalloc_node().
 * Context: as @flags say.
 * Source: Linux 7.x without NUMA.
 */
void *kmalloc_array_node(size_t n, size_t size, gfp_t flags, int node)
{
	return node_is_absent(flags, node) ? NULL :
					     kmalloc_array(n, size, flags);
}

/**
 * kcalloc_node - a block of zero bytes for an array near a node
 * @n: elements
 * @size: bytes of one
 * @flags: GFP_*
 * @node: as for kmalloc_node()
 *
 * Return: as kmalloc_array() and kmalloc_node().
 * Context: as @flags say.
 * Source: Linux 7.x without NUMA.
 */
void *kcalloc_node(size_t n, size_t size, gfp_t flags, int node)
{
	return kmalloc_array_node(n, size, flags | __GFP_ZERO, node);
}

/* The block at p, if it is debugged, was allocated there. */
static __attribute__((noinline)) void blame(void *p, const void *caller)
{
	const struct kmem_cache *s = page_owner(p);

	if (s)
		debug_blame(s, p, caller);
}

/**
 * __kmalloc_node_track_caller - a block charged to another call site
 * @size: bytes
 * @flags: GFP_*
 * @node: as for kmalloc_node()
 * @caller: code address to record where call sites are recorded
 *
 * Return: as kmalloc_node().
 * Context: as @flags say.
 * Source: Linux 7.x.
 */
void *__kmalloc_node_track_caller(size_t size, gfp_t flags, int node,
				  unsigned long caller)
{
	struct port_task *task;
	uint64_t site;
	void *p;

	if (likely(!classes_debugged && !sites_on()))
		return kmalloc_node(size, flags, node);
	task = port_task();
	site = task->site;
	if (!site)
		task->site = caller & SITE_ADDRESS;
	p = kmalloc_node(size, flags, node);
	task->site = site;
	if (p && classes_debugged)
		blame(p, (void *)caller);
	return p;
}

struct page *kmalloc_large_of(const void *p)
{
	struct page *page;

	if (!page_known(p))
		return NULL;
	page = addr_page(p);
	return page_test(page, PG_large) && page_addr(page) == p ? page : NULL;
}

/* log2 of what every object of every cache is aligned to. */
#define KFREE_ALIGN 3
_Static_assert(ARCH_SLAB_MINALIGN >= 1 << KFREE_ALIGN, "every object's");

/* Where a sheaf is full or there is none; a large block; nothing; junk. */
static __attribute__((noinline)) void free_rest(const void *p,
						enum lock_wait how)
{
	struct kmem_cache *s;
	struct page *page;
	unsigned int order;

	if (ZERO_OR_NULL_PTR(p))
		return;
	s = page_owner(p);
	if (s) {
		if (slab_may_free(s, p))
			slab_free(s, (void *)(uintptr_t)p, how);
		return;
	}
	if (kfence_holds(p)) {
		kfence_free(NULL, (void *)(uintptr_t)p, WARN_CALLER());
		return;
	}
	page = kmalloc_large_of(p);
	if (warn_once_if(!page, "object pointer: 0x%p", p) || !page) {
		watch_accuse(p);
		return;
	}
	STAP_PROBE2(kmem, kfree, PROBE_WORD(WARN_CALLER()), PROBE_WORD(p));
	order = page->order;
	total_add(&page_totals()->large_pages, -(1l << order));
	if (watch_on()) {
		watch_died(p, *kmalloc_large_asked(page), false);
		*kmalloc_large_asked(page) = 0;
	}
	page_set_bits(page, page_bits(page) & ~PG_MASK(PG_large));
	page_put(page, order, how);
}

/**
 * kfree - gives a block back
 * @p: what kmalloc() or one of its kin gave, or an object of any cache;
 *	nothing happens for NULL and ZERO_SIZE_PTR
 *
 * Anything else that is not a block is warned of once and left alone: it
 * leaks, and nothing breaks.
 *
 * Context: any; never sleeps, never calls the OS, never fails.
 * Source: Linux 7.x.
 */
FAST_PATH void kfree(const void *p)
{
	if (unlikely(!slab_free_first((void *)(uintptr_t)p, KFREE_ALIGN)))
		free_rest(p, LOCK_SPIN);
}

/* What a request from any context may ask for besides. */
#define NOLOCK_GFP \
	(__GFP_ACCOUNT | __GFP_ZERO | __GFP_NOWARN | __GFP_NOMEMALLOC)

/**
 * kmalloc_nolock - a small block, from any context
 * @size: bytes, at most KMALLOC_MAX_CACHE_SIZE; 0 gives ZERO_SIZE_PTR
 * @flags: __GFP_ZERO, __GFP_ACCOUNT, or 0; other flags are warned of once and
 *	dropped
 * @node: a wish; there is one node
 *
 * Each lock on the way is tried once, so it may fail although there is memory;
 * when it does, the next larger class is tried once.  Uses no reserve and
 * reports no failure.
 *
 * Return: the block, for kfree_nolock() or kfree(); NULL when there is none
 * now, or @size is too large.
 * Context: any, a signal handler at any instruction included.
 * Source: Linux 6.18 and later.
 */
void *kmalloc_nolock(size_t size, gfp_t flags, int node)
{
	gfp_t gfp = (flags & NOLOCK_GFP) | __GFP_NOWARN | __GFP_NOMEMALLOC;
	size_t next;
	void *p;

	(void)node;
	warn_once_if(flags & ~NOLOCK_GFP, "kmalloc_nolock: gfp %#x",
		     (unsigned int)flags);
	if (unlikely(!size))
		return ZERO_SIZE_PTR;
	if (size > KMALLOC_MAX_CACHE_SIZE)
		return NULL;
	p = class_alloc(TYPE_NORMAL, index_of(size), size, gfp);
	if (unlikely(!p)) {
		next = kmalloc_class_bytes(index_of(size)) + 1;
		if (next <= KMALLOC_MAX_CACHE_SIZE)
			p = class_alloc(TYPE_NORMAL, index_of(next), size, gfp);
	}
	if (p && unlikely(classes_debugged))
		blame(p, WARN_CALLER());
	return p;
}

/**
 * kfree_nolock - gives a block back, from any context
 * @p: of kmalloc_nolock(); NULL and ZERO_SIZE_PTR are nothing
 *
 * Each lock is tried once; an object that cannot be freed now is noted, and a
 * later call that gets the lock frees it.  Blocks of kmalloc() may come this
 * way as well.
 *
 * Context: any, a signal handler at any instruction included.
 * Source: Linux 6.18 and later, where blocks of kmalloc() must not.
 */
void kfree_nolock(const void *p)
{
	if (unlikely(!slab_free_first((void *)(uintptr_t)p, KFREE_ALIGN)))
		free_rest(p, LOCK_ONCE);
}

/**
 * kmalloc_size_roundup - bytes that kmalloc() would really give
 * @size: bytes to ask for
 *
 * Return: what ksize() will say of kmalloc(@size); @size itself above
 * KMALLOC_MAX_SIZE, which no allocation meets.
 * Context: any.
 * Source: Linux 7.x; 6.1 rounds sizes above the maximum as well.
 */
size_t kmalloc_size_roundup(size_t size)
{
	if (!size || size > KMALLOC_MAX_SIZE)
		return size;
	if (size <= KMALLOC_MAX_CACHE_SIZE)
		return kmalloc_class_bytes(index_of(size));
	return PG_BYTES << get_order(size);
}

/**
 * kfree_bulk - gives many blocks back
 * @n: how many
 * @p: array of n blocks of any kind, none of them NULL; their order is lost
 *
 * Neighbours in the array that belong to one cache go back together.
 *
 * Context: any but an NMI; never sleeps.
 * Source: Linux 7.x.
 */
void kfree_bulk(size_t n, void **p)
{
	struct kmem_cache *s;
	size_t i, run;

	for (i = 0; i < n; i += run) {
		run = 1;
		s = ZERO_OR_NULL_PTR(p[i]) ? NULL : page_owner(p[i]);
		if (!s) {
			kfree(p[i]);
			continue;
		}
		/* Bound: n. */
		while (i + run < n && page_owner(p[i + run]) == s)
			run++;
		slab_free_bulk(s, run, p + i, LOCK_SPIN);
	}
}
