/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* The table of /proc/allocinfo, version 1.0. */
#include <linux/alloc_tag.h>

#include "alloc/account.h"
#include "alloc/alloc.h"
#include "debug/atomic.h"
#include "info/table.h"
#include "page/sites.h"
#include "port/port.h"

static void add_tag(struct table *t, const struct codetag *ct)
{
	table_add(t, "%s:%u ", ct->filename, ct->lineno);
	if (ct->modname)
		table_add(t, "[%s] ", ct->modname);
	table_add(t, "func:%s\n", ct->function);
}

static void add_site(struct table *t, const struct kmem_pub_site *site)
{
	uintptr_t at = site->site & SITE_ADDRESS;
	char name[160];

	table_add(t, "%12llu %8llu ", (unsigned long long)site->bytes,
		  (unsigned long long)site->calls);
	if (site->site & SITE_TAG) {
		add_tag(t, &((const struct alloc_tag *)at)->ct);
		return;
	}
	port_symbol((const void *)at, name, sizeof(name));
	table_add(t, "0x%lx:0 func:%s\n", (unsigned long)at, name);
}

/**
 * kmem_allocinfo - what each call site holds, as the kernel's /proc/allocinfo
 * @buf: where the table goes; may be NULL when @size is 0
 * @size: bytes at @buf; the last of them written is a NUL
 *
 * A line has bytes, blocks, and file, line and function of the call; of code
 * that was not compiled with CONFIG_MEM_ALLOC_PROFILING its address, line 0 and
 * symbol.  The last line, of the file "unaccounted", has what was allocated
 * before accounting was turned on and what the library has for itself.  All
 * lines together are what is in use, if no thread allocates meanwhile.  Without
 * accounting there are no lines.
 *
 * Return: the length of the whole table without the NUL.  When that is not
 * below @size the table was cut, and a longer buffer gets all of it.
 * Context: may sleep; takes slab_mutex.
 * Source: ours; the format is Linux 6.10's and later.
 */
size_t kmem_allocinfo(char *buf, size_t size)
{
	struct account a = { 0 };
	struct table t;

	check_sleeping();
	table_begin(&t, buf, size);
	table_add(&t, "allocinfo - version: 1.0\n"
		      "#     <size>  <calls> <tag info>\n");
	if (kmalloc_boot() || !sites_now())
		return table_end(&t);
	account_take(&a);
	for (size_t i = 0; i < a.room; i++)
		if (a.at[i].pub.calls)
			add_site(&t, &a.at[i].pub);
	table_add(&t, "%12llu %8llu unaccounted:0 func:none\n",
		  (unsigned long long)a.none.bytes,
		  (unsigned long long)a.none.calls);
	account_end(&a);
	return table_end(&t);
}
