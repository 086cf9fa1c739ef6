/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kmem whatis: what addresses are to the allocator of a process.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "live.h"
#include "whatis.h"

#define HEX(n) ((unsigned long long)(n))

static void print_beside(FILE *to, const char *where, const struct beside *o)
{
	if (o->there)
		fprintf(to, "  %-8s  0x%016llx, %s\n", where, HEX(o->start),
			o->state);
}

static void print_object(FILE *to, const struct whatis *a)
{
	fprintf(to, "  %-8s  %s", "cache", a->cache);
	if (a->cache_errors)
		fprintf(to, ", %lu errors", a->cache_errors);
	fputc('\n', to);
	fprintf(to, "  %-8s  0x%016llx, %llu bytes", "object", HEX(a->start),
		HEX(a->size));
	if (a->asked && a->asked != a->size)
		fprintf(to, ", %llu asked for", HEX(a->asked));
	fputc('\n', to);
	if (!a->slab)
		return;
	fprintf(to, "  %-8s  0x%016llx, %u of %u objects in use\n", "slab",
		HEX(a->slab), a->in_use, a->objects);
	print_beside(to, "before", &a->before);
	print_beside(to, "after", &a->after);
}

static void print_answer(struct view *v, FILE *to, const struct whatis *a)
{
	long long off = (long long)a->offset;

	fprintf(to, "0x%016llx: %s", HEX(a->address), a->kind);
	if (a->index >= 0)
		fprintf(to, " %ld", a->index);
	if (a->state[0])
		fprintf(to, ", %s", a->state);
	if (a->size && off < 0)
		fprintf(to, ", %lld before its start", -off);
	else if (a->size && (uint64_t)off >= a->size)
		fprintf(to, ", %llu behind its end",
			HEX((uint64_t)off - a->size));
	else if (a->size)
		fprintf(to, ", offset %lld", off);
	fputc('\n', to);
	if (a->cache[0])
		print_object(to, a);
	else if (a->size)
		fprintf(to, "  %-8s  0x%016llx, %llu bytes\n", "range",
			HEX(a->start), HEX(a->size));
	if (a->zone)
		fprintf(to, "  %-8s  %s\n", "zone", a->zone);
	if (a->detail[0])
		fprintf(to, "  %-8s  %s\n", "is", a->detail);
	call_print(v, to, "Allocated", &a->alloc);
	call_print(v, to, "Freed", &a->free);
}

/* --- JSON ----------------------------------------------------------------- */

static json_t *hex(uint64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%016llx", HEX(n));
	return json_string(text);
}

static json_t *text_or_null(const char *text)
{
	return text && text[0] ? json_string(text) : json_null();
}

static json_t *beside_json(const struct beside *o)
{
	return o->there ? json_pack("{so ss}", "start", hex(o->start), "state",
				    o->state) :
			  json_null();
}

static json_t *answer_json(struct view *v, const struct whatis *a)
{
	json_t *all = json_pack("{so ss so so so}", "address", hex(a->address),
				"kind", a->kind, "state",
				text_or_null(a->state), "zone",
				text_or_null(a->zone), "is",
				text_or_null(a->detail));

	if (!all)
		return NULL;
	if (a->size)
		json_object_update_new(
			all, json_pack("{so sI sI}", "start", hex(a->start),
				       "size", (json_int_t)a->size, "offset",
				       (json_int_t)a->offset));
	if (a->cache[0])
		json_object_update_new(
			all,
			json_pack("{ss sI sI sI}", "cache", a->cache,
				  "cache_errors", (json_int_t)a->cache_errors,
				  "index", (json_int_t)a->index, "asked",
				  (json_int_t)a->asked));
	if (a->slab)
		json_object_update_new(
			all, json_pack("{so si si so so}", "slab", hex(a->slab),
				       "objects", (int)a->objects, "in_use",
				       (int)a->in_use, "before",
				       beside_json(&a->before), "after",
				       beside_json(&a->after)));
	json_object_set_new(all, "allocated", call_json(v, &a->alloc));
	json_object_set_new(all, "freed", call_json(v, &a->free));
	return all;
}

