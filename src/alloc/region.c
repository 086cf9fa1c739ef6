/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Mapped regions: blocks too large, or too oddly shaped, for the window.
 *
 * Each region is a mapping of its own with a guard page behind it, and has a
 * record.  The records are in a tree ordered by address, which answers in
 * O(log n) steps which region starts at an address (free, resize, size).
 *
 * A region that is freed in an atomic section is not unmapped there: its
 * record, out of the tree, goes onto a list without a lock, and the next call
 * that may sleep ends what it finds on it.  If the lock is taken, so that the
 * record cannot be looked up, the block itself is deferred, with the link in
 * its first bytes; it stays a region until it is ended.
 *
 * A mapping that is freed may be kept for the next region (map_cache.c): such
 * memory is not zero, and there may be up to an eighth more of it than asked.
 *
 * Invariants (region_validate() checks them).
 *   - A record that is not in the tree belongs to the one thread that took it
 *     out, and is counted in `flying`, or is on `later` and no region any more.
 *   - Regions do not overlap.
 *   - nr and bytes are the sums over both, those in the tree and the flying.
 *
 * Locking.  region_lock guards the tree and the counts, and nothing else is
 * done under it: mapping, unmapping, moving and charging happen while the
 * record is out of the tree.  An address is taken out before its mapping ends,
 * so no thread can find a record whose memory is gone, and a new mapping at the
 * same address cannot meet the old record.
 */
#include "alloc/region.h"

#include <linux/gfp_types.h>
#include <linux/mm.h>

#include "alloc/alloc.h"
#include "alloc/map_cache.h"
#include "debug/atomic.h"
#include "debug/report.h"
#include "debug/view.h"
#include "debug/watch.h"
#include "lib/defer.h"
#include "lib/list.h"
#include "lib/tree.h"
#include "page/page.h"
#include "page/reclaim.h"
#include "page/sites.h"
#include "page/zone.h"
#include "sync/lock.h"
#include "port/port.h"
#include "slab/slab.h"
#include "sync/fork.h"

/* The node's size is without the guard; left: the next one in a list, too. */
struct region {
	struct tree_node node;
	uint64_t site; /* page/sites.h */
};

static struct lock region_lock;
static struct tree_node *root;
static struct region_counts counts;
static struct region_counts flying;
static struct kmem_cache *region_cache;

/* Freed where nothing may be unmapped: records, and blocks.  Taken whole. */
static struct deferred later, later_blocks;

/* region_lock is held. */
static void publish_counts(void)
{
	struct kmem_pub_totals *t = page_totals();

	total_set(&t->regions, counts.nr);
	total_set(&t->region_bytes, counts.bytes);
}

/* Written under the lock, looked at without it. */
static void set_nr(unsigned long nr)
{
	__atomic_store_n(&counts.nr, nr, __ATOMIC_RELAXED);
}

static struct region *region_of(struct tree_node *n)
{
	return n ? list_entry_of(n, struct region, node) : NULL;
}

/* The region that starts at p, or NULL. */
static struct region *__find(const void *p)
{
	struct region *r = region_of(tree_cover(root, p));

	return r && r->node.start == (uintptr_t)p ? r : NULL;
}

/* Takes the record that starts at p out of the tree, to change it. */
static struct region *__take_off(const void *p)
{
	struct region *r = __find(p);

	if (r) {
		tree_remove(&root, &r->node);
		flying.nr++;
		flying.bytes += r->node.size;
	}
	return r;
}

/* Ends what __take_off() began; the record may have changed. */
static void land(struct region *r, size_t old_size)
{
	lock_take(&region_lock, LOCK_REGION);
	flying.nr--;
	flying.bytes -= old_size;
	counts.bytes += r->node.size - old_size;
	publish_counts();
	tree_insert(&root, &r->node);
	lock_drop(&region_lock, LOCK_REGION);
}

/*
 * Takes the region that starts at p out of the tree and the counts; NULL: there
 * is none.
 */
static struct region *__forget(const void *p)
{
	struct region *r = __find(p);

	if (r) {
		tree_remove(&root, &r->node);
		set_nr(counts.nr - 1);
		counts.bytes -= r->node.size;
		publish_counts();
	}
	return r;
}

/* A region is its caller's from now on, all of it; or no longer. */
static void region_watch(const struct region *r, bool defined)
{
	void *p = (void *)r->node.start;

	watch_born(p, r->node.size, defined);
	watch_root(p, r->node.size, true);
}

static void region_unwatch(const struct region *r)
{
	void *p = (void *)r->node.start;

	watch_root(p, r->node.size, false);
	watch_died(p, r->node.size, false);
	/* what the OS takes, and gives to others, must not stay shut */
	watch_open(p, r->node.size, true);
}

/* Ends a region that is not in the tree; bytes that went to the OS. */
static size_t end_region(struct region *r)
{
	void *p = (void *)r->node.start;
	size_t bytes = 0;

	region_unwatch(r);

	/* what must be cleared is not kept */
	if (page_clears(OPT_INIT_ON_FREE) || !kept_put(p, r->node.size)) {
		bytes = r->node.size;
		port_unmap(p, bytes, true);
		mem_uncharge(bytes);
	}
	slab_free(region_cache, r, LOCK_SLEEP);
	return bytes;
}

