/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kmem meminfo: where every byte is that an allocator has mapped.
 */
#include "account.h"
#include "cmd.h"
#include "live.h"

#include <string.h>

#include <kmem/page.h>

#define BYTES(pages) ((unsigned long long)(pages)*PAGE_SIZE)

/* --- text ----------------------------------------------------------------- */

static void line(FILE *to, const char *name, int64_t bytes, int64_t whole)
{
	fprintf(to, "%-32s %15lld %12lld %6.2f%%\n", name, (long long)bytes,
		(long long)(bytes / 1024),
		whole ? 100.0 * (double)bytes / (double)whole : 0.0);
}

static void text_slabs(FILE *to, const struct account *a)
{
	line(to, "slabs", a->slabs, a->mapped);
	if (a->slots_known) {
		line(to, "  objects in use", a->used, a->mapped);
		line(to, "    of the allocator itself", a->used_own, a->mapped);
		line(to, "  objects in CPUs' sheaves", a->in_slots, a->mapped);
	} else {
		line(to, "  objects in use or in sheaves", a->used, a->mapped);
		line(to, "    of the allocator itself", a->used_own, a->mapped);
	}
	line(to, "  objects in the barn", a->in_barn, a->mapped);
	line(to, "  objects free in slabs", a->in_slabs, a->mapped);
	line(to, "  waste", a->waste, a->mapped);
}

static void text_maps(FILE *to, const struct books *b, const struct account *a)
{
	int64_t books = a->usable + a->page_records + a->slab_maps + a->area;
	int64_t maps =
		(int64_t)(b->maps_window + b->maps_arrays + b->maps_area);

	if (books_of_file(b))
		return;
	if (!b->maps_known) {
		fputs("\nThe system does not show the mappings of this "
		      "process.\n",
		      to);
		return;
	}
	fprintf(to, "\n%-32s %15s %12s\n", "AS THE SYSTEM SAYS", "MAPPED",
		"RESIDENT");
	fprintf(to, "%-32s %15llu %12llu\n", "window",
		(unsigned long long)b->maps_window,
		(unsigned long long)b->rss_window);
	fprintf(to, "%-32s %15llu %12llu\n", "page records, slab maps",
		(unsigned long long)b->maps_arrays,
		(unsigned long long)b->rss_arrays);
	fprintf(to, "%-32s %15llu %12llu\n", "published area",
		(unsigned long long)b->maps_area,
		(unsigned long long)b->rss_area);
	if (maps == books)
		fputs("the same as in the books\n", to);
	else
		fprintf(to, "%lld bytes from the books\n",
			(long long)(maps - books));
}

static void text_pressure(FILE *to, const struct kmem_pub_totals *t)
{
	uint64_t s = t->pressure_sources;

	if (!s && !t->pressure_events && !t->asked_passes)
		return;
	fprintf(to, "\nPRESSURE   watched:%s%s%s%s\n",
		s & KMEM_PUB_WATCH ? " watch" : "",
		s & KMEM_PUB_PSI ? " psi" : "",
		s & KMEM_PUB_CGROUP ? " cgroup" : "", s ? "" : " nothing");
	fprintf(to,
		"%llu events, %llu throttled, %llu passes gave back %llu "
		"bytes\n",
		(unsigned long long)t->pressure_events,
		(unsigned long long)t->pressure_throttled,
		(unsigned long long)t->pressure_passes,
		(unsigned long long)t->pressure_bytes);
	fprintf(to, "kmem trim: %llu passes gave back %llu bytes\n",
		(unsigned long long)t->asked_passes,
		(unsigned long long)t->asked_bytes);
}

