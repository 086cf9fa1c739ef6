/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The page layer from inside: the window, zones, per-CPU page lists.
 * Callers above use the public calls of <linux/gfp.h> and what stands here.
 */
#ifndef PAGE_PAGE_H
#define PAGE_PAGE_H

#include <kmem/hook.h>
#include <kmem/published.h>
#include <linux/gfp_types.h>
#include <linux/mm_types.h>
#include <linux/sched.h>
#include <linux/types.h>

#include "debug/publish.h"
#include "lib/late.h"
#include "lib/mem.h"
#include "sync/lock.h"

#define PG_SHIFT 12
#define PG_BYTES (1ul << PG_SHIFT)
#define PG_MAX_ORDER 10
#define PG_ORDERS (PG_MAX_ORDER + 1)
/* Blocks of this order, 2 MiB, and above know since when they are free. */
#define PG_PURGE_ORDER 9
/* Holes are aligned blocks of this order, 1 MiB. */
#define PG_HOLE_ORDER 8
/* Bytes of late notes for each page. */
#define PG_LATE_BYTES 128
/* Per-CPU lists hold blocks of orders 0..3. */
#define PCP_ORDERS 4

enum zone_id { ZONE_ID_DMA, ZONE_ID_DMA32, ZONE_ID_NORMAL, ZONES };

/*
 * The direct map.  base is where "physical address" 0 lies; map is the array
 * of page records, one for each page of the window; slab_map gives each page
 * 64 bytes for the free bitmap of slabs with more objects than a record
 * holds; owner names the cache of each page of a slab, and column where that
 * cache's sheaves lie, 0 for one that has no such place; both are arrays of
 * their own because a free loads one word of one of them and no other: eight
 * pages share a line; late is where an object that cannot be put away is noted
 * (slab/late.c).
 * Written once, before anything else of the layer can be reached.
 *
 * main_*: the usable part of the highest zone there is, where nearly all
 * blocks lie: its first address, pages, and their words.
 */
struct window {
	char *main_base;
	unsigned long main_pages;
	uintptr_t *main_column;
	struct kmem_cache **main_owner;
	char *base;
	size_t size;
	struct page *map;
	char *slab_map;
	struct kmem_cache **owner;
	uintptr_t *column;
	char *late;
	unsigned long pages;
	size_t limit; /* mem=: bytes the process may map; 0 no limit */
};

/* hidden: an extern of which nothing is said is reached by the GOT */
extern struct window window __attribute__((visibility("hidden")));

/*
 * The free blocks of one order.  Those whose memory is with the OS
 * (PG_purged) stand on a list of their own and are taken last: using one
 * costs page faults.  list is kept newest first; from PG_PURGE_ORDER on the
 * private word of a block on it is the time when it became free.  What lies in
 * a highatomic range (highatomic.c) is on the third list, here or away.
 */
struct free_area {
	struct list_head list;
	struct list_head away;
	struct list_head highatomic;
	unsigned long nr_free; /* blocks on all lists */
	unsigned long nr_highatomic;
};

#define HIGHATOMIC_MOST 16

enum zone_mark { MARK_MIN, MARK_LOW, MARK_HIGH, MARKS };

/*
 * A zone is the pfn range [start, end) of the window, of which [start, grown)
 * has records and is usable but for holes (hole.c).  grown only goes up.
 */
struct zone {
	struct lock lock;
	const char *name;
	unsigned long start, grown, end;
	unsigned long free; /* pages on the free lists */
	unsigned long mark[MARKS];
	unsigned long reserve[ZONES]; /* kept from requests of that class */
	struct free_area area[PG_ORDERS];
	/* counters, under lock; for the reports */
	unsigned long nr_purged; /* free pages whose memory is away */
	unsigned long dirty;     /* free pages that a pass would purge */
	unsigned long retaken;   /* purged pages taken in this hold */
	unsigned long nr_alloc, nr_free_calls;
	uint64_t oldest_free_ns; /* since when a big free block is kept */
	struct late late;        /* blocks freed while the lock was busy */
	unsigned long isolated;  /* free pages, purged or touched just now */
	unsigned long keep;      /* free pages whose memory is to be here */
	/* ranges of the largest order, by their first pfn */
	unsigned int nr_highatomic;
	unsigned long highatomic[HIGHATOMIC_MOST];
	unsigned long free_highatomic; /* pages; of free */
	unsigned long most_highatomic; /* the most of these, of these ranges */
	unsigned long deepest;  /* of the reserve used, pages, since a reset */
	unsigned long absent;   /* pages below grown that are not usable */
	struct list_head holes; /* blocks to commit again; LOCK_GROW */
	unsigned long nr_holes; /* on that list */
} __attribute__((aligned(CACHE_LINE)));

