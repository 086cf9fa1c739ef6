/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The GNU library's calls about its heap, answered for this one.
 *
 * Its words and what they mean here:
 *	arena		bytes of the window that hold memory now
 *	uordblks	of these, bytes of blocks in use
 *	fordblks	of these, the rest
 *	ordblks		objects and pages that are free
 *	hblks, hblkhd	mapped regions: number and bytes
 *	keepcost	bytes of free pages, and of mappings kept for the next
 *			region, that malloc_trim() could give back
 *	smblks, fsmblks, usmblks	0: there are no fastbins
 */
#include "front/front.h"

#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <stdio.h>

#include "alloc/map_cache.h"
#include "alloc/region.h"
#include "lib/list.h"
#include "lib/text.h"
#include "page/page.h"
#include "page/reclaim.h"
#include "port/port.h"
#include "slab/slab.h"

#define PUBLIC __attribute__((visibility("default")))

struct heap {
	size_t arena, used, free_chunks, keep;
	struct region_counts regions, kept;
};

/* Objects not in use: free in a slab, or kept in a sheaf. */
static void count_objects(struct heap *h, size_t *free_bytes)
{
	struct slab_counts c;
	struct list_head *pos;
	struct kmem_cache *s;
	size_t n;

	lock_take(&slab_mutex, LOCK_CACHES);
	ring_for_each(pos, &slab_caches)
	{
		s = list_entry_of(pos, struct kmem_cache, list);
		slab_counts(s, &c);
		n = c.num_objs - c.active_objs + c.free_in_sheaves;
		h->free_chunks += n;
		*free_bytes += n * s->size;
	}
	lock_drop(&slab_mutex, LOCK_CACHES);
}

static struct heap heap_look(void)
{
	struct heap h = { 0 };
	struct page_stats st;
	size_t free_bytes = 0, in_use;

	if (!front_start())
		return h;
	count_objects(&h, &free_bytes);
	page_stats(&st);
	region_counts(&h.regions);
	kept_counts(&h.kept);
	in_use = (st.total - st.free - st.pcp) << PG_SHIFT;
	h.arena = (st.total - st.purged) << PG_SHIFT;
	/* read at different moments, so they need not fit */
	h.used = in_use > free_bytes ? in_use - free_bytes : 0;
	if (h.used > h.arena)
		h.used = h.arena;
	h.free_chunks += st.free + st.pcp;
	h.keep = st.free > st.purged ? (st.free - st.purged) << PG_SHIFT : 0;
	h.keep += h.kept.bytes;
	return h;
}

PUBLIC struct mallinfo2 mallinfo2(void)
{
	struct heap h = heap_look();
	struct mallinfo2 m = {
		.arena = h.arena,
		.ordblks = h.free_chunks,
		.hblks = h.regions.nr,
		.hblkhd = h.regions.bytes,
		.uordblks = h.used,
		.fordblks = h.arena - h.used,
		.keepcost = h.keep,
	};

	return m;
}

static int clamp(size_t n)
{
	return n > INT_MAX ? INT_MAX : (int)n;
}

/* What does not fit an int is shown as INT_MAX, not as something small. */
PUBLIC struct mallinfo mallinfo(void)
{
	struct mallinfo2 from = mallinfo2();
	struct mallinfo m = {
		.arena = clamp(from.arena),
		.ordblks = clamp(from.ordblks),
		.hblks = clamp(from.hblks),
		.hblkhd = clamp(from.hblkhd),
		.uordblks = clamp(from.uordblks),
		.fordblks = clamp(from.fordblks),
		.keepcost = clamp(from.keepcost),
	};

	return m;
}

PUBLIC void malloc_stats(void)
{
	struct heap h = heap_look();
	char text[512];
	int n;

	n = text_format(text, sizeof(text),
			"window:  bytes held   = %14zu\n"
			"         in use       = %14zu\n"
			"         free         = %14zu\n"
			"         trimmable    = %14zu\n"
			"regions: number       = %14lu\n"
			"         bytes        = %14lu\n"
			"total:   bytes in use = %14zu\n",
			h.arena, h.used, h.arena - h.used, h.keep, h.regions.nr,
			h.regions.bytes, h.used + h.regions.bytes);
	port_write(text, (size_t)n);
}

/*
 * The GNU library's document without its arenas, which are not here; `rest` is
 * what is free.
 */
PUBLIC int malloc_info(int options, FILE *to)
{
	struct heap h;

	if (options) {
		errno = EINVAL;
		return -1;
	}
	h = heap_look();
	fprintf(to,
		"<malloc version=\"1\">\n"
		"<total type=\"fast\" count=\"0\" size=\"0\"/>\n"
		"<total type=\"rest\" count=\"%zu\" size=\"%zu\"/>\n"
		"<total type=\"mmap\" count=\"%lu\" size=\"%zu\"/>\n"
		"<system type=\"current\" size=\"%zu\"/>\n"
		"</malloc>\n",
		h.free_chunks, h.arena - h.used, h.regions.nr, h.regions.bytes,
		h.arena + h.regions.bytes);
	return 0;
}

/*
 * Gives memory back unless pad bytes or less are free.  All of it goes that
 * lies in free blocks of 64 KiB and more, so what stays may be less than pad.
 */
PUBLIC int malloc_trim(size_t pad)
{
	struct region_counts kept;
	struct page_stats st;
	size_t free;

	if (!front_start())
		return 0;
	slab_give_back_all(true);
	page_stats(&st);
	kept_counts(&kept);
	free = st.free > st.purged ? (st.free - st.purged) << PG_SHIFT : 0;
	if (free + kept.bytes <= pad)
		return 0;
	return kept_empty() + page_trim() != 0;
}

/*
 * There are no arenas, so any limit on their number holds; every other
 * parameter belongs to a mechanism that is not here, and is refused.
 */
PUBLIC int mallopt(int param, int value)
{
	if (param == M_ARENA_MAX || param == M_ARENA_TEST)
		return value > 0;
	return 0;
}
