/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The shrinkers of the process, what they hold and what they gave.
 */
#include <kmem/stats.h>

#include "info/table.h"

static void add_shrinker(const struct kmem_shrinker_stats *st, void *data)
{
	table_add(data, "%-31s %10lu %10lu %8lu %10lu %10lu %5d %5ld\n",
		  st->name, st->freeable, st->deferred, st->calls, st->scanned,
		  st->freed, st->seeks, st->batch);
}

/**
 * kmem_shrinkers - a table of all shrinkers
 * @buf: where it goes; may be NULL when @size is 0
 * @size: bytes at @buf; the last of them written is a NUL
 *
 * A line that begins with # names the columns, then comes one line a shrinker
 * in the order of registration.
 *
 * Return: the length of the whole table without the NUL.  When that is not
 * below @size the table was cut, and a longer buffer gets all of it.
 * Context: may sleep; runs count_objects() of each.
 * Source: ours.
 */
size_t kmem_shrinkers(char *buf, size_t size)
{
	struct table t;

	table_begin(&t, buf, size);
	table_add(&t, "%-31s %10s %10s %8s %10s %10s %5s %5s\n", "# name",
		  "freeable", "deferred", "calls", "scanned", "freed", "seeks",
		  "batch");
	kmem_for_each_shrinker(add_shrinker, &t);
	return table_end(&t);
}
