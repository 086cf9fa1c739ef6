/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The areas in the form of /proc/vmallocinfo.
 *
 * Naming a caller enters the OS, which the lock on areas forbids.  So areas are
 * copied, some at a time in the order of their addresses, and told without it.
 */
#include <kmem/stats.h>
#include <linux/vmalloc.h>

#include "alloc/alloc.h"
#include "alloc/vmalloc.h"
#include "debug/atomic.h"
#include "info/table.h"
#include "port/port.h"

#define AT_ONCE 32

/* The next areas above an address. */
struct some {
	uintptr_t above;
	unsigned int nr;
	struct vm_struct vm[AT_ONCE];
};

static void copy_one(const struct vm_struct *vm, void *data)
{
	struct some *some = data;

	if ((uintptr_t)vm->addr > some->above && some->nr < AT_ONCE)
		some->vm[some->nr++] = *vm;
}

static void add_area(struct table *t, const struct vm_struct *vm)
{
	unsigned long start = (unsigned long)vm->addr;
	char caller[128];

	table_add(t, "0x%016lx-0x%016lx %7lu", start, start + vm->size,
		  vm->size);
	if (!vm->caller) {
		table_add(t, " vm_map_ram\n");
		return;
	}
	port_symbol(vm->caller, caller, sizeof(caller));
	table_add(t, " %s pages=%u", caller, vm->nr_pages);
	if (vm->flags & VM_ALLOC)
		table_add(t, " vmalloc");
	if (vm->flags & VM_MAP)
		table_add(t, " vmap");
	if (vm->flags & VM_USERMAP)
		table_add(t, " user");
	table_add(t, " N0=%u\n", vm->nr_pages);
}

/**
 * kmem_vmallocinfo - all areas in the form of the kernel's /proc/vmallocinfo
 * @buf: where the text goes; may be NULL when @size is 0
 * @size: bytes at @buf; the last of them written is a NUL
 *
 * A line an area, by address: the range with the guard behind it and its size,
 * the call that made it, pages, and what it is of.  An area of vm_map_ram()
 * says no more than that.  Areas come and go while the text is made.
 *
 * Return: the length of the whole text without the NUL.  When that is not
 * below @size the text was cut, and a longer buffer gets all of it.
 * Context: may sleep, and reads files for the names of callers.
 * Source: ours; the form is that of Linux 2.6.28 and later.
 */
size_t kmem_vmallocinfo(char *buf, size_t size)
{
	struct some some = { .above = 0 };
	struct table t;

	check_sleeping();
	table_begin(&t, buf, size);
	if (kmalloc_boot())
		return table_end(&t);
	/* Progress: each round begins above the last area of the one before. */
	do {
		some.nr = 0;
		areas_each(copy_one, &some);
		for (unsigned int i = 0; i < some.nr; i++)
			add_area(&t, &some.vm[i]);
		if (some.nr)
			some.above = (uintptr_t)some.vm[some.nr - 1].addr;
	} while (some.nr == AT_ONCE);
	return table_end(&t);
}
