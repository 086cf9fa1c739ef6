/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The GFP flags and what each of them means here.
 *
 * A set of these says three things about a request: where the memory has to
 * lie, what may be done to get it, and what to do when there is none.  The
 * one bit that says "you may sleep" is __GFP_DIRECT_RECLAIM.  Values are no
 * contract; they follow the kernel's layout so that masks in reports read
 * alike.
 *
 *	where		DMA, DMA32, HIGHMEM, MOVABLE, RECLAIMABLE, THISNODE
 *	how deep	HIGH (below min), MEMALLOC (all), NOMEMALLOC (never)
 *	what may run	DIRECT_RECLAIM, KSWAPD_RECLAIM, IO, FS
 *	how hard	NORETRY < (nothing) < RETRY_MAYFAIL < NOFAIL
 *	the result	ZERO, COMP
 */
#ifndef KMEM_LINUX_GFP_TYPES_H
#define KMEM_LINUX_GFP_TYPES_H

#include <kmem/types.h>

#define KMEM_GFP(value) ((KMEM_FORCE gfp_t)(value))

/* clang-format off */

/* Raw numbers, for tables and for the preprocessor. */
#define ___GFP_DMA		0x1u
#define ___GFP_HIGHMEM		0x2u
#define ___GFP_DMA32		0x4u
#define ___GFP_MOVABLE		0x8u
#define ___GFP_RECLAIMABLE	0x10u
#define ___GFP_HIGH		0x20u
#define ___GFP_IO		0x40u
#define ___GFP_FS		0x80u
#define ___GFP_ZERO		0x100u
#define ___GFP_DIRECT_RECLAIM	0x400u
#define ___GFP_KSWAPD_RECLAIM	0x800u
#define ___GFP_WRITE		0x1000u
#define ___GFP_NOWARN		0x2000u
#define ___GFP_RETRY_MAYFAIL	0x4000u
#define ___GFP_NOFAIL		0x8000u
#define ___GFP_NORETRY		0x10000u
#define ___GFP_MEMALLOC		0x20000u
#define ___GFP_COMP		0x40000u
#define ___GFP_NOMEMALLOC	0x80000u
#define ___GFP_HARDWALL		0x100000u
#define ___GFP_THISNODE		0x200000u
#define ___GFP_ACCOUNT		0x400000u
#define ___GFP_ZEROTAGS		0x800000u
#define ___GFP_NO_OBJ_EXT	0x1000000u

/* Where. */
#define __GFP_DMA		KMEM_GFP(___GFP_DMA)
#define __GFP_HIGHMEM		KMEM_GFP(___GFP_HIGHMEM)
#define __GFP_DMA32		KMEM_GFP(___GFP_DMA32)
#define __GFP_MOVABLE		KMEM_GFP(___GFP_MOVABLE)
#define __GFP_RECLAIMABLE	KMEM_GFP(___GFP_RECLAIMABLE)
#define __GFP_HARDWALL		KMEM_GFP(___GFP_HARDWALL)
#define __GFP_THISNODE		KMEM_GFP(___GFP_THISNODE)
#define __GFP_WRITE		KMEM_GFP(___GFP_WRITE)
#define __GFP_ACCOUNT		KMEM_GFP(___GFP_ACCOUNT)
#define __GFP_NO_OBJ_EXT	KMEM_GFP(___GFP_NO_OBJ_EXT)
#define GFP_ZONEMASK \
	(__GFP_DMA | __GFP_HIGHMEM | __GFP_DMA32 | __GFP_MOVABLE)

/* How deep into the reserves. */
#define __GFP_HIGH		KMEM_GFP(___GFP_HIGH)
#define __GFP_MEMALLOC		KMEM_GFP(___GFP_MEMALLOC)
#define __GFP_NOMEMALLOC	KMEM_GFP(___GFP_NOMEMALLOC)

/* What may run to get memory, and how hard to try. */
#define __GFP_IO		KMEM_GFP(___GFP_IO)
#define __GFP_FS		KMEM_GFP(___GFP_FS)
#define __GFP_DIRECT_RECLAIM	KMEM_GFP(___GFP_DIRECT_RECLAIM)
#define __GFP_KSWAPD_RECLAIM	KMEM_GFP(___GFP_KSWAPD_RECLAIM)
#define __GFP_RECLAIM \
	KMEM_GFP(___GFP_DIRECT_RECLAIM | ___GFP_KSWAPD_RECLAIM)