static void text_reclaim(FILE *to, const struct kmem_pub_totals *t)
{
	if (!t->reclaim_runs && !t->oom_runs && !t->kswapd_pages && !t->shrunk)
		return;
	fprintf(to,
		"\nRECLAIM    %llu runs, %llu of them kswapd's, brought %llu "
		"pages\n",
		(unsigned long long)t->reclaim_runs,
		(unsigned long long)t->kswapd_runs,
		(unsigned long long)t->reclaim_pages);
	fprintf(to, "shrinkers freed %llu objects\n",
		(unsigned long long)t->shrunk);
	fprintf(to,
		"out of memory: %llu rounds of notifiers brought %llu "
		"pages\n",
		(unsigned long long)t->oom_runs,
		(unsigned long long)t->oom_pages);
	fprintf(to, "kswapd touched %llu pages before they were needed\n",
		(unsigned long long)t->kswapd_pages);
}

/*
 * As /proc/meminfo has it: all addresses that there could be, and 0 for the
 * largest free piece, as in every kernel since 4.4.
 */
static void text_vmalloc(FILE *to, const struct books *b)
{
	fprintf(to,
		"\nVmallocTotal:   %llu kB\nVmallocUsed:    %8llu kB\n"
		"VmallocChunk:   %8u kB\n",
		(unsigned long long)(b->window_size / 1024),
		BYTES(b->totals.vmalloc_pages) / 1024, 0u);
}

/* In bytes, without zones that have no pages yet. */
static void text_zones(FILE *to, const struct books *b)
{
	uint64_t used = 0;

	fprintf(to, "\n%-8s %13s %13s %13s %13s %13s %13s\n", "ZONE", "FREE",
		"HIGHATOMIC", "MIN", "LOW", "HIGH", "USED");
	for (size_t i = 0; i < b->nr_zones; i++) {
		const struct kmem_pub_zone *z = &b->zone[i];

		used += z->deepest;
		if (z->grown_pfn == z->start_pfn)
			continue;
		fprintf(to,
			"%-8.16s %13llu %13llu %13llu %13llu %13llu %13llu\n",
			z->name, BYTES(z->free), BYTES(z->free_highatomic),
			BYTES(z->mark[0]), BYTES(z->mark[1]), BYTES(z->mark[2]),
			BYTES(z->deepest));
	}
	fprintf(to, "used of the reserve at the worst: %llu bytes\n",
		BYTES(used));
}

static void text(FILE *to, const struct books *b, const struct books *before,
		 void *ctx)
{
	struct account a;
	char title[64];

	(void)before;
	(void)ctx;
	account_make(&a, b);
	fprintf(to, "%s, backend %s%s\n\n",
		books_title(b, title, sizeof(title)), b->backend,
		b->settled ? "" : ", at work: figures are a moment apart");
	fprintf(to, "%-32s %15s %12s %7s\n", "", "BYTES", "KIB", "SHARE");
	line(to, "free pages",
	     a.free_resident + a.free_purged + a.free_isolated, a.mapped);
	line(to, "  kept", a.free_resident, a.mapped);
	line(to, "  purged or never used", a.free_purged, a.mapped);
	line(to, "  being purged", a.free_isolated, a.mapped);
	line(to, "page lists of CPUs", a.page_lists, a.mapped);
	text_slabs(to, &a);
	line(to, "large blocks of kmalloc", a.large, a.mapped);
	line(to, "spans of malloc", a.spans, a.mapped);
	line(to, "areas of vmalloc", a.vmalloc, a.mapped);
	line(to, "other users of pages", a.other, a.mapped);
	line(to, "mapped regions", a.regions, a.mapped);
	line(to, "mappings kept for reuse", a.kept, a.mapped);
	line(to, "per-CPU memory", a.percpu, a.mapped);
	line(to, "metadata", a.metadata, a.mapped);
	line(to, "  page records", a.page_records, a.mapped);
	line(to, "  slab maps", a.slab_maps, a.mapped);
	line(to, "  published area", a.area, a.mapped);
	line(to, "  heads of page lists", a.own, a.mapped);
	line(to, "  columns of CPUs' slots", a.columns, a.mapped);
	line(to, "MAPPED", a.mapped, a.mapped);
	if (!a.slots_known)
		fprintf(to,
			"\nObjects in CPUs' sheaves are among those in use: "
			"the memory of the process\ncannot be read (%s).\n",
			strerror(b->slots_error));
	text_maps(to, b, &a);
	text_zones(to, b);
	text_vmalloc(to, b);
	text_reclaim(to, &b->totals);
	text_pressure(to, &b->totals);
}

