/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kmem top by call site: what each holds, and by how much it grew over the last
 * interval and since the start.  What only ever grows leaks.
 */
#include "top.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "screen.h"
#include "sites.h"

#define FOOT "q quit  c caches  sort: m n g b o  r reverse  s since now"

/* What a site held at some moment, in the order of sites. */
struct held {
	struct kmem_pub_site *at;
	size_t nr;
	bool known;
};

struct row {
	const struct site_shown *site;
	int64_t growth, since; /* bytes */
};

static const struct key {
	char letter;
	const char *name, *what;
} keys[] = {
	{ 'm', "bytes", "bytes" },
	{ 'b', "blocks", "blocks" },
	{ 'g', "growth", "growth over the interval" },
	{ 'o', "since", "growth since the start" },
	{ 'n', "site", "call site" },
};

#define KEYS (sizeof(keys) / sizeof(*keys))

static const struct key *sort = &keys[0];
static bool reverse;

bool top_sites_sort(const char *name)
{
	for (size_t i = 0; i < KEYS; i++)
		if (!strcmp(keys[i].name, name)) {
			sort = &keys[i];
			return true;
		}
	fprintf(stderr, "kmem: top: --sort=%s: sort sites by one of", name);
	for (size_t i = 0; i < KEYS; i++)
		fprintf(stderr, " %s", keys[i].name);
	fputc('\n', stderr);
	return false;
}

/* --- growth --------------------------------------------------------------- */

static int by_site(const void *a, const void *b)
{
	const struct kmem_pub_site *x = a, *y = b;

	return x->site < y->site ? -1 : x->site > y->site;
}

static void held_set(struct held *h, const struct sites *all)
{
	free(h->at);
	h->at = calloc(all->nr + 1, sizeof(*h->at));
	h->nr = h->at ? all->nr : 0;
	h->known = true;
	for (size_t i = 0; i < h->nr; i++)
		h->at[i] = all->at[i].pub;
	qsort(h->at, h->nr, sizeof(*h->at), by_site);
}

static int64_t grown(const struct held *h, const struct kmem_pub_site *now)
{
	const struct kmem_pub_site *was;

	if (!h->known)
		return 0;
	was = h->nr ? bsearch(now, h->at, h->nr, sizeof(*h->at), by_site) :
		      NULL;
	return (int64_t)(now->bytes - (was ? was->bytes : 0));
}

static int64_t row_value(const struct row *r)
{
	switch (sort->letter) {
	case 'b':
		return (int64_t)r->site->pub.calls;
	case 'g':
		return r->growth;
	case 'o':
		return r->since;
	default:
		return (int64_t)r->site->pub.bytes;
	}
}

static int compare(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int sign = reverse ? -1 : 1, order;

	if (sort->letter != 'n' && row_value(x) != row_value(y))
		return row_value(x) < row_value(y) ? sign : -sign;
	order = strcmp(x->site->name.file, y->site->name.file);
	if (!order)
		order = (int)x->site->name.line - (int)y->site->name.line;
	return sign * order;
}

static struct row *rows_make(const struct sites *all, const struct held *before,
			     const struct held *start)
{
	struct row *rows = calloc(all->nr + 1, sizeof(*rows));

	for (size_t i = 0; rows && i < all->nr; i++) {
		rows[i].site = &all->at[i];
		rows[i].growth = grown(before, &all->at[i].pub);
		rows[i].since = grown(start, &all->at[i].pub);
	}
	if (rows)
		qsort(rows, all->nr, sizeof(*rows), compare);
	return rows;
}

/* --- showing -------------------------------------------------------------- */

static void put_plain(FILE *to, const char *text)
{
	fputs(text, to);
}

static const char *signed_bytes(char *to, size_t size, int64_t n)
{
	char bytes[16];

	live_bytes(bytes, sizeof(bytes), (double)llabs((long long)n));
	snprintf(to, size, "%c%s", n < 0 ? '-' : '+', bytes);
	return to;
}

static void print(FILE *to, const struct sites *all, const struct row *rows,
		  const char *mark)
{
	char bytes[16], growth[20], since[20], now[16];
	uint64_t sum = 0;

	for (size_t i = 0; i < all->nr; i++)
		sum += all->at[i].pub.bytes;
	live_clock(now, sizeof(now));
	fprintf(to, "%s  process %ld (%s)\n%zu call sites, %s; by %s%s\n", now,
		(long)all->who.pid, all->who.comm, all->nr,
		live_bytes(bytes, sizeof(bytes), (double)sum), sort->what,
		reverse ? ", upside down" : "");
	fprintf(to, "%s%7s %9s %8s %8s  %s\n", mark, "BYTES", "BLOCKS",
		"GROWTH", "SINCE", "CALL SITE");
	for (size_t i = 0; i < all->nr; i++) {
		const struct row *r = &rows[i];

		fprintf(to, "%7s %9llu %8s %8s  ",
			live_bytes(bytes, sizeof(bytes),
				   (double)r->site->pub.bytes),
			(unsigned long long)r->site->pub.calls,
			signed_bytes(growth, sizeof(growth), r->growth),
			signed_bytes(since, sizeof(since), r->since));
		site_text(to, &r->site->name, put_plain);
		fputc('\n', to);
	}
}

