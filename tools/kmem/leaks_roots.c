/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What a program reaches without an object: all that is mapped readable and is
 * not the allocator's, and of stacks what is in use.
 */
#include "leaks.h"

#include <stdlib.h>
#include <string.h>

#include "alloc/map_cache.h"

/* Below a stack's top code may have a few bytes. */
#define RED_ZONE 128u
/* A thread's own record lies at its thread pointer, its stack below. */
#define THREAD_ROOM 8192u
/* No program has so much; a sanitizer has it for notes of its own. */
#define MAPPING_MOST (64ull << 30)
#define KEPT_MOST 4096u

static void not_root(struct heap *h, const void *at, uint64_t n)
{
	if (at)
		ranges_add(&h->not_root, (uintptr_t)at, (uintptr_t)at + n);
}

/* The allocator's own records, which know all objects. */
static void leave_records(struct heap *h)
{
	const struct debug_view *d = &h->v->v;
	const struct window *w = &h->v->w;

	not_root(h, w->base, w->size);
	not_root(h, w->map, w->pages * sizeof(*w->map));
	not_root(h, w->slab_map, w->pages * CACHE_LINE);
	not_root(h, w->owner, w->pages * sizeof(*w->owner));
	not_root(h, w->column, w->pages * sizeof(*w->column));
	not_root(h, w->late, w->pages * PG_LATE_BYTES);
	not_root(h, d->window, sizeof(*w));
	not_root(h, d->zones, sizeof(h->v->zone));
	not_root(h, (void *)(uintptr_t)h->v->books->totals.view, sizeof(*d));
	not_root(h, d->kfence, sizeof(struct kfence_pool));
	not_root(h, d->kfence_meta,
		 d->kfence_slots * sizeof(struct kfence_meta));
}

/* Mappings that were freed and wait for an owner. */
static void leave_kept(struct heap *h)
{
	static struct kept_block kept[KEPT_MOST];
	const void *list = h->v->v.kept;
	unsigned int n;

	if (!list || !view_read(h->v, h->v->v.nr_kept, &n, sizeof(n)) ||
	    n > KEPT_MOST || !view_read(h->v, list, kept, n * sizeof(*kept)))
		return;
	not_root(h, list, n * sizeof(*kept));
	for (unsigned int i = 0; i < n; i++)
		not_root(h, kept[i].start, kept[i].size);
}

/*
 * What lies below the top of a stack, down to the mapping's start, or to where
 * another thread's things lie: stacks may lie in one mapping.
 */
static void leave_stack(struct heap *h, const struct stopped_thread *t)
{
	const struct mapping *m = memory_mapping(&h->v->mem, t->sp);
	uint64_t from, other;

	if (!m || (m->name[0] && strncmp(m->name, "[stack", 6)))
		return;
	from = m->from;
	for (size_t i = 0; i < h->stopped.nr; i++) {
		other = h->stopped.thread[i].tls + THREAD_ROOM;
		if (&h->stopped.thread[i] != t && other > from &&
		    h->stopped.thread[i].tls < t->sp)
			from = other;
	}
	if (t->sp - RED_ZONE > from)
		ranges_add(&h->not_root, from, t->sp - RED_ZONE);
}

static int by_from(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return x->from < y->from ? -1 : x->from > y->from;
}

static bool is_read(const struct mapping *m)
{
	static const char *const not [] = {
		"[vvar]", "[vvar_vclock]", "[vdso]", "[vsyscall]", AREA_LINK,
	};

	if (m->perms[0] != 'r' || m->to - m->from > MAPPING_MOST)
		return false;
	for (size_t i = 0; i < sizeof(not ) / sizeof(*not ); i++)
		if (!strcmp(m->name, not [i]))
			return false;
	/* a device may do anything when it is read */
	return m->perms[3] != 's' || strncmp(m->name, "/dev/", 5) ||
	       !strncmp(m->name, "/dev/shm/", 9) ||
	       !strncmp(m->name, "/dev/zero", 9);
}

/* A mapping without the ranges, which are in order. */
static void take_mapping(struct heap *h, const struct mapping *m)
{
	bool dirty = m->name[0] == '/' && m->perms[3] == 'p';
	uint64_t from = m->from;

	for (size_t i = 0; i < h->not_root.nr && from < m->to; i++) {
		const struct range *r = &h->not_root.at[i];

		if (r->to <= from)
			continue;
		if (r->from >= m->to)
			break;
		if (r->from > from)
			copy_piece(h, &h->root, from, r->from, dirty);
		from = r->to;
	}
	if (from < m->to)
		copy_piece(h, &h->root, from, m->to, dirty);
}

void take_roots(struct heap *h)
{
	if (!memory_maps_again(&h->v->mem)) {
		h->failed = true;
		return;
	}
	leave_records(h);
	leave_kept(h);
	for (size_t i = 0; i < h->stopped.nr; i++)
		if (h->stopped.thread[i].sp)
			leave_stack(h, &h->stopped.thread[i]);
	qsort(h->not_root.at, h->not_root.nr, sizeof(*h->not_root.at), by_from);
	for (size_t i = 0; i < h->v->mem.nr_maps; i++)
		if (is_read(&h->v->mem.map[i]))
			take_mapping(h, &h->v->mem.map[i]);
	h->root_bytes = h->root.used;
}
