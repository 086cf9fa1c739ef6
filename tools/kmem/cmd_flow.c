/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kmem flow: docs/picture.txt with the numbers of a running process: on its
 * arrows what crosses them, in its boxes what is there.
 */
#include "account.h"
#include "cmd.h"
#include "live.h"
#include "picture.h"

#include <string.h>

struct reading {
	const struct books *now, *before;
	struct arrow arrow[ARROWS], old[ARROWS];
};

static void reading_make(struct reading *r, const struct books *now,
			 const struct books *before)
{
	r->now = now;
	r->before = before;
	arrows_make(r->arrow, now);
	arrows_make(r->old, before);
}

/* --- text ----------------------------------------------------------------- */

static void put_line(void *to, const char *text)
{
	fprintf(to, "%s\n", text);
}

static void text(FILE *to, const struct books *now, const struct books *before,
		 void *ctx)
{
	double seconds = (double)(now->when_ns - before->when_ns) / 1e9;
	char title[64];

	(void)ctx;
	fprintf(to, "%s, backend %s", books_title(now, title, sizeof(title)),
		now->backend);
	if (!books_of_file(now))
		fprintf(to, ", rates over %.2f s", seconds);
	fputs("\n\n", to);
	picture_draw(now, before, put_line, to);
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
	.help = "Usage: kmem flow [OPTION...] PID | CORE | DUMP\n"
		"Shows the layers of the allocator of a running process, what\n"
		"lies on each (AT REST, which adds up to MAPPED, as in 'kmem\n"
		"meminfo'), and what crosses between them: DOWN what was asked\n"
		"for from above and served, UP what was given back, since the\n"
		"process began and a second.  On a terminal it is live, and q\n"
		"ends it; --batch prints.\n"
		"\n"
		"Options:\n" LIVE_HELP LIVE_FILES_HELP "\n"
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
