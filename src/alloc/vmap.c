/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Mapped areas: pages from anywhere, side by side at addresses of their own.
 *
 * Their memory is shared first (page/share.c).  A mapped area is a mapping of
 * the port's, with a page that faults before the body and one behind it; the
 * body's pages are aliases, and the record has the array of them.
 *
 * vmalloc() makes one when no pages lie side by side; vmap() of given pages.
 * Whose the pages are is in the record's flags: VM_ALLOC and VM_MAP_PUT_PAGES
 * have vfree() put them.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "alloc/alloc.h"
#include "alloc/vmalloc.h"
#include "debug/atomic.h"
#include "debug/report.h"
#include "page/page.h"
#include "page/reclaim.h"
#include "port/port.h"

#define PUTS_PAGES (VM_ALLOC | VM_MAP_PUT_PAGES)

static char *mapping_of(const struct area *a)
{
	return (char *)a->vm.addr - PG_BYTES;
}

/* Pages of one piece from the i-th on, as they lie in the window. */
static unsigned long piece(struct page *const *pages, unsigned long i,
			   unsigned long nr)
{
	unsigned long n = 1;

	while (i + n < nr && pages[i + n] == pages[i] + n)
		n++;
	return n;
}

static bool alias_all(char *at, struct page *const *pages, unsigned long nr)
{
	unsigned long n;

	for (unsigned long i = 0; i < nr; i += n) {
		n = piece(pages, i, nr);
		if (!port_alias(at + (i << PG_SHIFT), page_addr(pages[i]),
				n << PG_SHIFT))
			return false;
	}
	return true;
}

/* The first nr are shared on behalf of this area. */
static void unalias_all(struct page *const *pages, unsigned long nr)
{
	while (nr--)
		page_unalias(pages[nr]);
}

bool vm_map_area(struct area *a, struct page **pages, unsigned long nr,
		 size_t align)
{
	size_t bytes = nr << PG_SHIFT, all = PG_BYTES + bytes;
	unsigned long done = 0;
	char *p;

	if (port_page_size() != PG_BYTES || align > PG_BYTES)
		return false;
	/* Bound: nr. */
	while (done < nr && page_share(pages[done]))
		done++;
	p = done == nr ? port_map(all, PG_BYTES, true) : NULL;
	if (!p)
		goto out_unalias;
	port_guard(p, PG_BYTES, true);
	if (!alias_all(p + PG_BYTES, pages, nr))
		goto out_unmap;
	a->vm.addr = p + PG_BYTES;
	a->vm.size = bytes + PG_BYTES;
	a->vm.nr_pages = (unsigned int)nr;
	a->vm.pages = pages;
	a->vm.requested_size = bytes;
	a->node.size = bytes;
	return true;

out_unmap:
	port_unmap(p, all, true);
out_unalias:
	unalias_all(pages, done);
	return false;
}

static void put_pages(struct page **pages, unsigned long nr)
{
	for (unsigned long i = 0; i < nr; i++)
		put_page(pages[i]);
}

void vm_unmap_area(struct area *a)
{
	unsigned long nr = a->vm.nr_pages;

	port_unmap(mapping_of(a), PG_BYTES + (nr << PG_SHIFT), true);
	unalias_all(a->vm.pages, nr);
	if (a->vm.flags & VM_ALLOC)
		vm_run_count(-(long)nr);
	if (a->vm.flags & PUTS_PAGES)
		put_pages(a->vm.pages, nr);
	kfree(a->vm.pages);
	a->vm.pages = NULL;
	page_shares_settle();
}

bool area_scatter(struct area *a, size_t size, size_t align, gfp_t gfp)
{
	unsigned long nr = (size + PG_BYTES - 1) >> PG_SHIFT, i = 0;
	gfp_t one = gfp & ~(gfp_t)__GFP_NOFAIL;
	struct page **pages = NULL;

	if (align > PG_BYTES)
		return false;
	if (nr * sizeof(*pages) <= KMALLOC_MAX_SIZE)
		pages = kmalloc_array(nr, sizeof(*pages), one & ~__GFP_ZERO);
	if (!pages)
		return false;
	/* one page tells whether the OS can, before many are taken */
	pages[0] = page_alloc(one, 0);
	if (pages[0] && page_share(pages[0])) {
		page_unalias(pages[0]);
		i = 1;
	} else if (pages[0]) {
		put_page(pages[0]);
	}
	/* Bound: nr. */
	while (i && i < nr && (pages[i] = page_alloc(one, 0)))
		i++;
	if (i == nr && vm_map_area(a, pages, nr, align)) {
		a->vm.requested_size = size;
		vm_run_count((long)nr);
		return true;
	}
	put_pages(pages, i);
	kfree(pages);
	page_shares_settle();
	return false;
}

