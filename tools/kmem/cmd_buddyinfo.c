/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kmem buddyinfo: free blocks of each order, as /proc/buddyinfo shows them.
 */
#include "cmd.h"
#include "live.h"

#include <string.h>

static void text(FILE *to, const struct books *b, const struct books *before,
		 void *ctx)
{
	size_t i;
	int o;

	(void)before;
	(void)ctx;
	for (i = 0; i < b->nr_zones; i++) {
		const struct kmem_pub_zone *z = &b->zone[i];

		/* the kernel shows no zone without pages either */
		if (z->grown_pfn == z->start_pfn)
			continue;
		fprintf(to, "Node 0, zone %8.16s ", z->name);
		for (o = 0; o < KMEM_PUB_ORDERS; o++)
			fprintf(to, "%6lu ", z->nr_free[o]);
		fputc('\n', to);
	}
}

static json_t *zone_json(const struct kmem_pub_zone *z)
{
	json_t *orders = json_array();
	int o;

	for (o = 0; o < KMEM_PUB_ORDERS; o++)
		json_array_append_new(orders,
				      json_integer((json_int_t)z->nr_free[o]));
	return json_pack("{si ss% sI sI sI sI sI sI s{sI sI sI} so}", "node", 0,
			 "zone", z->name, strnlen(z->name, sizeof(z->name)),
			 "start_pfn", (json_int_t)z->start_pfn, "end_pfn",
			 (json_int_t)z->end_pfn, "usable_pages",
			 (json_int_t)(z->grown_pfn - z->start_pfn - z->absent),
			 "free_pages", (json_int_t)z->free, "purged_pages",
			 (json_int_t)z->purged, "isolated_pages",
			 (json_int_t)z->isolated, "watermarks", "min",
			 (json_int_t)z->mark[0], "low", (json_int_t)z->mark[1],
			 "high", (json_int_t)z->mark[2], "nr_free", orders);
}

static json_t *json(const struct books *b, const struct books *before,
		    void *ctx)
{
	json_t *zones = json_array();
	size_t i;

	(void)before;
	(void)ctx;
	for (i = 0; i < b->nr_zones; i++)
		if (json_array_append_new(zones, zone_json(&b->zone[i]))) {
			json_decref(zones);
			return NULL;
		}
	return json_pack("{sI ss sb so}", "pid", (json_int_t)b->pid, "command",
			 b->comm, "settled", b->settled, "zones", zones);
}

static int run(int argc, char **argv)
{
	static const struct live_view view = {
		.command = "buddyinfo",
		.text = text,
		.json = json,
	};

	return live_command(&view, cmd_buddyinfo.help, argc, argv);
}

const struct command cmd_buddyinfo = {
	.name = "buddyinfo",
	.summary = "free blocks of a process, by zone and order",
	.help = "Usage: kmem buddyinfo [OPTION...] PID | CORE | DUMP\n"
		"Shows how many free blocks of each order the zones of a\n"
		"running process have, in the format of /proc/buddyinfo: the\n"
		"columns are blocks of 4, 8, 16 KiB .. 4 MiB.\n"
		"\n"
		"Options:\n" LIVE_HELP LIVE_FILES_HELP "\n"
		"Blocks whose memory was given back to the system are counted\n"
		"too; 'kmem meminfo' keeps them apart, and so does --json.\n"
		"Pages on the CPUs' lists are in no column.\n"
		"\n"
		"Example:\n"
		"  kmem buddyinfo $(pidof redis-server)\n",
	.run = run,
};
