/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The queue of a pool: threads that found neither memory nor an element.  The
 * protocol is stated in mempool.c.
 */
#include "alloc/mempool.h"

#include "lib/atomic.h"
#include "lib/list.h"
#include "lib/mem.h"
#include "port/port.h"
#include "sync/boot.h"

/*
 * A waiter asks the allocator again after this time, as in the kernel: it may
 * have memory again without a call of this pool.
 */
#define ROUND_NS (5ll * 1000 * 1000 * 1000)

/*
 * The child has none of the parent's threads: neither waiters nor the holder.
 */
static void adopt(struct pool_queue *q)
{
	bool entered = boot_enter();

	if (READ_ONCE(q->pid) != port_pid()) {
		q->lock = (struct lock){ 0 };
		WRITE_ONCE(q->bell, BELL_QUIET);
		WRITE_ONCE(q->first, NULL);
		/* pairs with the acquires in queue_take() and queue_any() */
		__atomic_store_n(&q->pid, port_pid(), __ATOMIC_RELEASE);
	}
	if (entered)
		boot_leave();
}

void queue_take(mempool_t *pool)
{
	struct pool_queue *q = queue_of(pool);

	if (unlikely(__atomic_load_n(&q->pid, __ATOMIC_ACQUIRE) != port_pid()))
		adopt(q);
	lock_take(&q->lock, LOCK_POOL);
}

void queue_drop(mempool_t *pool)
{
	lock_drop(&queue_of(pool)->lock, LOCK_POOL);
}

void pool_ring(mempool_t *pool)
{
	struct pool_queue *q = queue_of(pool);

	if (likely(__atomic_load_n(&q->bell, __ATOMIC_SEQ_CST) == BELL_QUIET))
		return;
	/* a thread of the parent's armed it; adopt() will be after F2 */
	if (__atomic_load_n(&q->pid, __ATOMIC_ACQUIRE) != port_pid())
		return;
	if (__atomic_exchange_n(&q->bell, BELL_QUIET, __ATOMIC_SEQ_CST) ==
	    BELL_ARMED)
		port_wake(&q->bell, 1);
}

static void enqueue(mempool_t *pool, struct waiter *w)
{
	struct pool_queue *q = queue_of(pool);

	queue_take(pool);
	w->pid = q->pid;
	w->turn = !q->first;
	ring_init(&w->link);
	if (q->first)
		ring_push_back(&q->first->link, &w->link);
	else
		__atomic_store_n(&q->first, w, __ATOMIC_SEQ_CST);
	queue_drop(pool);
}

static void leave(mempool_t *pool, struct waiter *w)
{
	struct pool_queue *q = queue_of(pool);
	struct waiter *next = NULL;
	bool first;

	queue_take(pool);
	first = w == q->first;
	if (first && !ring_empty(&w->link))
		next = list_entry_of(w->link.next, struct waiter, link);
	if (w->pid == q->pid)
		ring_remove(&w->link);
	if (first) {
		__atomic_store_n(&q->bell, BELL_QUIET, __ATOMIC_SEQ_CST);
		__atomic_store_n(&q->first, next, __ATOMIC_SEQ_CST);
	}
	if (next)
		/* pairs with the acquires in pool_wait() */
		__atomic_store_n(&next->turn, 1, __ATOMIC_RELEASE);
	queue_drop(pool);
	if (next)
		/*
		 * it may be gone by now: then this wakes no thread, or one in
		 * vain
		 */
		port_wake(&next->turn, 1);
	else if (first)
		reserve_trim(pool, INT32_MAX);
	else
		/* memory was found: the first may find some too */
		pool_ring(pool);
}

void pool_wait(mempool_t *pool, gfp_t gfp, void **elems, unsigned int missing)
{
	struct pool_queue *q = queue_of(pool);
	struct waiter w;
	bool first;

	enqueue(pool, &w);
	if (__atomic_load_n(&w.turn, __ATOMIC_ACQUIRE))
		missing = reserve_fetch(pool, elems, missing);
	/* Sleeps: until an element, its turn or ROUND_NS has come. */
	while (missing) {
		/* the allocator's function has forked */
		if (unlikely(w.pid != port_pid()))
			enqueue(pool, &w);
		first = __atomic_load_n(&w.turn, __ATOMIC_ACQUIRE);
		if (first)
			__atomic_exchange_n(&q->bell, BELL_ARMED,
					    __ATOMIC_SEQ_CST);
		missing = pool_fetch(pool, gfp, elems, missing);
		if (missing && first)
			missing = reserve_fetch(pool, elems, missing);
		if (!missing)
			break;
		if (first)
			port_wait(&q->bell, BELL_ARMED, ROUND_NS);
		else
			port_wait(&w.turn, 0, ROUND_NS);
	}
	leave(pool, &w);
}
