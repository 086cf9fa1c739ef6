/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Scopes: what all requests of a thread may do from here to there, whatever
 * their flags say.
 *
 *	unsigned int was = memalloc_nofs_save();
 *	...					no request calls a file system
 *	memalloc_nofs_restore(was);
 *
 * A save returns the bits that it set and that were not set before, a restore
 * clears those: so scopes nest, and the last one begun is the first to end.
 * They belong to the thread, reach everything that it allocates meanwhile,
 * and take effect where memory has to be found: a call that is served from
 * what lies ready does not look at them, since it does nothing that they
 * forbid.
 */
#ifndef KMEM_LINUX_SCHED_MM_H
#define KMEM_LINUX_SCHED_MM_H

#include <kmem/abi.h>
#include <kmem/scope.h>
#include <kmem/types.h>
#include <linux/cleanup.h>
#include <linux/sched.h>

#include "../gfp_types.h"

KMEM_EXTERN_C_BEGIN

KMEM_API unsigned int memalloc_flags_save(unsigned int flags)
	KMEM_ABI(memalloc_flags_save);
KMEM_API void memalloc_flags_restore(unsigned int flags)
	KMEM_ABI(memalloc_flags_restore);

/* The flags of a request as the scopes of the running thread leave them. */
KMEM_API gfp_t current_gfp_context(gfp_t flags) KMEM_ABI(current_gfp_context);

/* A request with these flags may follow; in checking mode it is judged now. */
KMEM_API void might_alloc(gfp_t gfp_mask) KMEM_ABI(might_alloc);

/* From one to the other no request may enter a file system. */
KMEM_API void fs_reclaim_acquire(gfp_t gfp_mask) KMEM_ABI(fs_reclaim_acquire);
KMEM_API void fs_reclaim_release(gfp_t gfp_mask) KMEM_ABI(fs_reclaim_release);

/* A pause before a request that failed is made again. */
KMEM_API void memalloc_retry_wait(gfp_t gfp_flags)
	KMEM_ABI(memalloc_retry_wait);

KMEM_EXTERN_C_END

struct mem_cgroup;

/* There are no control groups to charge: what was set is NULL. */
static inline struct mem_cgroup *set_active_memcg(struct mem_cgroup *memcg)
{
	(void)memcg;
	return NULL;
}

/**
 * memalloc_noio_save() - from here on no request of this thread starts I/O
 *
 * Each loses __GFP_IO and __GFP_FS.
 *
 * Context: Any.
 * Return: for memalloc_noio_restore().
 */
static inline unsigned int memalloc_noio_save(void)
{
	return memalloc_flags_save(PF_MEMALLOC_NOIO);
}

/**
 * memalloc_noio_restore() - the end of such a scope
 * @flags: what memalloc_noio_save() returned
 *
 * Context: Any.
 */
static inline void memalloc_noio_restore(unsigned int flags)
{
	memalloc_flags_restore(flags);
}

/**
 * memalloc_nofs_save() - from here on no request calls a file system
 *
 * Each loses __GFP_FS.
 *
 * Context: Any.
 * Return: for memalloc_nofs_restore().
 */
static inline unsigned int memalloc_nofs_save(void)
{
	return memalloc_flags_save(PF_MEMALLOC_NOFS);
}

/**
 * memalloc_nofs_restore() - the end of such a scope
 * @flags: what memalloc_nofs_save() returned
 *
 * Context: Any.
 */
static inline void memalloc_nofs_restore(unsigned int flags)
{
	memalloc_flags_restore(flags);
}

/**
 * memalloc_noreclaim_save() - from here on requests draw on every reserve
 *
 * They start no reclaim, and no watermark holds them; one with
 * __GFP_NOMEMALLOC has no part in the reserves, but starts no reclaim either.
 * For a thread whose work frees more memory than it takes.
 *
 * Context: Any.
 * Return: for memalloc_noreclaim_restore().
 */
static inline unsigned int memalloc_noreclaim_save(void)
{
	return memalloc_flags_save(PF_MEMALLOC);
}

/**
 * memalloc_noreclaim_restore() - the end of such a scope
 * @flags: what memalloc_noreclaim_save() returned
 *
 * Context: Any.
 */
static inline void memalloc_noreclaim_restore(unsigned int flags)
{
	memalloc_flags_restore(flags);
}

/**
 * memalloc_pin_save() - from here on what is allocated stays where it is
 *
 * Each request loses __GFP_MOVABLE.
 *
 * Context: Any.
 * Return: for memalloc_pin_restore().
 */
static inline unsigned int memalloc_pin_save(void)
{
	return memalloc_flags_save(PF_MEMALLOC_PIN);
}

/**
 * memalloc_pin_restore() - the end of such a scope
 * @flags: what memalloc_pin_save() returned
 *
 * Context: Any.
 */
static inline void memalloc_pin_restore(unsigned int flags)
{
	memalloc_flags_restore(flags);
}

/**
 * memalloc_apply_gfp_scope() - a scope in which nothing may do more than this
 * @gfp_mask: flags of a request; those that lack __GFP_IO and __GFP_FS begin
 *	a NOIO scope, those that lack __GFP_FS alone a NOFS scope
 *
 * For calls that allocate with flags of their own on behalf of a caller.
 *
 * Context: Any.
 * Return: for memalloc_restore_scope().
 */
static inline unsigned int memalloc_apply_gfp_scope(gfp_t gfp_mask)
{
	if (!(gfp_mask & (__GFP_IO | __GFP_FS)))
		return memalloc_noio_save();
	if (!(gfp_mask & __GFP_FS))
		return memalloc_nofs_save();
	return 0;
}

/**
 * memalloc_restore_scope() - the end of such a scope
 * @flags: what memalloc_apply_gfp_scope() returned
 *
 * Context: Any.
 */
static inline void memalloc_restore_scope(unsigned int flags)
{
	memalloc_flags_restore(flags);
}

#if defined(DEFINE_CLASS)
#if !KMEM_OWN_TYPES
/* guard(memalloc_flags)(PF_MEMALLOC_NOFS): bcachefs has one of its own. */
DEFINE_CLASS(memalloc_flags, unsigned int, memalloc_flags_restore(_T),
	     memalloc_flags_save(flags), unsigned int flags)
#endif
/* The others are without bits. */
DEFINE_CLASS(memalloc_noio, unsigned int, memalloc_noio_restore(_T),
	     memalloc_noio_save(), void)
DEFINE_CLASS(memalloc_nofs, unsigned int, memalloc_nofs_restore(_T),
	     memalloc_nofs_save(), void)
DEFINE_CLASS(memalloc_noreclaim, unsigned int, memalloc_noreclaim_restore(_T),
	     memalloc_noreclaim_save(), void)
DEFINE_CLASS(memalloc_pin, unsigned int, memalloc_pin_restore(_T),
	     memalloc_pin_save(), void)
#endif

#endif
