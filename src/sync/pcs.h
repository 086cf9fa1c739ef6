/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Per-CPU sequences: a stack of pointers for each CPU, and how to take it from
 * that CPU.  THEORY of the lowest step of the fast path.
 *
 * 1. Nouns.  A sheaf is an array of 2^k words aligned to its size in bytes.
 *    Word 0 is NULL while the sheaf is in a slot; the others hold free objects.
 *    A top points just past the last object.  So from a top alone:
 *	empty	top[-1] == NULL			(word 0 shows through)
 *	full	top is a multiple of the sheaf's bytes
 *	base	(top - 1) rounded down to the sheaf's bytes
 *	count	top - base - 1
 *    A slot is what one CPU keeps for one cache: main, a top, and spare, a
 *    top or NULL.  The sentinel is a static top that is empty and full at
 *    once for every sheaf size: it stands where no sheaf is.
 *
 * 2. One pop, one push, in pseudo-code; the marked store is the commit.
 *
 *	pop:	t = slot->main
 *		o = t[-1];  if (o == NULL) return NULL
 *		slot->main = t - 1				<- commit
 *		return o
 *	push:	t = slot->main
 *		if (t % bytes == 0) return false
 *		t[0] = obj
 *		slot->main = t + 1				<- commit
 *		return true
 *	xchg:	old = slot->WORD
 *		slot->WORD = new				<- commit
 *		return old
 *
 *    Bulk forms do the same with n words and one commit.
 *
 * 3. Invariants.
 *    - A sheaf is reachable from at most one word: a slot's main or spare, a
 *      barn, or the thread that took it off, which owns it alone.
 *    - Entries at and above top are junk; entries in [base + 1, top) are
 *      free objects of this cache, no pointer twice.
 *    - The sentinel is never written, never owned, never freed.
 *
 * 4. Backends.  All of them give these calls and these guarantees; a call that
 *    cannot be done now (the lock backend's slot is busy, the CPU has no slot
 *    yet) says so and has changed nothing.  The caller then goes one layer
 *    down.  The thread may move to another CPU between two calls: no caller may
 *    assume that two calls met the same slot.
 *
 *    rseq	The steps above run as a restartable sequence: the kernel sends
 *		a thread that was preempted, moved or interrupted by a signal
 *		before the commit back to the start.  So a CPU's slot has one
 *		writer at a time without a lock; whatever was written before the
 *		commit lies above top, where it is junk.  A slot is two words at
 *		the cache's column in the CPU's unit (<kmem/sequence.h>).
 *		Another CPU's slot is never written while sequences may run
 *		there: to reach it the column is parked, that is, the cache is
 *		given the column `none`, in which every slot is the sentinel for
 *		ever, and pcs_fence() restarts every sequence that may still
 *		know the old one.  From then on the slots belong to the thread
 *		that parked them.
 *		A gated cache (sync/gate.h) has another column like `none`.
 *    lock	The slots are a part of the cache's record, as many for each
 *		cache as pcs_slots_wanted() said at the start, and never more.
 *		Which of them a call uses is a matter of speed, not of
 *		correctness: it tries the CPU's, then its neighbour, each once,
 *		and uses none when both are held.  Only a call that takes all
 *		sheaves of a cache, or holds its slots still, waits for a slot
 *		(pcs_lock.c).
 *
 *    The process decides at its start whether sequences may be used.  In one
 *    that does, a thread that the kernel does not know (its area's cpu_id is
 *    below 0) uses the lock backend's slots of the same cache, beside threads
 *    that do not; and all threads use them of a cache for which no column was
 *    left.  So caches have few of them there.  Every thread tries the sequence
 *    first: below CPU 0 all slots are sentinels.  In a process that has decided
 *    otherwise every thread has an area of ours, whose cpu_id is -1.
 *
 * 5. What it costs.  rseq: pop is 12 instructions with 2 stores, push as many
 *    with 3, none of them atomic; they touch the first line of the cache, the
 *    slot's line, one word of the sheaf and the thread's area (src/slab/sheaf.c
 *    has the costs of whole calls, and a check counts them).
 *    lock: the cache's line, the slot's line and one word of the sheaf; two
 *    atomic instructions, one to take the slot's lock and one to drop it.
 *
 * 6. Limits.  What libc says of a thread is believed.  Two threads on one
 *    thread pointer (a raw clone() without CLONE_SETTLS) look like one, here as
 *    in libc; our vfork() makes its child look like a thread that the kernel
 *    does not know; a raw clone() with memory of its own behind the thread
 *    pointer must call kmem_raw_thread() first, so that its area does not look
 *    like that of a thread on CPU 0.  Asking the kernel about each thread would
 *    take a load more in front of every sequence: a third of its time.  A
 *    sequence of a library that was unloaded must not be the last that a thread
 *    ran: an object that has sequences is never unloaded (port_stay()).
 */