/* --- JSON ----------------------------------------------------------------- */

static json_t *slabs_json(const struct account *a)
{
	json_t *slots = a->slots_known ? json_integer(a->in_slots) :
					 json_null();

	return json_pack("{sI sI sI so sI sI sI}", "bytes",
			 (json_int_t)a->slabs, "in_use", (json_int_t)a->used,
			 "in_use_own", (json_int_t)a->used_own, "in_sheaves",
			 slots, "in_barn", (json_int_t)a->in_barn, "free",
			 (json_int_t)a->in_slabs, "waste",
			 (json_int_t)a->waste);
}

static json_t *maps_json(const struct books *b)
{
	if (!b->maps_known)
		return json_null();
	return json_pack("{s{sI sI} s{sI sI} s{sI sI}}", "window", "mapped",
			 (json_int_t)b->maps_window, "resident",
			 (json_int_t)b->rss_window, "arrays", "mapped",
			 (json_int_t)b->maps_arrays, "resident",
			 (json_int_t)b->rss_arrays, "area", "mapped",
			 (json_int_t)b->maps_area, "resident",
			 (json_int_t)b->rss_area);
}

static json_t *pressure_json(const struct kmem_pub_totals *t)
{
	uint64_t s = t->pressure_sources;

	return json_pack("{s{sb sb sb} sI sI sI sI s{sI sI}}", "sources",
			 "watch", (int)(s & KMEM_PUB_WATCH), "psi",
			 (int)(s & KMEM_PUB_PSI), "cgroup",
			 (int)(s & KMEM_PUB_CGROUP), "events",
			 (json_int_t)t->pressure_events, "passes",
			 (json_int_t)t->pressure_passes, "throttled",
			 (json_int_t)t->pressure_throttled, "bytes",
			 (json_int_t)t->pressure_bytes, "asked", "passes",
			 (json_int_t)t->asked_passes, "bytes",
			 (json_int_t)t->asked_bytes);
}

static json_t *reclaim_json(const struct kmem_pub_totals *t)
{
	return json_pack("{sI sI sI sI sI sI sI}", "runs",
			 (json_int_t)t->reclaim_runs, "pages",
			 (json_int_t)t->reclaim_pages, "shrunk",
			 (json_int_t)t->shrunk, "oom_runs",
			 (json_int_t)t->oom_runs, "oom_pages",
			 (json_int_t)t->oom_pages, "kswapd_runs",
			 (json_int_t)t->kswapd_runs, "kswapd_pages",
			 (json_int_t)t->kswapd_pages);
}

static json_t *zone_json(const struct kmem_pub_zone *z)
{
	return json_pack("{ss% sI sI sI sI sI sI sI}", "zone", z->name,
			 strnlen(z->name, sizeof(z->name)), "free",
			 (json_int_t)BYTES(z->free), "min",
			 (json_int_t)BYTES(z->mark[0]), "low",
			 (json_int_t)BYTES(z->mark[1]), "high",
			 (json_int_t)BYTES(z->mark[2]), "used",
			 (json_int_t)BYTES(z->deepest), "highatomic",
			 (json_int_t)BYTES(z->highatomic), "free_highatomic",
			 (json_int_t)BYTES(z->free_highatomic));
}

static json_t *reserve_json(const struct books *b)
{
	json_t *zones = json_array();
	uint64_t used = 0;

	for (size_t i = 0; i < b->nr_zones; i++) {
		used += b->zone[i].deepest;
		json_array_append_new(zones, zone_json(&b->zone[i]));
	}
	return json_pack("{sI so}", "used", (json_int_t)BYTES(used), "zones",
			 zones);
}

