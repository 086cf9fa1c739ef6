/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What is done when memory is short or idle: callbacks of users, steps of
 * reclaim, memory back to the OS, and the thread that does it in the
 * background.
 */
#ifndef PAGE_RECLAIM_H
#define PAGE_RECLAIM_H

#include <kmem/hook.h>

#include "page/page.h"
#include "port/port.h"

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
/* Ends a walk that is at a hook. */
void hook_stop(struct hook_walk *w);
/* Around fork. */
void hooks_lock(void);
void hooks_unlock(bool child);

/* reclaim.c */
/*
 * A layer above that keeps memory.  Each function may be NULL.  Whatever calls
 * expire() and ask() may hold what a slow path may hold: of locks below
 * LOCK_GROW they may only try.
 */
struct page_client {
	bool spare;  /* shrink() frees only unused memory, and does not block */
	bool in_use; /* it frees memory in use: it is called last */
	/*
	 * Under shortage: frees memory and returns the pages that it gave
	 * back.  A client in_use takes the more, the lower the priority, from
	 * RECLAIM_PRIORITY, which is next to nothing, down to 0, which is all;
	 * others free all that they can, whatever the priority.
	 */
	unsigned long (*shrink)(gfp_t gfp, unsigned int priority);
	/*
	 * Once in an idle age: frees part of what has been kept since before
	 * then (ns) without use; false: all of it was looked at.
	 */
	bool (*expire)(uint64_t then);
	/* Bytes that are kept and count as free memory: page_budget(). */
	size_t (*report)(void);
	/* Another process asks for memory (page_ask). */
	void (*ask)(void);
	struct page_client *next;
};
#define RECLAIM_PRIORITY 12
/* In the order of their registration they are called, for ever. */
void page_register(struct page_client *client);
/* Part of a round of all expire(); false: the round is over. */
bool clients_expire(uint64_t then);
/* Pages that clients report. */
unsigned long clients_report(void);
void clients_ask(void);
unsigned long reclaim_run(gfp_t gfp, unsigned int order);
/* The spare part of it alone, for callers that must not be delayed. */
unsigned long reclaim_spare(gfp_t gfp);
/*
 * Between the two this thread allocates from the reserves and starts no
 * reclaim; false: it is in there already, and reclaim_end() is not called.
 */
bool reclaim_begin(void);
void reclaim_end(void);
/*
 * Pages that all runs have freed so far, less what was allocated in them: only
 * a new maximum is progress.
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

/* purge.c: memory back to the OS */
void purge_boot(void);
/* Expires and purges what is due; calls the OS. */
void page_tick(void);
/* Drains page lists and purges every free block that it can; returns bytes. */
size_t page_trim(void);
/* ns that memory is kept without use; 0: not at all; negative: for ever. */
int64_t page_idle_ns(void);
/* The smallest block whose memory goes back: 64 KiB, or the OS's page. */
extern unsigned int purge_order;
/* Purged pages were taken; the zone is not locked. */
void purge_refault(unsigned long pages);
/* Pages of free blocks that a shrinking process keeps, as things are now. */
unsigned long page_allowed(void);
/* Bytes that clients may keep in all, as things are now. */
size_t page_budget(void);
/* What the thread of background=1 does each time that it wakes. */
void purge_background(void);

/* The memory of the records of so many pages, except the first. */
void purge_records_of(struct page *head, unsigned int order);
/* From now on nothing is given back. */
void purge_never(void);

/*
 * Freeing pages marks a tick as due.  The first thread that may call the OS,
 * and is about to return from a slow path, makes it: blocking allocations and
 * the malloc front's frees.
 */
extern uint32_t page_due;

static inline void page_pass_due(void)
{
	if (!__atomic_load_n(&page_due, __ATOMIC_RELAXED))
		__atomic_store_n(&page_due, 1, __ATOMIC_RELAXED);
}

void page_pass_slow(void);

/* Another process asks for memory. */
extern struct kmem_pub_ask *page_ask;

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
		clients_ask();
}

/* thread.c */
void thread_boot(void);
/*
 * Replaces the thread's sleep by one that also waits for events of a layer
 * above: up to ns, and then handles them.  Starts the thread, too.
 */
void page_thread_use(void (*sleep)(int64_t ns));
/* What it does next, and once; not again in the child of a fork. */
void page_thread_first(void (*fn)(void));
/*
 * Work that it does again and again: due() says in how many ns, 0 now, negative
 * not until it is woken; fn() does it, and must not mind being early.
 */
struct page_duty {
	int64_t (*due)(void);
	void (*fn)(void);
};
void page_thread_duty(const struct page_duty *duty);
/* Starts the thread, if one is wanted and there is none. */
void page_thread(void);
/* Ends its sleep; calls the OS. */
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

#endif
