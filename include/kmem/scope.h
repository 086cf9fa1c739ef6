/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The bits that the scopes of <linux/sched/mm.h> set in a thread.  The numbers
 * are the kernel's; a client that has them already must have the same.
 */
#ifndef KMEM_SCOPE_H
#define KMEM_SCOPE_H

#include <kmem/compiler.h>
#include <linux/sched.h>

/* It frees memory: no reclaim, and every reserve. */
#if !defined(PF_MEMALLOC)
#define PF_MEMALLOC 0x00000800
#endif
/* Reclaim for it calls no file system; nor starts I/O. */
#if !defined(PF_MEMALLOC_NOFS)
#define PF_MEMALLOC_NOFS 0x00040000
#endif
#if !defined(PF_MEMALLOC_NOIO)
#define PF_MEMALLOC_NOIO 0x00080000
#endif
/* What it allocates stays where it is for long. */
#if !defined(PF_MEMALLOC_PIN)
#define PF_MEMALLOC_PIN 0x10000000
#endif

KMEM_STATIC_ASSERT(PF_MEMALLOC == 0x00000800 &&
			   PF_MEMALLOC_NOFS == 0x00040000 &&
			   PF_MEMALLOC_NOIO == 0x00080000 &&
			   PF_MEMALLOC_PIN == 0x10000000,
		   "another PF_MEMALLOC is in the way");

#endif
