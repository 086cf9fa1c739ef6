/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Sampled guard pages.  THEORY.
 *
 * 1. What it is for.  Faults that a program makes where it is really used: one
 *    request in many gets an object on a page of its own between pages that
 *    fault, so an access beside it, or after its free, is seen in the act,
 *    with three stacks.  The others pay nothing.
 *
 * 2. The pool: 2 N + 2 pages of the window, of the OS's size.
 *
 *	0      1      2        3      4        5      ..  2N+1
 *	guard  guard  object 0 guard  object 1 guard  ..  guard
 *
 *    All of them fault, but the object pages in use.  No page of it has an
 *    owner or a column, so every free of an object misses the fast path, and
 *    whoever finds no owner asks kfence_holds().
 *
 * 3. One sample.  When an interval has passed, the library's thread opens the
 *    gate: kfence_gate says so, and every cache's column is gated (sync/pcs.h),
 *    so the next request of each cache takes the slow path.  The first whose
 *    compare-and-exchange shuts the gate gets an object from the pool; all
 *    others find their column, open it again and take what their sheaf has.
 *    Caches without a column take the slow path anyway.  While the gate is open
 *    the thread sleeps without an end; who shuts it rings.
 *
 * 4. One object, in one slot of N.  A slot is free, busy (in the hand of a
 *    thread), used, or waits for readers (RCU); each change is a
 *    compare-and-exchange, so there is no lock, nothing to do around a fork,
 *    and a signal handler may come anywhere.  The slot that has been free for
 *    the longest is used next: queued[] has for each slot the number of its
 *    last free, 0 while it is not free.  Of what a thread was in the middle of
 *    when its process forked the child loses one slot.
 *    The object lies at the left or the right end of its page, by chance, at
 *    the size that was asked for.  Canary bytes fill the rest of the page.
 *
 * 5. A fault in the pool is reported and its page opened, so the program goes
 *    on, as it would have without a guard.  The next use, or free, of the slot
 *    closes the page again.
 *
 * 6. What it calls.  mprotect() for each sample and each free of one, from
 *    whatever context the request came; requests that must not even spin
 *    (kmalloc_nolock()) are never sampled.
 */
#include "slab/kfence.h"

#include <linux/kfence.h>
#include <linux/slab.h>

#include "debug/report.h"
#include "debug/view.h"
#include "debug/watch.h"
#include "lib/options.h"
#include "lib/time.h"
#include "page/page.h"
#include "page/reclaim.h"
#include "page/sites.h"
#include "port/probe.h"
#include "slab/debug.h"

uint32_t kfence_gate;
struct kfence_pool kfence_pool;

static struct kfence_meta *metas;
static uint32_t *queued;
static unsigned int nr_slots;
static uint32_t last_queued;
static unsigned long page_bytes;

static int64_t interval_ns;
static size_t least_align;
static uint64_t due_ns;

static struct kfence_counts counted;

static void count_up(unsigned long *n)
{
	__atomic_fetch_add(n, 1, __ATOMIC_RELAXED);
}

unsigned long kfence_page(void)
{
	return page_bytes;
}

unsigned int kfence_number(const struct kfence_meta *m)
{
	return (unsigned int)(m - metas);
}

/* --- pages and slots ------------------------------------------------------ */

static char *page_of_slot(unsigned int i)
{
	return kfence_pool.base + 2 * (i + 1ul) * page_bytes;
}

/* The slot of an object page; NULL for a guard, and for the first page. */
static struct kfence_meta *slot_of(const void *p)
{
	size_t n = ((uintptr_t)p - (uintptr_t)kfence_pool.base) / page_bytes;

	return n % 2 || !n ? NULL : &metas[n / 2 - 1];
}

static char *page_start(const void *p)
{
	return (char *)((uintptr_t)p & ~(page_bytes - 1));
}

