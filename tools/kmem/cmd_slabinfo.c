/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kmem slabinfo: reads a table in the format of /proc/slabinfo, 2.1, or the
 * caches of a running process, and shows them sorted and added up.
 */
#include "cmd.h"
#include "live.h"
#include "packed.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <kmem/page.h>

#define VERSION_LINE "slabinfo - version: "
#define NAME_MAX_READ 128

struct row {
	char name[NAME_MAX_READ + 1];
	unsigned long active_objs, num_objs;
	unsigned int objsize, objperslab, pagesperslab;
	unsigned int limit, batchcount, sharedfactor;
	unsigned long active_slabs, num_slabs, sharedavail;
};

struct table {
	struct row *row;
	size_t nr, room;
};

/* Bytes of memory that the slabs of a cache hold. */
static unsigned long long row_bytes(const struct row *r)
{
	return (unsigned long long)r->num_slabs * r->pagesperslab * PAGE_SIZE;
}

/* Of these, what is no object in use: free objects and the rest of slabs. */
static unsigned long long row_waste(const struct row *r)
{
	unsigned long long used =
		(unsigned long long)r->active_objs * r->objsize;

	return row_bytes(r) > used ? row_bytes(r) - used : 0;
}

/* --- reading -------------------------------------------------------------- */

static bool row_parse(const char *line, struct row *r)
{
	int end = 0, n;

	n = sscanf(line,
		   "%128s %lu %lu %u %u %u : tunables %u %u %u"
		   " : slabdata %lu %lu %lu%n",
		   r->name, &r->active_objs, &r->num_objs, &r->objsize,
		   &r->objperslab, &r->pagesperslab, &r->limit, &r->batchcount,
		   &r->sharedfactor, &r->active_slabs, &r->num_slabs,
		   &r->sharedavail, &end);
	if (n != 12)
		return false;
	/* kernels with SLAB debugging add " : globalstat .." */
	line += end;
	line += strspn(line, " ");
	return *line == '\n' || *line == ':' || !*line;
}

static bool row_sane(const struct row *r)
{
	return r->active_objs <= r->num_objs &&
	       r->active_slabs <= r->num_slabs && r->objsize && r->objperslab &&
	       r->pagesperslab;
}

static bool table_add(struct table *t, const struct row *r)
{
	if (t->nr == t->room) {
		size_t room = t->room ? 2 * t->room : 64;
		struct row *more = realloc(t->row, room * sizeof(*more));

		if (!more)
			return false;
		t->row = more;
		t->room = room;
	}
	t->row[t->nr++] = *r;
	return true;
}

static bool version_check(const char *path, const char *line)
{
	size_t n = strlen(VERSION_LINE);

	if (strncmp(line, VERSION_LINE, n)) {
		complain("slabinfo: %s: line 1: no slabinfo; it has to begin "
			 "with '" VERSION_LINE "2.1', as what 'kmem run "
			 "--slabinfo' writes does",
			 path);
		return false;
	}
	if (strcmp(line + n, "2.1\n") && strcmp(line + n, "2.1")) {
		complain("slabinfo: %s: line 1: version %.*s; only 2.1 can be "
			 "read",
			 path, (int)strcspn(line + n, "\n"), line + n);
		return false;
	}
	return true;
}

static bool line_read(const char *path, unsigned int number, const char *line,
		      struct table *t)
{
	struct row r;

	if (*line == '#')
		return true;
	if (!row_parse(line, &r)) {
		complain("slabinfo: %s: line %u: not a line of slabinfo 2.1: "
			 "%.*s",
			 path, number, (int)strcspn(line, "\n"), line);
		return false;
	}
	if (!row_sane(&r)) {
		complain("slabinfo: %s: line %u: impossible numbers for %s",
			 path, number, r.name);
		return false;
	}
	if (table_add(t, &r))
		return true;
	complain("slabinfo: %s: out of memory", path);
	return false;
}

static bool table_read(const char *path, FILE *from, struct table *t)
{
	unsigned int number = 0;
	char *line = NULL;
	size_t room = 0;
	bool good = true;

	while (good && getline(&line, &room, from) >= 0) {
		number++;
		good = number == 1 ? version_check(path, line) :
				     line_read(path, number, line, t);
	}
	free(line);
	if (ferror(from)) {
		complain("slabinfo: %s: %s", path, strerror(errno));
		return false;
	}
	if (!number)
		complain("slabinfo: %s: line 1: the file is empty", path);
	return good && number;
}

