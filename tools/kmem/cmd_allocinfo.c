/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kmem allocinfo: what each call site of a process holds, as /proc/allocinfo
 * shows it, as JSON or as a page of HTML; and turns the accounting on and off.
 */
#include "cmd.h"
#include "html.h"
#include "live.h"
#include "packed.h"
#include "sites.h"

#include <errno.h>
#include <string.h>

enum { OPT_ON = 1, OPT_OFF, OPT_HTML };

/* --- showing -------------------------------------------------------------- */

static void put_plain(FILE *to, const char *text)
{
	fputs(text, to);
}

static void show_text(const struct sites *all)
{
	size_t i;

	puts("allocinfo - version: 1.0\n#     <size>  <calls> <tag info>");
	for (i = 0; i < all->nr; i++) {
		printf("%12llu %8llu ",
		       (unsigned long long)all->at[i].pub.bytes,
		       (unsigned long long)all->at[i].pub.calls);
		site_text(stdout, &all->at[i].name, put_plain);
		putchar('\n');
	}
}

static bool show_json(const struct sites *all)
{
	json_t *sites = json_array(), *root;
	uint64_t bytes = 0;
	size_t i;

	for (i = 0; i < all->nr; i++) {
		bytes += all->at[i].pub.bytes;
		json_array_append_new(sites, site_json(&all->at[i]));
	}
	root = json_pack("{sI ss sb sI so}", "pid", (json_int_t)all->who.pid,
			 "command", all->who.comm, "on", all->on, "bytes",
			 (json_int_t)bytes, "sites", sites);
	if (!root) {
		complain("allocinfo: no JSON of this: a name in it is not "
			 "UTF-8, or memory is out");
		return false;
	}
	json_dumpf(root, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(root);
	return true;
}

static bool show_html(const struct sites *all, const char *path)
{
	FILE *to = fopen(path, "we");
	char line[96], bytes[16];
	size_t i;

	if (to) {
		html_begin(to, "kmem allocinfo");
		snprintf(line, sizeof(line), "Process %ld (%s)",
			 (long)all->who.pid, all->who.comm);
		fputs("<p>", to);
		html_put(to, line);
		fputs("<table><tr><th>bytes<th>calls<th>call site\n", to);
		for (i = 0; i < all->nr; i++) {
			fprintf(to, "<tr><td>%s<td>%llu<td class=\"site\">",
				live_bytes(bytes, sizeof(bytes),
					   (double)all->at[i].pub.bytes),
				(unsigned long long)all->at[i].pub.calls);
			site_text(to, &all->at[i].name, html_put);
			fputc('\n', to);
		}
		fputs("</table>\n", to);
		html_end(to);
		if (!fclose(to))
			return true;
	}
	complain("allocinfo: --html %s: %s", path, strerror(errno));
	return false;
}

static int show(const struct sites *all, const struct live_options *o,
		const char *html)
{
	if (!all->on)
		complain("allocinfo: accounting is off in process %ld (%s); "
			 "'kmem allocinfo --on %ld' turns it on, or "
			 "mem_profiling=1 in its KMEM_OPTIONS",
			 (long)all->who.pid, all->who.comm, (long)all->who.pid);
	if (html && !show_html(all, html))
		return EXIT_BAD;
	if (o->json) {
		if (!show_json(all))
			return EXIT_BAD;
	} else if (!html && all->on) {
		show_text(all);
	}
	return finish_output() || !all->on ? EXIT_BAD : EXIT_OK;
}

/* --- the command ---------------------------------------------------------- */

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, LIVE_JSON },
		{ "area", required_argument, NULL, LIVE_AREA },
		{ "html", required_argument, NULL, OPT_HTML },
		{ "on", no_argument, NULL, OPT_ON },
		{ "off", no_argument, NULL, OPT_OFF },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct live_options o = LIVE_DEFAULTS;
	unsigned int what = KMEM_PUB_SITES_READ;
	struct sites all = { .nr = 0 };
	const char *html = NULL;
	int c, status = EXIT_BAD;
	struct published *p;
	pid_t pid;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(cmd_allocinfo.help, stdout);
			return finish_output();
		}
		if (c == OPT_ON || c == OPT_OFF) {
			what = c == OPT_ON ? KMEM_PUB_SITES_ON :
					     KMEM_PUB_SITES_OFF;
		} else if (c == OPT_HTML) {
			html = optarg;
		} else if (live_option("allocinfo", c, optarg, &o) != 1) {
			fputs("Try 'kmem help allocinfo'.\n", stderr);
			return EXIT_USAGE;
		}
	}
	if (optind != argc - 1) {
		complain("allocinfo: give one process; try: kmem help "
			 "allocinfo");
		return EXIT_USAGE;
	}
	if (!live_is_pid(argv[optind]) && packed_is_memory(argv[optind])) {
		complain("allocinfo: %s is a file, and only a running process "
			 "adds up what its call sites hold",
			 argv[optind]);
		return EXIT_USAGE;
	}
	pid = live_pid("allocinfo", argv[optind]);
	if (!pid)
		return EXIT_USAGE;
	p = published_open("allocinfo", pid, o.area);
	if (!p)
		return EXIT_BAD;
	if (sites_get(p, "allocinfo", what, &all)) {
		if (what == KMEM_PUB_SITES_READ)
			status = show(&all, &o, html);
		else
			status = EXIT_OK;
	}
	sites_free(&all);
	published_close(p);
	return status;
}

const struct command cmd_allocinfo = {
	.name = "allocinfo",
	.summary = "what each call site of a process holds",
	.help = "Usage: kmem allocinfo [OPTION...] PID\n"
		"Shows how many bytes, in how many blocks, each call site of a\n"
		"running process holds, in the format of /proc/allocinfo, the\n"
		"largest first.  The last line has what was allocated before\n"
		"accounting was turned on, and what the library keeps for\n"
		"itself: all lines together are what is in use.\n"
		"\n"
		"Options:\n"
		"  --on         turn the accounting on\n"
		"  --off        turn it off\n"
		"  --json       as JSON, sizes in bytes\n"
		"  --html FILE  write a page of HTML\n"
		"  --area N     the Nth allocator, in a process that has several\n"
		"  --help       this page\n"
		"\n"
		"A site is file, line and function in code that was compiled\n"
		"with CONFIG_MEM_ALLOC_PROFILING, else the address and the\n"
		"symbol of the call.  A thread of the process that sleeps is\n"
		"stopped, made to tell, and put back to where it was, as by\n"
		"'kmem trim'; that takes an x86-64 and the right to debug the\n"
		"process.  What is reported is exact when no thread allocates\n"
		"meanwhile.\n"
		"\n"
		"Examples:\n"
		"  kmem allocinfo --on 1234; sleep 60; kmem allocinfo 1234\n"
		"  KMEM_OPTIONS=mem_profiling=1 kmem run -- redis-server\n",
	.run = run,
};
