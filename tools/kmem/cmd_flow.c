/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kmem flow: docs/picture.txt with the numbers of a running process: on its
 * arrows what crosses them, in its boxes what is there.
 */
#include "account.h"
#include "cmd.h"
#include "live.h"

#include <string.h>

/* What crosses one line of the picture. */
struct arrow {
	const char *below; /* the layer it comes from and goes back to */
	const char *above;
	const char *unit;
	uint64_t down, up; /* requests served, and things given back */
};

enum { ARROW_BARN, ARROW_SLUB, ARROW_PAGES, ARROW_BUDDY, ARROW_PORT, ARROWS };

static void arrows_make(struct arrow *a, const struct books *b)
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

/* --- text ----------------------------------------------------------------- */

/* One box: bytes at rest in the last column. */
static void box(FILE *to, const char *shape, int64_t bytes)
{
	char size[16];

	live_bytes(size, sizeof(size), (double)bytes);
	fprintf(to, "%-38s %53s\n", shape, size);
}

struct reading {
	const struct books *now, *before;
	struct arrow arrow[ARROWS], old[ARROWS];
};

static void flow(FILE *to, const char *side, const struct reading *r, int which)
{
	const struct arrow *a = &r->arrow[which], *o = &r->old[which];
	char shape[64];

	snprintf(shape, sizeof(shape), "        | %-26s%s", a->unit, side);
	fprintf(to, "%-38s %9.1f %9.1f %11llu %11llu\n", shape,
		live_rate(a->down, o->down, r->now, r->before),
		live_rate(a->up, o->up, r->now, r->before),
		(unsigned long long)a->down, (unsigned long long)a->up);
}

static void reading_make(struct reading *r, const struct books *now,
			 const struct books *before)
{
	r->now = now;
	r->before = before;
	arrows_make(r->arrow, now);
	arrows_make(r->old, before);
}

static void text(FILE *to, const struct books *now, const struct books *before,
		 void *ctx)
{
	struct reading r;
	struct account a;

	(void)ctx;
	account_make(&a, now);
	reading_make(&r, now, before);
	fprintf(to, "process %ld (%s), backend %s, rates over %.2f s\n\n",
		(long)now->pid, now->comm, now->backend,
		(double)(now->when_ns - before->when_ns) / 1e9);
	fprintf(to, "%-38s %9s %9s %11s %11s %9s\n", "", "DOWN/S", "UP/S",
		"DOWN", "UP", "AT REST");
	fputs("    kmem_cache_alloc()  kmalloc()  malloc()  kvmalloc()\n"
	      "        |                 |          |          |\n",
	      to);
	box(to, "    alloc/      objects in use    ---+", a.used);
	fprintf(to, "%-38s %s\n", "        | an object                  |",
		"not counted: the fast path counts nothing");
	box(to,
	    a.slots_known ? "    slab/sheaf  main, spare          |" :
			    "    slab/sheaf  (among those in use) |",
	    a.in_slots);
	flow(to, " |", &r, ARROW_BARN);
	box(to, "    slab/barn   full, empty sheaves  |", a.in_barn);
	flow(to, " |", &r, ARROW_SLUB);
	box(to, "    slab/slub   free objects, waste  |", a.in_slabs + a.waste);
	flow(to, " |", &r, ARROW_PAGES);
	box(to, "        |  <--- areas of vmalloc ----+", a.vmalloc);
	box(to, "        |  <--- large, spans, others +",
	    a.large + a.spans + a.other);
	box(to, "    page/pcp    page lists           |", a.page_lists);
	flow(to, " |", &r, ARROW_BUDDY);
	box(to, "    page/buddy  free areas of zones  |",
	    a.free_resident + a.free_purged + a.free_isolated);
	flow(to, " |", &r, ARROW_PORT);
	box(to, "        |  <--- mapped regions ------+",
	    a.regions + a.kept + a.percpu);
	box(to, "    port/       records, maps, area", a.metadata);
	box(to, "    MAPPED", a.mapped);
}

/* --- JSON ----------------------------------------------------------------- */

static json_t *arrows_json(const struct reading *r)
{
	json_t *all = json_array();
	int i;

	for (i = 0; i < ARROWS; i++) {
		const struct arrow *a = &r->arrow[i], *o = &r->old[i];

		json_array_append_new(
			all,
			json_pack("{ss ss ss sI sI sf sf}", "below", a->below,
				  "above", a->above, "unit", a->unit, "down",
				  (json_int_t)a->down, "up", (json_int_t)a->up,
				  "down_per_s",
				  live_rate(a->down, o->down, r->now,
					    r->before),
				  "up_per_s",
				  live_rate(a->up, o->up, r->now, r->before)));
	}
	return all;
}

static json_t *json(const struct books *now, const struct books *before,
		    void *ctx)
{
	struct reading r;
	struct account a;

	(void)ctx;
	account_make(&a, now);
	reading_make(&r, now, before);
	return json_pack(
		"{sI ss ss sb sb sf so s{sI sI sI sI sI sI sI sI sI sI} sI}",
		"pid", (json_int_t)now->pid, "command", now->comm, "backend",
		now->backend, "settled", now->settled, "sheaves_known",
		a.slots_known, "seconds",
		(double)(now->when_ns - before->when_ns) / 1e9, "arrows",
		arrows_json(&r), "at_rest", "alloc", (json_int_t)a.used,
		"slab/sheaf", (json_int_t)a.in_slots, "slab/barn",
		(json_int_t)a.in_barn, "slab/slub",
		(json_int_t)(a.in_slabs + a.waste), "pages",
		(json_int_t)(a.large + a.spans + a.other), "vmalloc",
		(json_int_t)a.vmalloc, "page/pcp", (json_int_t)a.page_lists,
		"page/buddy",
		(json_int_t)(a.free_resident + a.free_purged + a.free_isolated),
		"regions", (json_int_t)(a.regions + a.kept + a.percpu), "port",
		(json_int_t)a.metadata, "mapped", (json_int_t)a.mapped);
}

static int run(int argc, char **argv)
{
	static const struct live_view view = {
		.command = "flow",
		.rates = true,
		.screen = true,
		.text = text,
		.json = json,
	};

	return live_command(&view, cmd_flow.help, argc, argv);
}

const struct command cmd_flow = {
	.name = "flow",
	.summary = "the picture of the allocator, with a process's numbers",
	.help = "Usage: kmem flow [OPTION...] PID\n"
		"Shows the layers of the allocator of a running process, what\n"
		"lies on each (AT REST, which adds up to MAPPED, as in 'kmem\n"
		"meminfo'), and what crosses between them: DOWN what was asked\n"
		"for from above and served, UP what was given back, since the\n"
		"process began and a second.  On a terminal it is live, and q\n"
		"ends it; --batch prints.\n"
		"\n"
		"Options:\n" LIVE_HELP "\n"
		"Arrows: a sheaf, full or empty, out of and into the barn; an\n"
		"object out of and into a slab; a slab made and freed; a block\n"
		"of pages out of and into a zone; a growth of the window, and a\n"
		"block's memory given back to the system.  The fast path keeps\n"
		"no count, so nothing is known of the first arrow.\n"
		"\n"
		"Example:\n"
		"  kmem flow --batch --interval 5 $(pidof redis-server)\n",
	.run = run,
};
