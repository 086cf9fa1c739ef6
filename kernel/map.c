/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Files of modules, mapped into the program.
 *
 * There is no page table to fill as a program touches it: the pages are asked
 * of the driver one by one, each with a reference, and vmap() shows them side
 * by side.  What is written there is in the driver's own pages.  An area that
 * remap_pfn_range() filled (VM_PFNMAP) has no references and no faults.
 */
#include <kmem/module.h>
#include <kmem/wait.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <stdlib.h>
#include <sys/mman.h>

struct mapping {
	struct list_head list;
	struct vm_area_struct vma;
	void *address;
	struct page *pages[];
};

static unsigned int lock;
static LIST_HEAD(mappings);

/*
 * Where addresses of an area begin until vmap() has given it one: drivers look
 * at differences only.
 */
#define START 0x10000000ul

/* The slot of that address, or NULL if the area has none of n from there. */
static struct page **slots(struct vm_area_struct *vma, unsigned long address,
			   unsigned long n)
{
	unsigned long i = (address - vma->vm_start) >> PAGE_SHIFT;

	if (address < vma->vm_start || i > vma_pages(vma) ||
	    n > vma_pages(vma) - i)
		return NULL;
	return vma->kmem_pages + i;
}

int vm_insert_page(struct vm_area_struct *vma, unsigned long address,
		   struct page *page)
{
	struct page **slot = slots(vma, address, 1);

	if (!slot || !page)
		return -EFAULT;
	if (*slot || vma->vm_flags & VM_PFNMAP)
		return -EBUSY;
	get_page(page);
	*slot = page;
	return 0;
}

/* 0 when all of n slots are free and all of n pages there. */
static int fits(struct page **slot, unsigned long pfn, unsigned long n)
{
	if (!slot)
		return -EFAULT;
	for (unsigned long i = 0; i < n; i++) {
		if (slot[i])
			return -EBUSY;
		if (!pfn_valid(pfn + i))
			return -EFAULT;
	}
	return 0;
}

int remap_pfn_range(struct vm_area_struct *vma, unsigned long address,
		    unsigned long pfn, unsigned long size, pgprot_t prot)
{
	unsigned long n = PAGE_ALIGN(size) >> PAGE_SHIFT;
	struct page **slot = slots(vma, address, n);
	int bad = fits(slot, pfn, n);

	(void)prot;
	if (bad)
		return bad;
	for (unsigned long i = 0; i < n; i++)
		slot[i] = pfn_to_page(pfn + i);
	vma->vm_flags |= VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP;
	return 0;
}

/*
 * Whether n pages from pgoff on lie in the area that addr begins in, and the
 * area is one for users.
 */
static bool may_be_mapped(const char *addr, unsigned long pgoff,
			  unsigned long n)
{
	const struct vm_struct *area = find_vm_area(addr);
	unsigned long pages, first;

	if (!area || !(area->flags & (VM_USERMAP | VM_DMA_COHERENT)))
		return false;
	pages = get_vm_area_size(area) >> PAGE_SHIFT;
	first = (unsigned long)(addr - (const char *)area->addr) >> PAGE_SHIFT;
	return first <= pages && pgoff <= pages - first &&
	       n <= pages - first - pgoff;
}

/**
 * remap_vmalloc_range_partial() - shows pages of an area in a mapping
 * @vma: what the driver's mmap() was given
 * @address: where in @vma, a multiple of the page size
 * @addr: of an area that vmalloc_user() or vmalloc_32_user() made, a multiple
 *	of the page size
 * @pgoff: the first page, counted from @addr
 * @size: bytes, of which a part of a page counts as a page
 *
 * Each page gets a reference, which the end of the mapping drops.  What fails
 * maps nothing.
 *
 * Context: May sleep.
 * Return: 0; -EINVAL: no such area, or not so many pages in it; -EFAULT:
 * outside of @vma; -EBUSY: a page is mapped there.
 */
int remap_vmalloc_range_partial(struct vm_area_struct *vma,
				unsigned long address, void *addr,
				unsigned long pgoff, unsigned long size)
{
	unsigned long n = (size >> PAGE_SHIFT) + !!(size & ~PAGE_MASK);
	struct page **slot = slots(vma, address, n);
	const char *from = addr;

	if (address & ~PAGE_MASK || (unsigned long)addr & ~PAGE_MASK ||
	    !may_be_mapped(addr, pgoff, n))
		return -EINVAL;
	if (!slot)
		return -EFAULT;
	for (unsigned long i = 0; i < n; i++)
		if (slot[i] || vma->vm_flags & VM_PFNMAP)
			return -EBUSY;
	for (unsigned long i = 0; i < n; i++) {
		slot[i] = vmalloc_to_page(from + ((pgoff + i) << PAGE_SHIFT));
		get_page(slot[i]);
	}
	vma->vm_flags |= VM_DONTEXPAND | VM_DONTDUMP;
	return 0;
}

/* remap_vmalloc_range() - the same for the whole of a mapping */
int remap_vmalloc_range(struct vm_area_struct *vma, void *addr,
			unsigned long pgoff)
{
	return remap_vmalloc_range_partial(vma, vma->vm_start, addr, pgoff,
					   vma->vm_end - vma->vm_start);
}

