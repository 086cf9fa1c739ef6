/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What a thread is in the middle of, as far as allocation is concerned: the
 * bits that the scopes of <linux/sched/mm.h> set.  The numbers are the
 * kernel's.  The system's <linux/sched.h> (flags of clone) comes first.
 */
#if defined(__STDC_HOSTED__) && __STDC_HOSTED__ && defined(__has_include_next)
#if __has_include_next(<linux/sched.h>)
#include_next <linux/sched.h>
#endif
#endif

#ifndef KMEM_LINUX_SCHED_H
#define KMEM_LINUX_SCHED_H

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

#endif
