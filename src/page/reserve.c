/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The reserve: its size, and its memory made resident.
 *
 * GFP_ATOMIC must leave 37.5 % of min free, so a reserve of n bytes for it is a
 * min that is 8/5 of n higher.  The zones then grow until high is reached, and
 * the highatomic ranges are set aside, so that blocks of more than a page are
 * there too, however fragmented the rest is.
 *
 * A program that makes no such requests needs no reserve, only resident memory:
 * page_stock() leaves the marks alone and grows the zones until n bytes are
 * free above high.
 *
 * From then on the layer is resident: all usable memory of the zones and its
 * records are faulted in, growth is faulted in before it can be allocated, and
 * nothing is purged any more.  So an allocation takes no page fault.  Memory is
 * locked as well, as far as the OS allows, so that it is not swapped out; a
 * refusal is no failure.
 *
 * Depth: each zone keeps, under its lock, the largest deficit below min and the
 * highatomic ranges that an allocation left since the last reset.  Only
 * allocations count: a zone that is below a min which was just raised has given
 * nothing of it.
 */
#include "page/page.h"
#include "page/reclaim.h"
#include "page/zone.h"

#include "debug/report.h"
#include "lib/errno.h"
#include "port/port.h"

bool page_resident;
static bool lock_refused;

static int make_resident(void *p, size_t n)
{
	if (!n)
		return 0;
	if (port_populate(p, n))
		return -ENOMEM;
	if (port_lock_memory(p, n) && !lock_refused) {
		lock_refused = true;
		report("kmem: the reserve cannot be locked into memory "
		       "(RLIMIT_MEMLOCK?), it may be swapped out");
	}
	return 0;
}

/* The same around what is guarded. */
static int resident_around(char *p, size_t n)
{
	char *end = p + n, *from = window.guarded;
	char *to = from + window.guarded_bytes;
	int err;

	if (from == to || to <= p || from >= end)
		return make_resident(p, n);
	err = from > p ? make_resident(p, (size_t)(from - p)) : 0;
	if (!err && to < end)
		err = make_resident(to, (size_t)(end - to));
	return err;
}

/* Pages of the zone but those that must not be touched. */
static int pages_resident(unsigned long from, unsigned long to)
{
	int err = 0;

	for (unsigned long pfn = from; pfn < to && !err; pfn++) {
		if (!page_test(window.map + pfn, PG_guard))
			continue;
		err = resident_around(window.base + (from << PG_SHIFT),
				      (pfn - from) << PG_SHIFT);
		from = pfn + 1;
	}
	return err ? err :
		     resident_around(window.base + (from << PG_SHIFT),
				     (to - from) << PG_SHIFT);
}

int __page_make_resident(unsigned long from, unsigned long to)
{
	/* records become usable by blocks of the largest order */
	unsigned long first = ALIGN_DOWN(from, 1ul << PG_MAX_ORDER);
	unsigned long last = ALIGN_UP(to, 1ul << PG_MAX_ORDER);
	int err = pages_resident(from, to);

	return err ? err : window_each_part(first, last, make_resident);
}

/* All but holes, run by run. */
static int __zone_resident(const struct zone *z)
{
	unsigned long from = z->start, pfn;
	int err = 0;

	for (pfn = from; pfn < z->grown && !err; pfn++) {
		if (!page_test(window.map + pfn, PG_hole))
			continue;
		if (pfn > from)
			err = __page_make_resident(from, pfn);
		from = ALIGN_DOWN(pfn, 1ul << PG_HOLE_ORDER) +
		       (1ul << PG_HOLE_ORDER);
		pfn = from - 1;
	}
	if (!err && from < z->grown)
		err = __page_make_resident(from, z->grown);
	return err;
}

static int __all_resident(void)
{
	int err = 0;

	for (unsigned int i = 0; i < ZONES && !err; i++)
		err = __zone_resident(&zones[i]);
	return err;
}

static bool reaches_high(struct zone *z, unsigned long more)
{
	bool does;

	zone_lock(z);
	does = z->free + z->isolated >= z->mark[MARK_HIGH] + more;
	zone_unlock(z);
	return does;
}

/* Grows the zone, if it can, until that much above high is free. */
static bool grow_to_high(struct zone *z, unsigned long more)
{
	/* Bound: the steps by which a zone grows. */
	while (!reaches_high(z, more))
		if (!zone_can_grow(z) || !zone_grow(z, 0))
			return false;
	return true;
}

/* The ranges come on top of min, as far as there is room. */
static void fill_ranges(struct zone *z)
{
	highatomic_fill(z);
	/* a small zone may have no whole block: the next step brings one */
	if (!z->nr_highatomic && zone_can_grow(z) && zone_grow(z, PG_MAX_ORDER))
		highatomic_fill(z);
	grow_to_high(z, (unsigned long)z->nr_highatomic << PG_MAX_ORDER);
}

static int reserve(unsigned long min_more, unsigned long free_more)
{
	int err = page_boot();

	if (err)
		return err;
	purge_never();
	lock_take(&grow_lock, LOCK_GROW);
	page_resident = true;
	err = __all_resident();
	if (!err)
		err = pcp_make_resident();
	zone_set_reserve(min_more);
	lock_drop(&grow_lock, LOCK_GROW);
	for (unsigned int i = ZONES; i-- > 0 && !err;) {
		struct zone *z = &zones[i];

		if (z->grown == z->start)
			continue;
		/* lower zones may help, but one zone must have it */
		if (!grow_to_high(z, free_more))
			err = -ENOMEM;
		else if (min_more)
			fill_ranges(z);
		break;
	}
	return err;
}

int page_reserve(size_t bytes)
{
	return reserve(bytes / 5 * 8 >> PG_SHIFT, 0);
}

int page_stock(size_t bytes)
{
	return reserve(0, bytes >> PG_SHIFT);
}

unsigned long page_reserve_used(bool reset)
{
	unsigned long n = 0;

	for (unsigned int i = 0; i < ZONES && page_ready(); i++) {
		struct zone *z = &zones[i];

		zone_lock(z);
		n += z->deepest;
		if (reset) {
			z->deepest = 0;
			__zone_note_depth(z);
		}
		zone_unlock(z);
	}
	return n;
}
