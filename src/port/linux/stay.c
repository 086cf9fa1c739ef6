/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What must not be unloaded.
 *
 * Threads and libc go on pointing into an object that dlclose() would take
 * away: the kernel's area of a thread names the table of its last sequence,
 * libc has fork handlers and a place for thread-local data.  libkmem.so is
 * linked with -z nodelete.  A shared object that has libkmem.a inside, or
 * sequences of <kmem/inline.h>, may be linked without that flag: it is opened
 * once more, under the name by which the loader knows it, and never closed.
 */
#define _GNU_SOURCE 1

#include "port/port.h"
#include "port/linux/own.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>

/* A static program has no loader, and the linker would warn of it. */
extern typeof(dlopen) dlopen __attribute__((weak));

#if !defined(DF_1_NODELETE)
#define DF_1_NODELETE 8
#endif

struct place {
	uintptr_t address;
	const char *name; /* NULL: stays by itself */
};

static bool object_has(const struct dl_phdr_info *o, uintptr_t address)
{
	const ElfW(Phdr) * h;

	for (h = o->dlpi_phdr; h < o->dlpi_phdr + o->dlpi_phnum; h++)
		if (h->p_type == PT_LOAD &&
		    address - o->dlpi_addr - h->p_vaddr < h->p_memsz)
			return true;
	return false;
}

static bool object_stays(const struct dl_phdr_info *o)
{
	const ElfW(Phdr) *h = o->dlpi_phdr, *end = h + o->dlpi_phnum;
	const ElfW(Dyn) * d;

	while (h < end && h->p_type != PT_DYNAMIC)
		h++;
	if (h == end)
		return true;
	d = (const ElfW(Dyn) *)(o->dlpi_addr + h->p_vaddr);
	for (; d->d_tag != DT_NULL; d++)
		if (d->d_tag == DT_FLAGS_1)
			return d->d_un.d_val & DF_1_NODELETE;
	return false;
}

static int stay_find(struct dl_phdr_info *o, size_t size, void *place)
{
	struct place *p = place;

	(void)size;
	if (!object_has(o, p->address))
		return 0;
	/* the program has no name */
	if (o->dlpi_name && *o->dlpi_name && !object_stays(o))
		p->name = o->dlpi_name;
	return 1;
}

void port_stay(const void *address)
{
	struct place p = { .address = (uintptr_t)address };
	KEEPS_ERRNO();

	if (dlopen && dl_iterate_phdr(stay_find, &p) && p.name)
		dlopen(p.name, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}