/* Asks the driver for the page of slot i: 0, or -EFAULT, -ENOMEM. */
static int fault(struct vm_area_struct *vma, unsigned long i)
{
	struct vm_fault asked = {
		.vma = vma,
		.gfp_mask = GFP_KERNEL,
		.pgoff = vma->vm_pgoff + i,
		.address = vma->vm_start + (i << PAGE_SHIFT),
	};
	vm_fault_t said;

	if (vma->vm_flags & VM_PFNMAP || !vma->vm_ops || !vma->vm_ops->fault)
		return -EFAULT;
	said = vma->vm_ops->fault(&asked);
	if (said & VM_FAULT_OOM)
		return -ENOMEM;
	/* NOPAGE is right where the driver inserted it by itself. */
	if (!(said & (VM_FAULT_ERROR | VM_FAULT_NOPAGE)))
		vma->kmem_pages[i] = asked.page;
	return vma->kmem_pages[i] ? 0 : -EFAULT;
}

static void put_pages(struct vm_area_struct *vma)
{
	if (vma->vm_flags & VM_PFNMAP)
		return;
	for (unsigned long i = 0; i < vma_pages(vma); i++)
		if (vma->kmem_pages[i])
			put_page(vma->kmem_pages[i]);
}

static void done(struct mapping *map)
{
	if (map->vma.vm_ops && map->vma.vm_ops->close)
		map->vma.vm_ops->close(&map->vma);
	put_pages(&map->vma);
	free(map);
}

/* After the driver's mmap(): 0, -EFAULT or -ENOMEM. */
static int show(struct mapping *map)
{
	struct vm_area_struct *vma = &map->vma;
	unsigned long n = vma_pages(vma);
	int bad;

	for (unsigned long i = 0; i < n; i++) {
		bad = map->pages[i] ? 0 : fault(vma, i);
		if (bad)
			return bad;
	}
	map->address =
		vmap(map->pages, (unsigned int)n, VM_MAP, vma->vm_page_prot);
	return map->address ? 0 : -ENOMEM;
}

static unsigned long flags_of(int prot)
{
	unsigned long flags = VM_SHARED | VM_MAYSHARE | VM_MAYREAD |
			      VM_MAYWRITE;

	if (prot & PROT_READ)
		flags |= VM_READ;
	if (prot & PROT_WRITE)
		flags |= VM_WRITE;
	return flags;
}

static struct mapping *mapping_of(struct file *file, unsigned long n, int prot,
				  unsigned long pgoff)
{
	struct mapping *map =
		calloc(1, sizeof(*map) + n * sizeof(map->pages[0]));

	if (!map)
		return NULL;
	map->vma.vm_start = START;
	map->vma.vm_end = START + (n << PAGE_SHIFT);
	map->vma.vm_pgoff = pgoff;
	map->vma.vm_flags = flags_of(prot);
	map->vma.vm_page_prot = prot & PROT_WRITE ? PAGE_KERNEL :
						    PAGE_KERNEL_RO;
	map->vma.vm_file = file;
	map->vma.kmem_pages = map->pages;
	return map;
}

/**
 * kmem_file_map() - maps a file that a module made, as shared memory
 * @file: from kmem_file_open()
 * @length: in bytes
 * @prot: PROT_READ, and PROT_WRITE or not
 * @offset: in bytes, a multiple of the page size
 *
 * Context: May sleep.
 * Return: the address, or an ERR_PTR(): -ENODEV, -EINVAL, -EACCES, -ENOMEM,
 * -EFAULT where the driver has no page, or what its own mmap() said.
 */
void *kmem_file_map(struct file *file, size_t length, int prot,
		    unsigned long long offset)
{
	unsigned long n = PAGE_ALIGN(length) >> PAGE_SHIFT;
	struct mapping *map;
	int bad;

	if (!file->f_op->mmap)
		return ERR_PTR(-ENODEV);
	if (!n || n > UINT_MAX / sizeof(void *) || offset & ~PAGE_MASK)
		return ERR_PTR(-EINVAL);
	if (!(file->f_mode & FMODE_READ) ||
	    (prot & PROT_WRITE && !(file->f_mode & FMODE_WRITE)))
		return ERR_PTR(-EACCES);
	map = mapping_of(file, n, prot, (unsigned long)offset >> PAGE_SHIFT);
	if (!map)
		return ERR_PTR(-ENOMEM);
	bad = file->f_op->mmap(file, &map->vma);
	if (bad) {
		put_pages(&map->vma);
		free(map);
		return ERR_PTR(bad);
	}
	bad = show(map);
	if (bad) {
		done(map);
		return ERR_PTR(bad);
	}
	kmem_word_lock(&lock);
	list_add(&map->list, &mappings);
	kmem_word_unlock(&lock);
	return map->address;
}

/* Out of the list, or NULL. */
static struct mapping *take(const void *address)
{
	struct mapping *map;

	list_for_each_entry(map, &mappings, list) {
		if (map->address == address) {
			list_del(&map->list);
			return map;
		}
	}
	return NULL;
}

/* Returns 0, or -EINVAL for what kmem_file_map() did not return. */
int kmem_file_unmap(void *address)
{
	struct mapping *map;

	kmem_word_lock(&lock);
	map = take(address);
	kmem_word_unlock(&lock);
	if (!map)
		return -EINVAL;
	vunmap(address);
	done(map);
	return 0;
}