extern struct zone zones[ZONES];

/* Growth, purging and the balance of the hard limit. */
extern struct lock grow_lock;

/* One CPU's lists. Index by order. */
struct pcp {
	struct lock lock;
	unsigned int count; /* pages on all lists */
	struct kmem_pub_pcp *pub;
	struct list_head list[ZONES][PCP_ORDERS];
} __attribute__((aligned(CACHE_LINE)));

/*
 * The flags word of a block's head.  Merging looks at the word of a
 * neighbour that somebody else may own and be writing: PG_buddy is only
 * changed under the zone's lock and the owner leaves it alone, so the answer
 * is right whatever the other bits are doing.
 */
static inline unsigned long page_bits(const struct page *page)
{
	return __atomic_load_n(&page->flags, __ATOMIC_RELAXED);
}

static inline void page_set_bits(struct page *page, unsigned long flags)
{
	__atomic_store_n(&page->flags, flags, __ATOMIC_RELAXED);
}

static inline bool page_test(const struct page *page, enum pageflags bit)
{
	return page_bits(page) >> bit & 1;
}

#define PG_MASK(bit) (1ul << (bit))

static inline void cpu_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield" ::: "memory");
#else
	__asm__ volatile("" ::: "memory");
#endif
}

/* memmap.c: claims window, records and slab maps. 0 or -ENOMEM. */
int window_boot(void);
void window_arrays_set(void);
/* Makes the zone's records usable up to there, or none: as port_commit(). */
int window_commit_map(struct zone *z, unsigned long to);
/* Ends that beyond grown, as far as the host can. */
void window_uncommit_map(struct zone *z);
/* Calls fn for the usable part of each array, until it says something. */
int window_each_part(unsigned long from, unsigned long to,
		     int (*fn)(void *p, size_t n));

/* hole.c: parts of zones that are not usable; under grow_lock */
/*
 * Does the host count what is mapped?  As it was when a pass looked, or when
 * it refused something, last.
 */
extern bool page_counted;
void __holes_look(void);
/* Commits blocks that were uncommitted, of about that many pages. */
unsigned long __holes_fill(struct zone *z, unsigned long pages);
/* Somebody else is in the block at the zone's end; false: no way around it. */
bool __hole_pass(struct zone *z);
/* Blocks that are away go to the host, if it counts. */
void __holes_make(void);
/* The host has refused: all blocks that can go. Bytes. */
size_t page_uncommit(void);

/* page_publish.c */
void page_publish_boot(void);
void __zone_publish(struct zone *z); /* its lock is held */
/* Around fork, in the child: what it shows is its own. */
void page_publish_forked(void);

/*
 * The totals of this process, private memory; these two change one of them,
 * and what is shown of it.  Adders need no lock, who sets has one.
 */
struct kmem_pub_totals *page_totals(void);
void total_add(uint64_t *total, long n);
void total_set(uint64_t *total, uint64_t value);

/* zone.c */
int page_boot(void);
bool page_ready(void);
struct zone *zone_of_pfn(unsigned long pfn);
/* More usable pages for the zone: at least 1 << order. Sleeps. */
bool zone_grow(struct zone *z, unsigned int order);
/* The same for the zone that serves most, if there is room. */
bool zone_grow_main(unsigned int order);
void zone_set_marks(void);
/* Sets grown and what goes with it; grow_lock and the zone's lock are held. */
void __zone_set_grown(struct zone *z, unsigned long to);
/*
 * What [from, to) has to be beyond usable, before anybody can have it; under
 * grow_lock.  false: the host has no memory.
 */
bool __zone_backed(unsigned long from, unsigned long to);
/* Could growth add pages to the zone now? A guess without the lock. */
bool zone_can_grow(const struct zone *z);
/* Usable pages of all zones. */
unsigned long zones_usable(void);
/* Do the zone's free lists hold one of this order above the mark? */
bool __zone_mark_ok(const struct zone *z, unsigned int order,
		    unsigned long mark, unsigned int class);
