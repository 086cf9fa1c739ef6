/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Sampled guard pages in the form of the kernel's files: what was done, and
 * what lies in the pool.
 */
#include <kmem/stats.h>

#include "info/table.h"
#include "slab/kfence.h"

/**
 * kmem_kfence_stats - what the guard pages have seen
 * @buf: where the text goes; may be NULL when @size is 0
 * @size: bytes at @buf; the last of them written is a NUL
 *
 * Return: the length of the whole text, as kmem_slabinfo().
 * Context: any.
 * Source: ours; the text is that of Linux 7.x, /sys/kernel/debug/kfence/stats.
 */
size_t kmem_kfence_stats(char *buf, size_t size)
{
	struct kfence_counts c;
	struct table t;

	kfence_counts(&c);
	table_begin(&t, buf, size);
	table_add(&t, "enabled: %u\n", READ_ONCE(kfence_gate) != KFENCE_OFF);
	table_add(&t, "currently allocated: %lu\n", c.allocs - c.frees);
	table_add(&t, "total allocations: %lu\n", c.allocs);
	table_add(&t, "total frees: %lu\n", c.frees);
	table_add(&t, "zombie allocations: %lu\n", c.zombies);
	table_add(&t, "total bugs: %lu\n", c.bugs);
	table_add(&t, "skipped allocations (incompatible): %lu\n",
		  c.incompatible);
	table_add(&t, "skipped allocations (capacity): %lu\n", c.capacity);
	return table_end(&t);
}

static void line_to_table(void *ctx, const char *text)
{
	table_add(ctx, "%s\n", text);
}

/**
 * kmem_kfence_objects - the objects between guard pages, used and freed
 * @buf: where the text goes; may be NULL when @size is 0
 * @size: bytes at @buf; the last of them written is a NUL
 *
 * Objects that others free meanwhile may be shown half as they were.
 *
 * Return: the length of the whole text, as kmem_slabinfo().
 * Context: may sleep; reads the files that the code is from.
 * Source: ours; the text is that of Linux 7.x,
 * /sys/kernel/debug/kfence/objects.
 */
size_t kmem_kfence_objects(char *buf, size_t size)
{
	const struct kfence_meta *m;
	unsigned int i;
	struct table t;

	table_begin(&t, buf, size);
	/* Bound: the slots of the pool. */
	for (i = 0; (m = kfence_meta(i)); i++) {
		kfence_lines(m, line_to_table, &t);
		table_add(&t, "---------------------------------\n");
	}
	return table_end(&t);
}
