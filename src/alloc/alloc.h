/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The alloc layer, internal.  The public calls are in <linux/slab.h> and
 * <linux/mempool.h>; mapped regions are in alloc/region.h.
 */
#ifndef ALLOC_ALLOC_H
#define ALLOC_ALLOC_H

#include <linux/gfp_types.h>
#include <linux/types.h>

#include "page/page.h"
#include "slab/slab.h"

/* kmalloc.c */

/* The layers below and the kmalloc caches, once. 0 or a negative errno. */
int kmalloc_boot(void);

/* The head of the large block that starts at p, or NULL. */
struct page *kmalloc_large_of(const void *p);

/* Where it is kept what was asked for, if a tool watches. */
static inline unsigned long *kmalloc_large_asked(struct page *page)
{
	return &page[1].private;
}

/* Bytes in use by blocks that kmalloc() took whole from the page layer. */
unsigned long kmalloc_large_bytes(void);

/* ksize.c */

/* Bytes that the owner of a block may use; 0: there is none, as ksize(). */
size_t block_room(const void *p);

/*
 * Is it known what was asked for?  Then block_room() is that, and less than
 * block_most(), to which block_resize() can make it grow in place.
 */
bool block_keeps_asked(const void *p);
size_t block_most(const void *p, size_t room);
void block_resize(void *p, size_t size);

/*
 * library.c: kmem_trim() from a slow path that may call the OS; false when a
 * thread holds slab_mutex, maybe the caller.
 */
bool trim_in_passing(unsigned long *bytes);

/* fault.c: from now on each request is asked about; 0 or -ENOMEM */
int fault_begin(void);

/*
 * test_case.c: KMEM_OPTIONS=test_case: the process is one.  The second returns
 * the status that it is to end with, 0: its own.
 */
#define TEST_CASE_STATUS 99
void test_case_start(void);
int test_case_finish(void);

/* pressure.c: answers asks and, if the options say so, events */
void pressure_boot(void);
/* Once the OS is ready for files and a thread; needs the option. */
void pressure_start(void);
/*
 * reserve.c: the option rt.  The malloc front has a definition of its own of
 * core_is_front (port.h).
 */
void reserve_start(void);
/* What the thread does: waits up to ns for an event and acts on it. */
void pressure_sleep(int64_t ns);

/*
 * May n bytes at p be read, as the record of ours that somebody says is there?
 * Any p may be asked; what a record says of itself is looked at next.
 */
static inline bool memory_is_ours(const void *p, size_t n)
{
	return !((uintptr_t)p % sizeof(void *)) && page_is_usable(p) &&
	       page_is_usable((const char *)p + n - 1);
}

/* device.c: the fork handlers; devres.c: the lists of resources */
void devices_boot(void);
void devres_boot(void);

/* region.c: the cache of region records and the fork handlers. */
int region_boot(void);

#endif