/* The same for who may have what is kept in highatomic ranges. */
bool __zone_mark_ok_highatomic(const struct zone *z, unsigned int order,
			       unsigned long mark, unsigned int class);

/* limit.c: the hard limit over window and mapped regions */
/* Pages that zones may still grow by, at most want. Under grow_lock. */
unsigned long __limit_room(unsigned long want);
void __limit_grown(long pages);
/* Bytes charged outside the window. */
unsigned long limit_mapped(void);
/*
 * Charges n bytes outside the window to the hard limit on behalf of a request
 * with gfp, which must have __GFP_DIRECT_RECLAIM; false: over it.
 */
bool mem_charge(size_t n, gfp_t gfp);
void mem_uncharge(size_t n);
/* Under grow_lock; pages taken for the charge go back with a later one. */
void __mem_uncharge(size_t n);
/* Would a charge succeed without taking pages off the zones? */
bool mem_fits(size_t n);

static inline unsigned long addr_pfn(const void *p)
{
	return ((uintptr_t)p - (uintptr_t)window.base) >> PG_SHIFT;
}

static inline struct page *addr_page(const void *p)
{
	return window.map + addr_pfn(p);
}

static inline unsigned long page_pfn(const struct page *page)
{
	return (unsigned long)(page - window.map);
}

static inline void *page_addr(const struct page *page)
{
	return window.base + (page_pfn(page) << PG_SHIFT);
}

static inline struct page *page_head(struct page *page)
{
	unsigned long head = page->compound_head;

	return head & 1 ? (struct page *)(head - 1) : page;
}

/* Has the address a record, whatever is there? False for junk. */
bool page_has_record(const void *p);

/*
 * Has the address a record?  One comparison for nearly all blocks.  Any
 * address may be asked, NULL too, and before the layer has booted.
 */
static inline unsigned long main_page(const void *p)
{
	return ((uintptr_t)p - (uintptr_t)window.main_base) >> PG_SHIFT;
}

static inline bool page_known(const void *p)
{
	return likely(main_page(p) <
		      __atomic_load_n(&window.main_pages, __ATOMIC_ACQUIRE)) ||
	       page_has_record(p);
}

/* Is it the record of a page?  Any pointer may be asked. */
static inline bool page_is_record(const struct page *page)
{
	uintptr_t off = (uintptr_t)page - (uintptr_t)window.map;

	return !(off % sizeof(*page)) && page_known(page_addr(page));
}

/* Is it in a hole, given that it has a record? */
static inline bool page_in_hole(unsigned long pfn)
{
	return page_test(window.map + ALIGN_DOWN(pfn, 1ul << PG_HOLE_ORDER),
			 PG_hole);
}

/* Is it usable memory of a zone, now? */
static inline bool page_is_usable(const void *p)
{
	return page_known(p) && !page_in_hole(addr_pfn(p));
}

static inline unsigned long zone_pages(const struct zone *z)
{
	return __atomic_load_n(&z->grown, __ATOMIC_RELAXED) - z->start -
	       __atomic_load_n(&z->absent, __ATOMIC_RELAXED);
}

/* Whose slab a page is part of: a word for each page, NULL for no slab. */
static inline struct kmem_cache **page_owner_word(const struct page *page)
{
	return window.owner + page_pfn(page);
}

static inline struct kmem_cache *page_cache(const struct page *page)
{
	return __atomic_load_n(page_owner_word(page), __ATOMIC_RELAXED);
}

static inline uintptr_t page_column(const struct page *page)
{
	return __atomic_load_n(&window.column[page_pfn(page)],
			       __ATOMIC_RELAXED);
}

static inline void page_set_cache(const struct page *page, struct kmem_cache *s,
				  uintptr_t column)
{
	__atomic_store_n(page_owner_word(page), s, __ATOMIC_RELAXED);
	__atomic_store_n(&window.column[page_pfn(page)], column,
			 __ATOMIC_RELAXED);
}

/*
 * Who has an address from the window has learnt of it after its part became
 * usable, so a plain load sees that; a compiler may then compare with memory.
 */
