/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * docs/picture.txt with numbers: on its arrows what crosses them, in its boxes
 * what is there.
 */
#include "picture.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void arrows_make(struct arrow *a, const struct books *b)
{
	size_t i;

	memset(a, 0, ARROWS * sizeof(*a));
	a[ARROW_BARN] = (struct arrow){ .below = "slab/barn",
					.above = "slab/sheaf",
					.unit = "a sheaf" };
	a[ARROW_SLUB] = (struct arrow){ .below = "slab/slub",
					.above = "slab/barn",
					.unit = "an object" };
	a[ARROW_PAGES] = (struct arrow){ .below = "page/pcp",
					 .above = "slab/slub",
					 .unit = "a slab" };
	a[ARROW_BUDDY] = (struct arrow){ .below = "page/buddy",
					 .above = "page/pcp",
					 .unit = "a block" };
	a[ARROW_PORT] = (struct arrow){ .below = "port",
					.above = "page/buddy",
					.unit = "a region" };
	for (i = 0; i < b->nr_caches; i++) {
		const struct kmem_pub_cache *c = &b->cache[i].pub;

		a[ARROW_BARN].down += c->barn_gets;
		a[ARROW_BARN].up += c->barn_puts;
		a[ARROW_SLUB].down += c->taken;
		a[ARROW_SLUB].up += c->given;
		a[ARROW_PAGES].down += c->slabs_made;
		a[ARROW_PAGES].up += c->slabs_freed;
	}
	for (i = 0; i < b->nr_zones; i++) {
		a[ARROW_BUDDY].down += b->zone[i].allocs;
		a[ARROW_BUDDY].up += b->zone[i].frees;
	}
	a[ARROW_PORT].down = b->totals.grown_calls;
	a[ARROW_PORT].up = b->totals.purge_calls;
}

/* --- lines ---------------------------------------------------------------- */

struct drawing {
	const struct books *now, *before;
	struct arrow arrow[ARROWS], old[ARROWS];
	void (*line)(void *to, const char *text);
	void *to;
};

static void __attribute__((format(printf, 2, 3)))
draw(const struct drawing *d, const char *fmt, ...)
{
	char text[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	d->line(d->to, text);
}

/* As live_bytes(), of whole bytes and without floating point. */
static void size_text(char *to, size_t size, int64_t bytes)
{
	const char *sign = bytes < 0 ? "-" : "", *unit = "BKMGTPE";
	uint64_t n = (uint64_t)(bytes < 0 ? -bytes : bytes), part = 0;

	for (; n >= 1024 || (n == 1023 && part >= 512); unit++) {
		part = n % 1024;
		n /= 1024;
	}
	part = (part * 10 + 512) / 1024; /* tenths */
	if (*unit == 'B' || n >= 100 || (n == 99 && part == 10))
		snprintf(to, size, "%s%lu%c", sign,
			 (unsigned long)(n + (part >= 5)), *unit);
	else
		snprintf(to, size, "%s%lu.%lu%c", sign,
			 (unsigned long)(n + part / 10),
			 (unsigned long)(part % 10), *unit);
}

/* One box: bytes at rest in the last column. */
static void box(const struct drawing *d, const char *shape, int64_t bytes)
{
	char size[24];

	size_text(size, sizeof(size), bytes);
	draw(d, "%-38s %53s", shape, size);
}

/* Events a second, in tenths. */
static void rate_text(const struct drawing *d, char *to, size_t size,
		      uint64_t events)
{
	uint64_t ms = (d->now->when_ns - d->before->when_ns) / 1000000;
	uint64_t tenths = ms ? (events * 10000 + ms / 2) / ms : 0;

	snprintf(to, size, "%lu.%lu", (unsigned long)(tenths / 10),
		 (unsigned long)(tenths % 10));
}

static void flow(const struct drawing *d, int which)
{
	const struct arrow *a = &d->arrow[which], *o = &d->old[which];
	char shape[64], down[24], up[24];

	snprintf(shape, sizeof(shape), "        | %-26s |", a->unit);
	rate_text(d, down, sizeof(down), a->down - o->down);
	rate_text(d, up, sizeof(up), a->up - o->up);
	draw(d, "%-38s %9s %9s %11lu %11lu", shape, down, up,
	     (unsigned long)a->down, (unsigned long)a->up);
}

void picture_draw(const struct books *now, const struct books *before,
		  void (*line)(void *to, const char *text), void *to)
{
	struct drawing d = { now, before, .line = line, .to = to };
	struct account a;

	account_make(&a, now);
	arrows_make(d.arrow, now);
	arrows_make(d.old, before);
	draw(&d, "%-38s %9s %9s %11s %11s %9s", "", "DOWN/S", "UP/S", "DOWN",
	     "UP", "AT REST");
	draw(&d, "    kmem_cache_alloc()  kmalloc()  malloc()  kvmalloc()");
	draw(&d, "        |                 |          |          |");
	box(&d, "    alloc/      objects in use    ---+", a.used);
	draw(&d, "%-38s %s", "        | an object                  |",
	     "not counted: the fast path counts nothing");
	box(&d,
	    a.slots_known ? "    slab/sheaf  main, spare          |" :
			    "    slab/sheaf  (among those in use) |",
	    a.in_slots);
	flow(&d, ARROW_BARN);
	box(&d, "    slab/barn   full, empty sheaves  |", a.in_barn);
	flow(&d, ARROW_SLUB);
	box(&d, "    slab/slub   free objects, waste  |", a.in_slabs + a.waste);
	flow(&d, ARROW_PAGES);
	box(&d, "        |  <--- areas of vmalloc ----+", a.vmalloc);
	box(&d, "        |  <--- large, spans, others +",
	    a.large + a.spans + a.other);
	box(&d, "    page/pcp    page lists           |", a.page_lists);
	flow(&d, ARROW_BUDDY);
	box(&d, "    page/buddy  free areas of zones  |",
	    a.free_resident + a.free_purged + a.free_isolated);
	flow(&d, ARROW_PORT);
	box(&d, "        |  <--- mapped regions ------+",
	    a.regions + a.kept + a.percpu);
	box(&d, "    port/       records, maps, area", a.metadata);
	box(&d, "    MAPPED", a.mapped);
}
