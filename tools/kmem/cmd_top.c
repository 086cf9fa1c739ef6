/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kmem top: the caches of a running process, one a row.
 */
#include "cmd.h"
#include "live.h"
#include "screen.h"
#include "top.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kmem/page.h>

/* Net growth is taken over these, in seconds: the leak columns. */
static const unsigned int windows[] = { 1, 10, 60 };
#define WINDOWS 3
#define NS 1000000000ull

/* --- history -------------------------------------------------------------- */

struct sample_cache {
	uint32_t number;
	uint64_t active;
};

struct sample {
	uint64_t when_ns;
	size_t nr;
	struct sample_cache *cache;
};

struct top {
	const struct key *sort;
	bool reverse, all, diff;
	bool sites;            /* by call site, top_sites.c */
	struct sample *sample; /* oldest first */
	size_t nr_samples, room;
	struct books shot; /* the snapshot differences are taken from */
	bool have_shot;
	char shot_at[16];
};

/* Keeps one sample that is older than the longest window. */
static void history_trim(struct top *t, uint64_t now)
{
	size_t i, old = 0;

	while (old + 1 < t->nr_samples &&
	       t->sample[old + 1].when_ns + windows[WINDOWS - 1] * NS < now)
		old++;
	if (!old)
		return;
	for (i = 0; i < old; i++)
		free(t->sample[i].cache);
	t->nr_samples -= old;
	memmove(t->sample, t->sample + old, t->nr_samples * sizeof(*t->sample));
}

static void history_add(struct top *t, const struct books *b)
{
	struct sample *s;
	size_t i;

	if (t->nr_samples && t->sample[t->nr_samples - 1].when_ns >= b->when_ns)
		return;
	history_trim(t, b->when_ns);
	if (t->nr_samples == t->room) {
		size_t room = t->room ? 2 * t->room : 64;
		struct sample *more = realloc(t->sample, room * sizeof(*more));

		if (!more)
			return;
		t->sample = more;
		t->room = room;
	}
	s = &t->sample[t->nr_samples];
	s->when_ns = b->when_ns;
	s->nr = b->nr_caches;
	s->cache = calloc(s->nr + 1, sizeof(*s->cache));
	if (!s->cache)
		return;
	for (i = 0; i < s->nr; i++) {
		s->cache[i].number = b->cache[i].pub.number;
		s->cache[i].active = cache_active(&b->cache[i].pub);
	}
	t->nr_samples++;
}

static void history_free(struct top *t)
{
	size_t i;

	for (i = 0; i < t->nr_samples; i++)
		free(t->sample[i].cache);
	free(t->sample);
	books_free(&t->shot);
}

/* The newest sample at least so old; NULL: we have not watched for so long. */
static const struct sample *history_at(const struct top *t, uint64_t now,
				       uint64_t age)
{
	const struct sample *found = NULL;
	size_t i;

	/* readings are never exactly a second apart */
	age -= age / 20;
	for (i = 0; i < t->nr_samples && t->sample[i].when_ns + age <= now; i++)
		found = &t->sample[i];
	return found;
}

static uint64_t sample_active(const struct sample *s, uint32_t number)
{
	size_t i;

	for (i = 0; i < s->nr; i++)
		if (s->cache[i].number == number)
			return s->cache[i].active;
	return 0; /* made since */
}

static void snapshot(struct top *t, const struct books *b)
{
	books_copy(&t->shot, b);
	t->have_shot = true;
	live_clock(t->shot_at, sizeof(t->shot_at));
}

/* --- rows ----------------------------------------------------------------- */

struct row {
	const char *name;
	int64_t active, total, slabs, bytes, waste;
	unsigned int size, use;
	double taken, given; /* a second */
	int64_t net[WINDOWS];
	bool net_known[WINDOWS];
};

static const struct kmem_pub_cache *cache_find(const struct books *b,
					       uint32_t number)
{
	size_t i;

	for (i = 0; b && i < b->nr_caches; i++)
		if (b->cache[i].pub.number == number)
			return &b->cache[i].pub;
	return NULL;
}

static void row_counts(struct row *r, const struct kmem_pub_cache *c)
{
	r->active = (int64_t)cache_active(c);
	r->total = (int64_t)c->total_objects;
	r->slabs = (int64_t)c->slabs;
	r->bytes = (int64_t)(c->slab_pages * PAGE_SIZE);
	r->waste = r->bytes - r->active * c->size;
}

