/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Lost objects as text in the manner of kmemleak, as JSON, and as HTML. */
#include "leaks_group.h"

#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "html.h"
#include "live.h"

#define DUMP_BYTES 32u
#define DUMP_ROW 16u

static const char *kind_of(const struct leaks *l, const struct leak_group *g)
{
	const struct heap *h = &l->heap;
	const struct block *b = &h->block[g->first.block];

	switch (b->kind) {
	case BLOCK_SLAB:
		return h->cache[b->cache].s.name;
	case BLOCK_PAGES:
		return "pages";
	case BLOCK_AREA:
		return "vmalloc";
	case BLOCK_REGION:
		return "region";
	case BLOCK_FENCED:
		return "fenced";
	case BLOCK_GUARDED:
		return b->cache == UINT32_MAX ? "kfence" :
						h->cache[b->cache].s.name;
	default:
		return "percpu";
	}
}

static void put_plain(FILE *to, const char *text)
{
	fputs(text, to);
}

/* --- text ----------------------------------------------------------------- */

static void dump(FILE *to, const struct leaks *l, uint64_t addr, uint64_t size)
{
	const unsigned char *copy;
	uint64_t n = size < DUMP_BYTES ? size : DUMP_BYTES;
	size_t room;

	copy = (const unsigned char *)heap_at(&l->heap, addr, &room);
	if (!copy || room < n)
		return;
	fprintf(to, "  hex dump (first %llu bytes):\n", (unsigned long long)n);
	for (uint64_t i = 0; i < n; i += DUMP_ROW) {
		fputs("    ", to);
		for (uint64_t k = i; k < i + DUMP_ROW; k++)
			if (k < n)
				fprintf(to, "%02x ", copy[k]);
			else
				fputs("   ", to);
		fputc(' ', to);
		for (uint64_t k = i; k < i + DUMP_ROW && k < n; k++)
			fputc(copy[k] >= ' ' && copy[k] <= '~' ? copy[k] : '.',
			      to);
		fputc('\n', to);
	}
}

static void stack_text(FILE *to, const struct leaks *l, const struct call *c)
{
	char name[256];

	fputs("  backtrace:\n", to);
	for (unsigned int i = 0; i < (c->nr ? c->nr : 1); i++) {
		uint64_t pc = c->nr ? c->pc[i] : c->caller;

		memory_symbol(&l->heap.v->mem, pc, name, sizeof(name));
		fprintf(to, "    [<%016llx>] %s\n", (unsigned long long)pc,
			name);
	}
}

static void object_text(FILE *to, const struct leaks *l,
			const struct leak_group *g, const struct code *c)
{
	const struct books *b = l->heap.v->books;
	struct site_name n;

	fprintf(to, "unreferenced %s0x%llx (size %llu):\n",
		l->heap.block[g->first.block].kind == BLOCK_PERCPU ?
			"percpu object " :
			"object ",
		(unsigned long long)g->addr, (unsigned long long)g->size);
	fprintf(to, "  comm \"%s\", pid %u, %s", b->comm,
		g->call.caller ? g->call.pid : (unsigned int)b->pid,
		kind_of(l, g));
	if (g->call.aged)
		fprintf(to, " (age %llu.%03llus)",
			(unsigned long long)g->call.age_ms / 1000,
			(unsigned long long)g->call.age_ms % 1000);
	fputc('\n', to);
	dump(to, l, g->addr, g->size);
	if (g->call.caller) {
		stack_text(to, l, &g->call);
	} else if (g->site) {
		site_name(&n, b->pid, c, g->site);
		fputs("  allocated at ", to);
		site_text(to, &n, put_plain);
		fputc('\n', to);
	}
}

static void group_text(FILE *to, const struct leak_group *g)
{
	if (g->objects > 1)
		fprintf(to, "  and %llu more like it, %llu bytes together\n",
			(unsigned long long)g->objects - 1,
			(unsigned long long)g->bytes);
	if (g->by_lost == g->objects)
		fprintf(to, "  another lost object refers to %s\n",
			g->objects > 1 ? "each" : "it");
	else if (g->by_lost)
		fprintf(to, "  other lost objects refer to %llu of them\n",
			(unsigned long long)g->by_lost);
}

/* Each object of a group is one for itself. */
static void all_text(FILE *to, const struct leaks *l, const struct code *c)
{
	for (size_t i = 0; i < l->losses.nr; i++) {
		struct leak_group one = { .first = l->losses.at[i].place,
					  .objects = 1,
					  .by_lost = l->losses.at[i].by_lost };

		leaks_object(l, &one);
		object_text(to, l, &one, c);
		group_text(to, &one);
	}
}

/* What the program said of objects is not heeded, or not all of it. */
static bool marks_ended(const struct leaks *l)
{
	return l->heap.v->v.marks_epoch && !heap_is_marked(&l->heap);
}

static void marks_text(FILE *to, const struct leaks *l)
{
	unsigned long lost = l->heap.v->v.marks_lost;

	if (lost)
		fprintf(to,
			"%lu call%s of <linux/kmemleak.h> had no effect: call "
			"sites were not accounted\n"
			"(KMEM_OPTIONS=mem_profiling=1), or it was of no "
			"object that can be marked\n",
			lost, lost == 1 ? "" : "s");
	if (marks_ended(l))
		fputs("earlier calls of <linux/kmemleak.h> have no effect "
		      "any more: the accounting\n"
		      "of call sites was turned off after them\n",
		      to);
}