static bool free_now(void *p, size_t *bytes)
{
	struct region *r;

	lock_take(&region_lock, LOCK_REGION);
	r = __forget(p);
	lock_drop(&region_lock, LOCK_REGION);
	if (r)
		*bytes += end_region(r);
	return r;
}

/* In an atomic section: no wait, nothing unmapped. */
static bool free_later(void *p)
{
	struct region *r;

	if (!lock_get(&region_lock, LOCK_REGION, LOCK_SPIN)) {
		defer_push(&later_blocks, p, p);
		return true;
	}
	r = __forget(p);
	lock_put(&region_lock, LOCK_REGION, LOCK_SPIN);
	if (!r)
		return false;
	defer_push(&later, r, (void **)(void *)&r->node.left);
	return true;
}

static size_t end_later(void)
{
	struct region *r, *next;
	void *p, *next_p;
	size_t bytes = 0;
	bool region;

	r = __atomic_exchange_n(&later.in, NULL, __ATOMIC_ACQUIRE);
	for (; r; r = next) {
		next = region_of(r->node.left);
		bytes += end_region(r);
	}
	p = __atomic_exchange_n(&later_blocks.in, NULL, __ATOMIC_ACQUIRE);
	for (; p; p = next_p) {
		/* a block that is no region has no link */
		region = region_size(p) != 0;
		if (warn_once_if(!region, "object pointer: 0x%p", p))
			break;
		next_p = *(void **)p;
		free_now(p, &bytes);
	}
	return bytes;
}

size_t region_settle(void)
{
	if (likely(!defer_any(&later) && !defer_any(&later_blocks)) ||
	    atomic_here())
		return 0;
	return end_later();
}

/* Unmaps what is not in use: bytes that went back to the OS. */
static size_t spare_room(void)
{
	size_t kept = kept_empty();

	return kept + page_uncommit();
}

/* Frees memory for one more try; false: a second try is useless. */
static bool make_room(gfp_t gfp, size_t size)
{
	if (gfp & __GFP_NORETRY)
		return false;
	reclaim_run(page_gfp_context(gfp),
		    size > PG_BYTES << PG_MAX_ORDER ?
			    PG_MAX_ORDER :
			    (unsigned int)get_order(size));
	page_trim();
	return true;
}

static bool charge(size_t size, gfp_t gfp)
{
	/* free what is not in use before pages are taken off the zones */
	if (!mem_fits(size))
		kept_empty();
	return mem_charge(size, gfp) ||
	       (make_room(gfp, size) && mem_charge(size, gfp));
}

static void *region_map(size_t size, size_t align, gfp_t gfp)
{
	void *p = port_map(size, align, true);

	if (!p && spare_room())
		p = port_map(size, align, true);
	if (!p && make_room(gfp, size)) {
		spare_room();
		p = port_map(size, align, true);
	}
	return p;
}

/* Up to the OS's page; 0 when that does not fit in a size. */
static size_t whole_pages(size_t size)
{
	size_t page = port_page_size();

	return size > SIZE_MAX / 2 ? 0 : ALIGN_UP(size, page);
}

/* A charged mapping of *size bytes, or up to an eighth more. */
static void *get_mapping(size_t *size, size_t align, gfp_t gfp)
{
	size_t dirty;
	void *p = kept_take(size, align, &dirty, gfp);

	if (p) {
		if (page_fill_gfp(gfp) & __GFP_ZERO)
			port_clear(p, dirty);
		return p;
	}
	if (!charge(*size, gfp))
		return NULL;
	p = region_map(*size, align, gfp);
	if (!p)
		mem_uncharge(*size);
	return p;
}

void *region_alloc(size_t size, size_t align, gfp_t gfp)
{
	struct region *r;
	void *p;

	if (!(gfp & __GFP_DIRECT_RECLAIM) || kmalloc_boot())
		return NULL;
	region_settle();
	size = whole_pages(size);
	if (!size || align > SIZE_MAX / 4)
		return NULL;
	if (align < port_page_size())
		align = port_page_size();
	r = slab_alloc(region_cache, gfp & GFP_RECLAIM_MASK & ~__GFP_NOFAIL);
	if (!r)
		return NULL;
	p = get_mapping(&size, align, gfp);
	if (!p) {
		slab_free(region_cache, r, LOCK_SLEEP);
		return NULL;
	}
	r->node.start = (uintptr_t)p;
	r->node.size = size;
	r->site = site_of_call();
	region_watch(r, gfp & __GFP_ZERO);
	lock_take(&region_lock, LOCK_REGION);
	set_nr(counts.nr + 1);
	counts.bytes += size;
	publish_counts();
	tree_insert(&root, &r->node);
	lock_drop(&region_lock, LOCK_REGION);
	page_pass();
	return p;
}

