/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Areas of vmalloc(), internal: their records, and what the other files of
 * this layer do with them.
 */
#ifndef ALLOC_VMALLOC_H
#define ALLOC_VMALLOC_H

#include <stdbool.h>
#include <stddef.h>

#include <kmem/published.h>
#include <linux/vmalloc.h>

#include "lib/tree.h"

enum area_state { AREA_UNUSED, AREA_LIVE, AREA_FREED };

/*
 * A record is never given back, so that it can be looked at without a lock:
 * pub is what tools read, and its next leads through all there are.
 *
 * state goes from unused to live under the lock, from live to freed by the one
 * who frees it, and from there to unused by the one who ends it.
 */
struct area {
	struct kmem_pub_area pub;
	struct tree_node node; /* start and bytes, without the guards */
	struct vm_struct vm;
	void *link;     /* of those unused, or freed and not ended */
	uint64_t marks; /* a word of page/sites.h; the site is in pub */
	uint32_t state;
};

/*
 * An area of size bytes, which is not 0, or NULL after a report.  Counts
 * neither as a call of the API nor as a request that may be made to fail.
 */
void *area_alloc(size_t size, size_t align, gfp_t gfp, unsigned long vm_flags,
		 const void *caller);
/* The bytes, whole pages, of the area that starts at p; 0: there is none. */
size_t area_size(const void *p);
/* Frees it, or in an atomic section has it freed later; false: no area. */
bool area_free(const void *p);
/* Has it freed by a later call, in any context. */
bool area_free_atomic(const void *p);
/* NULL leaves it as it was; size is not 0. */
void *area_resize(void *p, size_t size, gfp_t gfp, const void *caller);
/* The record of an area that starts at p and is the caller's; no lock. */
struct area *area_own(const void *p);
/* The page at an address of an area, or NULL. */
struct page *area_page(const void *p);
/* The area that an address lies in, or NULL. */
struct vm_struct *area_vm(const void *p);
/* Does it lie in an area? */
bool area_covers(const void *p);

/*
 * vm_run.c: the body of an area, nr pages side by side, whole ones of the OS,
 * between two guards.  False: the OS refuses, or there is something behind it,
 * and all is as it was.
 */
unsigned long vm_run_pages(size_t bytes);
/* Pages more, or fewer, in areas of vmalloc(), wherever they lie. */
void vm_run_count(long n);
struct page *vm_run_alloc(unsigned long nr, size_t align, gfp_t gfp);
bool vm_run_free(struct page *body, unsigned long nr);
bool vm_run_shrink(struct page *body, unsigned long old, unsigned long nr);
bool vm_run_grow(struct page *body, unsigned long old, unsigned long nr,
		 gfp_t gfp);

/*
 * vm_watch.c: the area is its caller's from now on, and no longer; it is about
 * to change its size, which clears as gfp says, and has, in place.
 */
void area_watch(const struct area *a, bool defined);
void area_unwatch(const struct area *a);
void area_resizes(const struct area *a, size_t size, gfp_t gfp);
void area_resized(const struct area *a, size_t was, gfp_t gfp);

/*
 * vmap.c: gives the area of a record these pages, or size bytes of pages from
 * anywhere; and ends it.  false: the record is as it was.
 */
bool vm_map_area(struct area *a, struct page **pages, unsigned long nr,
		 size_t align);
bool area_scatter(struct area *a, size_t size, size_t align, gfp_t gfp);
void vm_unmap_area(struct area *a);
void vmap_boot(void);
/* vmalloc.c: a mapped area of pages, an array that becomes its own; or NULL */
void *area_of_pages(struct page **pages, unsigned long nr,
		    unsigned long vm_flags, const void *caller);
/* Frees a mapped area that is not to put its pages; false: no such area. */
bool area_free_map(const void *p);
/* Pages that there could be at the most. */
unsigned long areas_most_pages(void);

/* vmalloc_api.c: a failure, at most one in ten seconds */
void area_report(size_t size, gfp_t gfp, const char *why);

/* Ends what was freed in atomic sections; returns bytes. */
size_t areas_settle(void);

/* Calls fn for each area, under the lock. */
/* The same for its holder. */
void __areas_each(void (*fn)(const struct vm_struct *vm, void *data),
		  void *data);
void areas_each(void (*fn)(const struct vm_struct *vm, void *data), void *data);
bool areas_validate(void);
unsigned long areas_live(void);
int areas_boot(void);

#endif
