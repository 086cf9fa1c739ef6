/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Areas of vmalloc().  THEORY.
 *
 * 1. What it is for.  Blocks of any number of pages, with page tables of their
 *    own in a kernel.  Here the direct map has addresses enough, so that an
 *    area is, whenever it can be, a run of pages that lie side by side in the
 *    window (page/contig.c).  Then vmalloc_to_page() is arithmetic, there is
 *    one mapping of each page, and fork, the hard limit, reclaim and what goes
 *    back to the OS are those of pages.
 *
 * 2. The nouns.
 *    body	the pages that the caller sees
 *    guard	a page of the OS before and one behind the body, which fault
 *    record	struct area: what is known of an area
 *    mapped	an area whose pages do not lie side by side (alloc/vmap.c)
 *
 * 3. One vmalloc() and one vfree().  A record; guard, body and guard as one
 *    run; the OS protects the guards; the record becomes live and is put into
 *    the tree.  vfree() finds the record, makes it freed, takes it out of the
 *    tree, unprotects the guards and drops one reference of each page: what
 *    others refer to stays until they drop it.
 *
 * 4. A caller that must not call the OS.  It gets an area out of free pages of
 *    at most the largest block, of which the guards are there and not
 *    protected.  vfree() in an atomic section makes the record freed and puts
 *    it on the list `later`; it is ended by the next call that may sleep.  When
 *    the lock is busy there, the record is found by a look at all records.
 *
 * 5. Invariants (areas_validate()).
 *    - A record, once made, is on the list that begins at totals->areas, for
 *      ever, so it may be read at any time without a lock.
 *    - A live record's address changes by nobody but the area's owner.  So who
 *      looks for an area that is his own finds it without the lock: no other
 *      record is live with that address.
 *    - A record is live or freed while it is in the tree, and unused or freed
 *      otherwise.  From live to freed goes one compare and exchange: of two who
 *      free an area one fails.
 *    - The pages of runs are those of the records in the tree, and of what is
 *      on its way in or out.
 *
 * 6. Locking.  area_lock guards the tree, the list of unused records and all
 *    fields of records but state.  Nothing is allocated or freed under it, and
 *    the OS not called.
 *
 * 7. Failure.  NULL, after one report in ten seconds unless __GFP_NOWARN.
 *
 * 8. Differences from the kernel.  virt_to_page() works too, as the memory is
 *    part of the direct map; virt_addr_valid() is true of it.  The guard before
 *    the area is ours.  A mapping is read and written, never executed.
 */
#include "alloc/vmalloc.h"

#include <linux/mm.h>

#include "alloc/alloc.h"
#include "debug/atomic.h"
#include "debug/report.h"
#include "debug/view.h"
#include "lib/defer.h"
#include "lib/errno.h"
#include "lib/list.h"
#include "page/page.h"
#include "page/reclaim.h"
#include "page/zone.h"
#include "port/port.h"
#include "slab/slab.h"
#include "sync/fork.h"
#include "sync/lock.h"

static struct lock area_lock;
static struct tree_node *root;
static struct area *unused;
static unsigned long nr_live; /* records in the tree */
static struct kmem_cache *area_cache;
static struct deferred later;

/* --- records -------------------------------------------------------------- */

static struct area *area_of(struct tree_node *n)
{
	return n ? list_entry_of(n, struct area, node) : NULL;
}

static uint32_t state_of(const struct area *a)
{
	return __atomic_load_n(&a->state, __ATOMIC_ACQUIRE);
}

static struct area *first_record(void)
{
	uint64_t *areas = &page_totals()->areas;

	return (struct area *)(uintptr_t)__atomic_load_n(areas,
							 __ATOMIC_ACQUIRE);
}

static struct area *next_record(const struct area *a)
{
	return (struct area *)(uintptr_t)a->pub.next;
}

/* A record of nobody's; NULL: no memory, or not now. */
static struct area *record_get(gfp_t gfp)
{
	enum lock_wait how = gfp_wait(gfp);
	struct area *a, *fresh;

