/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kmem leaks: the objects of a process that nothing refers to, those of one
 * call site together, as kmemleak shows them, as JSON or as a page of HTML.
 */
#include "cmd.h"
#include "leaks.h"
#include "leaks_group.h"
#include "live.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPT_HTML = 1, OPT_ALL, OPT_QUIET };

struct wanted {
	const char *html;
	bool all, quiet;
};

#define PROGRESS_NS 200000000u

static void progress(uint64_t done, uint64_t of)
{
	static uint64_t last;
	uint64_t now = clock_ns();

	if (!last)
		last = now;
	if (now - last < PROGRESS_NS)
		return;
	last = now;
	fprintf(stderr, "\rkmem: leaks: %llu %%",
		(unsigned long long)(of ? 100 * done / of : 0));
}

static bool search(struct leaks *l, struct view *v, pid_t pid)
{
	bool shown = isatty(STDERR_FILENO), good;

	if (!heap_take(&l->heap, v, pid))
		return false;
	good = heap_scan(&l->heap, &l->losses, shown ? progress : NULL);
	if (shown)
		fputs("\r\033[K", stderr);
	if (!good)
		complain("leaks: out of memory");
	return good && leaks_group(l);
}

static int show(const struct leaks *l, const struct live_options *o,
		const struct wanted *w)
{
	const char *html = w->html;
	FILE *to;

	if (html) {
		to = fopen(html, "we");
		if (to)
			leaks_html(to, l);
		if (!to || fclose(to)) {
			complain("leaks: --html %s: %s", html, strerror(errno));
			return EXIT_BAD;
		}
	}
	if (o->json && !leaks_json(stdout, l))
		return EXIT_BAD;
	if (!o->json && !html && !(w->quiet && !l->losses.nr))
		leaks_text(stdout, l, w->all);
	if (finish_output())
		return EXIT_BAD;
	return l->losses.nr ? EXIT_FOUND : EXIT_OK;
}

static int look(const struct live_options *o, pid_t pid, const struct wanted *w)
{
	struct leaks l = { 0 };
	struct books b = { 0 };
	struct view v = { 0 };
	struct published *p;
	int status = EXIT_BAD;

	p = published_open("leaks", pid, o->area);
	if (!p)
		return EXIT_BAD;
	if (!published_read(p, &b))
		complain("leaks: process %ld has ended", (long)pid);
	else if (view_open(&v, "leaks", &b) && search(&l, &v, pid))
		status = show(&l, o, w);
	leaks_free(&l);
	view_close(&v);
	books_free(&b);
	published_close(p);
	return status;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, LIVE_JSON },
		{ "area", required_argument, NULL, LIVE_AREA },
		{ "html", required_argument, NULL, OPT_HTML },
		{ "all", no_argument, NULL, OPT_ALL },
		{ "quiet", no_argument, NULL, OPT_QUIET },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct live_options o = LIVE_DEFAULTS;
	struct wanted w = { 0 };
	pid_t pid;
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(cmd_leaks.help, stdout);
			return finish_output();
		}
		if (c == OPT_HTML) {
			w.html = optarg;
		} else if (c == OPT_ALL) {
			w.all = true;
		} else if (c == OPT_QUIET) {
			w.quiet = true;
		} else if (live_option("leaks", c, optarg, &o) != 1) {
			fputs("Try 'kmem help leaks'.\n", stderr);
			return EXIT_USAGE;
		}
	}
	if (optind != argc - 1) {
		complain("leaks: give one process; try: kmem help leaks");
		return EXIT_USAGE;
	}
	pid = live_pid("leaks", argv[optind]);
	return pid ? look(&o, pid, &w) : EXIT_USAGE;
}

const struct command cmd_leaks = {
	.name = "leaks",
	.summary = "objects that nothing in a process refers to",
	.help = "Usage: kmem leaks [OPTION...] PID\n"
		"Searches a running process for objects in use that nothing\n"
		"refers to, as the kernel's kmemleak does: no word of its data,\n"
		"its stacks, its registers, mappings that are not the\n"
		"allocator's, and objects that are referred to, has a value\n"
		"between the start and the end of the object.\n"
		"\n"
		"The process is stopped while its memory is copied; the report\n"
		"ends with how long that was, and how long the search took.\n"
		"The copy takes as much memory as the process has in use.\n"
		"\n"
		"Options:\n"
		"  --all        each object, not one of those that are alike\n"
		"  --quiet      no text if nothing is lost\n"
		"  --json       as JSON, sizes in bytes\n"
		"  --html FILE  write a page of HTML\n"
		"  --area N     the Nth allocator, in a process that has several\n"
		"  --help       this page\n"
		"\n"
		"Objects are alike that have the same cache or kind, the same\n"
		"size and the same stack.  There are stacks with slab_debug=U in\n"
		"KMEM_OPTIONS, call sites with mem_profiling=1; with that what\n"
		"the program says by <linux/kmemleak.h> is heeded.\n"
		"\n"
		"With leak_check=1 in KMEM_OPTIONS a process reports its own\n"
		"leaks when it ends, with leak_check=exit its exit status is 23\n"
		"if there are any.\n"
		"\n"
		"The exit status is 0 if nothing is lost, 4 if something is, and\n"
		"1 if the process could not be searched.\n"
		"\n"
		"Examples:\n"
		"  kmem leaks 1234\n"
		"  KMEM_OPTIONS=slab_debug=U kmem run -- redis-server\n",
	.run = run,
};
