/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Sampled guard pages, internal: slab/kfence.c has the theory.
 */
#ifndef SLAB_KFENCE_H
#define SLAB_KFENCE_H

#include <linux/gfp_types.h>

#include "lib/atomic.h"
#include "lib/mem.h"
#include "debug/stack.h"
#include "page/page.h"
#include "sync/gate.h"
#include "port/port.h"

struct kmem_cache;

/* Nothing is sampled; the next sample is not due; the next request is one. */
enum kfence_gate { KFENCE_OFF, KFENCE_SHUT, KFENCE_OPEN };

extern uint32_t kfence_gate __attribute__((visibility("hidden")));

/* The pool: base never changes once bytes is not 0. */
struct kfence_pool {
	char *base;
	size_t bytes;
};
extern struct kfence_pool kfence_pool __attribute__((visibility("hidden")));

/* Does the address lie in the pool?  Any pointer may be asked. */
static inline bool kfence_holds(const void *p)
{
	return !KMEM_SMALL &&
	       unlikely((uintptr_t)p - (uintptr_t)kfence_pool.base <
			__atomic_load_n(&kfence_pool.bytes, __ATOMIC_ACQUIRE));
}

/*
 * Reads the options and makes the pool; once, when caches can be made.  Blocks
 * by size are aligned to align at least.
 */
void kfence_start(size_t align);

/* On the slow path of a request of a cache with these sheaves. */
static inline bool kfence_wanted(const struct pcs *p)
{
	uint32_t gate = READ_ONCE(kfence_gate);

	return !KMEM_SMALL && unlikely(gate) &&
	       unlikely(gate == KFENCE_OPEN || pcs_is_away(p));
}

/*
 * There, when kfence_wanted() says so: an object of size
 * bytes between guard pages, or one from this CPU's sheaf, or NULL: go on.
 * caller is the code that asked.
 */
void *kfence_sample(struct kmem_cache *s, gfp_t gfp, size_t size,
		    const void *caller);

/*
 * Frees the object at p, an address in the pool; what is none is reported.  s
 * is the cache that the caller named, NULL: none.
 */
void kfence_free(struct kmem_cache *s, void *p, const void *caller);

/* Of the object in use that starts at p; 0 and NULL: there is none. */
size_t kfence_size(const void *p);
struct kmem_cache *kfence_cache(const void *p);
/* As site_mark(); false also: there is none. */
bool kfence_mark(const void *p, uint64_t take, uint64_t set);
/* The cache of an object, guarded or in a slab, or NULL. */
static inline struct kmem_cache *slab_owner(const void *p)
{
	struct kmem_cache *s = page_owner(p);

	return likely(s) ? s : kfence_cache(p);
}

/* The start of the object whose page p lies in. */
void *kfence_object(const void *p);

/*
 * The cache is destroyed: false, after a report of each, when objects of it
 * are in use.
 */
bool kfence_shutdown(struct kmem_cache *s);

/* What has been done so far. */
struct kfence_counts {
	unsigned long allocs, frees, bugs;
	unsigned long zombies; /* in use when their cache was destroyed */
	/* no object: the gate was open to one that cannot be guarded, .. */
	unsigned long incompatible;
	unsigned long capacity; /* .. or all slots were in use */
};
void kfence_counts(struct kfence_counts *c);

/* Opens the gate, if an interval has passed since it was opened last. */
void kfence_gate_open(void);

/* --- kfence.c and kfence_report.c ----------------------------------------- */

struct kfence_track {
	unsigned int task, cpu, nr; /* frames */
	uint64_t ns;
	void *pc[STACK_DEPTH];
};

enum kfence_state {
	KFENCE_FREE, /* never used, or freed */
	KFENCE_BUSY, /* a thread allocates or frees it */
	KFENCE_USED,
	KFENCE_GRACE, /* freed, readers may be inside */
};

/* What is known of a slot of the pool. */
struct kfence_meta {
	struct port_rcu rcu;      /* in KFENCE_GRACE */
	struct kmem_cache *cache; /* NULL: it was destroyed, or never used */
	char *addr;
	size_t size;
	char *opened; /* a page that a report made accessible, or NULL */
	uint32_t state;
	uint64_t marks; /* a word of page/sites.h */
	struct kfence_track alloc, free;
};

enum kfence_error {
	KFENCE_OOB,
	KFENCE_UAF,
	KFENCE_CORRUPTION,
	KFENCE_INVALID,
	KFENCE_INVALID_FREE,
};

/* What a report says, beside the object. */
struct kfence_finding {
	enum kfence_error error;
	bool write;
	const char *at;
	const void *pc;           /* the code: first frame of the stack */
	struct kfence_meta *meta; /* NULL: of no object */
};

/* Slot i, or NULL beyond the last. */
const struct kfence_meta *kfence_meta(unsigned int i);
/* Lines that describe the object in a slot, each without its end. */
void kfence_lines(const struct kfence_meta *m,
		  void (*line)(void *ctx, const char *text), void *ctx);
void kfence_report(const struct kfence_finding *f);
unsigned int kfence_number(const struct kfence_meta *m);
unsigned long kfence_page(void);
/* The byte that stands around an object, by its address. */
static inline unsigned char kfence_canary(const char *at)
{
	return (unsigned char)(0xaa ^ ((uintptr_t)at & 7));
}

static inline uint32_t kfence_state(const struct kfence_meta *m)
{
	return __atomic_load_n(&m->state, __ATOMIC_ACQUIRE);
}

#endif