	if (!lock_get(&area_lock, LOCK_AREA, how))
		return NULL;
	a = unused;
	if (a)
		unused = a->link;
	lock_put(&area_lock, LOCK_AREA, how);
	if (a)
		return a;
	fresh = slab_alloc(area_cache,
			   (gfp & GFP_RECLAIM_MASK & ~__GFP_NOFAIL) |
				   __GFP_ZERO);
	if (!fresh)
		return NULL;
	if (!lock_get(&area_lock, LOCK_AREA, how)) {
		slab_free(area_cache, fresh, how);
		return NULL;
	}
	fresh->pub.next = (uintptr_t)first_record();
	/* pairs with the acquire in first_record() */
	__atomic_thread_fence(__ATOMIC_RELEASE);
	total_set(&page_totals()->areas, (uintptr_t)fresh);
	lock_put(&area_lock, LOCK_AREA, how);
	return fresh;
}

static void record_put(struct area *a)
{
	lock_take(&area_lock, LOCK_AREA);
	__atomic_store_n(&a->state, AREA_UNUSED, __ATOMIC_RELAXED);
	a->link = unused;
	unused = a;
	lock_drop(&area_lock, LOCK_AREA);
}

/* What tools read; the lock is held. */
static void __record_show(struct area *a)
{
	struct kmem_pub_area *p = &a->pub;

	__atomic_store_n(&p->live, 0, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	p->addr = (uintptr_t)a->vm.addr;
	p->size = a->vm.size;
	p->pages = a->vm.nr_pages;
	p->flags = a->vm.flags;
	p->caller = (uintptr_t)a->vm.caller;
	__atomic_store_n(&p->live, 1, __ATOMIC_RELEASE);
}

/* The lock is held: the area that the address lies in, or NULL. */
static struct area *__area_cover(const void *p)
{
	struct area *a = area_of(tree_cover(root, p));

	return a && state_of(a) == AREA_LIVE ? a : NULL;
}

static struct area *__area_find(const void *p)
{
	struct area *a = __area_cover(p);

	return a && a->vm.addr == p ? a : NULL;
}

struct area *area_own(const void *p)
{
	struct area *a;

	for (a = first_record(); a; a = next_record(a)) {
		PORT_STEP();
		if (state_of(a) == AREA_LIVE &&
		    __atomic_load_n(&a->node.start, __ATOMIC_RELAXED) ==
			    (uintptr_t)p)
			break;
	}
	return a;
}

/* Its addresses are set. */
static bool go_live(struct area *a, enum lock_wait how)
{
	if (!lock_get(&area_lock, LOCK_AREA, how))
		return false;
	__atomic_store_n(&a->node.start, (uintptr_t)a->vm.addr,
			 __ATOMIC_RELAXED);
	__record_show(a);
	tree_insert(&root, &a->node);
	__atomic_store_n(&nr_live, nr_live + 1, __ATOMIC_RELAXED);
	__atomic_store_n(&a->state, AREA_LIVE, __ATOMIC_RELEASE);
	lock_put(&area_lock, LOCK_AREA, how);
	return true;
}

static bool make_freed(struct area *a)
{
	uint32_t live = AREA_LIVE;

	return __atomic_compare_exchange_n(&a->state, &live, AREA_FREED, false,
					   __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

/* The lock is held: a freed record out of the tree, on its way to nobody. */
static void __area_forget(struct area *a)
{
	__atomic_store_n(&a->pub.live, 0, __ATOMIC_RELAXED);
	tree_remove(&root, &a->node);
	__atomic_store_n(&nr_live, nr_live - 1, __ATOMIC_RELAXED);
}

static bool may_sleep(gfp_t gfp)
{
	return (gfp & __GFP_DIRECT_RECLAIM) != 0;
}

/* --- one area ------------------------------------------------------------- */

static void vm_run_set(struct area *a, struct page *body, unsigned long nr,
		       size_t size)
{
	a->vm.addr = page_addr(body);
	a->vm.size = (nr << PG_SHIFT) + PG_BYTES;
	a->vm.nr_pages = (unsigned int)nr;
	a->vm.phys_addr = 0;
	a->vm.pages = NULL;
	a->vm.requested_size = size;
	a->node.size = nr << PG_SHIFT;
}

unsigned long areas_most_pages(void)
{
	return (window.limit ? window.limit : window.size) >> PG_SHIFT;
}

/* Pages side by side that cost no effort; then with all that gfp allows. */
static bool fill(struct area *a, size_t size, size_t align, gfp_t gfp)
{
	gfp_t first = (gfp | __GFP_NOWARN | __GFP_NORETRY) &
		      ~(__GFP_NOFAIL | __GFP_RETRY_MAYFAIL);
	unsigned long nr = vm_run_pages(size);
	struct page *body = vm_run_alloc(nr, align, first);

	gfp = (gfp | __GFP_NOWARN) & ~__GFP_NOFAIL;
	/* pages from anywhere need the least, and the OS may refuse them */
	if (!body && may_sleep(gfp) && area_scatter(a, size, align, gfp))
		return true;
	if (!body && may_sleep(gfp))
		body = vm_run_alloc(nr, align, gfp);
	if (!body)
		return false;
	vm_run_set(a, body, nr, size);
	return true;
}

/*
 * Ends what is in no tree any more: bytes that it had.  What cannot be ended
 * now is tried again by the next call that settles.
 */
static size_t end_area(struct area *a)
{
	size_t bytes = a->node.size;

	a->node.start = 0;
	if (bytes && a->vm.pages) {
		vm_unmap_area(a);
	} else if (bytes &&
		   !vm_run_free(addr_page(a->vm.addr), bytes >> PG_SHIFT)) {
		defer_push(&later, a, &a->link);
		return 0;
	}
	record_put(a);
	return bytes;
}

/* A record of an area that has no pages yet. */
static struct area *record_begin(gfp_t gfp, unsigned long vm_flags,
				 const void *caller)
{
	struct area *a = record_get(gfp);

	if (!a)
		return NULL;
	a->vm.flags = vm_flags;
	a->vm.caller = caller;
	a->vm.pages = NULL;
	a->node.size = 0;
	a->marks = 0;
	return a;
}

static struct area *make_area(size_t size, size_t align, gfp_t gfp,
			      unsigned long vm_flags, const void *caller)
{
	struct area *a = record_begin(gfp, vm_flags, caller);

	if (!a)
		return NULL;
	if (fill(a, size, align, gfp) && go_live(a, gfp_wait(gfp)))
		return a;
	/* in no tree: node.start is 0 */
	__atomic_store_n(&a->state, AREA_FREED, __ATOMIC_RELAXED);
	if (may_sleep(gfp))
		end_area(a);
	else
		defer_push(&later, a, &a->link);
	return NULL;
}

void *area_of_pages(struct page **pages, unsigned long nr,
		    unsigned long vm_flags, const void *caller)
{
	struct area *a;

	areas_settle();
	a = record_begin(GFP_KERNEL, vm_flags, caller);
	if (!a)
		return NULL;
	if (vm_map_area(a, pages, nr, PG_BYTES) && go_live(a, LOCK_SLEEP))
		return a->vm.addr;
	record_put(a);
	return NULL;
}

void *area_alloc(size_t size, size_t align, gfp_t gfp, unsigned long vm_flags,
		 const void *caller)
{
	unsigned int naps = 0;
	struct area *a = NULL;

	if (kmalloc_boot())
		return NULL;
	if (size > SIZE_MAX / 4 || size >> PG_SHIFT > areas_most_pages()) {
		area_report(size, gfp, "exceeds total pages");
		return NULL;
	}
	if (may_sleep(gfp))
		areas_settle();
	/* Sleeps: page_nap() between two tries. */
	for (;;) {
		a = make_area(size, align, gfp, vm_flags, caller);
		if (a || !(gfp & __GFP_NOFAIL) || !may_sleep(gfp))
			break;
		page_nap(naps++);
	}
	if (!a) {
		area_report(size, gfp, "failed to allocate pages");
		return NULL;
	}
	area_watch(a, gfp & __GFP_ZERO);
	return a->vm.addr;
}

/* In an atomic section: no wait, nothing is given back. */
bool area_free_atomic(const void *p)
{
	struct area *a;

	if (lock_get(&area_lock, LOCK_AREA, LOCK_SPIN)) {
		a = __area_find(p);
		lock_put(&area_lock, LOCK_AREA, LOCK_SPIN);
	} else {
		a = area_own(p);
	}
	if (!a || !make_freed(a))
		return false;
	area_unwatch(a);
	defer_push(&later, a, &a->link);
	return true;
}

/* Out of the tree, or NULL; mapped: it must be of vmap(). */
static struct area *take_out(const void *p, bool mapped)
{
	struct area *a;

	lock_take(&area_lock, LOCK_AREA);
	a = __area_find(p);
	if (a && ((mapped && !(a->vm.flags & VM_MAP)) || !make_freed(a)))
		a = NULL;
	if (a)
		__area_forget(a);
	lock_drop(&area_lock, LOCK_AREA);
	return a;
}

bool area_free_map(const void *p)
{
	struct area *a = take_out(p, true);

	if (!a)
		return false;
	a->vm.flags &= ~VM_MAP_PUT_PAGES;
	end_area(a);
	page_pass();
	return true;
}

bool area_free(const void *p)
{
	struct area *a;

	if (unlikely(atomic_here()))
		return area_free_atomic(p);
	areas_settle();
	a = take_out(p, false);
	if (!a)
		return false;
	area_unwatch(a);
	end_area(a);
	page_pass();
	return true;
}

size_t areas_settle(void)
{
	struct area *a, *next;
	size_t bytes;

	if (atomic_here())
		return 0;
	bytes = page_shares_settle() << PG_SHIFT;
	if (likely(!defer_any(&later)))
		return bytes;
	a = __atomic_exchange_n(&later.in, NULL, __ATOMIC_ACQUIRE);
	for (; a; a = next) {
		next = a->link;
		if (a->node.start) {
			lock_take(&area_lock, LOCK_AREA);
			__area_forget(a);
			lock_drop(&area_lock, LOCK_AREA);
		}
		bytes += end_area(a);
	}
	return bytes;
}

size_t area_size(const void *p)
{
	struct area *a;
	size_t size;

	lock_take(&area_lock, LOCK_AREA);
	a = __area_find(p);
	size = a ? a->node.size : 0;
	lock_drop(&area_lock, LOCK_AREA);
	return size;
}

bool area_covers(const void *p)
{
	bool found;

	if (page_is_usable(p))
		return page_test(addr_page(p), PG_vmalloc);
	if (!__atomic_load_n(&nr_live, __ATOMIC_RELAXED))
		return false;
	lock_take(&area_lock, LOCK_AREA);
	found = __area_cover(p);
	lock_drop(&area_lock, LOCK_AREA);
	return found;
}

struct page *area_page(const void *p)
{
	struct page *page = NULL;
	struct area *a;

	if (page_is_usable(p))
		return page_test(addr_page(p), PG_vmalloc) ? addr_page(p) :
							     NULL;
	if (!areas_live())
		return NULL;
	lock_take(&area_lock, LOCK_AREA);
	a = __area_cover(p);
	if (a && a->vm.pages)
		page = a->vm.pages[((uintptr_t)p - a->node.start) >> PG_SHIFT];
	lock_drop(&area_lock, LOCK_AREA);
	return page;
}

struct vm_struct *area_vm(const void *p)
{
	struct area *a;

	lock_take(&area_lock, LOCK_AREA);
	a = __area_cover(p);
	lock_drop(&area_lock, LOCK_AREA);
	return a ? &a->vm : NULL;
}

/* --- another size --------------------------------------------------------- */

/* The area is the caller's; what others see of it changes. */
static void set_size(struct area *a, unsigned long nr, size_t size)
{
	lock_take(&area_lock, LOCK_AREA);
	vm_run_set(a, addr_page(a->vm.addr), nr, size);
	__record_show(a);
	lock_drop(&area_lock, LOCK_AREA);
}

static void *area_move(struct area *a, size_t size, gfp_t gfp,
		       const void *caller)
{
	void *old = a->vm.addr, *new;

	new = area_alloc(size, PG_BYTES, gfp, a->vm.flags, caller);
	if (!new)
		return NULL;
	memcpy(new, old, a->node.size < size ? a->node.size : size);
	area_free(old);
	return new;
}

void *area_resize(void *p, size_t size, gfp_t gfp, const void *caller)
{
	unsigned long nr = vm_run_pages(size), old;
	struct page *body;
	size_t was;
	struct area *a;

	lock_take(&area_lock, LOCK_AREA);
	a = __area_find(p);
	lock_drop(&area_lock, LOCK_AREA);
	if (!a || size > SIZE_MAX / 4)
		return NULL;
	old = a->node.size >> PG_SHIFT;
	was = a->vm.requested_size;
	area_resizes(a, size, gfp);
	if (a->vm.pages && size <= a->node.size) {
		a->vm.requested_size = size;
		area_resized(a, was, gfp);
		return p;
	}
	if (a->vm.pages)
		return area_move(a, size, gfp, caller);
	body = addr_page(p);
	if (nr < old && may_sleep(gfp) && !atomic_here()) {
		/* no look at what goes, from now on */
		set_size(a, nr, size);
		if (!vm_run_shrink(body, old, nr))
			set_size(a, old, size);
	} else if (nr <= old) {
		set_size(a, old, size);
	} else if (may_sleep(gfp) && vm_run_grow(body, old, nr, gfp)) {
		set_size(a, nr, size);
	} else {
		return area_move(a, size, gfp, caller);
	}
	area_resized(a, was, gfp);
	return p;
}

/* --- looking, validating, fork -------------------------------------------- */

static void each(struct tree_node *n,
		 void (*fn)(const struct vm_struct *vm, void *data), void *data)
{
	struct area *a = area_of(n);

	if (!a)
		return;
	each(n->left, fn, data);
	if (state_of(a) == AREA_LIVE)
		fn(&a->vm, data);
	each(n->right, fn, data);
}

void __areas_each(void (*fn)(const struct vm_struct *vm, void *data),
		  void *data)
{
	each(root, fn, data);
}

void areas_each(void (*fn)(const struct vm_struct *vm, void *data), void *data)
{
	lock_take(&area_lock, LOCK_AREA);
	each(root, fn, data);
	lock_drop(&area_lock, LOCK_AREA);
}

static bool __records_valid(void)
{
	unsigned long nr = 0, bytes = 0, live = 0;
	struct area *a;

	if (!tree_valid(root, &nr, &bytes) || nr != nr_live)
		return false;
	for (a = first_record(); a; a = next_record(a)) {
		if (state_of(a) != AREA_LIVE)
			continue;
		live++;
		if (__area_cover(a->vm.addr) != a || !a->pub.live ||
		    a->node.start != (uintptr_t)a->vm.addr ||
		    (!a->vm.pages &&
		     !page_test(addr_page(a->vm.addr), PG_vmalloc)))
			return false;
	}
	return live <= nr;
}

bool areas_validate(void)
{
	bool ok;

	lock_take(&area_lock, LOCK_AREA);
	ok = __records_valid();
	lock_drop(&area_lock, LOCK_AREA);
	if (!ok)
		report("BUG kmem: the records of vmalloc areas are damaged");
	return ok;
}

unsigned long areas_live(void)
{
	return __atomic_load_n(&nr_live, __ATOMIC_RELAXED);
}

static void area_fork_prepare(void)
{
	areas_settle();
	lock_take(&area_lock, LOCK_AREA);
}

static void area_fork_parent(void)
{
	lock_drop(&area_lock, LOCK_AREA);
}

/*
 * An area that another thread was making or ending is lost to the child, with
 * its pages.
 */
static void area_fork_child(void)
{
	defer_forget(&later);
	lock_reset(&area_lock);
}

static const struct fork_ops area_fork = {
	.prepare = area_fork_prepare,
	.parent = area_fork_parent,
	.child = area_fork_child,
};

static unsigned long shrink_areas(gfp_t gfp, unsigned int priority)
{
	(void)gfp;
	(void)priority;
	return areas_settle() >> PG_SHIFT;
}

int areas_boot(void)
{
	static struct page_client client = { .shrink = shrink_areas };
	const struct slab_params params = {
		.name = "vmap_area",
		.size = sizeof(struct area),
		.align = __alignof__(struct area),
		.flags = SLAB_SKIP_KFENCE, /* kmem leaks knows them in slabs */
	};
	int err = 0;

	if (area_cache)
		return 0;
	area_cache = slab_create(&params, &err);
	if (!area_cache)
		return err;
	debug_view.areas = &page_totals()->areas;
	page_register(&client);
	fork_register(FORK_AREA, &area_fork);
	vmap_boot();
	return 0;
}