#define __GFP_NORETRY		KMEM_GFP(___GFP_NORETRY)
#define __GFP_RETRY_MAYFAIL	KMEM_GFP(___GFP_RETRY_MAYFAIL)
#define __GFP_NOFAIL		KMEM_GFP(___GFP_NOFAIL)

/* What comes back. */
#define __GFP_NOWARN		KMEM_GFP(___GFP_NOWARN)
#define __GFP_COMP		KMEM_GFP(___GFP_COMP)
#define __GFP_ZERO		KMEM_GFP(___GFP_ZERO)
#define __GFP_ZEROTAGS		KMEM_GFP(___GFP_ZEROTAGS)

/* Flags of features that do not exist here: legal, and without a bit. */
#define __GFP_SKIP_ZERO		KMEM_GFP(0)
#define __GFP_SKIP_KASAN	KMEM_GFP(0)
#define __GFP_NOLOCKDEP		KMEM_GFP(0)

/* Retired names. */
#define __GFP_WAIT		__GFP_RECLAIM
#define __GFP_REPEAT		__GFP_RETRY_MAYFAIL
#define __GFP_ATOMIC		KMEM_GFP(0)
#define __GFP_COLD		KMEM_GFP(0)
#define __GFP_NOTRACK		KMEM_GFP(0)
#define __GFP_OTHER_NODE	KMEM_GFP(0)
#define __GFP_KMEMCG		KMEM_GFP(0)
#define __GFP_NO_KSWAPD		KMEM_GFP(0)
#define __GFP_NO_GROW		KMEM_GFP(0)

#define __GFP_BITS_SHIFT	25
#define __GFP_BITS_MASK		KMEM_GFP((1u << __GFP_BITS_SHIFT) - 1)

/* What callers write. */
#define GFP_ATOMIC		(__GFP_HIGH | __GFP_KSWAPD_RECLAIM)
#define GFP_KERNEL		(__GFP_RECLAIM | __GFP_IO | __GFP_FS)
#define GFP_KERNEL_ACCOUNT	(GFP_KERNEL | __GFP_ACCOUNT)
#define GFP_NOWAIT		(__GFP_KSWAPD_RECLAIM | __GFP_NOWARN)
#define GFP_NOIO		__GFP_RECLAIM
#define GFP_NOFS		(__GFP_RECLAIM | __GFP_IO)
#define GFP_USER		(GFP_KERNEL | __GFP_HARDWALL)
#define GFP_DMA			__GFP_DMA
#define GFP_DMA32		__GFP_DMA32
#define GFP_HIGHUSER		(GFP_USER | __GFP_HIGHMEM)
#define GFP_HIGHUSER_MOVABLE \
	(GFP_HIGHUSER | __GFP_MOVABLE | __GFP_SKIP_KASAN)
#define GFP_TRANSHUGE_LIGHT \
	((GFP_HIGHUSER_MOVABLE | __GFP_COMP | __GFP_NOMEMALLOC | \
	  __GFP_NOWARN) & ~__GFP_RECLAIM)
#define GFP_TRANSHUGE		(GFP_TRANSHUGE_LIGHT | __GFP_DIRECT_RECLAIM)

/* Masks. */
#define GFP_RECLAIM_MASK \
	(__GFP_RECLAIM | __GFP_HIGH | __GFP_IO | __GFP_FS | __GFP_NOWARN | \
	 __GFP_RETRY_MAYFAIL | __GFP_NOFAIL | __GFP_NORETRY | \
	 __GFP_MEMALLOC | __GFP_NOMEMALLOC | __GFP_NOLOCKDEP)
#define GFP_BOOT_MASK \
	(__GFP_BITS_MASK & ~(__GFP_RECLAIM | __GFP_IO | __GFP_FS))
#define GFP_CONSTRAINT_MASK	(__GFP_HARDWALL | __GFP_THISNODE)
#define GFP_SLAB_BUG_MASK \
	(__GFP_DMA32 | __GFP_HIGHMEM | ~__GFP_BITS_MASK)

/* clang-format on */

#endif