static void row_subtract(struct row *r, const struct kmem_pub_cache *c)
{
	struct row old;

	if (!c)
		return;
	row_counts(&old, c);
	r->active -= old.active;
	r->total -= old.total;
	r->slabs -= old.slabs;
	r->bytes -= old.bytes;
	r->waste -= old.waste;
}

static void row_make(const struct top *t, struct row *r,
		     const struct books *now, const struct books *before,
		     size_t which)
{
	const struct kmem_pub_cache *c = &now->cache[which].pub, *o;
	const struct sample *s;
	int i;

	r->name = c->name;
	r->size = c->size;
	row_counts(r, c);
	r->use = r->total ? (unsigned int)(r->active * 100 / r->total) : 0;
	if (t->diff && t->have_shot)
		row_subtract(r, cache_find(&t->shot, c->number));
	o = cache_find(before, c->number);
	r->taken = o ? live_rate(c->taken, o->taken, now, before) : 0;
	r->given = o ? live_rate(c->given, o->given, now, before) : 0;
	for (i = 0; i < WINDOWS; i++) {
		s = history_at(t, now->when_ns, windows[i] * NS);
		r->net_known[i] = s;
		r->net[i] = s ? (int64_t)(cache_active(c) -
					  sample_active(s, c->number)) :
				0;
	}
}

/* --- sorting -------------------------------------------------------------- */

static const struct key {
	char letter;
	const char *name;
	const char *what;
} keys[] = {
	{ 'm', "size", "memory of the slabs" },
	{ 'n', "name", "name" },
	{ 'a', "active", "objects active" },
	{ 't', "total", "objects in all" },
	{ 'u', "use", "active of total" },
	{ 'w', "waste", "bytes wasted" },
	{ '1', "net1", "growth over 1 s" },
	{ '2', "net10", "growth over 10 s" },
	{ '3', "net60", "growth over 60 s" },
	{ 'k', "taken", "taken a second" },
	{ 'g', "given", "given a second" },
	{ 'z', "objsize", "size of an object" },
	{ 'b', "slabs", "number of slabs" },
};

#define KEYS (sizeof(keys) / sizeof(*keys))

static const struct key *key_find(int letter, const char *name)
{
	size_t i;

	for (i = 0; i < KEYS; i++)
		if (name ? !strcmp(keys[i].name, name) :
			   keys[i].letter == letter)
			return &keys[i];
	return NULL;
}

static double row_value(const struct row *r, char letter)
{
	switch (letter) {
	case 'a':
		return (double)r->active;
	case 't':
		return (double)r->total;
	case 'u':
		return r->use;
	case 'w':
		return (double)r->waste;
	case '1':
	case '2':
	case '3':
		return (double)r->net[letter - '1'];
	case 'k':
		return r->taken;
	case 'g':
		return r->given;
	case 'z':
		return r->size;
	case 'b':
		return (double)r->slabs;
	default:
		return (double)r->bytes;
	}
}

static int compare(const void *a, const void *b, void *ctx)
{
	const struct top *t = ctx;
	const struct row *x = a, *y = b;
	double p, q;
	int sign = t->reverse ? -1 : 1;

	if (t->sort->letter != 'n') {
		p = row_value(x, t->sort->letter);
		q = row_value(y, t->sort->letter);
		if (p != q)
			return p < q ? sign : -sign;
	}
	return sign * strcmp(x->name, y->name);
}

/* Rows in order; the caller frees them. */
static struct row *rows_make(struct top *t, const struct books *now,
			     const struct books *before, size_t *nr)
{
	struct row *rows = calloc(now->nr_caches + 1, sizeof(*rows));
	size_t i;

	*nr = 0;
	for (i = 0; rows && i < now->nr_caches; i++) {
		if (!t->all && !now->cache[i].pub.total_objects)
			continue;
		row_make(t, &rows[(*nr)++], now, before, i);
	}
	if (rows)
		qsort_r(rows, *nr, sizeof(*rows), compare, t);
	return rows;
}

/* --- text ----------------------------------------------------------------- */