#ifndef PORT_PCS_H
#define PORT_PCS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/mem.h"
#include "sync/lock.h"
#include "port/port.h"
#include "port/rseq.h"

#define PCS_SHEAF_MAX_BYTES 4096

/*
 * A build with KMEM_INJECT=1 lets the port run something, another thread or
 * what stands for a signal handler, at every point of the lock backend's
 * steps between their first load and their end.
 */
#if KMEM_INJECT
#define PCS_INJECT() port_inject()
#else
#define PCS_INJECT() ((void)0)
#endif

enum pcs_word { PCS_MAIN, PCS_SPARE };

/* In use; known to old sequences only; known to none. */
enum pcs_parked { PCS_HOME, PCS_PARKED, PCS_FENCED };

/* What the lock backend keeps for a CPU. */
struct pcs_slot {
	void **word[2];   /* by enum pcs_word; under lock */
	struct lock lock; /* LOCK_SLOT */
} __attribute__((aligned(CACHE_LINE)));

/* The most slots of a cache; fewer CPUs get fewer. */
#define PCS_SLOTS_MOST 16
/* Of a cache in a process with sequences: two cache lines. */
#define PCS_SLOTS_FEW 2

/*
 * The slots of a cache; pcs_init() makes one that keeps nothing.
 *
 * seq.column is home, or `none` while it is parked or there is none, or `gate`;
 * behind's is never `gate`.  slots, the lock backend's, and nr stay as made.
 */
struct pcs {
	struct kmem_seq seq;
	struct pcs_slot *slots; /* nr of them, or NULL */
	uint32_t bytes;         /* of a sheaf: power of two, 64..4096 */
	uint16_t nr;            /* power of two, or 0 */
	uint16_t parked;        /* enum pcs_parked */
	uintptr_t home;
	struct kmem_seq behind;
};

/* Decides whether sequences are used; before any cache.  0 or -ENOMEM. */
int pcs_boot(void);

/*
 * How many slots of the lock backend a cache gets, by the CPUs that are known
 * now: a power of two. pcs_boot() has run.
 */
unsigned int pcs_slots_wanted(void);

/*
 * A cache of sheaves of so many bytes, none of which is there.  slots is room
 * for nr slots, a power of two, that stays as long as the cache does; NULL
 * and 0 for none.
 */
void pcs_init(struct pcs *p, unsigned int bytes, struct pcs_slot *slots,
	      unsigned int nr);

/*
 * The sentinel is the address just past a block of NULLs that is aligned to
 * the largest sheaf: the word below is NULL, and the address is a multiple
 * of every sheaf size.
 */
#define PCS_STANDIN_WORDS (PCS_SHEAF_MAX_BYTES / sizeof(void *))
extern void *const pcs_standin_words[PCS_STANDIN_WORDS];
#define PCS_STANDIN \
	((void **)(uintptr_t)(pcs_standin_words + PCS_STANDIN_WORDS))

static inline bool pcs_is_standin(void **top)
{
	return top == PCS_STANDIN;
}

static inline void **pcs_base(const struct pcs *p, void **top)
{
	return (void **)(((uintptr_t)(top - 1)) & ~((uintptr_t)p->bytes - 1));
}

