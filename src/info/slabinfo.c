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

#include "lib/mem.h"
#include "lib/text.h"

/* Where the next line goes; length is that of the whole table so far. */
struct table {
	char *buf;
	size_t size, length;
};

/* What does not fit is counted, not written. */
static void table_add(struct table *t, const char *text, size_t n)
{
	size_t room = t->length < t->size ? t->size - t->length : 0;

	if (room)
		memcpy(t->buf + t->length, text, n < room ? n : room);
	t->length += n;
}

static void add_cache(const struct kmem_cache_stats *st, void *data)
{
	char line[256];
	int n;

	n = text_format(line, sizeof(line),
			"%-17s %6lu %6lu %6zu %4u %4d : tunables %4u %4u %4u"
			" : slabdata %6lu %6lu %6lu\n",
			st->name, st->active_objs, st->num_objs, st->size,
			st->objs_per_slab, (int)st->pages_per_slab, 0u, 0u, 0u,
			st->active_slabs, st->num_slabs, 0ul);
	table_add(data, line, (size_t)n);
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
	struct table t = { .buf = buf, .size = size ? size - 1 : 0 };

	table_add(&t, head, sizeof(head) - 1);
	kmem_for_each_cache(add_cache, &t);
	if (size)
		buf[t.length < t.size ? t.length : t.size] = 0;
	return t.length;
}
