/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* The kernel's calls of <linux/vmalloc.h>, over areas. */
#include "alloc/vmalloc.h"

#include <linux/mm.h>

#include "alloc/alloc.h"
#include "debug/atomic.h"
#include "debug/fail.h"
#include "debug/report.h"
#include "debug/watch.h"
#include "page/page.h"

#define SUPPORTED                                                     \
	(GFP_KERNEL | GFP_ATOMIC | GFP_NOWAIT | GFP_USER | GFP_NOFS | \
	 GFP_NOIO | __GFP_ACCOUNT | __GFP_ZERO | __GFP_NOFAIL |       \
	 __GFP_NORETRY | __GFP_RETRY_MAYFAIL | __GFP_NOLOCKDEP |      \
	 __GFP_NOWARN | __GFP_HIGHMEM | __GFP_NOMEMALLOC | __GFP_MEMALLOC)

/* From this size on, vmalloc_huge() is aligned to what the OS may use. */
#define HUGE_BYTES (PG_BYTES << 9)

/* At most one failure report in this time. */
#define REPORT_NS (10ull * 1000 * 1000 * 1000)

#define CALLER() __builtin_return_address(0)

void area_report(size_t size, gfp_t gfp, const char *why)
{
	static uint64_t last;
	uint64_t now, before = __atomic_load_n(&last, __ATOMIC_RELAXED);
	char text[256];

	if (gfp & __GFP_NOWARN)
		return;
	now = port_clock_ns() | 1;
	if ((before && now - before < REPORT_NS) ||
	    !__atomic_compare_exchange_n(&last, &before, now, false,
					 __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		return;
	report_gfp(text, sizeof(text), gfp);
	report("vmalloc error: size %zu, %s, mode:0x%x(%s)", size, why, gfp,
	       text);
}

/* The flags are checked, and the call site is noted. */
static void *api_area(size_t size, size_t align, gfp_t gfp,
		      unsigned long vm_flags, const void *caller)
{
	void *p;

	if (warn_once_if(!size, "vmalloc() of 0 bytes"))
		return NULL;
	if (should_fail(size, gfp))
		return NULL;
	fail_pause();
	p = area_alloc(size, align, gfp, vm_flags, caller);
	fail_resume();
	return p;
}

static gfp_t supported(gfp_t gfp)
{
	warn_once_if((gfp & ~SUPPORTED) != 0,
		     "Unexpected gfp: %#x. Fixing up to gfp: %#x. "
		     "Fix your code!",
		     (unsigned int)gfp, (unsigned int)(gfp & SUPPORTED));
	return gfp & SUPPORTED & ~__GFP_HIGHMEM;
}

/**
 * vmalloc - memory that need not be contiguous physically
 * @size: bytes, rounded up to whole pages
 *
 * The area lies between two guard pages, which fault when they are touched
 * (unless the OS refuses to protect any more of them: vm.max_map_count).
 * What is in it is undefined.  A @size of 0 is warned of once; one beyond all
 * memory that there can be is reported.
 *
 * Return: the area, aligned to a page, for vfree(); or NULL.
 * Context: may sleep, and enters the OS for the guards.
 * Source: <linux/vmalloc.h>, Linux 7.x.
 */
void *vmalloc(unsigned long size)
{
	check_blocking(GFP_KERNEL);
	return api_area(size, PG_BYTES, GFP_KERNEL, VM_ALLOC, CALLER());
}

/**
 * vzalloc - vmalloc() of zero bytes
 * @size: bytes
 *
 * Return: as vmalloc().
 * Context: as vmalloc().
 * Source: as vmalloc().
 */
void *vzalloc(unsigned long size)
{
	check_blocking(GFP_KERNEL);
	return api_area(size, PG_BYTES, GFP_KERNEL | __GFP_ZERO, VM_ALLOC,
			CALLER());
}

/**
 * vmalloc_node - vmalloc() near a node
 * @size: bytes
 * @node: a wish, or NUMA_NO_NODE; there is node 0 only
 *
 * Return: as vmalloc().
 * Context: as vmalloc().
 * Source: as vmalloc(), without NUMA.
 */
void *vmalloc_node(unsigned long size, int node)
{
	check_blocking(GFP_KERNEL);
	(void)node;
	return api_area(size, PG_BYTES, GFP_KERNEL, VM_ALLOC, CALLER());
}

/**
 * vzalloc_node - vzalloc() near a node
 * @size: bytes
 * @node: as for vmalloc_node()
 *
 * Return: as vmalloc().
 * Context: as vmalloc().
 * Source: as vmalloc(), without NUMA.
 */
void *vzalloc_node(unsigned long size, int node)
{
	check_blocking(GFP_KERNEL);
	(void)node;
	return api_area(size, PG_BYTES, GFP_KERNEL | __GFP_ZERO, VM_ALLOC,
			CALLER());
}

/**
 * __vmalloc - vmalloc() with flags
 * @size: bytes
 * @flags: GFP_KERNEL, GFP_NOFS, GFP_NOIO, GFP_USER, GFP_NOWAIT or GFP_ATOMIC,
 *	with __GFP_ZERO, __GFP_NOFAIL, __GFP_NORETRY, __GFP_RETRY_MAYFAIL,
 *	__GFP_NOWARN, __GFP_ACCOUNT; __GFP_HIGHMEM changes nothing, others are
 *	warned of once and dropped
 *
 * A caller that must not sleep gets free pages that lie side by side, at most
 * 4 MiB with the guards, and guards that do not fault, since protecting them
 * would enter the OS.
 *
 * Return: as vmalloc().
 * Context: as @flags say.
 * Source: <linux/vmalloc.h>, the newest for flags that do not sleep; up to 5.7
 * there was a third argument, which is accepted.
 */
void *(__vmalloc)(unsigned long size, gfp_t flags)
{
	check_blocking(flags);
	return api_area(size, PG_BYTES, supported(flags), VM_ALLOC, CALLER());
}

/**
 * __vmalloc_node - __vmalloc() with an alignment, for another call site
 * @size: bytes
 * @align: a power of two; less than a page is a page
 * @flags: as for __vmalloc()
 * @node: as for vmalloc_node()
 * @caller: code address that /proc/vmallocinfo shows; NULL: the caller's
 *
 * Return: as vmalloc(); NULL also for an alignment that is none or that no
 * page has.
 * Context: as @flags say.
 * Source: <linux/vmalloc.h>, Linux 5.8 and later.
 */
void *__vmalloc_node(unsigned long size, unsigned long align, gfp_t flags,
		     int node, const void *caller)
{
	check_blocking(flags);
	(void)node;
	if (align & (align - 1))
		return NULL;
	return api_area(size, align, supported(flags), VM_ALLOC,
			caller ? caller : CALLER());
}

/**
 * vmalloc_user - vzalloc() of memory that may be mapped for users
 * @size: bytes
 *
 * Return: as vmalloc().
 * Context: as vmalloc().
 * Source: <linux/vmalloc.h>.
 */
void *vmalloc_user(unsigned long size)
{
	check_blocking(GFP_KERNEL);
	return api_area(size, PG_BYTES, GFP_KERNEL | __GFP_ZERO,
			VM_ALLOC | VM_USERMAP, CALLER());
}

/**
 * vmalloc_32 - vmalloc() of pages below 4 GiB of the window
 * @size: bytes
 *
 * Return: as vmalloc().
 * Context: as vmalloc().
 * Source: <linux/vmalloc.h>.
 */
void *vmalloc_32(unsigned long size)
{
	check_blocking(GFP_KERNEL);
	return api_area(size, PG_BYTES, GFP_KERNEL | GFP_DMA32, VM_ALLOC,
			CALLER());
}

/**
 * vmalloc_32_user - vmalloc_user() of pages below 4 GiB of the window
 * @size: bytes
 *
 * Return: as vmalloc().
 * Context: as vmalloc().
 * Source: <linux/vmalloc.h>.
 */
void *vmalloc_32_user(unsigned long size)
{
	check_blocking(GFP_KERNEL);
	return api_area(size, PG_BYTES, GFP_KERNEL | GFP_DMA32 | __GFP_ZERO,
			VM_ALLOC | VM_USERMAP, CALLER());
}

/**
 * vmalloc_huge - vmalloc() whose memory the OS may back by large pages
 * @size: bytes; from 2 MiB on the area is aligned to that
 * @flags: as for __vmalloc()
 *
 * Whether it does is the OS's affair: is_vm_area_hugepages() is false.
 *
 * Return: as vmalloc().
 * Context: as @flags say.
 * Source: <linux/vmalloc.h>, Linux 5.18 and later.
 */
void *vmalloc_huge(unsigned long size, gfp_t flags)
{
	check_blocking(flags);
	return api_area(size, size < HUGE_BYTES ? PG_BYTES : HUGE_BYTES,
			supported(flags), VM_ALLOC | VM_ALLOW_HUGE_VMAP,
			CALLER());
}

/**
 * vmalloc_huge_node - vmalloc_huge() near a node
 * @size: bytes
 * @flags: as for __vmalloc()
 * @node: as for vmalloc_node()
 *
 * Return: as vmalloc().
 * Context: as @flags say.
 * Source: <linux/vmalloc.h>, Linux 6.16 and later, without NUMA.
 */
void *vmalloc_huge_node(unsigned long size, gfp_t flags, int node)
{
	(void)node;
	return vmalloc_huge(size, flags);
}

/**
 * __vmalloc_array - __vmalloc() for an array
 * @n: elements
 * @size: bytes of one
 * @flags: as for __vmalloc()
 *
 * Return: as vmalloc(); NULL, without a word, when the product overflows.
 * Context: as @flags say.
 * Source: <linux/vmalloc.h>, Linux 5.18 and later.
 */
void *__vmalloc_array(size_t n, size_t size, gfp_t flags)
{
	size_t bytes;

	check_blocking(flags);
	if (unlikely(__builtin_mul_overflow(n, size, &bytes)))
		return NULL;
	return api_area(bytes, PG_BYTES, supported(flags), VM_ALLOC, CALLER());
}

/**
 * vmalloc_array - vmalloc() for an array
 * @n: elements
 * @size: bytes of one
 *
 * Return: as __vmalloc_array().
 * Context: as vmalloc().
 * Source: <linux/vmalloc.h>, Linux 5.18 and later.
 */
void *vmalloc_array(size_t n, size_t size)
{
	return __vmalloc_array(n, size, GFP_KERNEL);
}

/**
 * __vcalloc - __vmalloc_array() of zero bytes
 * @n: elements
 * @size: bytes of one
 * @flags: as for __vmalloc()
 *
 * Return: as __vmalloc_array().
 * Context: as @flags say.
 * Source: <linux/vmalloc.h>, Linux 5.18 and later.
 */
void *__vcalloc(size_t n, size_t size, gfp_t flags)
{
	return __vmalloc_array(n, size, flags | __GFP_ZERO);
}

/**
 * vcalloc - vmalloc_array() of zero bytes
 * @n: elements
 * @size: bytes of one
 *
 * Return: as __vmalloc_array().
 * Context: as vmalloc().
 * Source: <linux/vmalloc.h>, Linux 5.18 and later.
 */
void *vcalloc(size_t n, size_t size)
{
	return __vmalloc_array(n, size, GFP_KERNEL | __GFP_ZERO);
}

/* --- another size --------------------------------------------------------- */

static void *resized(const void *p, size_t size, unsigned long align, gfp_t gfp,
		     const void *caller)
{
	void *old = (void *)(uintptr_t)p, *new;
	size_t have;

	if (!size) {
		vfree(p);
		return NULL;
	}
	gfp = supported(gfp);
	if (!p)
		return api_area(size, align, gfp, VM_ALLOC, caller);
	have = area_size(p);
	if (warn_if(!have, "Trying to vrealloc() nonexistent vm area (%p)", p))
		return NULL;
	if (warn_if(align && (uintptr_t)p & (align - 1),
		    "will not reallocate with a bigger alignment (%#lx)",
		    align))
		return NULL;
	if (size > have && should_fail(size, gfp))
		return NULL;
	fail_pause();
	new = area_resize(old, size, gfp, caller);
	fail_resume();
	return new;
}

/**
 * vrealloc - an area of another size
 * @p: the area, or NULL: there is none
 * @size: bytes wanted; 0 frees @p
 * @flags: as for __vmalloc(); __GFP_ZERO only works when all calls for the
 *	area had it
 *
 * An area that shrinks stays where it is, and its last pages are freed; one
 * that grows does so too, if the pages behind it are free.
 *
 * Return: the area, which may have moved; NULL, with @p untouched, when there
 * is no memory; NULL for a @size of 0.
 * Context: as @flags say.
 * Source: <linux/vmalloc.h>, Linux 6.12 and later.
 */
void *vrealloc(const void *p, size_t size, gfp_t flags)
{
	if (size)
		check_blocking(flags);
	return resized(p, size, PG_BYTES, flags, CALLER());
}

/**
 * vrealloc_node_align - vrealloc() with an alignment, near a node
 * @p: the area, or NULL
 * @size: bytes wanted; 0 frees @p
 * @align: a power of two; one that @p does not have is warned of
 * @flags: as for vrealloc()
 * @node: as for vmalloc_node()
 *
 * Return: as vrealloc(); NULL, with @p untouched, for another alignment.
 * Context: as @flags say.
 * Source: <linux/vmalloc.h>, Linux 6.18 and later.
 */
void *vrealloc_node_align(const void *p, size_t size, unsigned long align,
			  gfp_t flags, int node)
{
	if (size)
		check_blocking(flags);
	(void)node;
	if (align & (align - 1))
		return NULL;
	return resized(p, size, align, flags, CALLER());
}

/* --- and back ------------------------------------------------------------- */

/* Says why it is no area. */
static bool is_odd(const void *addr)
{
	bool is = warn_if((uintptr_t)addr & (PG_BYTES - 1),
			  "Trying to vfree() bad address (%p)", addr);

	if (is)
		watch_accuse(addr);
	return is;
}

/**
 * vfree - gives an area back
 * @addr: what vmalloc() or one of its kin gave; nothing happens for NULL
 *
 * A page that somebody refers to (get_page()) stays theirs until they put it.
 * What is no area is warned of, and nothing is freed.
 *
 * Context: any but a signal handler outside of an atomic section.  In an
 * atomic section it neither waits nor enters the OS, and the area is ended by
 * a later call that may sleep; elsewhere it may enter the OS.
 * Source: <linux/vmalloc.h>.
 */
void vfree(const void *addr)
{
	if (!addr || is_odd(addr))
		return;
	if (warn_if(!area_free(addr),
		    "Trying to vfree() nonexistent vm area (%p)", addr))
		watch_accuse(addr);
}

/**
 * vfree_atomic - gives an area back without waiting
 * @addr: as for vfree()
 *
 * The area is ended by a later call that may sleep.
 *
 * Context: any, a signal handler at any instruction included.
 * Source: <linux/vmalloc.h>.
 */
void vfree_atomic(const void *addr)
{
	if (!addr || is_odd(addr))
		return;
	if (warn_if(!area_free_atomic(addr),
		    "Trying to vfree() nonexistent vm area (%p)", addr))
		watch_accuse(addr);
}

/* --- looking -------------------------------------------------------------- */

/**
 * is_vmalloc_addr - does this address lie in an area?
 * @addr: any address
 *
 * Return: true in what vmalloc() has given, or kvmalloc() where contiguous
 * pages were not to be had cheaply.
 * Context: any for addresses of the window; for others, while there are
 * mappings, it may wait for a lock.
 * Source: <linux/mm.h>, where it is a comparison of addresses.
 */
bool is_vmalloc_addr(const void *addr)
{
	return area_covers(addr);
}

/**
 * vmalloc_to_page - the page at an address of an area
 * @addr: any address in the area
 *
 * A caller that wants the page beyond vfree() takes a reference: get_page().
 *
 * Return: its record; NULL when the address lies in no area.
 * Context: as is_vmalloc_addr().
 * Source: <linux/vmalloc.h>.
 */
struct page *vmalloc_to_page(const void *addr)
{
	return area_page(addr);
}

/**
 * vmalloc_to_pfn - the number of the page at an address of an area
 * @addr: any address in the area
 *
 * Return: the number; 0 when the address lies in no area.
 * Context: as is_vmalloc_addr().
 * Source: <linux/vmalloc.h>.
 */
unsigned long vmalloc_to_pfn(const void *addr)
{
	struct page *page = area_page(addr);

	return page ? page_number(page_pfn(page)) : 0;
}

/**
 * find_vm_area - what is known of an area
 * @addr: any address in it
 *
 * Return: its description, valid until it is freed; NULL: there is no area.
 * Context: may wait for a lock.
 * Source: <linux/vmalloc.h>; in the kernel only for the first address.
 */
struct vm_struct *find_vm_area(const void *addr)
{
	return area_vm(addr);
}

/**
 * vmalloc_nr_pages - pages in all areas
 *
 * Return: the number, guards included.
 * Context: any.
 * Source: <linux/vmalloc.h>.
 */
unsigned long vmalloc_nr_pages(void)
{
	return (unsigned long)__atomic_load_n(&page_totals()->vmalloc_pages,
					      __ATOMIC_RELAXED);
}

/**
 * vm_unmap_aliases - ends what was freed where it could not be ended
 *
 * That is the areas freed in atomic sections; no mapping outlives its area.
 *
 * Context: may sleep.
 * Source: <linux/vmalloc.h>.
 */
void vm_unmap_aliases(void)
{
	check_sleeping();
	areas_settle();
}
