/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * References that are dropped for good: while an object lives its first
 * reference is there, percpu_ref_kill() drops that one, and the last to go
 * calls release().
 *
 * The kernel counts on each CPU until the object is killed.  Here one atomic
 * word is all, from the beginning: what the kernel calls atomic mode.
 */
#ifndef KMEM_LINUX_PERCPU_REFCOUNT_H
#define KMEM_LINUX_PERCPU_REFCOUNT_H

#include <kmem/compiler.h>
#include <kmem/types.h>

struct percpu_ref;

typedef void(percpu_ref_func_t)(struct percpu_ref *ref);

/* Flags of percpu_ref_init(); the first changes nothing here. */
enum {
	PERCPU_REF_INIT_ATOMIC = 1 << 0,
	PERCPU_REF_INIT_DEAD = 1 << 1, /* without a first reference, killed */
	PERCPU_REF_ALLOW_REINIT = 1 << 2
};

struct percpu_ref {
	unsigned long count; /* atomic */
	percpu_ref_func_t *release;
	bool dead; /* killed; atomic */
};

/* 0; flags and gfp are the kernel's: nothing is allocated. */
static inline int percpu_ref_init(struct percpu_ref *ref,
				  percpu_ref_func_t *release,
				  unsigned int flags, gfp_t gfp)
{
	bool dead = (flags & PERCPU_REF_INIT_DEAD) != 0;

	(void)gfp;
	ref->count = dead ? 0 : 1;
	ref->release = release;
	ref->dead = dead;
	return 0;
}

/* After it the struct may be freed, or initialised again. */
static inline void percpu_ref_exit(struct percpu_ref *ref)
{
	ref->release = NULL;
}

static inline void percpu_ref_get_many(struct percpu_ref *ref, unsigned long nr)
{
	__atomic_fetch_add(&ref->count, nr, __ATOMIC_RELAXED);
}

static inline void percpu_ref_get(struct percpu_ref *ref)
{
	percpu_ref_get_many(ref, 1);
}

/* Drops references; the last one calls release(). */
static inline void percpu_ref_put_many(struct percpu_ref *ref, unsigned long nr)
{
	if (!__atomic_sub_fetch(&ref->count, nr, __ATOMIC_ACQ_REL))
		ref->release(ref);
}

static inline void percpu_ref_put(struct percpu_ref *ref)
{
	percpu_ref_put_many(ref, 1);
}

/* References, unless none is left; true when the caller has them. */
static inline bool percpu_ref_tryget_many(struct percpu_ref *ref,
					  unsigned long nr)
{
	unsigned long seen = __atomic_load_n(&ref->count, __ATOMIC_RELAXED);

	while (seen &&
	       !__atomic_compare_exchange_n(&ref->count, &seen, seen + nr, true,
					    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		;
	return seen != 0;
}

static inline bool percpu_ref_tryget(struct percpu_ref *ref)
{
	return percpu_ref_tryget_many(ref, 1);
}

/* Was it killed? */
static inline bool percpu_ref_is_dying(struct percpu_ref *ref)
{
	return __atomic_load_n(&ref->dead, __ATOMIC_ACQUIRE);
}

/* A reference, unless it was killed before the call. */
static inline bool percpu_ref_tryget_live(struct percpu_ref *ref)
{
	return !percpu_ref_is_dying(ref) && percpu_ref_tryget(ref);
}

/* Drops the first reference; confirm() is called when it is dead for all. */
static inline void percpu_ref_kill_and_confirm(struct percpu_ref *ref,
					       percpu_ref_func_t *confirm)
{
	__atomic_store_n(&ref->dead, true, __ATOMIC_SEQ_CST);
	if (confirm)
		confirm(ref);
	percpu_ref_put(ref);
}

static inline void percpu_ref_kill(struct percpu_ref *ref)
{
	percpu_ref_kill_and_confirm(ref, NULL);
}

static inline bool percpu_ref_is_zero(struct percpu_ref *ref)
{
	return !__atomic_load_n(&ref->count, __ATOMIC_ACQUIRE);
}

/* Alive again with a first reference: of one that was killed. */
static inline void percpu_ref_resurrect(struct percpu_ref *ref)
{
	percpu_ref_get(ref);
	__atomic_store_n(&ref->dead, false, __ATOMIC_RELEASE);
}

/* The same of one that has no reference left. */
static inline void percpu_ref_reinit(struct percpu_ref *ref)
{
	percpu_ref_resurrect(ref);
}

#endif
