/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kmem trim: asks another process to give free memory back, and waits for it
 * to say what came of it.
 */
#include "cmd.h"
#include "live.h"

#include <stdlib.h>
#include <string.h>

#define WAIT_DEFAULT 5.0
#define WAIT_MOST 3600.0
#define LOOK_SEC 0.02

enum { OPT_WAIT = 1 };

struct trim {
	struct live_options live;
	double wait; /* seconds */
};

static void tell(const struct trim *o, const struct published_process *who,
		 bool answered, uint64_t bytes)
{
	char buf[16];
	json_t *all;

	if (!o->live.json) {
		if (answered)
			printf("process %ld (%s) gave back %llu bytes (%s)\n",
			       (long)who->pid, who->comm,
			       (unsigned long long)bytes,
			       live_bytes(buf, sizeof(buf), (double)bytes));
		return;
	}
	all = json_pack("{sI ss sb so}", "pid", (json_int_t)who->pid, "command",
			who->comm, "answered", answered, "bytes",
			answered ? json_integer((json_int_t)bytes) :
				   json_null());
	if (!all) {
		complain("trim: no JSON of this: a name in it is not UTF-8, or "
			 "memory is out");
		return;
	}
	json_dumpf(all, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(all);
}

static int ask(struct published *p, const struct trim *o)
{
	struct published_process who;
	struct published_ask a;
	double waited = 0;
	uint64_t bytes;

	published_process(p, &who);
	if (!published_ask(p, &a))
		return EXIT_BAD;
	while (!published_answer(&a, &bytes)) {
		if (waited >= o->wait) {
			tell(o, &who, false, 0);
			complain("trim: process %ld (%s) has not passed a slow "
				 "path since; run it with background=1 or "
				 "pressure=1 in KMEM_OPTIONS. It will give "
				 "back when it passes one.",
				 (long)who.pid, who.comm);
			published_ask_end(&a);
			finish_output();
			return EXIT_BAD;
		}
		if (!published_sleep(p, LOOK_SEC)) {
			complain("trim: process %ld (%s) has ended",
				 (long)who.pid, who.comm);
			published_ask_end(&a);
			return EXIT_BAD;
		}
		waited += LOOK_SEC;
	}
	published_ask_end(&a);
	tell(o, &who, true, bytes);
	return finish_output();
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, LIVE_JSON },
		{ "area", required_argument, NULL, LIVE_AREA },
		{ "wait", required_argument, NULL, OPT_WAIT },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct trim o = { .live = LIVE_DEFAULTS, .wait = WAIT_DEFAULT };
	struct published *p;
	char *end;
	pid_t pid;
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(cmd_trim.help, stdout);
			return finish_output();
		}
		if (c == OPT_WAIT) {
			o.wait = strtod(optarg, &end);
			if (end != optarg && !*end && o.wait >= 0 &&
			    o.wait <= WAIT_MOST)
				continue;
			complain("trim: --wait %s: give seconds, 0 to %g",
				 optarg, WAIT_MOST);
			return EXIT_USAGE;
		}
		if (live_option("trim", c, optarg, &o.live) != 1) {
			fputs("Try 'kmem help trim'.\n", stderr);
			return EXIT_USAGE;
		}
	}
	if (optind != argc - 1) {
		complain("trim: give one process; try: kmem help trim");
		return EXIT_USAGE;
	}
	pid = live_pid("trim", argv[optind]);
	if (!pid)
		return EXIT_USAGE;
	p = published_open("trim", pid, o.live.area);
	if (!p)
		return EXIT_BAD;
	c = ask(p, &o);
	published_close(p);
	return c;
}

const struct command cmd_trim = {
	.name = "trim",
	.summary = "make a process give free memory back",
	.help = "Usage: kmem trim [OPTION...] PID\n"
		"Asks a running process of yours to give back to the system\n"
		"all memory that it does not use, and says how much that was.\n"
		"\n"
		"Options:\n"
		"  --wait SEC  how long to wait for the answer: 5 if not said\n"
		"  --json      as JSON, sizes in bytes\n"
		"  --area N    the Nth allocator, in a process that has several\n"
		"  --help      this page\n"
		"\n"
		"The process itself gives back, at the next call that takes a\n"
		"slow path, and at most once a second.  A process that sleeps\n"
		"makes no call: start it with background=1 or pressure=1 in\n"
		"KMEM_OPTIONS, and a thread of it answers within a second.\n"
		"What was asked for stays asked for.\n"
		"\n"
		"Examples:\n"
		"  kmem trim $(pidof redis-server)\n"
		"  kmem trim --json --wait 30 1234 | jq .bytes\n",
	.run = run,
};
