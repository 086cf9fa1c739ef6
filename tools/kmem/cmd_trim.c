/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kmem trim: makes another process give free memory back, and prints the
 * result.  A process that runs does so by itself when it is asked; in one that
 * sleeps, a sleeping thread is made to call it.
 */
#include "borrow.h"
#include "cmd.h"
#include "live.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WAIT_DEFAULT 5.0
#define WAIT_MOST 3600.0
#define LOOK_SEC 0.02
/* A running process gets this long to pass a slow path by itself. */
#define PATIENCE_SEC 0.1

enum { OPT_WAIT = 1, OPT_PASSIVE };

struct trim {
	struct live_options live;
	double wait; /* seconds */
	bool passive;
};

struct outcome {
	struct published_process who;
	bool answered, lent;
	uint64_t bytes, before, after; /* before, after: resident */
};

static bool tell_json(const struct outcome *out)
{
	json_t *all = json_pack("{sI ss sb sb so sI sI}", "pid",
				(json_int_t)out->who.pid, "command",
				out->who.comm, "answered", out->answered,
				"thread_stopped", out->lent, "bytes",
				out->answered ?
					json_integer((json_int_t)out->bytes) :
					json_null(),
				"resident_before", (json_int_t)out->before,
				"resident_after", (json_int_t)out->after);

	if (!all) {
		complain("trim: no JSON of this: a name in it is not UTF-8, or "
			 "memory is out");
		return false;
	}
	json_dumpf(all, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(all);
	return true;
}

static void tell(const struct trim *o, const struct outcome *out)
{
	char bytes[16], before[16], after[16];

	if (o->live.json) {
		tell_json(out);
		return;
	}
	if (!out->answered)
		return;
	printf("process %ld (%s) gave back %llu bytes (%s); resident: %s "
	       "before, %s after\n",
	       (long)out->who.pid, out->who.comm,
	       (unsigned long long)out->bytes,
	       live_bytes(bytes, sizeof(bytes), (double)out->bytes),
	       live_bytes(before, sizeof(before), (double)out->before),
	       live_bytes(after, sizeof(after), (double)out->after));
}

static bool called(void *ask)
{
	return published_called(ask);
}

/* Resident bytes of the process; 0: not known. */
static uint64_t resident(pid_t pid)
{
	unsigned long pages = 0;
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/statm", (long)pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (fscanf(f, "%*u %lu", &pages) != 1)
		pages = 0;
	fclose(f);
	return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Why no thread could make the call, and what to do about it. */
static void tell_why(const struct published_process *who, enum borrow why,
		     int err, const struct trim *o)
{
	static const char *const rest =
		"It gives back at its next call that takes a slow path; one "
		"started with background=1 or pressure=1 in KMEM_OPTIONS "
		"answers within a second";
	long pid = (long)who->pid;

	if (o->passive)
		complain("trim: process %ld (%s) has made no such call within "
			 "%g s. %s; without --passive a thread of it that "
			 "sleeps is made to",
			 pid, who->comm, o->wait, rest);
	else if (why == BORROW_DENIED)
		complain("trim: process %ld (%s) has made no such call within "
			 "%g s and may not be stopped: %s; try as root, or "
			 "with 0 in /proc/sys/kernel/yama/ptrace_scope, and "
			 "with no debugger in it. %s",
			 pid, who->comm, o->wait, strerror(err), rest);
	else if (why == BORROW_DONE)
		complain("trim: process %ld (%s) was made to, and others in it "
			 "held the allocator's locks for all of %g s. %s",
			 pid, who->comm, o->wait, rest);
	else if (why == BORROW_NOT_HERE)
		complain("trim: process %ld (%s) has made no such call within "
			 "%g s, and on this machine none of its threads can be "
			 "made to. %s",
			 pid, who->comm, o->wait, rest);
	else
		complain("trim: process %ld (%s) has made no such call within "
			 "%g s, and no thread of it sleeps in one like poll() "
			 "or read(). %s",
			 pid, who->comm, o->wait, rest);
}

static int ended(const struct published_process *who)
{
	complain("trim: process %ld (%s) has ended", (long)who->pid, who->comm);
	return EXIT_BAD;
}

static int wait_answer(struct published *p, const struct trim *o,
		       struct published_ask *a, struct outcome *out)
{
	enum borrow why = BORROW_BUSY;
	double waited = 0;
	int err = 0;

	while (!published_answer(a, &out->bytes)) {
		if (!o->passive && a->call && waited >= PATIENCE_SEC &&
		    why == BORROW_BUSY) {
			why = borrow_call(out->who.pid, a->call, called, a);
			err = errno;
			out->lent = why == BORROW_DONE;
			if (out->lent)
				continue;
		}
		if (waited >= o->wait && waited >= PATIENCE_SEC) {
			tell(o, out);
			tell_why(&out->who, why, err, o);
			finish_output();
			return EXIT_BAD;
		}
		if (!published_sleep(p, LOOK_SEC))
			return ended(&out->who);
		waited += LOOK_SEC;
	}
	out->answered = true;
	out->after = resident(out->who.pid);
	tell(o, out);
	return finish_output();
}

static int ask(struct published *p, const struct trim *o)
{
	struct outcome out = { .answered = false };
	struct published_ask a;
	int status;

	published_process(p, &out.who);
	out.before = out.after = resident(out.who.pid);
	if (!published_ask(p, &a))
		return EXIT_BAD;
	status = wait_answer(p, o, &a, &out);
	published_ask_end(&a);
	return status;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, LIVE_JSON },
		{ "area", required_argument, NULL, LIVE_AREA },
		{ "wait", required_argument, NULL, OPT_WAIT },
		{ "passive", no_argument, NULL, OPT_PASSIVE },
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
		if (c == OPT_PASSIVE) {
			o.passive = true;
			continue;
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
		"Makes a running process of yours give back to the system all\n"
		"memory that it does not use, and says how much that was.\n"
		"\n"
		"Options:\n"
		"  --wait SEC  how long to wait for the answer: 5 if not said\n"
		"  --passive   stop no thread: only ask\n"
		"  --json      as JSON, sizes in bytes\n"
		"  --area N    the Nth allocator, in a process that has several\n"
		"  --help      this page\n"
		"\n"
		"A process that is at work gives back by itself, at its next call\n"
		"that takes a slow path, and at most once a second.  One that\n"
		"sleeps makes no call: so a thread of it that waits in poll(),\n"
		"pause(), read() or the like is stopped, as a debugger does,\n"
		"made to give back, and put back to where it was.  It notices\n"
		"nothing of it; that takes the right to debug the process, and\n"
		"an x86-64.  With background=1 or pressure=1 in its KMEM_OPTIONS\n"
		"a thread of its own answers within a second.\n"
		"What was asked for stays asked for.\n"
		"\n"
		"Examples:\n"
		"  kmem trim $(pidof redis-server)\n"
		"  kmem trim --json --wait 30 1234 | jq .bytes\n",
	.run = run,
};
