/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The zones in the form of /proc/zoneinfo, for the tools that read it: of the
 * kernel's fields those that a zone here has, and after them its own, in the
 * place of the kernel's counters of each zone.
 */
#include <kmem/stats.h>

#include "info/table.h"
#include "page/page.h"
#include "page/zone.h"

static void add_count(struct table *t, const char *name, unsigned long pages)
{
	table_add(t, "      %-12s %lu\n", name, pages);
}

static void add_zone(struct table *t, const char *name,
		     const struct zone_numbers *n)
{
	unsigned long present = n->end - n->start;

	table_add(t, "Node 0, zone %8s\n", name);
	table_add(t,
		  "  pages free     %lu\n"
		  "        min      %lu\n"
		  "        low      %lu\n"
		  "        high     %lu\n",
		  n->free, n->mark[MARK_MIN], n->mark[MARK_LOW],
		  n->mark[MARK_HIGH]);
	table_add(t,
		  "        spanned  %lu\n"
		  "        present  %lu\n"
		  "        managed  %lu\n"
		  "        protection: (%lu, %lu, %lu)\n",
		  present, present, n->pages, n->reserve[0], n->reserve[1],
		  n->reserve[2]);
	add_count(t, "nr_free_pages", n->free);
	add_count(t, "nr_reserve_used", n->deepest);
	add_count(t, "nr_reserved_highatomic", n->highatomic);
	add_count(t, "nr_free_highatomic", n->free_highatomic);
	table_add(t, "  start_pfn:           %lu\n", page_number(n->start));
}

/**
 * kmem_zoneinfo - all zones in the form of the kernel's /proc/zoneinfo
 * @buf: where the text goes; may be NULL when @size is 0
 * @size: bytes at @buf; the last of them written is a NUL
 *
 * A zone that the window does not reach is left out.  Each one's numbers are
 * of one instant; docs/stats.md says what they mean.
 *
 * Return: the length of the whole text without the NUL.  When that is not
 * below @size the text was cut, and a longer buffer gets all of it.
 * Context: may sleep; takes the zones' locks.
 * Source: ours; the form is that of Linux 4.8 and later.
 */
size_t kmem_zoneinfo(char *buf, size_t size)
{
	struct zone_numbers n;
	struct table t;

	table_begin(&t, buf, size);
	for (unsigned int i = 0; i < ZONES && !page_boot(); i++)
		if (zone_numbers(&zones[i], &n, LOCK_SLEEP) && n.start < n.end)
			add_zone(&t, zones[i].name, &n);
	return table_end(&t);
}