size_t region_size(const void *p)
{
	struct region *r;
	size_t size;

	lock_take(&region_lock, LOCK_REGION);
	r = __find(p);
	size = r ? r->node.size : 0;
	lock_drop(&region_lock, LOCK_REGION);
	return size;
}

bool region_free(void *p)
{
	size_t bytes = 0;
	bool freed;

	if (unlikely(atomic_here()))
		return free_later(p);
	region_settle();
	freed = free_now(p, &bytes);
	page_pass();
	return freed;
}

/* Moves the pages of a record that is out of the tree. */
static void *region_remap(struct region *r, size_t size, gfp_t gfp)
{
	void *old = (void *)r->node.start, *p;

	if (size > r->node.size && !charge(size - r->node.size, gfp))
		return NULL;
	p = port_remap(old, r->node.size, size, true);
	if (!p && spare_room())
		p = port_remap(old, r->node.size, size, true);
	if (!p && make_room(gfp, size)) {
		spare_room();
		p = port_remap(old, r->node.size, size, true);
	}
	if (!p) {
		if (size > r->node.size)
			mem_uncharge(size - r->node.size);
		return NULL;
	}
	if (size < r->node.size)
		mem_uncharge(r->node.size - size);
	r->node.start = (uintptr_t)p;
	r->node.size = size;
	return p;
}

void *region_resize(void *p, size_t size, gfp_t gfp)
{
	struct region *r;
	size_t old;

	size = whole_pages(size);
	if (!size)
		return NULL;
	if (!(gfp & __GFP_DIRECT_RECLAIM))
		return size <= region_size(p) ? p : NULL;
	region_settle();
	lock_take(&region_lock, LOCK_REGION);
	r = __take_off(p);
	lock_drop(&region_lock, LOCK_REGION);
	if (!r)
		return NULL;
	old = r->node.size;
	region_unwatch(r);
	if (size != old)
		p = region_remap(r, size, gfp);
	region_watch(r, true);
	land(r, old);
	return p;
}

void region_counts(struct region_counts *c)
{
	lock_take(&region_lock, LOCK_REGION);
	*c = counts;
	lock_drop(&region_lock, LOCK_REGION);
}

static void each_below(struct tree_node *n,
		       void (*fn)(void *ctx, size_t bytes, uint64_t site),
		       void *ctx)
{
	for (; n; n = n->right) {
		each_below(n->left, fn, ctx);
		fn(ctx, n->size, region_of(n)->site);
	}
}

void region_each(void (*fn)(void *ctx, size_t bytes, uint64_t site), void *ctx)
{
	lock_take(&region_lock, LOCK_REGION);
	each_below(root, fn, ctx);
	lock_drop(&region_lock, LOCK_REGION);
}

/**
 * region_validate() - checks the tree of mapped regions
 *
 * Context: takes region_lock; for tests and debug builds.
 * Return: true when every invariant holds; false after a report.
 */
bool region_validate(void)
{
	struct region_counts sum = { 0, 0 };
	bool ok;

	lock_take(&region_lock, LOCK_REGION);
	ok = tree_valid(root, &sum.nr, &sum.bytes) &&
	     sum.nr + flying.nr == counts.nr &&
	     sum.bytes + flying.bytes == counts.bytes;
	lock_drop(&region_lock, LOCK_REGION);
	if (!kept_valid()) {
		report("BUG kmem: the list of kept mappings is damaged");
		return false;
	}
	if (!ok)
		report("BUG kmem: the tree of mapped regions is damaged: "
		       "%lu regions, %lu bytes in it",
		       sum.nr, sum.bytes);
	return ok;
}

static void region_fork_prepare(void)
{
	region_settle();
	lock_take(&region_lock, LOCK_REGION);
}

static void region_fork_parent(void)
{
	lock_drop(&region_lock, LOCK_REGION);
}

/*
 * A record that another thread had taken out is lost to the child: its mapping
 * is leaked in the child, and no longer counted.
 */
static void region_fork_child(void)
{
	set_nr(counts.nr - flying.nr);
	counts.bytes -= flying.bytes;
	publish_counts();
	flying = (struct region_counts){ 0, 0 };
	defer_forget(&later);
	defer_forget(&later_blocks);
	lock_reset(&region_lock);
}

static const struct fork_ops region_fork = {
	.prepare = region_fork_prepare,
	.parent = region_fork_parent,
	.child = region_fork_child,
};

static unsigned long shrink_later(gfp_t gfp, unsigned int priority)
{
	(void)gfp;
	(void)priority;
	return region_settle() >> PG_SHIFT;
}

int region_boot(void)
{
	static struct page_client client = { .shrink = shrink_later };

	const struct slab_params params = {
		.name = "vm_region",
		.size = sizeof(struct region),
		.align = __alignof__(struct region),
		.flags = SLAB_SKIP_KFENCE, /* as of areas */
	};
	int err = 0;

	if (region_cache)
		return 0;
	debug_view.regions = &root;
	region_cache = slab_create(&params, &err);
	if (!region_cache)
		return err;
	/* what is settled may be kept, and is freed by the next client */
	page_register(&client);
	kept_boot();
	fork_register(FORK_REGION, &region_fork);
	return 0;
}