static bool print_json(const struct live_options *o, const struct sites *all,
		       const struct row *rows)
{
	json_t *sites = json_array(), *root, *one;

	for (size_t i = 0; i < all->nr; i++) {
		one = site_json(rows[i].site);
		json_object_set_new(one, "growth_bytes",
				    json_integer(rows[i].growth));
		json_object_set_new(one, "since_start_bytes",
				    json_integer(rows[i].since));
		json_array_append_new(sites, one);
	}
	root = json_pack("{sI ss so}", "pid", (json_int_t)all->who.pid,
			 "command", all->who.comm, "sites", sites);
	if (!root) {
		complain("top: no JSON of this: a name in it is not UTF-8, or "
			 "memory is out");
		return false;
	}
	json_dumpf(root, stdout, o->batch ? JSON_COMPACT : JSON_INDENT(2));
	putchar('\n');
	json_decref(root);
	return true;
}

/* --- one process ---------------------------------------------------------- */

struct watch {
	struct sites all;
	struct held start, before, now;
};

/* False after a complaint. */
static bool take(struct watch *w, struct published *p)
{
	struct held spare = w->before;

	sites_free(&w->all);
	if (!sites_get(p, "top", KMEM_PUB_SITES_READ, &w->all))
		return false;
	if (!w->all.on) {
		complain("top: accounting is off in process %ld (%s); 'kmem "
			 "allocinfo --on %ld' turns it on",
			 (long)w->all.who.pid, w->all.who.comm,
			 (long)w->all.who.pid);
		return false;
	}
	w->before = w->now;
	w->now = spare;
	held_set(&w->now, &w->all);
	if (!w->start.known)
		held_set(&w->start, &w->all);
	return true;
}

static void watch_end(struct watch *w)
{
	sites_free(&w->all);
	free(w->start.at);
	free(w->before.at);
	free(w->now.at);
}

static bool show(const struct live_options *o, const struct watch *w)
{
	struct row *rows = rows_make(&w->all, &w->before, &w->start);
	bool good = rows != NULL;

	if (rows && o->json)
		good = print_json(o, &w->all, rows);
	else if (rows)
		print(stdout, &w->all, rows, "");
	if (o->batch && !o->json)
		putchar('\n');
	free(rows);
	return good && !finish_output();
}

int top_sites(const struct live_options *o, pid_t pid)
{
	struct published *p = published_open("top", pid, o->area);
	struct watch w = { 0 };
	int status = EXIT_BAD;
	long turn = 0;

	if (!p)
		return EXIT_BAD;
	/* the first reading is what growth is from */
	while (take(&w, p)) {
		if (turn++ && !show(o, &w))
			break;
		if (turn > 1 && (!o->batch || turn == o->count + 1)) {
			status = EXIT_OK;
			break;
		}
		if (!published_sleep(p, o->interval)) {
			complain("top: process %ld has ended", (long)pid);
			status = turn > 1 ? EXIT_OK : EXIT_BAD;
			break;
		}
	}
	watch_end(&w);
	published_close(p);
	return status;
}

bool top_sites_can(struct published *p)
{
	struct watch w = { 0 };
	bool can = take(&w, p);

	watch_end(&w);
	return can;
}

static void draw(const struct watch *w)
{
	struct row *rows = rows_make(&w->all, &w->before, &w->start);
	char *page = NULL;
	size_t size;
	FILE *to = open_memstream(&page, &size);

	if (to) {
		if (rows)
			print(to, &w->all, rows, "\1");
		fclose(to);
		screen_text(page, FOOT);
		free(page);
	}
	free(rows);
}

static void key_act(struct watch *w, int letter)
{
	if (letter == 'r')
		reverse = !reverse;
	if (letter == 's')
		held_set(&w->start, &w->all);
	for (size_t i = 0; i < KEYS; i++)
		if (keys[i].letter == letter)
			sort = &keys[i];
}

int top_sites_screen(const struct live_options *o, struct published *p)
{
	struct watch w = { 0 };
	double due, left;
	int key = 0;

	while (key != 'q' && key != 'c' && take(&w, p)) {
		due = screen_seconds() + o->interval;
		do {
			draw(&w);
			left = due - screen_seconds();
			key = screen_key(left > 0 ? left : 0);
			key_act(&w, key);
		} while (key && key != 'q' && key != 'c');
	}
	watch_end(&w);
	return key == 'q' || key == 'c' ? key : 0;
}
