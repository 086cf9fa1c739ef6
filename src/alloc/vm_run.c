/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The pages of an area that lie side by side: guard, body, guard.
 *
 * All pages of it have PG_vmalloc, except that a guard that is protected has
 * PG_guard instead: one of a caller that must not call the OS is not, and one
 * that the OS refuses to protect.
 */
#include "alloc/vmalloc.h"
#include "page/page.h"

void vm_run_count(long n)
{
	total_add(&page_totals()->vmalloc_pages, n);
}

unsigned long vm_run_pages(size_t bytes)
{
	return ALIGN_UP((bytes + PG_BYTES - 1) >> PG_SHIFT, guard_pages());
}

struct page *vm_run_alloc(unsigned long nr, size_t align, gfp_t gfp)
{
	unsigned long guard = guard_pages(), step = align >> PG_SHIFT;
	struct page *first;

	first = page_alloc_run(gfp, guard, guard + nr + guard,
			       step > guard ? step : guard,
			       PG_MASK(PG_vmalloc));
	if (!first)
		return NULL;
	if (gfp & __GFP_DIRECT_RECLAIM) {
		page_guard(first);
		page_guard(first + guard + nr);
	}
	vm_run_count((long)(nr + 2 * guard));
	return first + guard;
}

bool vm_run_free(struct page *body, unsigned long nr)
{
	unsigned long guard = guard_pages();

	if (!page_unguard(body - guard) || !page_unguard(body + nr))
		return false;
	vm_run_count(-(long)(nr + 2 * guard));
	page_free_run(body - guard, nr + 2 * guard);
	return true;
}

/* What others refer to must not fault. */
static bool are_held(const struct page *page, unsigned long nr)
{
	while (nr--)
		if (page[nr]._refcount.counter != 1)
			return true;
	return false;
}

bool vm_run_shrink(struct page *body, unsigned long old, unsigned long nr)
{
	unsigned long guard = guard_pages();

	if (!page_unguard(body + old))
		return false;
	if (!are_held(body + nr, guard))
		page_guard(body + nr);
	vm_run_count(-(long)(old - nr));
	page_free_run(body + nr + guard, old - nr);
	return true;
}

bool vm_run_grow(struct page *body, unsigned long old, unsigned long nr,
		 gfp_t gfp)
{
	unsigned long guard = guard_pages();
	struct page *end = body + old;

	if (!page_grow_run(end + guard, nr - old, gfp, PG_MASK(PG_vmalloc)))
		return false;
	if (!page_unguard(end)) {
		page_free_run(end + guard, nr - old);
		return false;
	}
	if (gfp & __GFP_ZERO)
		memset(page_addr(end), 0, guard << PG_SHIFT);
	page_guard(body + nr);
	vm_run_count((long)(nr - old));
	return true;
}