static bool table_open(const char *path, struct table *t)
{
	bool from_stdin = !strcmp(path, "-"), good;
	FILE *from = from_stdin ? stdin : fopen(path, "re");

	if (!from) {
		complain("slabinfo: %s: %s", path, strerror(errno));
		if (errno == ENOENT)
			fputs("'kmem run --slabinfo FILE -- COMMAND' writes "
			      "one when COMMAND exits; one that\nends by a "
			      "signal or by _exit(), as sh does, needs --every "
			      "too.\n",
			      stderr);
		return false;
	}
	good = table_read(from_stdin ? "standard input" : path, from, t);
	if (!from_stdin)
		fclose(from);
	return good;
}

/* --- sorting -------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct row *)a)->name,
		      ((const struct row *)b)->name);
}

/* Larger first; equal ones by name. */
static int larger(unsigned long long a, unsigned long long b, const void *x,
		  const void *y)
{
	return a == b ? by_name(x, y) : a < b ? 1 : -1;
}

static int by_size(const void *a, const void *b)
{
	return larger(row_bytes(a), row_bytes(b), a, b);
}

static int by_active(const void *a, const void *b)
{
	return larger(((const struct row *)a)->active_objs,
		      ((const struct row *)b)->active_objs, a, b);
}

static int by_waste(const void *a, const void *b)
{
	return larger(row_waste(a), row_waste(b), a, b);
}

static const struct order {
	const char *name;
	int (*compare)(const void *a, const void *b);
} orders[] = {
	{ "size", by_size },
	{ "name", by_name },
	{ "active", by_active },
	{ "waste", by_waste },
};

static const struct order *order_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(orders) / sizeof(*orders); i++)
		if (!strcmp(orders[i].name, name))
			return &orders[i];
	complain("slabinfo: --sort=%s: sort by size, name, active or waste",
		 name);
	return NULL;
}

/* --- showing -------------------------------------------------------------- */

struct totals {
	unsigned long caches, active_objs, num_objs, num_slabs;
	unsigned long long bytes, waste;
};

static struct totals table_sum(const struct table *t)
{
	struct totals sum = { 0 };
	size_t i;

	for (i = 0; i < t->nr; i++) {
		const struct row *r = &t->row[i];

		sum.caches++;
		sum.active_objs += r->active_objs;
		sum.num_objs += r->num_objs;
		sum.num_slabs += r->num_slabs;
		sum.bytes += row_bytes(r);
		sum.waste += row_waste(r);
	}
	return sum;
}

/* Drops caches without an object. */
static void table_trim(struct table *t)
{
	size_t i, kept = 0;

	for (i = 0; i < t->nr; i++)
		if (t->row[i].num_objs)
			t->row[kept++] = t->row[i];
	t->nr = kept;
}

static unsigned int percent(unsigned long part, unsigned long whole)
{
	return whole ? (unsigned int)(part * 100ull / whole) : 0;
}

/* KiB, rounded up: more than 0 is never shown as 0. */
static unsigned long long kib(unsigned long long bytes)
{
	return (bytes + 1023) / 1024;
}

static int name_width(const struct table *t)
{
	int width = 20;
	size_t i;

	for (i = 0; i < t->nr; i++)
		if (strlen(t->row[i].name) > (size_t)width)
			width = (int)strlen(t->row[i].name);
	return width;
}

static void show_text(FILE *to, const struct table *t)
{
	struct totals sum = table_sum(t);
	int width = name_width(t);
	size_t i;

	fprintf(to, "%-*s %9s %9s %4s %7s %8s %5s %8s %9s %9s\n", width, "NAME",
		"ACTIVE", "OBJS", "USE", "OBJSIZE", "OBJ/SLAB", "PAGES",
		"SLABS", "SIZE-KIB", "WASTE-KIB");
	for (i = 0; i < t->nr; i++) {
		const struct row *r = &t->row[i];

		fprintf(to,
			"%-*s %9lu %9lu %3u%% %7u %8u %5u %8lu %9llu %9llu\n",
			width, r->name, r->active_objs, r->num_objs,
			percent(r->active_objs, r->num_objs), r->objsize,
			r->objperslab, r->pagesperslab, r->num_slabs,
			kib(row_bytes(r)), kib(row_waste(r)));
	}
	fprintf(to, "%-*s %9lu %9lu %3u%% %7s %8s %5s %8lu %9llu %9llu\n",
		width, "TOTAL", sum.active_objs, sum.num_objs,
		percent(sum.active_objs, sum.num_objs), "", "", "",
		sum.num_slabs, kib(sum.bytes), kib(sum.waste));
}

