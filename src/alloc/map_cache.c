/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Mappings kept for reuse.
 *
 * Mapping, faulting in and unmapping a block costs several times what
 * overwriting it does, and most of it is faults, page by page.  So what a
 * region leaves is valued for its pages, whatever its size:
 *
 *	an eighth too large, or less	given as it is
 *	larger				cut; the rest stays here, and is joined
 *					to it again when both are free
 *	at least half as large		given after its pages were moved to a
 *					mapping of the size wanted
 *
 * The best fit is the smallest that is large enough, else the largest.
 *
 * What is kept is bounded four ways.
 *   number	KEPT_NR entries, so that a look at all of them is short
 *   bytes	what the budget of free memory leaves (page/purge.c), and of a
 *		hard limit a sixteenth
 *   size	below KEPT_MIN the calls cost more than the faults
 *   age	the idle age; with 0 nothing is kept
 * The oldest goes first.
 *
 * Where the OS counts what is mapped (page/hole.c) nothing is kept: others in
 * the process may need it, and cannot ask for it.
 *
 * What is kept stays charged to the hard limit.  It is freed first when a
 * charge has no room or the OS no memory, and when reclaim shrinks it.
 *
 * Memory that comes from here has been written to, and a caller that needs
 * zeros clears it (port_clear()): that costs less than the faults of fresh
 * pages, and less than giving the pages back.
 *
 * Locking.  kept_lock guards the list; the OS is called without it, with blocks
 * that are on no list.  In a child of fork a block that another thread had
 * detached is leaked, and not counted.
 */
#include "alloc/map_cache.h"

#include "alloc/region.h"
#include "debug/report.h"
#include "debug/view.h"
#include "page/page.h"
#include "page/reclaim.h"
#include "page/zone.h"
#include "sync/lock.h"
#include "port/port.h"
#include "sync/fork.h"

#define KEPT_NR 32u

/* Blocks to unmap when the lock is dropped. */
struct leaving {
	unsigned int nr;
	struct kept_block block[KEPT_NR];
};

static struct lock kept_lock;
static struct kept_block kept[KEPT_NR]; /* the oldest first */
static unsigned int nr_kept;
static size_t kept_bytes;

/* kept_lock is held, as in all functions with __. */
static void __changed(void)
{
	struct kmem_pub_totals *t = page_totals();

	total_set(&t->kept, nr_kept);
	total_set(&t->kept_bytes, kept_bytes);
}

static void set_bytes(size_t bytes)
{
	__atomic_store_n(&kept_bytes, bytes, __ATOMIC_RELAXED);
}

static struct kept_block __remove(unsigned int i)
{
	struct kept_block b = kept[i];

	__atomic_store_n(&nr_kept, nr_kept - 1, __ATOMIC_RELAXED);
	set_bytes(kept_bytes - b.size);
	memmove(kept + i, kept + i + 1, (nr_kept - i) * sizeof(*kept));
	return b;
}

static void __insert(const struct kept_block *b)
{
	unsigned int i = nr_kept;

	while (i && kept[i - 1].since > b->since)
		i--;
	memmove(kept + i + 1, kept + i, (nr_kept - i) * sizeof(*kept));
	kept[i] = *b;
	__atomic_store_n(&nr_kept, nr_kept + 1, __ATOMIC_RELAXED);
	set_bytes(kept_bytes + b->size);
}

static void __leave(struct leaving *l)
{
	l->block[l->nr++] = __remove(0);
}

static void end_block(const struct kept_block *b)
{
	port_unmap(b->start, b->size, true);
	mem_uncharge(b->size);
}

static void end_all(const struct leaving *l)
{
	for (unsigned int i = 0; i < l->nr; i++)
		end_block(&l->block[i]);
}

static size_t bytes_allowed(void)
{
	size_t most = page_budget();

	if (window.limit && most > window.limit / 16)
		most = window.limit / 16;
	return most;
}

static void keep_rest(const struct kept_block *rest)
{
	bool room;

	lock_take(&kept_lock, LOCK_KEPT);
	room = nr_kept < KEPT_NR;
	if (room)
		__insert(rest);
	__changed();
	lock_drop(&kept_lock, LOCK_KEPT);
	if (!room)
		end_block(rest);
}

