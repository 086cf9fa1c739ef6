/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The table of /proc/slabinfo, format 2.1, for the tools that read it.
 *
 * Such tools take a line apart by its blanks and give up the whole table at
 * the first one that does not fit.  Names have no blanks: slab_create() sees
 * to that.  docs/stats.md says what each column means.
 */
#include <kmem/stats.h>

#include "info/table.h"

static void add_cache(const struct kmem_cache_stats *st, void *data)
{
	table_add(data,
		  "%-17s %6lu %6lu %6zu %4u %4d : tunables %4u %4u %4u"
		  " : slabdata %6lu %6lu %6lu\n",
		  st->name, st->active_objs, st->num_objs, st->size,
		  st->objs_per_slab, (int)st->pages_per_slab, 0u, 0u, 0u,
		  st->active_slabs, st->num_slabs, 0ul);
}

/**
 * kmem_slabinfo - all caches as the kernel's /proc/slabinfo shows them
 * @buf: where the table goes; may be NULL when @size is 0
 * @size: bytes at @buf; the last of them written is a NUL
 *
 * Return: the length of the whole table without the NUL.  When that is not
 * below @size the table was cut, and a longer buffer gets all of it.
 * Context: may sleep; takes slab_mutex.
 * Source: ours; the format is Linux 2.6.10's and later.
 */
size_t kmem_slabinfo(char *buf, size_t size)
{
	static const char head[] =
		"slabinfo - version: 2.1\n"
		"# name            <active_objs> <num_objs> <objsize> "
		"<objperslab> <pagesperslab>"
		" : tunables <limit> <batchcount> <sharedfactor>"
		" : slabdata <active_slabs> <num_slabs> <sharedavail>\n";
	struct table t;

	table_begin(&t, buf, size);
	table_add(&t, "%s", head);
	kmem_for_each_cache(add_cache, &t);
	return table_end(&t);
}
