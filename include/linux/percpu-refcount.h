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

/*
 * That it was killed is a bit of the count, so that percpu_ref_tryget_live()
 * comes before a kill or fails: when a kill returns, nobody can be between the
 * two.
 */
struct percpu_ref {
	unsigned long count; /* and KMEM_REF_DEAD; atomic */
	percpu_ref_func_t *release;
};

#define KMEM_REF_DEAD (~(~0ul >> 1))

/* 0; flags and gfp are the kernel's: nothing is allocated. */
static inline int percpu_ref_init(struct percpu_ref *ref,
				  percpu_ref_func_t *release,
				  unsigned int flags, gfp_t gfp)
{
	bool dead = (flags & PERCPU_REF_INIT_DEAD) != 0;

	(void)gfp;
	ref->count = dead ? KMEM_REF_DEAD : 1;
	ref->release = release;
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
	if (!(__atomic_sub_fetch(&ref->count, nr, __ATOMIC_ACQ_REL) &
	      ~KMEM_REF_DEAD))
		ref->release(ref);
}

static inline void percpu_ref_put(struct percpu_ref *ref)
{
	percpu_ref_put_many(ref, 1);
}

/* Adds unless none is left, or a bit of never is set. */
static inline bool kmem_ref_try_(struct percpu_ref *ref, unsigned long nr,
				 unsigned long never)
{
	unsigned long seen = __atomic_load_n(&ref->count, __ATOMIC_RELAXED);

	do
		if (seen & never || !(seen & ~KMEM_REF_DEAD))
			return false;
	while (!__atomic_compare_exchange_n(&ref->count, &seen, seen + nr, true,
					    __ATOMIC_ACQUIRE,
					    __ATOMIC_RELAXED));
	return true;
}

/* References, unless none is left; true when the caller has them. */
static inline bool percpu_ref_tryget_many(struct percpu_ref *ref,
					  unsigned long nr)
{
	return kmem_ref_try_(ref, nr, 0);
}

static inline bool percpu_ref_tryget(struct percpu_ref *ref)
{
	return percpu_ref_tryget_many(ref, 1);
}

/* Was it killed? */
static inline bool percpu_ref_is_dying(struct percpu_ref *ref)
{
	return __atomic_load_n(&ref->count, __ATOMIC_ACQUIRE) & KMEM_REF_DEAD;
}

/* A reference, unless it was killed before the call. */
static inline bool percpu_ref_tryget_live(struct percpu_ref *ref)
{
	return kmem_ref_try_(ref, 1, KMEM_REF_DEAD);
}

/* Drops the first reference; confirm() is called when it is dead for all. */
static inline void percpu_ref_kill_and_confirm(struct percpu_ref *ref,
					       percpu_ref_func_t *confirm)
{
	__atomic_fetch_or(&ref->count, KMEM_REF_DEAD, __ATOMIC_ACQ_REL);
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
	return !(__atomic_load_n(&ref->count, __ATOMIC_ACQUIRE) &
		 ~KMEM_REF_DEAD);
}

/* Alive again with a first reference: of one that was killed. */
static inline void percpu_ref_resurrect(struct percpu_ref *ref)
{
	percpu_ref_get(ref);
	__atomic_fetch_and(&ref->count, ~KMEM_REF_DEAD, __ATOMIC_RELEASE);
}

/* The same of one that has no reference left. */
static inline void percpu_ref_reinit(struct percpu_ref *ref)
{
	percpu_ref_resurrect(ref);
}

#endif