static void print_net(FILE *to, const struct row *r)
{
	int i;

	for (i = 0; i < WINDOWS; i++) {
		if (r->net_known[i])
			fprintf(to, " %+7lld", (long long)r->net[i]);
		else
			fprintf(to, " %7s", "-");
	}
}

static void print_row(FILE *to, const struct row *r, bool diff)
{
	char bytes[16], waste[16];

	live_bytes(bytes, sizeof(bytes), (double)r->bytes);
	live_bytes(waste, sizeof(waste), (double)r->waste);
	fprintf(to,
		diff ? "%-18.18s %+8lld %+8lld %3u%% %6s %6s" :
		       "%-18.18s %8lld %8lld %3u%% %6s %6s",
		r->name, (long long)r->active, (long long)r->total, r->use,
		bytes, waste);
	print_net(to, r);
	fprintf(to,
		diff ? " %9.1f %9.1f %7u %+7lld\n" : " %9.1f %9.1f %7u %7lld\n",
		r->taken, r->given, r->size, (long long)r->slabs);
}

static void print_head(FILE *to, const struct top *t, const struct books *b,
		       const struct row *rows, size_t nr)
{
	char now[16], bytes[16], waste[16];
	int64_t sum = 0, lost = 0;
	size_t i;

	for (i = 0; i < nr; i++) {
		sum += rows[i].bytes;
		lost += rows[i].waste;
	}
	live_clock(now, sizeof(now));
	live_bytes(bytes, sizeof(bytes), (double)sum);
	live_bytes(waste, sizeof(waste), (double)lost);
	fprintf(to, "%s  process %ld (%s), backend %s\n", now, (long)b->pid,
		b->comm, b->backend);
	fprintf(to, "%zu caches, slabs %s, of it no active object %s; by %s%s",
		nr, bytes, waste, t->sort->what,
		t->reverse ? ", upside down" : "");
	if (t->diff && t->have_shot)
		fprintf(to, "; since %s", t->shot_at);
	fputc('\n', to);
}

static void print_rows(FILE *to, struct top *t, const struct books *now,
		       const struct books *before, const char *mark)
{
	bool diff = t->diff && t->have_shot;
	struct row *rows;
	size_t nr, i;

	rows = rows_make(t, now, before, &nr);
	if (!rows)
		return;
	print_head(to, t, now, rows, nr);
	fprintf(to, "%s%-18s %8s %8s %4s %6s %6s %7s %7s %7s %9s %9s %7s %7s\n",
		mark, "NAME", "ACTIVE", "TOTAL", "USE", "SIZE", "WASTE",
		"NET-1S", "NET-10S", "NET-60S", "TAKEN/S", "GIVEN/S", "OBJSIZE",
		"SLABS");
	for (i = 0; i < nr; i++)
		print_row(to, &rows[i], diff);
	free(rows);
}

/* A reading: into the history, and the first one becomes the snapshot. */
static void take_in(struct top *t, const struct books *now,
		    const struct books *before)
{
	if (before)
		history_add(t, before);
	history_add(t, now);
	if (!t->have_shot)
		snapshot(t, before ? before : now);
}

static void text(FILE *to, const struct books *now, const struct books *before,
		 void *ctx)
{
	take_in(ctx, now, before);
	print_rows(to, ctx, now, before, "");
}

/* --- JSON ----------------------------------------------------------------- */

static json_t *row_json(const struct row *r)
{
	static const char *const names[] = { "net_1s", "net_10s", "net_60s" };
	json_t *o = json_pack("{ss sI sI si sI sI sf sf sI sI}", "name",
			      r->name, "active", (json_int_t)r->active, "total",
			      (json_int_t)r->total, "use_percent", (int)r->use,
			      "bytes", (json_int_t)r->bytes, "waste_bytes",
			      (json_int_t)r->waste, "taken_per_s", r->taken,
			      "given_per_s", r->given, "objsize",
			      (json_int_t)r->size, "slabs",
			      (json_int_t)r->slabs);
	int i;

	for (i = 0; o && i < WINDOWS; i++)
		json_object_set_new(o, names[i],
				    r->net_known[i] ? json_integer(r->net[i]) :
						      json_null());
	return o;
}