/* --- the command ---------------------------------------------------------- */

static bool parse_address(const char *word, uint64_t *address)
{
	char *end;

	errno = 0;
	*address = strtoull(word, &end, 16);
	if (!errno && end != word && !*end && word[0] != '-')
		return true;
	complain("whatis: %s: not an address; give it in hexadecimal", word);
	return false;
}

static int answer_all(struct view *v, char **words, int n, bool json)
{
	json_t *all = json ? json_array() : NULL;
	struct whatis a;
	uint64_t address;
	int i;

	for (i = 0; i < n; i++) {
		if (!parse_address(words[i], &address)) {
			json_decref(all);
			return EXIT_USAGE;
		}
		if (!whatis(v, address, &a))
			break;
		if (json)
			json_array_append_new(all, answer_json(v, &a));
		else
			print_answer(v, stdout, &a);
	}
	if (json && i == n) {
		json_dumpf(all, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	json_decref(all);
	return i < n ? EXIT_BAD : finish_output();
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
	struct view v = { 0 };
	struct published *p;
	int c, status = EXIT_BAD;

	argv[0] = (char[]){ "kmem: whatis" };
	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(cmd_whatis.help, stdout);
			return finish_output();
		}
		if (live_option("whatis", c, optarg, &live) <= 0)
			goto usage;
	}
	if (argc - optind < 2) {
		complain("whatis: which process, and which address?");
		goto usage;
	}
	p = live_open("whatis", argv[optind], live.area, &status);
	if (!p && status == EXIT_USAGE)
		goto usage;
	if (!p)
		return status;
	if (!published_read(p, &b))
		complain("whatis: process %s ended before it was read",
			 argv[optind]);
	else if (view_open(&v, "whatis", &b))
		status = answer_all(&v, argv + optind + 1, argc - optind - 1,
				    live.json);
	view_close(&v);
	books_free(&b);
	published_close(p);
	return status;
usage:
	fputs("Try 'kmem help whatis'.\n", stderr);
	return EXIT_USAGE;
}

const struct command cmd_whatis = {
	.name = "whatis",
	.summary = "what an address is: object, cache, state, who had it",
	.help = "Usage: kmem whatis [OPTION...] PID | CORE ADDRESS...\n"
		"Says of each address, in hexadecimal, what it is to the\n"
		"allocator of a running process, which is not stopped, or was\n"
		"to one that left a core file.\n"
		"\n"
		"Options:\n"
		"  --json          as JSON: an array with an element each\n"
		"  --area N        the Nth allocator, in a process that has\n"
		"                  several\n"
		"  --help          this page\n"
		"\n"
		"What it can be:\n"
		"  object          of a cache, with its number in its slab:\n"
		"                  allocated, or free, and if it waits in a\n"
		"                  sheaf, in whose; the objects beside it\n"
		"  slab            bytes of a slab that are no object's\n"
		"  kfence object, kfence guard\n"
		"                  with kfence.sample_interval\n"
		"  pages           a block of pages, allocated or free\n"
		"  vmalloc area, vmalloc guard, per-CPU memory\n"
		"  region          a block above the largest of the window\n"
		"  window, records of the library\n"
		"  mapping         none of the library's: a stack, a file\n"
		"  nothing         nothing is mapped there\n"
		"\n"
		"Who allocated and who freed an object is known where its\n"
		"cache is checked with U (kmem help options: slab_debug), and\n"
		"of kfence objects.\n"
		"\n"
		"Examples:\n"
		"  kmem whatis $(pidof server) 0x4a11f0c3e012\n"
		"  kmem whatis --json 4711 4a11f0c3e012 4a11f0c40000\n"
		"  kmem whatis core 4a11f0c3e012\n",
	.run = run,
};