static inline unsigned int pcs_count(const struct pcs *p, void **top)
{
	return (unsigned int)(top - pcs_base(p, top)) - 1;
}

static inline unsigned int pcs_capacity(const struct pcs *p)
{
	return p->bytes / (unsigned int)sizeof(void *) - 1;
}

static inline bool pcs_is_full(const struct pcs *p, void **top)
{
	return !((uintptr_t)top & (p->bytes - 1));
}

static inline bool pcs_is_empty(void **top)
{
	return !top[-1];
}

/*
 * pcs_lock.c: the lock backend alone.  The first five try a slot or two and
 * never wait; the others wait until they have the lock of each slot.
 */
void pcs_lock_init(struct pcs *p, struct pcs_slot *slots, unsigned int nr);
void *pcs_lock_pop(const struct pcs *p);
bool pcs_lock_push(const struct pcs *p, void *obj);
unsigned int pcs_lock_pop_bulk(const struct pcs *p, unsigned int n, void **out);
unsigned int pcs_lock_push_bulk(const struct pcs *p, unsigned int n, void **in);
bool pcs_lock_xchg(const struct pcs *p, enum pcs_word w, void **new,
		   void ***old);
void pcs_lock_drain(struct pcs *p, void (*take)(void *ctx, void **top),
		    void *ctx);
void pcs_lock_hold(struct pcs *p);
void pcs_lock_drop(struct pcs *p);
void pcs_lock_each(const struct pcs *p, void (*look)(void *ctx, void **top),
		   void *ctx);

/* pcs_rseq.c: the columns alone; nothing for a cache without a column. */
void column_init(struct pcs *p);
unsigned int column_pop_bulk(const struct pcs *p, unsigned int n, void **out);
unsigned int column_push_bulk(const struct pcs *p, unsigned int n, void **in);
bool column_xchg(const struct pcs *p, enum pcs_word w, void **new, void ***old);
/* How many of its slots can hold a sheaf as things are. */
unsigned long column_slots(const struct pcs *p);
/* The column is parked, and fenced or not as its parking says. */
void column_take(struct pcs *p, void (*take)(void *ctx, void **top), void *ctx);
void column_each(const struct pcs *p, void (*look)(void *ctx, void **top),
		 void *ctx);
void column_fenced(struct pcs *p);
void column_unpark(struct pcs *p);
void *column_pop_gated(const struct pcs *p);
bool column_push_gated(const struct pcs *p, void *obj);

/*
 * Does the running thread use the cache's column?  There may be none, and the
 * kernel may not know the thread: what is left then is the lock backend.  The
 * first call of a thread makes a system call to find out. [nb] otherwise.
 */
bool pcs_on_column(const struct pcs *p);

/* The calling thread was not made by libc. */
void pcs_disown(void);

/* The first try, inlined everywhere: NULL and false mean ask pcs_*_rest(). */
static inline void *pcs_pop_first(const struct pcs *p)
{
#if KMEM_RSEQ
	return kmem_seq_pop(&p->seq);
#else
	(void)p;
	return NULL;
#endif
}

static inline bool pcs_push_first(const struct pcs *p, void *obj)
{
#if KMEM_RSEQ
	return kmem_seq_push(&p->seq, obj);
#else
	(void)p;
	(void)obj;
	return false;
#endif
}

#if KMEM_RSEQ
#if defined(__x86_64__)
#include "sync/sequence_column_x86_64.h"
#else
#include "sync/sequence_column_aarch64.h"
#endif
#endif

/*
 * The first try for callers that have the column (pcs_column()) of a cache and
 * not the cache: a load less between an object and the place where it goes.
 */
static inline bool pcs_push_column(uintptr_t column, void *obj)
{
#if KMEM_RSEQ
	return seq_push_column(column, obj);
#else
	(void)column;
	(void)obj;
	return false;
#endif
}