static json_t *json(const struct books *b, const struct books *before,
		    void *ctx)
{
	struct account a;

	(void)before;
	(void)ctx;
	account_make(&a, b);
	return json_pack(
		"{sI ss ss sb sb sI"
		" s{sI sI sI sI} sI so sI sI sI sI s{sI sI} s{sI sI} sI"
		" s{sI sI sI sI sI sI} so so so so}",
		"pid", (json_int_t)b->pid, "command", b->comm, "backend",
		b->backend, "settled", b->settled, "sheaves_known",
		a.slots_known, "mapped", (json_int_t)a.mapped, "free_pages",
		"bytes",
		(json_int_t)(a.free_resident + a.free_purged + a.free_isolated),
		"kept", (json_int_t)a.free_resident, "purged",
		(json_int_t)a.free_purged, "being_purged",
		(json_int_t)a.free_isolated, "page_lists",
		(json_int_t)a.page_lists, "slabs", slabs_json(&a), "large",
		(json_int_t)a.large, "spans", (json_int_t)a.spans, "vmalloc",
		(json_int_t)a.vmalloc, "other", (json_int_t)a.other, "regions",
		"number", (json_int_t)b->totals.regions, "bytes",
		(json_int_t)a.regions, "kept", "number",
		(json_int_t)b->totals.kept, "bytes", (json_int_t)a.kept,
		"percpu", (json_int_t)a.percpu, "metadata", "bytes",
		(json_int_t)a.metadata, "page_records",
		(json_int_t)a.page_records, "slab_maps",
		(json_int_t)a.slab_maps, "published_area", (json_int_t)a.area,
		"page_list_heads", (json_int_t)a.own, "slot_columns",
		(json_int_t)a.columns, "maps", maps_json(b), "reserve",
		reserve_json(b), "reclaim", reclaim_json(&b->totals),
		"pressure", pressure_json(&b->totals));
}

static int run(int argc, char **argv)
{
	static const struct live_view view = {
		.command = "meminfo",
		.maps = true,
		.text = text,
		.json = json,
	};

	return live_command(&view, cmd_meminfo.help, argc, argv);
}

const struct command cmd_meminfo = {
	.name = "meminfo",
	.summary = "where every byte of a process's allocator is",
	.help = "Usage: kmem meminfo [OPTION...] PID | CORE | DUMP\n"
		"Shows what the allocator of a running process has mapped, and\n"
		"what each byte of it is: lines that are not indented add up\n"
		"to MAPPED, indented ones to the line above them.  The second\n"
		"table is what /proc/PID/smaps says of the same memory.\n"
		"\n"
		"Options:\n" LIVE_HELP LIVE_FILES_HELP "\n"
		"Pages are what the system calls memory, so 'mapped' is not\n"
		"'resident': pages never used, and pages given back, are mapped\n"
		"and cost nothing.  'other users of pages' is what no book has:\n"
		"what the program took with alloc_pages(), and blocks on their\n"
		"way while the process was read.\n"
		"The third shows each zone's free memory, what of it is kept in\n"
		"blocks for GFP_ATOMIC (highatomic), the watermarks,\n"
		"and how much less than min and those blocks it had at the\n"
		"worst, since the start or the last kmem_reserve_used(true):\n"
		"so much of its reserve was used.\n"
		"RECLAIM, if there was any, is what was done when zones fell\n"
		"below their marks, and what it brought.\n"
		"PRESSURE, if there was any, is what was heard from outside\n"
		"(KMEM_OPTIONS=pressure=) and what was given back for it.\n"
		"\n"
		"Examples:\n"
		"  kmem meminfo $(pidof redis-server)\n"
		"  kmem meminfo --json 1234 | jq .slabs.waste\n",
	.run = run,
};
