/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* The library as a whole: version, backend, boot, trim. */
#include <kmem/kmem.h>

#include "alloc/alloc.h"
#include "alloc/map_cache.h"
#include "alloc/percpu.h"
#include "alloc/region.h"
#include "alloc/shrinker.h"
#include "alloc/vmalloc.h"
#include "debug/atomic.h"
#include "page/reclaim.h"

/* <kmem/sequence.h> */
KMEM_API void kmem_inline_loaded(const void *address);

/**
 * kmem_version - the version of the library that runs
 *
 * Return: as KMEM_VERSION_STRING of the headers it was built with.
 * Context: any.
 * Source: ours.
 */
const char *kmem_version(void)
{
	return KMEM_VERSION_STRING;
}

/**
 * kmem_init - boots the library now instead of at the first allocation
 *
 * Return: 0, or -ENOMEM when the OS does not give enough to begin with; a
 * later call tries again.
 * Context: may sleep.
 * Source: ours.
 */
int kmem_init(void)
{
	int err = kmalloc_boot();

	if (!err)
		page_thread();
	return err;
}

/**
 * kmem_backend - how per-CPU caches are protected
 *
 * Return: "lock" or "rseq".
 * Context: any.
 * Source: ours.
 */
const char *kmem_backend(void)
{
	return pcs_backend();
}

/**
 * kmem_raw_thread - the caller was not made by the C library
 *
 * A thread of clone() with memory of its own behind the thread pointer is
 * unknown to the kernel's restartable sequences, and nothing in that memory
 * says so.  After this call it uses the lock backend, beside threads that use
 * sequences.  It must be made before any other call of the library by that
 * thread; for all other threads it changes nothing.
 *
 * Context: any; makes up to four system calls.
 * Source: ours.
 */
void kmem_raw_thread(void)
{
	pcs_disown();
}

/**
 * kmem_confined - the process is about to be confined to few system calls
 *
 * To be called before a filter is installed (seccomp) that ends the process for
 * calls that it does not know.  From then on the library makes no system call
 * but mmap, munmap, mprotect, mremap, madvise and futex, and write for reports.
 * The price: objects in the sheaves of other CPUs stay there when memory is
 * short or kmem_trim() is called, and a child of fork() loses what was in
 * sheaves and publishes no statistics.  It cannot be undone.
 *
 * Context: any.
 * Source: ours.
 */
void kmem_confined(void)
{
	port_confine();
}

/* Called by the constructor of an object that has sequences in it. */
void kmem_inline_loaded(const void *address)
{
	port_stay(address);
}

/**
 * kmem_trim - gives back to the OS all memory that is not in use
 *
 * Asks all shrinkers for all that they can free.  Empties the sheaves of all
 * CPUs and caches, frees empty slabs, drains the page lists, purges every free
 * block of 64 KiB and more, and unmaps the mappings that freed regions left for
 * reuse.
 *
 * Return: bytes that went back.
 * Context: may sleep; calls shrinkers, then takes slab_mutex and the locks
 * below it.
 * Source: ours.
 */
unsigned long kmem_trim(void)
{
	size_t settled;

	check_sleeping();
	if (kmalloc_boot())
		return 0;
	settled = region_settle() + areas_settle();
	shrinkers_trim();
	slab_give_back_all(true);
	settled += percpu_trim();
	return settled + kept_empty() + page_trim();
}

bool trim_in_passing(unsigned long *bytes)
{
	if (!slab_give_back_all(false))
		return false;
	*bytes = kept_empty() + page_trim();
	return true;
}