/* The table itself, in format 2.1, as it was read. */
static void show_raw(FILE *to, const struct table *t)
{
	size_t i;

	fputs(VERSION_LINE
	      "2.1\n"
	      "# name            <active_objs> <num_objs> <objsize> "
	      "<objperslab> <pagesperslab>"
	      " : tunables <limit> <batchcount> <sharedfactor>"
	      " : slabdata <active_slabs> <num_slabs> <sharedavail>\n",
	      to);
	for (i = 0; i < t->nr; i++) {
		const struct row *r = &t->row[i];

		fprintf(to,
			"%-17s %6lu %6lu %6u %4u %4u : tunables %4u %4u %4u"
			" : slabdata %6lu %6lu %6lu\n",
			r->name, r->active_objs, r->num_objs, r->objsize,
			r->objperslab, r->pagesperslab, r->limit, r->batchcount,
			r->sharedfactor, r->active_slabs, r->num_slabs,
			r->sharedavail);
	}
}

static json_t *row_json(const struct row *r)
{
	return json_pack(
		"{ss sI sI sI sI sI s{sI sI sI} s{sI sI sI} sI sI}", "name",
		r->name, "active_objs", (json_int_t)r->active_objs, "num_objs",
		(json_int_t)r->num_objs, "objsize", (json_int_t)r->objsize,
		"objperslab", (json_int_t)r->objperslab, "pagesperslab",
		(json_int_t)r->pagesperslab, "tunables", "limit",
		(json_int_t)r->limit, "batchcount", (json_int_t)r->batchcount,
		"sharedfactor", (json_int_t)r->sharedfactor, "slabdata",
		"active_slabs", (json_int_t)r->active_slabs, "num_slabs",
		(json_int_t)r->num_slabs, "sharedavail",
		(json_int_t)r->sharedavail, "bytes", (json_int_t)row_bytes(r),
		"waste_bytes", (json_int_t)row_waste(r));
}

static json_t *table_json(const struct table *t)
{
	struct totals sum = table_sum(t);
	json_t *rows = json_array();
	size_t i;

	for (i = 0; i < t->nr; i++)
		if (json_array_append_new(rows, row_json(&t->row[i])))
			break;
	if (i < t->nr) {
		json_decref(rows);
		return NULL;
	}
	return json_pack("{ss so s{sI sI sI sI sI sI}}", "version", "2.1",
			 "caches", rows, "totals", "caches",
			 (json_int_t)sum.caches, "active_objs",
			 (json_int_t)sum.active_objs, "num_objs",
			 (json_int_t)sum.num_objs, "num_slabs",
			 (json_int_t)sum.num_slabs, "bytes",
			 (json_int_t)sum.bytes, "waste_bytes",
			 (json_int_t)sum.waste);
}