#if defined(__SANITIZE_THREAD__)
#define MAIN_PAGES() __atomic_load_n(&window.main_pages, __ATOMIC_ACQUIRE)
#define MAIN_OWNER(n) __atomic_load_n(&window.main_owner[n], __ATOMIC_RELAXED)
#else
#define MAIN_PAGES() (window.main_pages)
#define MAIN_OWNER(n) (window.main_owner[n])
#endif

/*
 * The cache of the slab that the address lies in, if that is in the main part
 * of the window; NULL: page_owner() may know more.
 */
static inline struct kmem_cache *page_owner_first(const void *p)
{
	unsigned long n = main_page(p);

	if (unlikely(n >= MAIN_PAGES()))
		return NULL;
	return __atomic_load_n(&window.main_owner[n], __ATOMIC_RELAXED);
}

/* Is it that cache? false: page_owner() may know more. */
static inline bool page_owner_is(const void *p, const struct kmem_cache *s)
{
	unsigned long n = main_page(p);

	return likely(n < MAIN_PAGES()) && likely(MAIN_OWNER(n) == s);
}

/* The same of the column; 0: page_owner() may know more. */
static inline uintptr_t page_column_first(const void *p)
{
	unsigned long n = main_page(p);

	if (unlikely(n >= MAIN_PAGES()))
		return 0;
	return __atomic_load_n(&window.main_column[n], __ATOMIC_RELAXED);
}

/* The cache of the slab that the address lies in, or NULL. */
static inline struct kmem_cache *page_owner(const void *p)
{
	return page_known(p) ? page_cache(addr_page(p)) : NULL;
}

/*
 * The zone's lock; false: not now.  The way in gives late blocks to the lists
 * first: all of them if the caller may sleep, else some.
 */
bool zone_get(struct zone *z, enum lock_wait how);
void zone_put(struct zone *z, enum lock_wait how);
/* Puts a block away later: a holder of the lock does it. Lock-free. */
void zone_defer(struct zone *z, struct page *page, unsigned int order);

static inline void zone_lock(struct zone *z)
{
	zone_get(z, LOCK_SLEEP);
}

static inline void zone_unlock(struct zone *z)
{
	zone_put(z, LOCK_SLEEP);
}
unsigned long zones_grown_calls(void);

/* buddy.c: the pure algorithm; the zone's lock is held by the caller. */
struct page *__buddy_take(struct zone *z, unsigned int order);
/* From the highatomic ranges, and from nowhere else. */
struct page *__buddy_take_highatomic(struct zone *z, unsigned int order);
void __buddy_give(struct zone *z, struct page *page, unsigned int order);
/* The smallest that is away, still on its list, or NULL. */
struct page *__buddy_away(struct zone *z);
/* Takes this very block, which must be free as a whole, off its list. */
void __buddy_isolate(struct zone *z, struct page *page, unsigned int order);

/*
 * Takes what is free in [from, to), which no free block crosses the ends of,
 * off the lists, and puts it where it belongs now; nothing may come between
 * the two but a change of the highatomic ranges.
 */
void __buddy_unlink_range(struct zone *z, unsigned long from, unsigned long to,
			  struct list_head *blocks);
void __buddy_relink(struct zone *z, struct list_head *blocks);

/* Gives the pages [from, to) as the largest aligned blocks. */
void __buddy_give_range(struct zone *z, unsigned long from, unsigned long to,
			bool purged);

/* highatomic.c */
static inline bool __is_highatomic(const struct zone *z, unsigned long pfn)
{
	for (unsigned int i = 0; i < z->nr_highatomic; i++)
		if (z->highatomic[i] == ALIGN_DOWN(pfn, 1ul << PG_MAX_ORDER))
			return true;
	return false;
}

/* Keeps the range that the page lies in, if there may be one more. */
void __highatomic_reserve(struct zone *z, const struct page *page);
/* As many free ranges as there may be. */
void highatomic_fill(struct zone *z);
/*
 * Ends one range that has free pages, in a zone of that class or below;
 * false: there is none.
 */
bool highatomic_unreserve(unsigned int class);

/* pcp.c */
int pcp_boot(void);
/* Pages on a CPU's lists before some go back, and how many go. */
void pcp_limits(unsigned int *high, unsigned int *batch);
void pcp_lock_all(void);
void pcp_unlock_all(bool child);
struct page *pcp_take(unsigned int zone, unsigned int order,
		      enum lock_wait how);