static json_t *json(const struct books *now, const struct books *before,
		    void *ctx)
{
	json_t *all = json_array();
	struct top *t = ctx;
	struct row *rows;
	size_t nr, i;

	take_in(t, now, before);
	rows = rows_make(t, now, before, &nr);
	for (i = 0; rows && i < nr; i++)
		if (json_array_append_new(all, row_json(&rows[i])))
			break;
	if (!rows || i < nr) {
		free(rows);
		json_decref(all);
		return NULL;
	}
	free(rows);
	return json_pack("{sI ss ss sf sb so}", "pid", (json_int_t)now->pid,
			 "command", now->comm, "backend", now->backend,
			 "seconds",
			 (double)(now->when_ns - before->when_ns) / 1e9,
			 "difference", t->diff, "caches", all);
}

/* --- the screen ----------------------------------------------------------- */

#define FOOT                                                                                 \
	"q quit  c call sites  sort: m n a t u w 1 2 3 k g z b  r reverse  e empty ones  s " \
	"snapshot  d difference  h help"

static const char *help_text(void)
{
	static char page[1024];
	int n;

	n = snprintf(page, sizeof(page), "\1kmem top: keys\n\nSort by\n");
	for (size_t i = 0; i < KEYS; i++)
		n += snprintf(page + n, sizeof(page) - (size_t)n, "  %c  %s\n",
			      keys[i].letter, keys[i].what);
	snprintf(page + n, sizeof(page) - (size_t)n,
		 "\n"
		 "c  by call site, and back\n"
		 "r  turn the order round\n"
		 "e  caches without objects too\n"
		 "s  take a snapshot\n"
		 "d  show differences from the snapshot\n"
		 "q  quit\n");
	return page;
}

static void key_act(struct top *t, int letter, const struct books *now)
{
	switch (letter) {
	case 'r':
		t->reverse = !t->reverse;
		break;
	case 'e':
		t->all = !t->all;
		break;
	case 's':
		snapshot(t, now);
		break;
	case 'd':
		t->diff = !t->diff;
		break;
	case 'h':
	case '?':
		screen_text(help_text(), "any key: back");
		screen_key(3600);
		break;
	default:
		if (key_find(letter, NULL))
			t->sort = key_find(letter, NULL);
	}
}

static void draw(struct top *t, const struct books *now,
		 const struct books *before)
{
	char *page = NULL;
	size_t size;
	FILE *to = open_memstream(&page, &size);

	if (!to)
		return;
	print_rows(to, t, now, before, "\1");
	fclose(to);
	screen_text(page, FOOT);
	free(page);
}

/* The key that ended it, 'q' or 'c'; 0: the process has ended. */
static int watch(struct top *t, const struct live_options *o,
		 struct published *p)
{
	struct books now = { 0 }, before = { 0 };
	double due = screen_seconds() + o->interval, left;
	bool alive = published_read(p, &now);
	int key = 0;

	books_copy(&before, &now);
	if (alive)
		take_in(t, &now, NULL);
	while (alive && key != 'q' && key != 'c') {
		draw(t, &now, &before);
		left = due - screen_seconds();
		if (left > 0.001) {
			key = screen_key(left);
			key_act(t, key, &now);
			continue;
		}
		books_copy(&before, &now);
		alive = published_read(p, &now);
		if (alive)
			take_in(t, &now, &before);
		due = screen_seconds() + o->interval;
	}
	books_free(&now);
	books_free(&before);
	return alive ? key : 0;
}

static int top_screen(struct top *t, const struct live_options *o, pid_t pid)
{
	struct published *p = published_open("top", pid, o->area);
	int key, status = EXIT_OK;

	if (!p)
		return EXIT_BAD;
	if (!screen_open("top")) {
		published_close(p);
		return EXIT_BAD;
	}
	for (;; t->sites = !t->sites) {
		key = t->sites ? top_sites_screen(o, p) : watch(t, o, p);
		if (key != 'c')
			break;
	}
	screen_close();
	if (!key && published_ended(p))
		complain("top: process %ld has ended", (long)pid);
	else if (!key && t->sites && !top_sites_can(p))
		status = EXIT_BAD;
	published_close(p);
	return status;
}

/* --- the command ---------------------------------------------------------- */