/* In a child of fork, which has nothing at these addresses. */
static void map_again(const struct vm_struct *vm, void *data)
{
	(void)data;
	if (vm->pages)
		alias_all(vm->addr, vm->pages, vm->nr_pages);
}

static void areas_map_again(void)
{
	__areas_each(map_again, NULL);
}

void vmap_boot(void)
{
	page_shares_remap(areas_map_again);
	page_shares_boot();
}

/* --- the kernel's calls --------------------------------------------------- */

static void *map_pages(struct page **pages, unsigned long count,
		       unsigned long flags, const void *caller)
{
	struct page **copy;
	void *p;

	if (!pages || !count || kmalloc_boot())
		return NULL;
	if (count > areas_most_pages() ||
	    count > KMALLOC_MAX_SIZE / sizeof(*copy))
		return NULL;
	copy = kmalloc_array(count, sizeof(*copy), GFP_KERNEL);
	if (!copy)
		return NULL;
	memcpy(copy, pages, count * sizeof(*copy));
	p = area_of_pages(copy, count, flags, caller);
	if (!p)
		kfree(copy);
	return p;
}

/**
 * vmap - pages side by side at addresses of their own
 * @pages: single pages, or pages of blocks, that the caller has; none of a
 *	slab, of which there is no second address
 * @count: how many
 * @flags: VM_MAP; VM_MAP_PUT_PAGES: vfree() of it puts the pages, and frees
 *	@pages, which is a block of kmalloc() or kvmalloc()
 * @prot: PAGE_KERNEL; another one changes nothing
 *
 * What is stored through one address is read through the other.  A page is
 * made so that it can be mapped at its first vmap(): a store that another
 * thread makes to it at that moment may be lost.  It stays so until it is
 * freed, at the price of a mapping of the OS's for each piece of adjacent
 * pages.
 *
 * Return: the address of the first; NULL, for 0 pages too, when the OS does
 * not provide it (a page larger than ours, no memfd, vm.max_map_count).
 * Context: may sleep, and enters the OS.
 * Source: <linux/vmalloc.h>.
 */
void *vmap(struct page **pages, unsigned int count, unsigned long flags,
	   pgprot_t prot)
{
	void *p;

	check_sleeping();
	(void)prot;
	p = map_pages(pages, count, VM_MAP | (flags & VM_MAP_PUT_PAGES),
		      WARN_CALLER());
	if (p && flags & VM_MAP_PUT_PAGES)
		kvfree(pages);
	return p;
}

/**
 * vmap_pfn - memory without a struct page at one address
 * @pfns: page numbers
 * @count: how many
 * @prot: not looked at
 *
 * A page number that has a page is refused with a warning, as in the kernel:
 * vmap() is for it.  No other number is memory here.
 *
 * Return: NULL.
 * Context: task.
 * Source: <linux/vmalloc.h>.
 */
void *vmap_pfn(unsigned long *pfns, unsigned int count, pgprot_t prot)
{
	bool has_page = false;

	(void)prot;
	check_sleeping();
	for (unsigned int i = 0; pfns && i < count; i++)
		has_page = has_page || pfn_valid(pfns[i]);
	warn_if(has_page, "vmap_pfn() of a page, which vmap() is for");
	return NULL;
}

/**
 * vunmap - ends a mapping of vmap()
 * @addr: what it returned; NULL is allowed
 *
 * The pages stay the caller's, as VM_MAP_PUT_PAGES is for vfree().
 *
 * Context: may sleep, and enters the OS.
 * Source: <linux/vmalloc.h>.
 */
void vunmap(const void *addr)
{
	check_sleeping();
	if (!addr)
		return;
	warn_if(!area_free_map(addr),
		"Trying to vunmap() nonexistent vm area (%p)", addr);
}

/**
 * vm_map_ram - vmap() for a short time
 * @pages: as for vmap()
 * @count: how many
 * @node: a wish; there is one node
 *
 * Return: as vmap().
 * Context: as vmap().
 * Source: <linux/vmalloc.h>.
 */
void *vm_map_ram(struct page **pages, unsigned int count, int node)
{
	check_sleeping();
	(void)node;
	return map_pages(pages, count, VM_MAP, NULL);
}

/**
 * vm_unmap_ram - ends a mapping of vm_map_ram()
 * @mem: what it returned
 * @count: as given there
 *
 * Context: as vunmap().
 * Source: <linux/vmalloc.h>.
 */
void vm_unmap_ram(const void *mem, unsigned int count)
{
	(void)count;
	vunmap(mem);
}