bool pcp_give(struct page *page, unsigned int order, enum lock_wait how);
/* Empties every CPU's lists, or the caller's; returns pages moved. Sleeps. */
unsigned long pcp_drain(bool all);
/* The caller's, waiting as how says. */
unsigned long pcp_drain_local(enum lock_wait how);
unsigned long pcp_pages(void);
/* Every list of every CPU; false after a report. */
bool pcp_validate(void);

/*
 * How a request may wait for a lock: without __GFP_DIRECT_RECLAIM it does not
 * sleep, with neither bit of __GFP_RECLAIM it does not even spin.
 */
static inline enum lock_wait gfp_wait(gfp_t gfp)
{
	if (gfp & __GFP_DIRECT_RECLAIM)
		return LOCK_SLEEP;
	return gfp & __GFP_KSWAPD_RECLAIM ? LOCK_SPIN : LOCK_ONCE;
}

/* page_alloc.c: flags as <linux/gfp_types.h>; NULL, after a report, if none */
struct page *page_alloc(gfp_t gfp, unsigned int order);
/* Also says whether every byte of the block is known to be zero. */
struct page *page_alloc_known(gfp_t gfp, unsigned int order, bool *zero);
/*
 * Sleeps before the next try of a request that may and wants to try again,
 * the longer the higher nth is.
 */
void page_nap(unsigned int nth);
/* The scopes of the running thread (<linux/sched.h>) applied to gfp. */
gfp_t page_gfp_context(gfp_t gfp);

/* page_free.c */
/*
 * A block as page_alloc() gave it, whose owner has taken back what it wrote
 * to the record (slab fields, PG_slab).  Drops one reference.
 */
void page_put(struct page *page, unsigned int order, enum lock_wait how);
/* The same for a block whose last reference is gone already. */
void page_release(struct page *page, unsigned int order, enum lock_wait how);
/* For who may sleep: page_put() and a pass. */
void page_free(struct page *page, unsigned int order);

/* span.c */
/*
 * A run of nr pages (not a power of two) aligned to 1 << align_order pages;
 * private of its head holds nr, PG_span is set, refcount 1.
 */
struct page *page_alloc_span(gfp_t gfp, unsigned long nr,
			     unsigned int align_order);
void page_free_span(struct page *head); /* may call the host */
/*
 * Makes a span longer where it is, if the pages right behind it are free and
 * ordinary requests may have them; their bytes are whatever they are. false:
 * it is as it was.
 */
bool page_grow_span(struct page *head, unsigned long nr);
/* Cuts a span down to nr pages and frees the rest. */
void page_shrink_span(struct page *head, unsigned long nr);

/* purge.c: memory back to the host */
void purge_boot(void);
/* Is there a block that has been kept for longer than the decay time? */
bool purge_due(void);
/* The option's value. */
int64_t purge_decay_ms(void);
/*
 * What a higher layer keeps for the decay time: since when it has kept the
 * oldest (0: nothing), and how to end what was kept since before then, under
 * grow_lock and with no other wait.
 */
struct decay_step {
	uint64_t oldest_ns;
	void (*__run)(uint64_t then);
};
/* For ever; there is one. */
void decay_register(struct decay_step *step);
/* Purges what has decayed or is too much; calls the host. */
void page_decay(void);

/*
 * Whoever gives pages back says that a pass is due.  The first that may call
 * the host, and is about to return from a slow path, makes it: blocking
 * allocations and the malloc front's frees.
 */
extern uint32_t page_due;

static inline void page_pass_due(void)
{
	if (!__atomic_load_n(&page_due, __ATOMIC_RELAXED))
		__atomic_store_n(&page_due, 1, __ATOMIC_RELAXED);
}

void page_pass_slow(void);

/*
 * Another process asks for memory.  What to do about it is known above, and
 * registered; it is called in passing, so of locks below LOCK_GROW it may
 * only try.
 */
extern struct kmem_pub_ask *page_ask;
void page_answer_register(void (*answer)(void));
void page_answer(void);

static inline bool page_asked(void)
{
	return unlikely(__atomic_load_n(&page_ask->asked, __ATOMIC_RELAXED) !=
			__atomic_load_n(&page_ask->done, __ATOMIC_RELAXED)) &&
	       publish_mine();
}

