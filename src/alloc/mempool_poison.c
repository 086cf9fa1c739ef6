/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Elements in a reserve are filled like free objects, although their cache
 * counts them as in use: a write to one is seen when it is taken.  Only where
 * the size is known, and where such objects would be filled when they are free:
 * of a debugged cache with SLAB_POISON, and of pages with page_poison=1.
 */
#include "alloc/mempool.h"

#include <linux/mm.h>
#include <linux/slab.h>

#include "alloc/alloc.h"
#include "debug/bytes.h"
#include "debug/report.h"
#include "debug/stack.h"
#include "debug/watch.h"
#include "lib/options.h"
#include "lib/text.h"
#include "page/page.h"
#include "slab/given.h"
#include "slab/kfence.h"
#include "slab/slab.h"

/* Bytes on each side of a fault that are shown. */
#define SIDE 8

/* The bytes of an element, n of them; 0: it is left alone. */
static unsigned char *element_bytes(const mempool_t *pool, void *elem,
				    size_t *n)
{
	const struct kmem_cache *s;

	*n = 0;
	if (pool->alloc == mempool_alloc_pages) {
		if (option_value(OPT_PAGE_POISON) && !watch_on())
			*n = PG_BYTES << (uintptr_t)pool->pool_data;
		return page_address(elem);
	}
	if (pool->alloc != mempool_alloc_slab && pool->alloc != mempool_kmalloc)
		return elem;
	s = page_owner(elem);
	if (!s || !s->poisons)
		return elem;
	*n = s->object_size;
	if (pool->alloc == mempool_kmalloc && (size_t)pool->pool_data < *n)
		*n = (size_t)pool->pool_data;
	return elem;
}

/*
 * A tool is told that an element of the reserve is nobody's, or somebody's
 * again.  The size of what other functions allocate is not known.
 */
static void element_watch(const mempool_t *pool, void *elem, bool in)
{
	const struct kmem_cache *s = pool->pool_data;
	bool constructed = false;
	size_t n;

	if (pool->alloc == mempool_alloc_pages) {
		n = PG_BYTES << (uintptr_t)pool->pool_data;
		if (in)
			watch_shut(page_address(elem), n);
		else
			watch_open(page_address(elem), n, false);
		return;
	}
	if (pool->alloc == mempool_alloc_slab) {
		n = s->object_size;
		constructed = s->ctor || s->ctor3;
	} else if (pool->alloc == mempool_kmalloc) {
		n = (size_t)pool->pool_data;
	} else {
		return;
	}
	if (in)
		watch_died(elem, n, false);
	else
		watch_born(elem, n, constructed);
}

bool reserve_poisons(const mempool_t *pool)
{
	const struct kmem_cache *s = pool->pool_data;

	return pool->alloc == mempool_alloc_slab && s->poisons;
}

bool element_poisons(const mempool_t *pool, void *elem)
{
	size_t n;

	element_bytes(pool, elem, &n);
	return n;
}

bool element_is_none(const mempool_t *pool, const void *elem)
{
	bool slab = pool->alloc == mempool_alloc_slab;
	const struct kmem_cache *s;

	if ((!slab && pool->alloc != mempool_kmalloc) || ZERO_OR_NULL_PTR(elem))
		return false;
	s = page_owner(elem);
	if (s)
		return (slab && s != pool->pool_data) || !slab_may_use(s, elem);
	if (kfence_holds(elem))
		return kfence_object(elem) != elem;
	return slab || !kmalloc_large_of(elem);
}

void element_poison(const mempool_t *pool, void *elem)
{
	unsigned char *p;
	size_t n;

	p = element_bytes(pool, elem, &n);
	bytes_poison(p, n);
	if (watch_on())
		element_watch(pool, elem, true);
}

static void element_report(const mempool_t *pool, const unsigned char *p,
			   size_t n, size_t at)
{
	size_t from = at > SIDE ? at - SIDE : 0;
	size_t to = n - at > SIDE ? at + SIDE : n, i;
	char line[2 * SIDE * 3 + 80];
	int len;

	len = text_format(line, sizeof(line), " nr=%d @ %p: %s0x",
			  pool->curr_nr, (const void *)p, from ? "... " : "");
	for (i = from; i < to; i++)
		len += text_format(line + len, sizeof(line) - (size_t)len,
				   "%x ", p[i]);
	report_error_begin();
	report_line("BUG: mempool element poison mismatch");
	report_line("Mempool %p size %zu", (const void *)pool, n);
	report_line("%s%s", line, to < n ? "..." : "");
	report_line_here();
	report_end();
}

void element_check(const mempool_t *pool, void *elem)
{
	const unsigned char *p, *bad;
	size_t n;

	if (watch_on())
		element_watch(pool, elem, false);
	p = element_bytes(pool, elem, &n);
	if (!n)
		return;
	bad = bytes_other(p, BYTE_FREE, n - 1);
	if (!bad)
		bad = bytes_other(p + n - 1, BYTE_END, 1);
	if (bad)
		element_report(pool, p, n, (size_t)(bad - p));
}