/* One beside b, a guard between, with at most this in all. */
static unsigned int __beside(const struct kept_block *b, size_t most)
{
	size_t page = port_page_size();

	for (unsigned int i = 0; i < nr_kept; i++)
		if ((kept[i].start + kept[i].size + page == b->start ||
		     b->start + b->size + page == kept[i].start) &&
		    kept[i].size + page <= most - b->size)
			return i;
	return nr_kept;
}

/* Takes one that is beside b; false: there is none. */
static bool take_beside(const struct kept_block *b, struct kept_block *other)
{
	size_t most = bytes_allowed();
	unsigned int i;
	bool found;

	lock_take(&kept_lock, LOCK_KEPT);
	i = b->size < most ? __beside(b, most) : nr_kept;
	found = i < nr_kept;
	if (found)
		*other = __remove(i);
	__changed();
	lock_drop(&kept_lock, LOCK_KEPT);
	return found;
}

/* The pieces of what was cut become one, or all but two of them. */
static void join(struct kept_block *b)
{
	size_t page = port_page_size();
	struct kept_block other, low;

	/* Bound: the mappings that are kept: each pass takes one of them. */
	while (take_beside(b, &other)) {
		low = other.start < b->start ? other : *b;
		if (!mem_fits(page) || !mem_charge(page, 0)) {
			keep_rest(&other);
			break;
		}
		if (!port_join(low.start, low.size,
			       other.size + b->size - low.size)) {
			mem_uncharge(page);
			keep_rest(&other);
			break;
		}
		b->start = low.start;
		b->size += page + other.size;
	}
}

bool kept_put(void *p, size_t size)
{
	struct kept_block b = { .start = p, .size = size };
	struct leaving out;
	bool keep = false;
	size_t most;

	if (size < KEPT_MIN || !page_idle_ns() ||
	    __atomic_load_n(&page_counted, __ATOMIC_RELAXED))
		return false;
	out.nr = 0;
	b.since = port_clock_ns();
	if (!b.since)
		b.since = 1;
	if (__atomic_load_n(&nr_kept, __ATOMIC_RELAXED))
		join(&b);
	most = bytes_allowed();
	lock_take(&kept_lock, LOCK_KEPT);
	if (b.size <= most) {
		while (nr_kept == KEPT_NR || kept_bytes > most - b.size)
			__leave(&out);
		__insert(&b);
		keep = true;
	}
	__changed();
	lock_drop(&kept_lock, LOCK_KEPT);
	end_all(&out);
	page_pass_due();
	if (keep || b.size == size)
		return keep;
	/* the caller knows only a part of it */
	end_block(&b);
	return true;
}

/* Which to use for size bytes, or nr_kept. */
static unsigned int __choose(size_t size, size_t align)
{
	unsigned int fit = nr_kept, part = nr_kept;

	for (unsigned int i = 0; i < nr_kept; i++) {
		if ((uintptr_t)kept[i].start & (align - 1))
			continue;
		if (kept[i].size >= size) {
			if (fit == nr_kept || kept[i].size < kept[fit].size)
				fit = i;
		} else if (part == nr_kept || kept[i].size > kept[part].size) {
			part = i;
		}
	}
	if (fit < nr_kept)
		return fit;
	/* pages that move come to no particular alignment */
	if (part < nr_kept && align <= port_page_size() &&
	    kept[part].size >= size / 2)
		return part;
	return nr_kept;
}

/* Cuts off what is too much, unless the OS refuses. */
static void cut(struct kept_block *b, size_t size, size_t align)
{
	size_t page = port_page_size(), over = b->size - size;
	struct kept_block rest;
	char *p;

	if (over <= size / 8)
		return;
	if (over >= KEPT_MIN + page) {
		if (!port_split(b->start, b->size, size))
			return;
		rest = *b;
		rest.start += size + page;
		rest.size = over - page;
		b->size = size;
		mem_uncharge(page);
		keep_rest(&rest);
	} else if (align <= page) {
		p = port_remap(b->start, b->size, size, true);
		if (!p)
			return;
		b->start = p;
		b->size = size;
		mem_uncharge(over);
	}
}