static inline void page_pass(void)
{
	if (__atomic_load_n(&page_due, __ATOMIC_RELAXED))
		page_pass_slow();
	if (page_asked())
		page_answer();
}

/* thread.c */
void thread_boot(void);
/*
 * How the thread sleeps when a layer above has more to wait for than time: up
 * to ns, and then does what was waited for.  Wants the thread, too.
 */
void page_thread_use(void (*sleep)(int64_t ns));
/* What it does next, and once; not again in the child of a fork. */
void page_thread_first(void (*fn)(void));
/* Starts the thread, if one is wanted and there is none. */
void page_thread(void);
/* Ends its sleep; calls the host. */
void thread_ring(void);
/* In the child of a fork, whose only thread is the one that forked. */
void thread_forked(void);

/* kswapd.c */
extern bool kswapd_on;
void kswapd_boot(void);
void kswapd_ask(gfp_t gfp, unsigned int zone);
/* What the thread does, and how long until it does it again. */
void kswapd_pass(void);
int64_t kswapd_nap_ns(void);

/* A request found the zone below low. */
static inline void kswapd_wake(gfp_t gfp, unsigned int zone)
{
	if (unlikely(kswapd_on) && gfp & __GFP_KSWAPD_RECLAIM)
		kswapd_ask(gfp, zone);
}

/* purge.c */
/* Drains page lists and purges every free block that it can; returns bytes. */
size_t page_trim(void);
/* ns that free memory is kept; negative: for ever. */
int64_t page_decay_ns(void);
/* The smallest block whose memory goes back: 64 KiB, or the host's page. */
extern unsigned int purge_order;
/* Purged pages were taken; the zone is not locked. */
void purge_regret(unsigned long pages);
/* Bytes that may be free and not purged, as things are now. */
size_t purge_allowance(void);
/* What the thread of background=1 does each time that it wakes. */
void purge_background(void);
/* hook.c: callbacks of users, called without a lock */
enum hook_list { HOOK_SHRINKER, HOOK_OOM, HOOK_LISTS };
struct hook_walk {
	enum hook_list list;
	struct kmem_hook *at; /* being called; NULL: the walk is over */
	struct hook_walk *outer;
};
/* Is there any? A guess without the lock. */
bool hooks_any(enum hook_list list);
/* After those of the same priority; false: it is on the list. */
bool hook_add(enum hook_list list, struct kmem_hook *hook, int priority);
/*
 * Waits until no other thread is in a call of it, then calls release, if that
 * is not NULL; in its own callback release waits until that returns.  false:
 * it is not on the list, or being removed.  Sleeps.
 */
bool hook_remove(enum hook_list list, struct kmem_hook *hook,
		 void (*release)(struct kmem_hook *hook));
bool hook_listed(enum hook_list list, const struct kmem_hook *hook);
/* Is the calling thread in a call of it? */
bool hook_in_call(const struct kmem_hook *hook);
/* In a call of it: is it being removed? */
bool hook_is_going(const struct kmem_hook *hook);
/* The hook to call now; NULL: there is none, and the walk is over. */
struct kmem_hook *hook_first(struct hook_walk *w, enum hook_list list);
struct kmem_hook *hook_next(struct hook_walk *w);
/* Ends a walk that stands on a hook. */
void hook_stop(struct hook_walk *w);
/* Around fork. */
void hooks_lock(void);
void hooks_unlock(bool child);

/* reserve.c */
/* After page_reserve(): all that zones have is there, and stays. */
extern bool page_resident;
int page_reserve(size_t bytes);
/* As many bytes free above high, for any request, and no reserve. */
int page_stock(size_t bytes);
/* Pages that all zones had less than that, each at its worst. */
unsigned long page_reserve_used(bool reset);

/*
 * Whoever takes from a zone notes how deep its reserve is used now: what it
 * has less than min and what is kept in ranges.  Isolated pages are nobody's.
 */
static inline void __zone_note_depth(struct zone *z)
{
	unsigned long whole = z->mark[MARK_MIN] + z->most_highatomic;
	unsigned long free = z->free + z->isolated;

	if (unlikely(free < whole) && whole - free > z->deepest)
		z->deepest = whole - free;
}

