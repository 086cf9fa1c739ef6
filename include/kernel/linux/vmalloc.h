/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Ours, and what the kernel's brings along.
 */
#include_next <linux/vmalloc.h>

#ifndef KMEM_KERNEL_VMALLOC_H
#define KMEM_KERNEL_VMALLOC_H

#include <kmem/names.h>
#include <linux/init.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/spinlock.h>

struct vm_area_struct;

KMEM_EXTERN_C_BEGIN

/*
 * Pages of an area that vmalloc_user() or vmalloc_32_user() made, from the page
 * pgoff on: 0, -EINVAL, -EFAULT or -EBUSY.
 */
int remap_vmalloc_range(struct vm_area_struct *vma, void *addr,
			unsigned long pgoff) KMEM_KERNEL(remap_vmalloc_range);
int remap_vmalloc_range_partial(struct vm_area_struct *vma,
				unsigned long address, void *addr,
				unsigned long pgoff, unsigned long size)
	KMEM_KERNEL(remap_vmalloc_range_partial);

KMEM_EXTERN_C_END

#endif