/* The second try: behind the gate, or for threads off the column. */
static inline void *pcs_pop_rest(const struct pcs *p)
{
	return pcs_on_column(p) ? column_pop_gated(p) : pcs_lock_pop(p);
}

static inline bool pcs_push_rest(const struct pcs *p, void *obj)
{
	return pcs_on_column(p) ? column_push_gated(p, obj) :
				  pcs_lock_push(p, obj);
}

/* Moves up to n objects from main to out; returns how many. */
unsigned int pcs_pop_bulk(const struct pcs *p, unsigned int n, void **out);

/* Moves up to n objects from in to main; returns how many, from in[0] on. */
unsigned int pcs_push_bulk(const struct pcs *p, unsigned int n, void **in);

/*
 * Puts new where the slot's word was and stores what was there; false, and
 * nothing done, when not now. For main new is a top or the sentinel; for
 * spare a top or NULL.
 */
bool pcs_xchg(const struct pcs *p, enum pcs_word w, void **new, void ***old);

/*
 * Takes the sheaves of all CPUs and hands each top to take(). Sleeps while
 * another thread is inside a slot. When it returns, no sheaf that was in a
 * slot before the call is in one.  Like all calls that park a column it is
 * made by one thread at a time: slab_mutex is held.
 */
void pcs_drain(struct pcs *p, void (*take)(void *ctx, void **top), void *ctx);

/*
 * The same for many caches with one fence: each is parked, the fence made,
 * each emptied, which ends its parking.  A fence that fails (false) says that
 * sequences may still run: pcs_empty() then takes what this CPU has, as the
 * CPU's own threads may, and leaves the others alone.
 */
void pcs_park(struct pcs *p);
bool pcs_fence(void);
void pcs_empty(struct pcs *p, bool fenced, void (*take)(void *ctx, void **top),
	       void *ctx);

/* A column of its own for the cache; false: there is none left. slab_mutex. */
bool pcs_open(struct pcs *p);
/*
 * pcs_drain() before the end: no thread uses the cache any more, as the caller
 * promises, so there is no sequence that a fence would have to end, and after
 * one that fails nothing is left behind.  The column stays parked.
 */
void pcs_drain_last(struct pcs *p, void (*take)(void *ctx, void **top),
		    void *ctx);

/*
 * The end: no thread uses the cache any more, and its slots are drained.
 * known: a thread may still push to the column, which no other cache gets then.
 */
void pcs_close(struct pcs *p, bool known);

/* Slots of both backends that can hold a sheaf as things are. */
unsigned long pcs_slots(const struct pcs *p);

/* At some time during the call no thread is in a slot of the lock backend. */
bool pcs_at_rest(const struct pcs *p);

/*
 * Around fork and for a look at all slots: keeps every slot from changing, and
 * releases them.  Between park and hold comes one pcs_fence() for all caches.
 */
void pcs_hold(struct pcs *p, bool fenced);
void pcs_thaw(struct pcs *p);
void pcs_freeze(struct pcs *p); /* all three for one cache */

/*
 * In the child of a fork before which the fence failed: what lay in the
 * columns is given up, since a sequence may have been cut in two.
 */
void pcs_forget(struct pcs *p);

/* Calls look() with every top there is; the cache is frozen. */
void pcs_each(const struct pcs *p, void (*look)(void *ctx, void **top),
	      void *ctx);
/* The column or 0; the one that has no room; for how many CPUs. */
uintptr_t pcs_column(const struct pcs *p);
uintptr_t pcs_no_column(void);
unsigned int pcs_cpus(void);
/* Faults in the units of all CPUs. 0 or -ENOMEM. */
int pcs_make_resident(void);
/* Bytes of address space that all columns take. */
size_t pcs_columns_bytes(void);

/* Every invariant of section 3 that a frozen cache can show. */
bool pcs_valid(const struct pcs *p);

/* Objects in the slots, counted without stopping anyone. */
unsigned long pcs_objects(const struct pcs *p);

/* "lock" or "rseq". */
const char *pcs_backend(void);

#endif