static bool extend(struct kept_block *b, size_t size, gfp_t gfp)
{
	size_t more = size - b->size;
	char *p;

	if (!mem_fits(more) || !mem_charge(more, gfp))
		return false;
	p = port_remap(b->start, b->size, size, true);
	if (!p) {
		mem_uncharge(more);
		return false;
	}
	b->start = p;
	b->size = size;
	return true;
}

void *kept_take(size_t *size, size_t align, size_t *dirty, gfp_t gfp)
{
	struct kept_block b = { .size = 0 };
	unsigned int i;

	if (*size < KEPT_MIN || !__atomic_load_n(&nr_kept, __ATOMIC_RELAXED))
		return NULL;
	lock_take(&kept_lock, LOCK_KEPT);
	i = __choose(*size, align);
	if (i < nr_kept)
		b = __remove(i);
	__changed();
	lock_drop(&kept_lock, LOCK_KEPT);
	if (!b.size)
		return NULL;
	*dirty = b.size;
	if (b.size >= *size) {
		cut(&b, *size, align);
		*dirty = b.size;
	} else if (!extend(&b, *size, gfp)) {
		end_block(&b);
		return NULL;
	}
	*size = b.size;
	return b.start;
}

/* Unmaps what was kept since before then; kept_lock is dropped. */
static size_t leave_older(uint64_t then)
{
	struct leaving out = { .nr = 0 };
	size_t before = kept_bytes, bytes;

	while (nr_kept && kept[0].since <= then)
		__leave(&out);
	bytes = before - kept_bytes;
	__changed();
	lock_drop(&kept_lock, LOCK_KEPT);
	end_all(&out);
	return bytes;
}

size_t kept_empty(void)
{
	if (!__atomic_load_n(&nr_kept, __ATOMIC_RELAXED))
		return 0;
	lock_take(&kept_lock, LOCK_KEPT);
	return leave_older(UINT64_MAX);
}

static bool kept_expire(uint64_t then)
{
	if (__atomic_load_n(&nr_kept, __ATOMIC_RELAXED) &&
	    lock_try(&kept_lock, LOCK_KEPT))
		leave_older(then);
	return false;
}

static size_t kept_report(void)
{
	return __atomic_load_n(&kept_bytes, __ATOMIC_RELAXED);
}

void kept_counts(struct region_counts *c)
{
	lock_take(&kept_lock, LOCK_KEPT);
	c->nr = nr_kept;
	c->bytes = kept_bytes;
	lock_drop(&kept_lock, LOCK_KEPT);
}

bool kept_valid(void)
{
	size_t bytes = 0;
	bool ok = true;

	lock_take(&kept_lock, LOCK_KEPT);
	for (unsigned int i = 0; i < nr_kept; i++) {
		bytes += kept[i].size;
		ok = ok && kept[i].size >= KEPT_MIN &&
		     (!i || kept[i - 1].since <= kept[i].since);
	}
	ok = ok && bytes == kept_bytes && nr_kept <= KEPT_NR;
	lock_drop(&kept_lock, LOCK_KEPT);
	return ok;
}

unsigned long kept_shrink(gfp_t gfp, unsigned int priority)
{
	unsigned long pages = kept_empty() >> PG_SHIFT;

	(void)gfp;
	(void)priority;
	pages_given((int32_t)pages);
	return pages;
}

static void kept_fork_prepare(void)
{
	lock_take(&kept_lock, LOCK_KEPT);
}

static void kept_fork_parent(void)
{
	lock_drop(&kept_lock, LOCK_KEPT);
}

static void kept_fork_child(void)
{
	lock_reset(&kept_lock);
}

static const struct fork_ops kept_fork = {
	.prepare = kept_fork_prepare,
	.parent = kept_fork_parent,
	.child = kept_fork_child,
};

void kept_boot(void)
{
	static struct page_client client = {
		.spare = true,
		.shrink = kept_shrink,
		.expire = kept_expire,
		.report = kept_report,
	};

	debug_view.kept = kept;
	debug_view.nr_kept = &nr_kept;
	page_register(&client);
	fork_register(FORK_KEPT, &kept_fork);
}
