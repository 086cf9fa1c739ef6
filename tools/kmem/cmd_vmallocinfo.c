/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kmem vmallocinfo: the areas of a process, as /proc/vmallocinfo shows them.
 *
 * Their records are private memory of the process, and never given back.  Each
 * is read until two readings in a row were the same.
 */
#include "cmd.h"
#include "code.h"
#include "live.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/vmalloc.h>

/* Bound the cost of a list that is damaged, or of a record at work. */
#define RECORDS_MOST (1ul << 20)
#define READINGS_MOST 100

struct areas {
	struct kmem_pub_area *area;
	size_t nr;
};

struct view_state {
	bool bad;
};

static const struct {
	unsigned long flag;
	const char *word;
} kinds[] = {
	{ VM_ALLOC, "vmalloc" },
	{ VM_MAP, "vmap" },
	{ VM_USERMAP, "user" },
};

#define KINDS (sizeof(kinds) / sizeof(*kinds))

/* --- reading -------------------------------------------------------------- */

static bool record_whole(const struct books *b, uint64_t at,
			 struct kmem_pub_area *to)
{
	struct kmem_pub_area before;
	unsigned int i;

	if (!books_memory(b, at, &before, sizeof(before)))
		return false;
	for (i = 0; i < READINGS_MOST; i++) {
		if (!books_memory(b, at, to, sizeof(*to)))
			return false;
		if (!memcmp(&before, to, sizeof(before)))
			break;
		before = *to;
	}
	return true;
}

static int by_address(const void *a, const void *b)
{
	const struct kmem_pub_area *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

/* False: errno says why. */
static bool areas_read(struct areas *a, const struct books *b)
{
	uint64_t at = b->totals.areas;
	struct kmem_pub_area one, *more;
	size_t i;

	memset(a, 0, sizeof(*a));
	for (i = 0; at && i < RECORDS_MOST; i++, at = one.next) {
		if (!record_whole(b, at, &one))
			return false;
		if (!one.live)
			continue;
		if (!(a->nr & (a->nr + 1))) {
			more = realloc(a->area,
				       2 * (a->nr + 1) * sizeof(*more));
			if (!more)
				return false;
			a->area = more;
		}
		a->area[a->nr++] = one;
	}
	if (a->nr)
		qsort(a->area, a->nr, sizeof(*a->area), by_address);
	return true;
}

static bool areas_get(struct areas *a, const struct books *b,
		      struct view_state *state)
{
	char title[64];

	if (areas_read(a, b))
		return true;
	complain("vmallocinfo: the memory of %s cannot be read: %s",
		 books_title(b, title, sizeof(title)), strerror(errno));
	free(a->area);
	state->bad = true;
	return false;
}

/* --- showing -------------------------------------------------------------- */

static void line(FILE *to, const struct kmem_pub_area *p, const struct code *c)
{
	unsigned long long start = p->addr, size = p->size;
	char caller[256];
	size_t i;

	fprintf(to, "0x%016llx-0x%016llx %7llu", start, start + size, size);
	if (!p->caller) {
		fputs(" vm_map_ram\n", to);
		return;
	}
	code_name(c, p->caller, caller, sizeof(caller));
	fprintf(to, " %s pages=%llu", caller, (unsigned long long)p->pages);
	for (i = 0; i < KINDS; i++)
		if (p->flags & kinds[i].flag)
			fprintf(to, " %s", kinds[i].word);
	fprintf(to, " N0=%llu\n", (unsigned long long)p->pages);
}

static void text(FILE *to, const struct books *b, const struct books *before,
		 void *ctx)
{
	struct areas a;
	struct code c;
	size_t i;

	(void)before;
	if (!areas_get(&a, b, ctx))
		return;
	code_read(&c, b);
	for (i = 0; i < a.nr; i++)
		line(to, &a.area[i], &c);
	code_free(&c);
	free(a.area);
}

static json_t *area_json(const struct kmem_pub_area *p, const struct code *c)
{
	json_t *words = json_array();
	char caller[256];
	size_t i;

	for (i = 0; i < KINDS; i++)
		if (p->flags & kinds[i].flag)
			json_array_append_new(words,
					      json_string(kinds[i].word));
	code_name(c, p->caller, caller, sizeof(caller));
	return json_pack("{sI sI sI sI ss so}", "address", (json_int_t)p->addr,
			 "size", (json_int_t)p->size, "pages",
			 (json_int_t)p->pages, "caller", (json_int_t)p->caller,
			 "symbol", caller, "kinds", words);
}

static json_t *json(const struct books *b, const struct books *before,
		    void *ctx)
{
	json_t *all = json_array();
	struct areas a;
	struct code c;
	size_t i;

	(void)before;
	if (!areas_get(&a, b, ctx)) {
		json_decref(all);
		return NULL;
	}
	code_read(&c, b);
	for (i = 0; i < a.nr; i++)
		json_array_append_new(all, area_json(&a.area[i], &c));
	code_free(&c);
	free(a.area);
	return json_pack("{sI ss sI so}", "pid", (json_int_t)b->pid, "command",
			 b->comm, "pages", (json_int_t)b->totals.vmalloc_pages,
			 "areas", all);
}

static int run(int argc, char **argv)
{
	struct view_state state = { false };
	const struct live_view view = {
		.command = "vmallocinfo",
		.text = text,
		.json = json,
		.ctx = &state,
	};
	int status = live_command(&view, cmd_vmallocinfo.help, argc, argv);

	return status == EXIT_OK && state.bad ? EXIT_BAD : status;
}

const struct command cmd_vmallocinfo = {
	.name = "vmallocinfo",
	.summary = "the areas of a process, and who asked for them",
	.help = "Usage: kmem vmallocinfo [OPTION...] PID | CORE | DUMP\n"
		"Shows the areas that vmalloc(), vmap() and kvmalloc() gave a\n"
		"running process, in the format of /proc/vmallocinfo: the\n"
		"range with the guard page behind it, bytes, the call that\n"
		"made it, pages, and of which kind it is.\n"
		"\n"
		"Options:\n" LIVE_HELP LIVE_FILES_HELP "\n"
		"It reads the memory of the process, which the system allows\n"
		"to those who may trace it.\n"
		"\n"
		"Example:\n"
		"  kmem vmallocinfo $(pidof server)\n",
	.run = run,
};
