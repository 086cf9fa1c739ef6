/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kmem debug: what the checks of a process have found.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "live.h"
#include "view.h"

/* A cache that is checked, or in which something was found. */
struct row {
	const struct kmem_pub_cache *pub;
	char name[SLAB_NAME_MAX];
	char checks[8]; /* letters of slab_debug */
	unsigned long errors;
};

struct findings {
	struct row *row;
	size_t nr;
	struct kfence_counts kfence;
	bool has_kfence;
	char *text;
};

static void letters(const struct kmem_cache *s, char *to)
{
	static const struct {
		slab_flags_t flag;
		char letter;
	} all[] = {
		{ SLAB_CONSISTENCY_CHECKS, 'F' },
		{ SLAB_RED_ZONE, 'Z' },
		{ SLAB_POISON, 'P' },
		{ SLAB_STORE_USER, 'U' },
		{ SLAB_TRACE, 'T' },
	};
	size_t n = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (s->flags & all[i].flag)
			to[n++] = all[i].letter;
	if (s->fails)
		to[n++] = 'A';
	to[n] = 0;
}

static bool wanted(const struct kmem_cache *s, const char *name)
{
	if (name)
		return !strcmp(s->name, name);
	return s->errors || s->flags & SLAB_DEBUG_FLAGS;
}

static bool rows_read(struct view *v, const char *name, struct findings *f)
{
	const struct books *b = v->books;
	struct kmem_cache s;
	struct row *r;

	f->row = calloc(b->nr_caches ? b->nr_caches : 1, sizeof(*f->row));
	for (size_t i = 0; f->row && i < b->nr_caches; i++) {
		r = &f->row[f->nr];
		r->pub = &b->cache[i].pub;
		if (!view_cache(v, (void *)(uintptr_t)r->pub->self, &s) ||
		    !wanted(&s, name))
			continue;
		memcpy(r->name, s.name, sizeof(r->name));
		letters(&s, r->checks);
		r->errors = s.errors;
		f->nr++;
	}
	if (!name || f->nr)
		return f->row;
	complain("debug: process %ld (%s) has no cache '%s'; 'kmem slabinfo "
		 "--all %ld' lists them",
		 (long)b->pid, b->comm, name, (long)b->pid);
	return false;
}

/* What check=strict holds back. */
static void show_held(const struct debug_view *v)
{
	if (!v->strict)
		return;
	printf("quarantine: %lu small blocks, %lu of at most %lu bytes; %lu "
	       "large blocks, %lu bytes of addresses\n",
	       v->held, v->held_bytes, v->held_most, v->large_held,
	       v->large_bytes);
}

static json_t *held_json(const struct debug_view *v)
{
	if (!v->strict)
		return json_null();
	return json_pack("{sI sI sI sI sI}", "blocks", (json_int_t)v->held,
			 "bytes", (json_int_t)v->held_bytes, "bytes_most",
			 (json_int_t)v->held_most, "large_blocks",
			 (json_int_t)v->large_held, "large_bytes",
			 (json_int_t)v->large_bytes);
}

static void show_text(const struct view *v, const struct findings *f,
		      const char *name)
{
	int width = 4;

	for (size_t i = 0; i < f->nr; i++)
		if ((int)strlen(f->row[i].name) > width)
			width = (int)strlen(f->row[i].name);
	printf("%s: %lu reports and fixes so far\n", v->books->comm,
	       v->v.errors);
	if (f->nr)
		printf("%-*s %6s %7s %9s %9s %7s %7s\n", width, "NAME",
		       "CHECKS", "ERRORS", "ACTIVE", "OBJS", "OBJSIZE", "SLOT");
	for (size_t i = 0; i < f->nr; i++) {
		const struct row *r = &f->row[i];

		printf("%-*s %6s %7lu %9llu %9llu %7u %7u\n", width, r->name,
		       r->checks[0] ? r->checks : "-", r->errors,
		       (unsigned long long)cache_active(r->pub),
		       (unsigned long long)r->pub->total_objects,
		       r->pub->object_size, r->pub->size);
	}
	if (name)
		return;
	if (v->v.nr_stacks || v->v.lost_stacks)
		printf("stacks: %lu kept, %lu lost\n", v->v.nr_stacks,
		       v->v.lost_stacks);
	if (f->has_kfence)
		printf("kfence: %lu of %lu objects in use, %lu allocated, "
		       "%lu freed, %lu bugs, skipped: %lu incompatible, %lu "
		       "without room\n",
		       f->kfence.allocs - f->kfence.frees, v->v.kfence_slots,
		       f->kfence.allocs, f->kfence.frees, f->kfence.bugs,
		       f->kfence.incompatible, f->kfence.capacity);
	show_held(&v->v);
	if (f->text)
		printf("last reports:\n%s", f->text);
}