static int show_json(const struct table *t)
{
	json_t *all = table_json(t);

	if (!all) {
		complain("slabinfo: no JSON of this table: a name in it is not "
			 "UTF-8, or memory is out");
		return EXIT_BAD;
	}
	json_dumpf(all, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(all);
	return finish_output();
}

/* --- a file --------------------------------------------------------------- */

struct slabinfo_options {
	const struct order *order;
	bool all, raw;
};

/* What will be shown, in its order. */
static void table_arrange(struct table *t, const struct slabinfo_options *o)
{
	if (o->raw)
		return;
	if (!o->all)
		table_trim(t);
	if (t->nr)
		qsort(t->row, t->nr, sizeof(*t->row), o->order->compare);
}

static int show_file(const char *path, const struct slabinfo_options *o,
		     bool json)
{
	struct table t = { 0 };
	int status = EXIT_BAD;

	if (!table_open(path, &t))
		goto out;
	table_arrange(&t, o);
	if (json) {
		status = show_json(&t);
	} else {
		if (o->raw)
			show_raw(stdout, &t);
		else
			show_text(stdout, &t);
		status = finish_output();
	}
out:
	free(t.row);
	return status;
}

/* --- a process ------------------------------------------------------------ */

static bool table_from_books(struct table *t, const struct books *b)
{
	size_t i;

	for (i = 0; i < b->nr_caches; i++) {
		const struct kmem_pub_cache *c = &b->cache[i].pub;
		struct row r = {
			.active_objs = cache_active(c),
			.num_objs = c->total_objects,
			.objsize = c->size,
			.objperslab = c->objects,
			.pagesperslab = (unsigned int)cache_pages(c),
			.active_slabs = c->slabs,
			.num_slabs = c->slabs,
		};

		memcpy(r.name, c->name, sizeof(c->name));
		if (!table_add(t, &r))
			return false;
	}
	return true;
}

static void live_text(FILE *to, const struct books *now,
		      const struct books *before, void *ctx)
{
	const struct slabinfo_options *o = ctx;
	struct table t = { 0 };

	(void)before;
	if (table_from_books(&t, now)) {
		table_arrange(&t, o);
		if (o->raw)
			show_raw(to, &t);
		else
			show_text(to, &t);
	}
	free(t.row);
}

static json_t *live_json(const struct books *now, const struct books *before,
			 void *ctx)
{
	struct table t = { 0 };
	json_t *all = NULL;

	(void)before;
	if (table_from_books(&t, now)) {
		table_arrange(&t, ctx);
		all = table_json(&t);
	}
	free(t.row);
	return all;
}

static int show_live(const char *word, struct slabinfo_options *o,
		     const struct live_options *live)
{
	struct live_view view = {
		.command = "slabinfo",
		.text = live_text,
		.json = live_json,
		.ctx = o,
	};
	pid_t pid;

	if (!live_is_pid(word))
		return live_show_file(&view, live, word);
	pid = live_pid("slabinfo", word);
	return pid ? live_show(&view, live, pid) : EXIT_USAGE;
}

/* --- the command ---------------------------------------------------------- */

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "sort", required_argument, NULL, 's' },
		{ "all", no_argument, NULL, 'a' },
		{ "raw", no_argument, NULL, 'r' },
		LIVE_LONG,
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct slabinfo_options o = { .order = &orders[0] };
	struct live_options live = LIVE_DEFAULTS;
	const char *word;
	int c, is;

	argv[0] = (char[]){ "kmem: slabinfo" };
	while ((c = getopt_long(argc, argv, "ah", options, NULL)) != -1) {
		switch (c) {
		case 's':
			o.order = order_find(optarg);
			if (!o.order)
				return EXIT_USAGE;
			break;
		case 'a':
			o.all = true;
			break;
		case 'r':
			o.raw = true;
			break;
		case 'h':
			fputs(cmd_slabinfo.help, stdout);
			return finish_output();
		default:
			is = live_option("slabinfo", c, optarg, &live);
			if (is < 0)
				return EXIT_USAGE;
			if (!is)
				goto usage;
		}
	}
	if (optind + 1 == argc) {
		word = argv[optind];
		if (live_is_pid(word) ||
		    (!live.batch && packed_is_memory(word)))
			return show_live(word, &o, &live);
		if (!live.batch)
			return show_file(word, &o, live.json);
		complain("slabinfo: --batch and --count are for a process, "
			 "and %s is a file",
			 word);
		goto usage;
	}
	if (optind == argc)
		complain("slabinfo: which PID or FILE? 'kmem run --slabinfo "
			 "FILE -- COMMAND' writes a file");
	else
		complain("slabinfo: one PID or FILE at a time");
usage:
	fputs("Try 'kmem help slabinfo'.\n", stderr);
	return EXIT_USAGE;
}

const struct command cmd_slabinfo = {
	.name = "slabinfo",
	.summary = "the caches of a process, or of a table kmem run wrote",
	.help = "Usage: kmem slabinfo [OPTION...] PID | CORE | DUMP | FILE\n"
		"Shows the caches of a running process, if the word is all\n"
		"digits, or else of FILE, a table in the format of\n"
		"/proc/slabinfo 2.1; '-' is the standard input.  'kmem run\n"
		"--slabinfo FILE' writes one, and so does the kernel.  CORE is\n"
		"the core file of a process on libkmem, DUMP the memory of a\n"
		"machine on it, raw or as an ELF core.\n"
		"\n"
		"Options:\n"
		"  --sort=KEY      size (the default), name, active or waste\n"
		"  -a, --all       caches without objects too\n"
		"  --raw           the table itself, in format 2.1\n" LIVE_HELP
		"\n"
		"Columns: ACTIVE objects in use or kept ready for a CPU, of\n"
		"OBJS in all; OBJSIZE bytes each; OBJ/SLAB objects and PAGES\n"
		"pages a slab; SLABS in number; SIZE-KIB memory of the slabs;\n"
		"WASTE-KIB what of it is no active object.\n"
		"\n"
		"Examples:\n"
		"  kmem slabinfo --sort=waste /tmp/slabs\n"
		"  kmem slabinfo --json - < /tmp/slabs\n"
		"  kmem slabinfo $(pidof redis-server)\n",
	.run = run,
};
