/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Memory whose pages need not lie side by side in the direct map, only in the
 * addresses that the caller sees: vmalloc().
 *
 * An area consists of whole pages between two guard pages, which fault.  As
 * long as pages side by side are to be had they are what an area consists of;
 * vmalloc_to_page() says which page is where, and is all that may be relied on.
 */
#ifndef KMEM_LINUX_VMALLOC_H
#define KMEM_LINUX_VMALLOC_H

#include <kmem/abi.h>
#include <kmem/compiler.h>
#include <kmem/page.h>
#include <kmem/types.h>

#include "gfp.h"

/* clang-format off */
/* What an area is, in its flags and in /proc/vmallocinfo. */
#define VM_IOREMAP		0x00000001UL
#define VM_ALLOC		0x00000002UL /* vmalloc() */
#define VM_MAP			0x00000004UL /* a mapping of given pages */
#define VM_USERMAP		0x00000008UL /* may be mapped for users */
#define VM_DMA_COHERENT		0x00000010UL
#define VM_UNINITIALIZED	0x00000020UL
#define VM_NO_GUARD		0x00000040UL
#define VM_KASAN		0x00000080UL
#define VM_FLUSH_RESET_PERMS	0x00000100UL
#define VM_MAP_PUT_PAGES	0x00000200UL /* vfree() puts the pages */
#define VM_ALLOW_HUGE_VMAP	0x00000400UL
/* clang-format on */

struct page;

/*
 * An area, as find_vm_area() shows it.  size counts the guard page behind.
 * pages is NULL for pages that lie side by side: use vmalloc_to_page().
 */
struct vm_struct {
	struct vm_struct *next;
	void *addr;
	unsigned long size;
	unsigned long flags;
	struct page **pages;
	unsigned int page_order;
	unsigned int nr_pages;
	kmem_phys_t phys_addr;
	const void *caller;
	unsigned long requested_size;
};

/*
 * How a mapping may be used.  All memory is cached, whatever a driver says, so
 * that the forms of uncached memory are those of cached.
 */
#if !KMEM_OWN_TYPES
typedef struct {
	unsigned long pgprot;
} pgprot_t;

static inline KMEM_CONST pgprot_t __pgprot(unsigned long value)
{
	pgprot_t prot;

	prot.pgprot = value;
	return prot;
}

#define pgprot_val(prot) ((prot).pgprot)
#define PAGE_KERNEL __pgprot(3)
#define PAGE_KERNEL_RO __pgprot(1)
#define PAGE_KERNEL_NOCACHE PAGE_KERNEL
#define pgprot_noncached(prot) (prot)
#define pgprot_writecombine(prot) (prot)
#endif

KMEM_EXTERN_C_BEGIN

KMEM_API void *vmalloc(unsigned long size) KMEM_ABI(vmalloc) KMEM_MALLOC
	KMEM_SIZE(1);
KMEM_API void *vzalloc(unsigned long size) KMEM_ABI(vzalloc) KMEM_MALLOC
	KMEM_SIZE(1);
KMEM_API void *vmalloc_node(unsigned long size, int node)
	KMEM_ABI(vmalloc_node) KMEM_MALLOC KMEM_SIZE(1);
KMEM_API void *vzalloc_node(unsigned long size, int node)
	KMEM_ABI(vzalloc_node) KMEM_MALLOC KMEM_SIZE(1);
KMEM_API void *__vmalloc(unsigned long size, gfp_t flags)
	KMEM_ABI(__vmalloc) KMEM_MALLOC KMEM_SIZE(1);
KMEM_API void *__vmalloc_node(unsigned long size, unsigned long align,
			      gfp_t flags, int node, const void *caller)
	KMEM_ABI(__vmalloc_node) KMEM_MALLOC KMEM_SIZE(1);
/* Zero, and may be given to users. */
KMEM_API void *vmalloc_user(unsigned long size)
	KMEM_ABI(vmalloc_user) KMEM_MALLOC KMEM_SIZE(1);
/* Below 4 GiB of the window. */
KMEM_API void *vmalloc_32(unsigned long size) KMEM_ABI(vmalloc_32) KMEM_MALLOC
	KMEM_SIZE(1);
KMEM_API void *vmalloc_32_user(unsigned long size)
	KMEM_ABI(vmalloc_32_user) KMEM_MALLOC KMEM_SIZE(1);
KMEM_API void *vmalloc_huge(unsigned long size, gfp_t flags)
	KMEM_ABI(vmalloc_huge) KMEM_MALLOC KMEM_SIZE(1);
KMEM_API void *vmalloc_huge_node(unsigned long size, gfp_t flags, int node)
	KMEM_ABI(vmalloc_huge_node) KMEM_MALLOC KMEM_SIZE(1);