static bool sort_set(struct top *t, const char *name)
{
	size_t i;

	t->sort = key_find(0, name);
	if (t->sort)
		return true;
	fprintf(stderr, "kmem: top: --sort=%s: sort by one of", name);
	for (i = 0; i < KEYS; i++)
		fprintf(stderr, " %s", keys[i].name);
	fputc('\n', stderr);
	return false;
}

static int top_run(struct top *t, const struct live_options *o,
		   const char *word)
{
	struct live_view view = {
		.command = "top",
		.rates = true,
		.text = text,
		.json = json,
		.ctx = t,
	};
	pid_t pid = live_pid("top", word);
	int status;

	if (!pid)
		return EXIT_USAGE;
	if (t->sites && (o->batch || o->json || !isatty(STDOUT_FILENO)))
		status = top_sites(o, pid);
	else if (o->batch || o->json)
		status = live_show(&view, o, pid);
	else
		status = top_screen(t, o, pid);
	history_free(t);
	return status;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		LIVE_LONG,
		{ "sort", required_argument, NULL, 's' },
		{ "all", no_argument, NULL, 'a' },
		{ "sites", no_argument, NULL, 'c' },
		{ "diff", no_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct live_options o = LIVE_DEFAULTS;
	struct top t = { .sort = &keys[0] };
	const char *by = NULL;
	int c, is;

	argv[0] = (char[]){ "kmem: top" };
	while ((c = getopt_long(argc, argv, "ah", options, NULL)) != -1) {
		is = live_option("top", c, optarg, &o);
		if (is < 0)
			return EXIT_USAGE;
		if (c == 's')
			by = optarg;
		if (c == 'h') {
			fputs(cmd_top.help, stdout);
			return finish_output();
		}
		if (c == 'a')
			t.all = true;
		else if (c == 'c')
			t.sites = true;
		else if (c == 'd')
			t.diff = true;
		else if (!is && c != 's')
			goto usage;
	}
	if (by && !(t.sites ? top_sites_sort(by) : sort_set(&t, by)))
		return EXIT_USAGE;
	if (optind + 1 == argc)
		return top_run(&t, &o, argv[optind]);
	complain(optind == argc ? "top: which process? 'pgrep -l NAME' finds "
				  "its number" :
				  "top: one process at a time");
usage:
	fputs("Try 'kmem help top'.\n", stderr);
	return EXIT_USAGE;
}

const struct command cmd_top = {
	.name = "top",
	.summary = "watch the caches of a process",
	.help = "Usage: kmem top [OPTION...] PID\n"
		"Shows the caches of a running process, one a row, and again\n"
		"every second; h there explains the keys, q quits.\n"
		"\n"
		"Options:\n"
		"  --sort=KEY      size (the default), name, active, total, use,\n"
		"                  waste, net1, net10, net60, taken, given,\n"
		"                  objsize or slabs; with --sites bytes, blocks,\n"
		"                  growth, since or site\n"
		"  --sites         by call site; c on the screen\n"
		"  -a, --all       caches without objects too\n"
		"  --diff          differences from the first reading\n" LIVE_HELP
		"\n"
		"Columns: ACTIVE objects in use or kept ready for a CPU, of\n"
		"TOTAL; USE in percent; SIZE memory of the slabs; WASTE what of\n"
		"it is no active object; NET-1S, NET-10S, NET-60S growth of\n"
		"ACTIVE over so many seconds: what only ever grows leaks;\n"
		"TAKEN/S and GIVEN/S objects out of and into slabs a second;\n"
		"OBJSIZE bytes of one; SLABS in number.\n"
		"\n"
		"Of call sites: BYTES and BLOCKS that each holds, GROWTH over the\n"
		"interval, SINCE the start or the key s; of a process whose\n"
		"accounting is on ('kmem allocinfo --on PID').  Each reading\n"
		"stops a thread of it for a moment.\n"
		"\n"
		"An allocation that a CPU's own stock serves is counted\n"
		"nowhere, which is why it is fast: TAKEN and GIVEN are what\n"
		"went past that stock, in whole sheaves of objects.\n"
		"\n"
		"Examples:\n"
		"  kmem top $(pidof redis-server)\n"
		"  kmem top --batch --sort=net60 --interval 60 1234\n"
		"  kmem top --batch --sites --sort=since --interval 60 1234\n",
	.run = run,
};