static void summary(FILE *to, const struct leaks *l)
{
	const struct heap *h = &l->heap;
	char all[16], lost[16];

	fprintf(to,
		"kmem leaks: process %ld (%s): %zu lost object%s, %s; "
		"%llu in use, %s\n"
		"stopped for %.1f ms, copied in %.1f ms, searched in %.1f ms\n",
		(long)h->v->books->pid, h->v->books->comm, l->losses.nr,
		l->losses.nr == 1 ? "" : "s",
		live_bytes(lost, sizeof(lost), (double)l->bytes),
		(unsigned long long)h->objects,
		live_bytes(all, sizeof(all), (double)h->object_bytes),
		(double)h->stopped_ns / 1e6, (double)h->took_ns / 1e6,
		(double)h->scan_ns / 1e6);
	marks_text(to, l);
}

void leaks_text(FILE *to, const struct leaks *l, bool all)
{
	struct code c;

	code_read(&c, l->heap.v->books);
	if (all)
		all_text(to, l, &c);
	for (size_t i = 0; !all && i < l->nr; i++) {
		object_text(to, l, &l->group[i], &c);
		group_text(to, &l->group[i]);
	}
	summary(to, l);
	code_free(&c);
}

/* --- JSON ----------------------------------------------------------------- */

static json_t *site_json(const struct leaks *l, const struct leak_group *g,
			 const struct code *c)
{
	struct site_name n;
	json_t *one;

	if (!g->site)
		return json_null();
	site_name(&n, l->heap.v->books->pid, c, g->site);
	one = json_pack("{ss ss}", n.line ? "file" : "address", n.file,
			"function", n.function);
	if (one && n.line)
		json_object_set_new(one, "line", json_integer(n.line));
	return one;
}

static json_t *group_json(const struct leaks *l, const struct leak_group *g,
			  const struct code *c)
{
	char address[32];

	snprintf(address, sizeof(address), "0x%llx",
		 (unsigned long long)g->addr);
	return json_pack("{ss ss sI sI sI sI so so}", "kind", kind_of(l, g),
			 "address", address, "size", (json_int_t)g->size,
			 "objects", (json_int_t)g->objects, "bytes",
			 (json_int_t)g->bytes, "by_lost",
			 (json_int_t)g->by_lost, "allocated",
			 call_json(l->heap.v, &g->call), "site",
			 site_json(l, g, c));
}

static json_t *leaks_root(const struct leaks *l, json_t *groups)
{
	const struct heap *h = &l->heap;

	return json_pack(
		"{sI ss sI sI sI sI sI sI sb sf sf sf so}", "pid",
		(json_int_t)h->v->books->pid, "command", h->v->books->comm,
		"lost_objects", (json_int_t)l->losses.nr, "lost_bytes",
		(json_int_t)l->bytes, "objects", (json_int_t)h->objects,
		"bytes", (json_int_t)h->object_bytes, "root_bytes",
		(json_int_t)h->root_bytes, "marks_lost",
		(json_int_t)h->v->v.marks_lost, "marks_ended", marks_ended(l),
		"stopped_ms", (double)h->stopped_ns / 1e6, "copied_ms",
		(double)h->took_ns / 1e6, "searched_ms",
		(double)h->scan_ns / 1e6, "groups", groups);
}

bool leaks_json(FILE *to, const struct leaks *l)
{
	json_t *groups = json_array(), *root;
	struct code c;

	code_read(&c, l->heap.v->books);
	for (size_t i = 0; i < l->nr; i++)
		json_array_append_new(groups, group_json(l, &l->group[i], &c));
	code_free(&c);
	root = leaks_root(l, groups);
	if (!root) {
		complain("leaks: no JSON of this: a name in it is not UTF-8, "
			 "or memory is out");
		return false;
	}
	json_dumpf(root, to, JSON_INDENT(2));
	fputc('\n', to);
	json_decref(root);
	return true;
}

/* --- HTML ----------------------------------------------------------------- */

/* The text of fn, escaped. */
static void html_group(FILE *to, const struct leaks *l,
		       const struct leak_group *g, const struct code *c)
{
	char *text = NULL, bytes[16];
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	if (!f)
		return;
	object_text(f, l, g, c);
	group_text(f, g);
	fclose(f);
	fprintf(to, "<tr><td>%s<td>%llu<td class=\"site\">",
		live_bytes(bytes, sizeof(bytes), (double)g->bytes),
		(unsigned long long)g->objects);
	html_put(to, kind_of(l, g));
	fputs("<td class=\"site\"><pre>", to);
	html_put(to, text);
	fputs("</pre>\n", to);
	free(text);
}

void leaks_html(FILE *to, const struct leaks *l)
{
	char *text = NULL;
	struct code c;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	code_read(&c, l->heap.v->books);
	html_begin(to, "kmem leaks");
	if (f) {
		summary(f, l);
		fclose(f);
		fputs("<pre>", to);
		html_put(to, text);
		fputs("</pre>\n", to);
		free(text);
	}
	fputs("<table><tr><th>bytes<th>objects<th>cache<th>one of them\n", to);
	for (size_t i = 0; i < l->nr; i++)
		html_group(to, l, &l->group[i], &c);
	fputs("</table>\n", to);
	html_end(to);
	code_free(&c);
}