static bool state_change(struct kfence_meta *m, uint32_t from, uint32_t to)
{
	return __atomic_compare_exchange_n(&m->state, &from, to, false,
					   __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

/* The number of a free is not 0. */
static void slot_queue(unsigned int i)
{
	uint32_t n = __atomic_add_fetch(&last_queued, 1, __ATOMIC_RELAXED);

	__atomic_store_n(&queued[i], n ? n : 1, __ATOMIC_RELEASE);
}

/* The slot that has been free for the longest, or NULL. */
static struct kfence_meta *slot_claim(void)
{
	unsigned int i, best, tries;
	uint32_t n, oldest, now;

	for (tries = 0; tries < 4; tries++) {
		now = READ_ONCE(last_queued);
		best = nr_slots;
		oldest = 0;
		for (i = 0; i < nr_slots; i++) {
			n = READ_ONCE(queued[i]);
			if (n && (best == nr_slots || now - n > now - oldest)) {
				best = i;
				oldest = n;
			}
		}
		if (best == nr_slots)
			return NULL;
		/* acquire: what the last owner did */
		if (__atomic_compare_exchange_n(&queued[best], &oldest, 0,
						false, __ATOMIC_ACQUIRE,
						__ATOMIC_RELAXED)) {
			WRITE_ONCE(metas[best].state, KFENCE_BUSY);
			return &metas[best];
		}
	}
	return NULL;
}

/* Closes the page that a report has opened; the object's own is not. */
static void close_opened(struct kfence_meta *m)
{
	char *page = __atomic_exchange_n(&m->opened, NULL, __ATOMIC_RELAXED);

	if (page && page != page_of_slot(kfence_number(m)))
		port_guard(page, page_bytes, true);
}

/* --- canary --------------------------------------------------------------- */

static void canary_fill(char *from, char *to)
{
	for (; from < to; from++)
		*from = (char)kfence_canary(from);
}

/* The first byte that is not what it was, or NULL. */
static const char *canary_fault(const char *from, const char *to)
{
	for (; from < to; from++)
		if ((unsigned char)*from != kfence_canary(from))
			return from;
	return NULL;
}

static void canary_check(struct kfence_meta *m, const void *caller)
{
	const char *page = page_start(m->addr);
	struct kfence_finding f = {
		.error = KFENCE_CORRUPTION,
		.pc = caller,
		.meta = m,
	};

	f.at = canary_fault(page, m->addr);
	if (f.at) {
		count_up(&counted.bugs);
		kfence_report(&f);
	}
	f.at = canary_fault(m->addr + m->size, page + page_bytes);
	if (f.at) {
		count_up(&counted.bugs);
		kfence_report(&f);
	}
}

/* --- objects -------------------------------------------------------------- */

static void track_set(struct kfence_track *t, const void *caller)
{
	t->task = port_tid();
	t->cpu = port_cpu();
	t->ns = port_clock_ns();
	t->nr = stack_here(t->pc, caller);
}

/*
 * A block that was asked for by its size is as aligned as that size, an object
 * of a cache as the cache.
 */
static size_t align_for(const struct kmem_cache *s, size_t size)
{
	size_t own = size & -size;

	if (size == s->object_size)
		return s->align;
	return own > least_align ? own : least_align;
}

/* By chance, as far as the addresses and the time are. */
static bool to_the_right(void)
{
	static uint64_t mix;
	uint64_t n = READ_ONCE(mix) + 1;

	n = (n ^ port_clock_ns() ^ (uintptr_t)&n) * 0x9e3779b97f4a7c15ull;
	WRITE_ONCE(mix, n);
	return n >> 40 & 1;
}

static void construct(struct kmem_cache *s, char *obj)
{
	if (s->ctor)
		s->ctor(obj);
	else if (s->ctor3)
		s->ctor3(obj, s, SLAB_CTOR_CONSTRUCTOR);
}

static void *slot_fill(struct kfence_meta *m, struct kmem_cache *s, gfp_t gfp,
		       size_t size, const void *caller)
{
	char *page = page_of_slot(kfence_number(m)), *obj = page;

	if (to_the_right()) {
		obj += page_bytes - size;
		obj = (char *)((uintptr_t)obj & ~(align_for(s, size) - 1));
	}
	m->addr = obj;
	m->size = size;
	m->marks = 0;
	WRITE_ONCE(m->cache, s);
	track_set(&m->alloc, caller);
	canary_fill(page, obj);
	canary_fill(obj + size, page + page_bytes);
	construct(s, obj);
	if (gfp & __GFP_ZERO || s->flags & SLAB_INIT_ALLOC)
		memset(obj, 0, size);
	__atomic_store_n(&m->state, KFENCE_USED, __ATOMIC_RELEASE);
	count_up(&counted.allocs);
	STAP_PROBE3(otel_memory, alloc, PROBE_WORD(obj), PROBE_WORD(size),
		    PROBE_WORD(size));
	return obj;
}

static void *guarded_alloc(struct kmem_cache *s, gfp_t gfp, size_t size,
			   const void *caller)
{
	struct kfence_meta *m = slot_claim();

	if (m) {
		close_opened(m);
		if (port_guard(page_of_slot(kfence_number(m)), page_bytes,
			       false))
			return slot_fill(m, s, gfp, size, caller);
		WRITE_ONCE(m->state, KFENCE_FREE);
		slot_queue(kfence_number(m));
	}
	count_up(&counted.capacity);
	return NULL;
}

/* The slot is busy, in this thread's hand. */
static void guarded_free(struct kfence_meta *m, const void *caller)
{
	struct kmem_cache *s = m->cache;
	char *page = page_of_slot(kfence_number(m));

	STAP_PROBE1(otel_memory, free, PROBE_WORD(m->addr));
	canary_check(m, caller);
	if (s->dtor3)
		s->dtor3(m->addr, s, 0);
	if (s->flags & SLAB_INIT_FREE)
		memset(m->addr, 0, m->size);
	close_opened(m);
	port_guard(page, page_bytes, true);
	count_up(&counted.frees);
	__atomic_store_n(&m->state, KFENCE_FREE, __ATOMIC_RELEASE);
	slot_queue(kfence_number(m));
}

static void free_after_readers(struct port_rcu *head)
{
	struct kfence_meta *m = list_entry_of(head, struct kfence_meta, rcu);

	WRITE_ONCE(m->state, KFENCE_BUSY);
	guarded_free(m, m->free.pc[0]);
}

void kfence_free(struct kmem_cache *s, void *p, const void *caller)
{
	struct kfence_meta *m = slot_of(p);
	struct kfence_finding f = {
		.error = KFENCE_INVALID_FREE,
		.at = p,
		.pc = caller,
		.meta = m,
	};

	if (m && p == m->addr && s && kfence_state(m) == KFENCE_USED &&
	    READ_ONCE(m->cache) != s) {
		slab_report_wrong_cache(s, READ_ONCE(m->cache), p, caller);
		return;
	}
	if (!m || p != m->addr || !state_change(m, KFENCE_USED, KFENCE_BUSY)) {
		count_up(&counted.bugs);
		kfence_report(&f);
		return;
	}
	track_set(&m->free, caller);
	if (!(m->cache->flags & SLAB_TYPESAFE_BY_RCU)) {
		guarded_free(m, caller);
		return;
	}
	__atomic_store_n(&m->state, KFENCE_GRACE, __ATOMIC_RELEASE);
	port_rcu_call(&m->rcu, free_after_readers);
	page_pass_due();
}

static struct kfence_meta *used_at(const void *p)
{
	struct kfence_meta *m = kfence_holds(p) ? slot_of(p) : NULL;

	return m && kfence_state(m) == KFENCE_USED && m->addr == p ? m : NULL;
}

size_t kfence_size(const void *p)
{
	const struct kfence_meta *m = used_at(p);

	return m ? m->size : 0;
}

struct kmem_cache *kfence_cache(const void *p)
{
	const struct kfence_meta *m = used_at(p);

	return m ? READ_ONCE(m->cache) : NULL;
}

bool kfence_mark(const void *p, uint64_t take, uint64_t set)
{
	struct kfence_meta *m = used_at(p);

	return m && site_mark(&m->marks, take, set);
}

void *kfence_object(const void *p)
{
	const struct kfence_meta *m = slot_of(p);

	return m && m->addr ? m->addr : page_start(p);
}

bool kfence_shutdown(struct kmem_cache *s)
{
	struct kfence_meta *m;
	bool left = false;

	for (m = metas; m < metas + nr_slots; m++) {
		if (READ_ONCE(m->cache) != s)
			continue;
		if (kfence_state(m) != KFENCE_USED) {
			WRITE_ONCE(m->cache, NULL);
			continue;
		}
		report_bug_begin(s->name, "Objects remaining on "
					  "__kmem_cache_shutdown()");
		report_line("Object 0x%p @kfence-#%u", (void *)m->addr,
			    kfence_number(m));
		report_end();
		count_up(&counted.zombies);
		left = true;
	}
	return !left;
}

/* --- the gate ------------------------------------------------------------- */

static bool is_suitable(const struct kmem_cache *s, gfp_t gfp, size_t size)
{
	const gfp_t zones = __GFP_DMA | __GFP_DMA32 | __GFP_HIGHMEM;

	return size && size <= page_bytes && s->align <= page_bytes &&
	       !((gfp | s->allocflags) & zones) &&
	       !(s->flags & SLAB_SKIP_KFENCE) && gfp & __GFP_RECLAIM;
}

/* The gate of this cache was open, so its sheaf may have objects. */
static void *from_sheaf(struct kmem_cache *s, gfp_t gfp)
{
	void *obj = pcs_pop_first(&s->pcs);

	if (!obj)
		return NULL;
	return gfp & __GFP_ZERO ? slab_zero(s, obj) : obj;
}

static bool gate_shut(void)
{
	uint32_t open = KFENCE_OPEN;

	if (READ_ONCE(kfence_gate) != open ||
	    !__atomic_compare_exchange_n(&kfence_gate, &open, KFENCE_SHUT,
					 false, __ATOMIC_RELAXED,
					 __ATOMIC_RELAXED))
		return false;
	/* the thread sleeps without an end while the gate is open */
	thread_ring();
	return true;
}

void *kfence_sample(struct kmem_cache *s, gfp_t gfp, size_t size,
		    const void *caller)
{
	bool gated = pcs_ungate(&s->pcs);
	void *obj = NULL;

	if (!is_suitable(s, gfp, size)) {
		if (READ_ONCE(kfence_gate) == KFENCE_OPEN)
			count_up(&counted.incompatible);
	} else if (gate_shut()) {
		obj = guarded_alloc(s, gfp, size, caller);
	}
	return obj || !gated ? obj : from_sheaf(s, gfp);
}

static int64_t gate_due(void)
{
	uint64_t now = port_clock_ns();

	if (READ_ONCE(kfence_gate) != KFENCE_SHUT)
		return -1;
	return due_ns > now ? (int64_t)(due_ns - now) : 0;
}

void kfence_gate_open(void)
{
	struct list_head *pos;

	if (gate_due())
		return;
	due_ns = port_clock_ns() + (uint64_t)interval_ns;
	__atomic_store_n(&kfence_gate, KFENCE_OPEN, __ATOMIC_RELAXED);
	lock_take(&slab_mutex, LOCK_CACHES);
	ring_for_each(pos, &slab_caches)
		pcs_gate(&list_entry_of(pos, struct kmem_cache, list)->pcs);
	lock_drop(&slab_mutex, LOCK_CACHES);
}

static const struct page_duty gate_duty = {
	.due = gate_due,
	.fn = kfence_gate_open,
};

/* --- faults --------------------------------------------------------------- */

/* Which used object lies nearer to an address in a guard page, or NULL. */
static struct kfence_meta *neighbour(const char *at)
{
	struct kfence_meta *left = NULL, *right = NULL;
	const char *page = page_start(at);

	if (kfence_holds(page - page_bytes))
		left = slot_of(page - page_bytes);
	if (kfence_holds(page + page_bytes))
		right = slot_of(page + page_bytes);
	if (left && kfence_state(left) != KFENCE_USED)
		left = NULL;
	if (right && kfence_state(right) != KFENCE_USED)
		right = NULL;
	if (left && right)
		return at - (left->addr + left->size) < right->addr - at ?
			       left :
			       right;
	return left ? left : right;
}

static bool kfence_fault(void *addr, const void *pc, bool write)
{
	char *page = page_start(addr);
	struct kfence_finding f = {
		.error = KFENCE_UAF,
		.write = write,
		.at = addr,
		.pc = pc,
	};

	if (!kfence_holds(addr))
		return false;
	f.meta = slot_of(addr);
	if (!f.meta) {
		f.meta = neighbour(addr);
		f.error = f.meta ? KFENCE_OOB : KFENCE_INVALID;
	} else if (!f.meta->addr) {
		f.meta = NULL;
		f.error = KFENCE_INVALID;
	} else if (kfence_state(f.meta) == KFENCE_USED) {
		/* it was freed, and is in use again since a moment ago */
		return port_guard(page, page_bytes, false);
	}
	count_up(&counted.bugs);
	kfence_report(&f);
	if (f.meta)
		__atomic_store_n(&f.meta->opened, page, __ATOMIC_RELAXED);
	return port_guard(page, page_bytes, false);
}

/* --- the start ------------------------------------------------------------ */

static void *metas_map(unsigned int n)
{
	size_t each = sizeof(*metas) + sizeof(*queued), page = port_page_size();

	return port_map(ALIGN_UP(n * each, page), page, false);
}

/* As many slots as a span has room for; false: there is no memory. */
static bool pool_make(unsigned int n)
{
	unsigned long unit, pages;
	struct page *head;
	unsigned int most;

	page_bytes = port_page_size() > PG_BYTES ? port_page_size() : PG_BYTES;
	unit = page_bytes / PG_BYTES;
	most = (unsigned int)((1ul << PG_MAX_ORDER) / unit / 2 - 1);
	if (n > most) {
		report("kfence: %u objects, not %u: the pool is 4 MiB at most",
		       most, n);
		n = most;
	}
	metas = metas_map(n);
	if (!metas)
		return false;
	pages = 2 * (n + 1ul) * unit;
	head = page_alloc_span(GFP_KERNEL | __GFP_NOWARN, pages,
			       (unsigned int)__builtin_ctzl(unit));
	if (!head)
		return false;
	if (!port_guard(page_addr(head), pages << PG_SHIFT, true)) {
		page_free_span(head);
		return false;
	}
	queued = (uint32_t *)(void *)(metas + n);
	nr_slots = n;
	for (unsigned int i = 0; i < n; i++)
		slot_queue(i);
	kfence_pool.base = page_addr(head);
	debug_view.kfence = &kfence_pool;
	debug_view.kfence_meta = metas;
	debug_view.kfence_slots = n;
	debug_view.kfence_page = page_bytes;
	debug_view.kfence_counts = &counted;
	window.guarded = kfence_pool.base;
	window.guarded_bytes = pages << PG_SHIFT;
	__atomic_store_n(&kfence_pool.bytes, pages << PG_SHIFT,
			 __ATOMIC_RELEASE);
	return true;
}

void kfence_start(size_t align)
{
	int64_t ms = option_value(OPT_KFENCE_SAMPLE_INTERVAL);

	if (KMEM_SMALL || !ms || kfence_gate != KFENCE_OFF || watch_on())
		return;
	interval_ns = ms * NS_PER_MS;
	least_align = align;
	if (!port_on_fault(kfence_fault)) {
		report("kfence: faults are not seen on this system");
		return;
	}
	if (!pool_make((unsigned int)option_value(OPT_KFENCE_NUM_OBJECTS))) {
		report("kfence: no memory for the pool");
		return;
	}
	due_ns = port_clock_ns() + (uint64_t)interval_ns;
	WRITE_ONCE(kfence_gate, KFENCE_SHUT);
	page_thread_duty(&gate_duty);
}

/* --- figures -------------------------------------------------------------- */

void kfence_counts(struct kfence_counts *c)
{
	c->allocs = READ_ONCE(counted.allocs);
	c->frees = READ_ONCE(counted.frees);
	c->bugs = READ_ONCE(counted.bugs);
	c->zombies = READ_ONCE(counted.zombies);
	c->incompatible = READ_ONCE(counted.incompatible);
	c->capacity = READ_ONCE(counted.capacity);
}

const struct kfence_meta *kfence_meta(unsigned int i)
{
	return i < nr_slots ? &metas[i] : NULL;
}

/**
 * is_kfence_address - is this in the pool of guarded objects?
 * @addr: any pointer
 *
 * Return: true for objects between guard pages, and for these pages; false
 * for all others, and where kfence.sample_interval is not set.
 * Context: any.
 * Source: Linux 5.12 and later.
 */
bool is_kfence_address(const void *addr)
{
	return kfence_holds(addr);
}