static json_t *row_json(const struct row *r)
{
	return json_pack("{ss ss sI sI sI si si}", "name", r->name, "checks",
			 r->checks, "errors", (json_int_t)r->errors,
			 "active_objs", (json_int_t)cache_active(r->pub),
			 "num_objs", (json_int_t)r->pub->total_objects,
			 "object_size", (int)r->pub->object_size, "slot",
			 (int)r->pub->size);
}

static json_t *kfence_json(const struct view *v, const struct findings *f)
{
	const struct kfence_counts *k = &f->kfence;

	if (!f->has_kfence)
		return json_null();
	return json_pack("{sI sI sI sI sI sI sI sI}", "objects",
			 (json_int_t)v->v.kfence_slots, "in_use",
			 (json_int_t)(k->allocs - k->frees), "allocated",
			 (json_int_t)k->allocs, "freed", (json_int_t)k->frees,
			 "bugs", (json_int_t)k->bugs, "zombies",
			 (json_int_t)k->zombies, "incompatible",
			 (json_int_t)k->incompatible, "capacity",
			 (json_int_t)k->capacity);
}

static bool show_json(const struct view *v, const struct findings *f)
{
	json_t *rows = json_array(), *all;

	for (size_t i = 0; i < f->nr; i++)
		json_array_append_new(rows, row_json(&f->row[i]));
	all = json_pack("{si sI so s{sI sI} so so ss}", "pid",
			(int)v->books->pid, "errors", (json_int_t)v->v.errors,
			"caches", rows, "stacks", "kept",
			(json_int_t)v->v.nr_stacks, "lost",
			(json_int_t)v->v.lost_stacks, "kfence",
			kfence_json(v, f), "quarantine", held_json(&v->v),
			"last_reports", f->text ? f->text : "");
	if (!all) {
		complain("debug: no JSON of this: a name in it is not UTF-8, "
			 "or memory is out");
		return false;
	}
	json_dumpf(all, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(all);
	return true;
}

static int show(const struct books *b, const char *name, bool json)
{
	struct findings f = { 0 };
	int status = EXIT_BAD;
	struct view v;

	if (view_open(&v, "debug", b) && rows_read(&v, name, &f)) {
		f.has_kfence = view_guarded_counts(&v, &f.kfence);
		f.text = view_text(&v);
		status = EXIT_OK;
		if (!json)
			show_text(&v, &f, name);
		else if (!show_json(&v, &f))
			status = EXIT_BAD;
	}
	free(f.text);
	free(f.row);
	view_close(&v);
	return status ? status : finish_output();
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, LIVE_JSON },
		{ "area", required_argument, NULL, LIVE_AREA },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct live_options live = LIVE_DEFAULTS;
	struct books b = { 0 };
	struct published *p;
	int c, status = EXIT_BAD;

	argv[0] = (char[]){ "kmem: debug" };
	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(cmd_debug.help, stdout);
			return finish_output();
		}
		if (live_option("debug", c, optarg, &live) <= 0)
			goto usage;
	}
	if (optind == argc || argc - optind > 2) {
		complain("debug: which process, and at most one cache?");
		goto usage;
	}
	p = live_open("debug", argv[optind], live.area, &status);
	if (!p && status == EXIT_USAGE)
		goto usage;
	if (!p)
		return status;
	if (published_read(p, &b))
		status = show(&b, argv[optind + 1], live.json);
	else
		complain("debug: process %s ended before it was read",
			 argv[optind]);
	books_free(&b);
	published_close(p);
	return status;
usage:
	fputs("Try 'kmem help debug'.\n", stderr);
	return EXIT_USAGE;
}

const struct command cmd_debug = {
	.name = "debug",
	.summary = "what the checks of a process have found",
	.help = "Usage: kmem debug [OPTION...] PID | CORE [CACHE]\n"
		"Shows what slab_debug, kfence and the other checks of a\n"
		"running process have found, and the last 8 KiB of reports;\n"
		"or of one that left a core file.\n"
		"With CACHE, that cache alone, checked or not.\n"
		"\n"
		"Options:\n"
		"  --json          as JSON\n"
		"  --area N        the Nth allocator, in a process that has\n"
		"                  several\n"
		"  --help          this page\n"
		"\n"
		"Columns: CHECKS the letters of slab_debug; ERRORS reports and\n"
		"fixes in the cache; ACTIVE objects in use or kept ready, of\n"
		"OBJS in all; OBJSIZE bytes each; SLOT bytes each takes.\n"
		"Of a program with check=strict also what was freed and is\n"
		"held back.\n"
		"\n"
		"Examples:\n"
		"  kmem debug $(pidof server)\n"
		"  kmem debug --json $(pidof server) entries\n",
	.run = run,
};