/* Arrays; NULL when the product overflows. */
KMEM_API void *__vmalloc_array(size_t n, size_t size, gfp_t flags)
	KMEM_ABI(__vmalloc_array) KMEM_MALLOC KMEM_SIZE(1, 2);
KMEM_API void *vmalloc_array(size_t n, size_t size)
	KMEM_ABI(vmalloc_array) KMEM_MALLOC KMEM_SIZE(1, 2);
KMEM_API void *__vcalloc(size_t n, size_t size, gfp_t flags)
	KMEM_ABI(__vcalloc) KMEM_MALLOC KMEM_SIZE(1, 2);
KMEM_API void *vcalloc(size_t n, size_t size) KMEM_ABI(vcalloc) KMEM_MALLOC
	KMEM_SIZE(1, 2);

KMEM_API void *vrealloc(const void *p, size_t size, gfp_t flags)
	KMEM_ABI(vrealloc) KMEM_MUST_CHECK KMEM_SIZE(2);
KMEM_API void *vrealloc_node_align(const void *p, size_t size,
				   unsigned long align, gfp_t flags, int node)
	KMEM_ABI(vrealloc_node_align) KMEM_MUST_CHECK KMEM_SIZE(2);

KMEM_API void vfree(const void *addr) KMEM_ABI(vfree);
KMEM_API void vfree_atomic(const void *addr) KMEM_ABI(vfree_atomic);

/* Pages that the caller has, seen at a second address. */
#if KMEM_OWN_TYPES
/* A client's pgprot_t, which changes nothing: it is passed as one word is. */
KMEM_API void *kmem_vmap_(struct page **pages, unsigned int count,
			  unsigned long flags, unsigned long prot)
	KMEM_ABI(vmap);
KMEM_API void *kmem_vmap_pfn_(unsigned long *pfns, unsigned int count,
			      unsigned long prot) KMEM_ABI(vmap_pfn);
#define vmap(pages, count, flags, prot) \
	kmem_vmap_(pages, count, flags, 0 * sizeof(prot))
#define vmap_pfn(pfns, count, prot) \
	kmem_vmap_pfn_(pfns, count, 0 * sizeof(prot))
#else
KMEM_API void *vmap(struct page **pages, unsigned int count,
		    unsigned long flags, pgprot_t prot) KMEM_ABI(vmap);
KMEM_API void *vmap_pfn(unsigned long *pfns, unsigned int count, pgprot_t prot)
	KMEM_ABI(vmap_pfn);
#endif
KMEM_API void vunmap(const void *addr) KMEM_ABI(vunmap);
KMEM_API void *vm_map_ram(struct page **pages, unsigned int count, int node)
	KMEM_ABI(vm_map_ram);
KMEM_API void vm_unmap_ram(const void *mem, unsigned int count)
	KMEM_ABI(vm_unmap_ram);

/* Which page is at an address of an area; NULL, or 0: none. */
KMEM_API struct page *vmalloc_to_page(const void *addr)
	KMEM_ABI(vmalloc_to_page);
KMEM_API unsigned long vmalloc_to_pfn(const void *addr)
	KMEM_ABI(vmalloc_to_pfn);
/* <linux/mm.h> declares this too. */
#if !defined(KMEM_REFERENCE)
KMEM_API bool is_vmalloc_addr(const void *addr) KMEM_ABI(is_vmalloc_addr);
#endif

KMEM_API struct vm_struct *find_vm_area(const void *addr)
	KMEM_ABI(find_vm_area);
KMEM_API unsigned long vmalloc_nr_pages(void) KMEM_ABI(vmalloc_nr_pages);
/* Ends what was freed where it could not be ended. */
KMEM_API void vm_unmap_aliases(void) KMEM_ABI(vm_unmap_aliases);

/* The names behind alloc_hooks(). */
KMEM_API void *vmalloc_noprof(unsigned long size) KMEM_ABI(vmalloc) KMEM_MALLOC
	KMEM_SIZE(1);
KMEM_API void *vzalloc_noprof(unsigned long size) KMEM_ABI(vzalloc) KMEM_MALLOC
	KMEM_SIZE(1);
KMEM_API void *vmalloc_node_noprof(unsigned long size, int node)
	KMEM_ABI(vmalloc_node) KMEM_MALLOC KMEM_SIZE(1);
KMEM_API void *vzalloc_node_noprof(unsigned long size, int node)
	KMEM_ABI(vzalloc_node) KMEM_MALLOC KMEM_SIZE(1);
KMEM_API void *__vmalloc_noprof(unsigned long size, gfp_t flags)
	KMEM_ABI(__vmalloc) KMEM_MALLOC KMEM_SIZE(1);