/* Pages [from, to) of the zone and its records; under grow_lock. */
int __page_make_resident(unsigned long from, unsigned long to);
/* zone.c: pages that min is higher by; under grow_lock. */
void zone_set_reserve(unsigned long pages);
/* purge.c: the memory of the records of so many pages, but for the first. */
void purge_records_of(struct page *head, unsigned int order);
/* purge.c: from now on nothing is given back. */
void purge_never(void);
/* pcp.c: the lists of all CPUs. 0 or -ENOMEM. */
int pcp_make_resident(void);

/* reclaim.c */
/*
 * A step of direct reclaim that a higher layer registers: frees what it can
 * and returns the number of pages it gave back.
 */
struct reclaim_step {
	const char *name;
	unsigned long (*run)(gfp_t gfp);
	bool spare; /* run() gives what nobody uses and what is at hand */
	/*
	 * Takes from what is of use: the more, the lower the priority, from
	 * RECLAIM_PRIORITY, which is next to nothing, down to 0, which is all.
	 */
	unsigned long (*shrink)(gfp_t gfp, unsigned int priority);
	/*
	 * Gives back part of what was idle since the call before the last
	 * round; false: there is nothing left to look at in this round.  Of
	 * locks below LOCK_GROW it may only try.  NULL: keeps nothing.
	 */
	bool (*decay)(void);
	struct reclaim_step *next;
};
#define RECLAIM_PRIORITY 12
void reclaim_register(struct reclaim_step *step);
/* One part of a round of all steps; false: the round is over. */
bool reclaim_decay(void);
unsigned long reclaim_run(gfp_t gfp, unsigned int order);
/* The spare part of it alone, for who is not to be held up. */
unsigned long reclaim_spare(gfp_t gfp);
/*
 * Between the two this thread allocates from the reserves and starts no
 * reclaim; false: it is in there already, and reclaim_end() is not called.
 */
bool reclaim_begin(void);
void reclaim_end(void);
/*
 * Pages that all runs have brought so far, less what was allocated in them:
 * only a new maximum says that there is progress.
 */
long reclaim_gain(void);
/* This thread has given pages back, or taken them: n < 0. */
static inline void pages_given(int32_t n)
{
	struct port_task *task = port_task();

	task->given = (int32_t)((uint32_t)task->given + (uint32_t)n);
}

/* The sum since it was before. */
static inline int32_t pages_net(int32_t before)
{
	return (int32_t)((uint32_t)port_task()->given - (uint32_t)before);
}

static inline unsigned long pages_given_since(int32_t before)
{
	int32_t n = pages_net(before);

	return n > 0 ? (unsigned long)n : 0;
}

/*
 * oom.c: may a notifier's memory have made one more try worth its while?
 * false inside reclaim.
 */
bool oom_run(void);
void oom_forked(void);

/* page_debug.c: every invariant of zones and lists; false after a report. */
bool zone_validate(void);

/* A zone, its numbers taken together; of one of no pages start is end. */
struct zone_numbers {
	unsigned long start, end, free;
	unsigned long pages; /* usable */
	unsigned long mark[MARKS], reserve[ZONES];
	unsigned long deepest;
	unsigned long highatomic, free_highatomic; /* pages */
	unsigned long nr_free[PG_ORDERS];
};

/* false: the lock was not to be had. */
bool zone_numbers(struct zone *z, struct zone_numbers *n, enum lock_wait how);
/* "BUG: Bad page state .."; the page is leaked. */
void page_report_bad(struct page *page, unsigned int order, const char *reason);
/*
 * For whom pages are asked: lines of a failure's report.  A thread's
 * port_task() points to it meanwhile.
 */
struct page_asker {
	const char *name; /* of the cache */
	unsigned int object_size, size, order, min_order;
	unsigned long slabs, objects, free; /* guesses, without a lock */
	uint32_t flags; /* the thread's at that time: not those of reclaim */
};
/* "page allocation failure: .." and the state of the zones; rate-limited. */
void page_report_failure(gfp_t gfp, unsigned int order);
/* Prints a failure of a request that must not call the host. */
void page_report_held(void);
/* Lets the next failure be reported whenever the last one was. */
void page_report_rearm(void);

struct page_stats {
	unsigned long total; /* usable pages */
	unsigned long free;  /* on free lists */
	unsigned long pcp;
	unsigned long purged;
	unsigned long grown_calls;
	unsigned long mapped_out; /* bytes charged outside the window */
};
void page_stats(struct page_stats *st);

#endif