KMEM_API void *__vmalloc_node_noprof(unsigned long size, unsigned long align,
				     gfp_t flags, int node, const void *caller)
	KMEM_ABI(__vmalloc_node) KMEM_MALLOC KMEM_SIZE(1);
KMEM_API void *vmalloc_user_noprof(unsigned long size)
	KMEM_ABI(vmalloc_user) KMEM_MALLOC KMEM_SIZE(1);
KMEM_API void *vmalloc_32_noprof(unsigned long size)
	KMEM_ABI(vmalloc_32) KMEM_MALLOC KMEM_SIZE(1);
KMEM_API void *vmalloc_32_user_noprof(unsigned long size)
	KMEM_ABI(vmalloc_32_user) KMEM_MALLOC KMEM_SIZE(1);
KMEM_API void *vmalloc_huge_noprof(unsigned long size, gfp_t flags)
	KMEM_ABI(vmalloc_huge) KMEM_MALLOC KMEM_SIZE(1);
KMEM_API void *vmalloc_huge_node_noprof(unsigned long size, gfp_t flags,
					int node)
	KMEM_ABI(vmalloc_huge_node) KMEM_MALLOC KMEM_SIZE(1);
KMEM_API void *__vmalloc_array_noprof(size_t n, size_t size, gfp_t flags)
	KMEM_ABI(__vmalloc_array) KMEM_MALLOC KMEM_SIZE(1, 2);
KMEM_API void *vmalloc_array_noprof(size_t n, size_t size)
	KMEM_ABI(vmalloc_array) KMEM_MALLOC KMEM_SIZE(1, 2);
KMEM_API void *__vcalloc_noprof(size_t n, size_t size, gfp_t flags)
	KMEM_ABI(__vcalloc) KMEM_MALLOC KMEM_SIZE(1, 2);
KMEM_API void *vcalloc_noprof(size_t n, size_t size)
	KMEM_ABI(vcalloc) KMEM_MALLOC KMEM_SIZE(1, 2);
KMEM_API void *vrealloc_noprof(const void *p, size_t size, gfp_t flags)
	KMEM_ABI(vrealloc) KMEM_MUST_CHECK KMEM_SIZE(2);
KMEM_API void *vrealloc_node_align_noprof(const void *p, size_t size,
					  unsigned long align, gfp_t flags,
					  int node)
	KMEM_ABI(vrealloc_node_align) KMEM_MUST_CHECK KMEM_SIZE(2);

KMEM_EXTERN_C_END

/* Before 5.8 the protection came third. */
#if defined(__cplusplus)
template <typename Protection>
inline void *__vmalloc(unsigned long size, gfp_t flags, Protection prot)
{
	(void)prot;
	return __vmalloc(size, flags);
}
#else
#define KMEM_VMALLOC_2(size, flags) (__vmalloc)(size, flags)
#define KMEM_VMALLOC_3(size, flags, prot) \
	((void)(prot), (__vmalloc)(size, flags))
#define KMEM_VMALLOC_4TH(a, b, c, d, ...) d
#define __vmalloc(...)                                                      \
	KMEM_VMALLOC_4TH(__VA_ARGS__, KMEM_VMALLOC_3, KMEM_VMALLOC_2, 0, 0) \
	(__VA_ARGS__)
#endif

/**
 * vrealloc_node() - vrealloc() near a node
 * @p: the area, or NULL
 * @size: bytes wanted
 * @flags: GFP_*
 * @node: a wish; there is one node
 *
 * Context: As vrealloc().
 * Return: as vrealloc().
 */
static inline KMEM_MUST_CHECK void *vrealloc_node(const void *p, size_t size,
						  gfp_t flags, int node)
{
	return vrealloc_node_align(p, size, 1, flags, node);
}

/**
 * is_vmalloc_or_module_addr() - is_vmalloc_addr(): there are no modules
 * @addr: any address
 *
 * Context: As is_vmalloc_addr().
 * Return: true inside of an area.
 */
static inline bool is_vmalloc_or_module_addr(const void *addr)
{
	return is_vmalloc_addr(addr);
}

/* Bytes of an area without its guard page. */
static inline size_t get_vm_area_size(const struct vm_struct *area)
{
	return area->flags & VM_NO_GUARD ? area->size : area->size - PAGE_SIZE;
}

/* The system's pages of one size are not asked for. */
static inline bool is_vm_area_hugepages(const void *addr)
{
	(void)addr;
	return false;
}

#if defined(CONFIG_MEM_ALLOC_PROFILING) && !defined(__cplusplus)
#include <kmem/profiled_vmalloc.h>
#endif

#endif
