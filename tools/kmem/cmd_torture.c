/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kmem torture: a program in which every allocation fails once.
 *
 * The malloc front inside the program makes allocations fail; it gets what to
 * fail, and reports the result, through a file that both map.  In fork mode the
 * front does all of it in one run; in the other mode there is a run that
 * counts, and then one for each allocation that must fail.
 */
#include "cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "torture.h"

#define SECOND 1000000000ul
/* A run in which nothing fails may take this long, or --limit if longer. */
#define BASE_LIMIT (60 * SECOND)

enum how { AUTO, BY_FORK, BY_RUNS };

struct options {
	enum how how;
	bool json, progress;
	const char *html, *keep, *setup, *input;
	uint64_t only;
	uint64_t every, max, per_site;
	uint64_t time_ns, limit_ns;
};

static void on_interrupt(int sig)
{
	(void)sig;
	interrupted = 1;
}

/* --- progress ------------------------------------------------------------- */

static struct {
	bool on;
	uint64_t begin, done, total, bad;
} progress;

static void progress_draw(uint64_t done, uint64_t total, uint64_t bad)
{
	double spent = (double)(torture_now_ns() - progress.begin) / 1e9;
	char bar[31];
	size_t full;

	if (!progress.on)
		return;
	if (total) {
		full = (size_t)(done * 30 / total);
		if (full > 30)
			full = 30;
		memset(bar, '.', 30);
		memset(bar, '#', full);
		bar[30] = 0;
		fprintf(stderr,
			"\r\033[K[%s] %" PRIu64 " of %" PRIu64
			" tried, %" PRIu64 " bad, %.0f s",
			bar, done, total, bad, spent);
	} else {
		fprintf(stderr,
			"\r\033[K%" PRIu64 " allocations, %" PRIu64
			" tried, %" PRIu64 " bad, %.0f s",
			area->points, done, bad, spent);
	}
	fflush(stderr);
}

static void progress_end(void)
{
	if (progress.on)
		fputs("\r\033[K", stderr);
}

/* In fork mode the front has the table; only how it ended is known. */
static void tick_fork(void)
{
	static uint64_t bad;
	static uint32_t seen;
	const struct kmem_torture_try *t;
	uint32_t nr = __atomic_load_n(&area->nr_tries, __ATOMIC_ACQUIRE);

	for (; seen < nr; seen++) {
		t = &area->tries[seen];
		if (!__atomic_load_n(&t->outcome, __ATOMIC_ACQUIRE))
			break;
		bad += t->outcome == KMEM_TORTURE_HANG ||
		       WIFSIGNALED(t->status);
	}
	progress_draw(seen, area->max, bad);
}

static void tick_runs(void)
{
	progress_draw(progress.done, progress.total, progress.bad);
}

/* --- results -------------------------------------------------------------- */

static bool result_add(struct torture *t, const struct kmem_torture_try *from,
		       enum outcome outcome, int status)
{
	struct result *more;

	if (t->nr == t->room) {
		t->room = t->room ? 2 * t->room : 256;
		more = realloc(t->result, t->room * sizeof(*more));
		if (!more) {
			complain("torture: out of memory");
			return false;
		}
		t->result = more;
	}
	t->result[t->nr++] = (struct result){
		.point = from->point,
		.bytes = from->bytes,
		.after = from->after,
		.elapsed_ns = from->elapsed_ns,
		.site = from->site,
		.after_site = from->after_site,
		.outcome = outcome,
		.status = status,
	};
	return true;
}

static enum outcome outcome_of(int status, int base)
{
	if (status == base)
		return SAME;
	return WIFSIGNALED(status) ? SIGNALLED : OTHER;
}

static bool results_of_forks(struct torture *t)
{
	uint32_t i, nr = area->nr_tries;
	bool good = true;

	for (i = 0; i < nr && good; i++) {
		const struct kmem_torture_try *from = &area->tries[i];

		if (from->outcome == KMEM_TORTURE_NO_FORK)
			t->not_forked++;
		else if (from->outcome == KMEM_TORTURE_HANG)
			good = result_add(t, from, HUNG, from->status);
		else if (from->outcome == KMEM_TORTURE_ENDED)
			good = result_add(t, from,
					  outcome_of(from->status,
						     t->base_status),
					  from->status);
	}
	return good;
}

static void area_clear(void)
{
	area->nr_modules = area->nr_sites = area->nr_tries = 0;
	area->threads = area->lost = 0;
	memset(area->hash, 0, sizeof(area->hash));
	memset(area->site, 0, sizeof(area->site));
}

/* --- both ways ------------------------------------------------------------ */

static bool front_was_there(char *const *argv)
{
	if (area->started)
		return true;
	complain("torture: %s did not load libkmem-malloc.so: it is statically "
		 "linked, set-uid, or it cleans its environment",
		 argv[0]);
	return false;
}

/* -1: go on; else the status to exit with. */
static int by_fork(struct torture *t, const struct options *o)
{
	uint64_t until = 0;
	int status = 0;
	pid_t pid;

	t->mode = "fork";
	area->mode = KMEM_TORTURE_FORK;
	if (o->time_ns) {
		area->deadline_ns = torture_now_ns() + o->time_ns;
		until = area->deadline_ns + o->limit_ns + BASE_LIMIT;
	}
	if (!torture_setup_run(o->setup))
		return EXIT_RUN;
	pid = torture_start(t->argv, "base", &status);
	if (pid < 0)
		return status;
	if (!torture_finish(pid, until, &t->base_status, tick_fork))
		t->interrupted = true;
	progress_end();
	if (!front_was_there(t->argv))
		return EXIT_RUN;
	t->timed_out = area->deadline_ns &&
		       torture_now_ns() >= area->deadline_ns;
	t->points = area->points;
	return -1;
}

/* The allocations to fail, ascending; NULL and 0: none, or no memory. */
static uint64_t *points_choose(const struct options *o, uint64_t points,
			       uint64_t *nr)
{
	uint64_t n, *list;
	uint32_t site;

	*nr = 0;
	if (points > KMEM_TORTURE_POINTS)
		points = KMEM_TORTURE_POINTS;
	list = malloc((points + 1) * sizeof(*list));
	if (!list)
		return NULL;
	if (o->only) {
		list[(*nr)++] = o->only;
		return list;
	}
	for (n = 1; n <= points && (!o->max || *nr < o->max); n++) {
		if (o->every && n % o->every)
			continue;
		site = area->point_site[n - 1];
		if (site != KMEM_TORTURE_NO_SITE) {
			if (o->per_site &&
			    area->site[site].tried >= o->per_site)
				continue;
			area->site[site].tried++;
		}
		list[(*nr)++] = n;
	}
	return list;
}

static int run_base(struct torture *t, const struct options *o)
{
	uint64_t limit = o->limit_ns > BASE_LIMIT ? o->limit_ns : BASE_LIMIT;
	int status = EXIT_RUN;
	pid_t pid;

	area->mode = KMEM_TORTURE_COUNT;
	if (!torture_setup_run(o->setup))
		return EXIT_RUN;
	pid = torture_start(t->argv, "base", &status);
	if (pid < 0)
		return status;
	if (!torture_finish(pid, torture_now_ns() + limit, &t->base_status,
			    tick_runs)) {
		if (!interrupted)
			complain("torture: %s did not end within %" PRIu64
				 " s even without a failure; see --limit",
				 t->argv[0], limit / SECOND);
		return EXIT_RUN;
	}
	t->points = area->points;
	return front_was_there(t->argv) ? -1 : EXIT_RUN;
}

static int run_one(struct torture *t, const struct options *o, uint64_t nth)
{
	uint64_t begin = torture_now_ns();
	int status = EXIT_RUN;
	enum outcome outcome;
	char name[32];
	bool ended;
	pid_t pid;

	area->nth = nth;
	area->nr_tries = 0;
	if (!torture_setup_run(o->setup))
		return EXIT_RUN;
	snprintf(name, sizeof(name), "%" PRIu64, nth);
	pid = torture_start(t->argv, name, &status);
	if (pid < 0)
		return status;
	ended = torture_finish(pid, begin + o->limit_ns, &status, tick_runs);
	if (interrupted)
		return -1;
	if (!area->nr_tries) {
		t->not_reached++;
		return -1;
	}
	outcome = ended ? outcome_of(status, t->base_status) : HUNG;
	progress.bad += outcome >= SIGNALLED;
	area->tries[0].elapsed_ns = torture_now_ns() - begin;
	return result_add(t, &area->tries[0], outcome, status) ? -1 : EXIT_RUN;
}

static int by_runs(struct torture *t, const struct options *o)
{
	uint64_t until = o->time_ns ? torture_now_ns() + o->time_ns : 0, *list,
		 nr, i;
	int status;

	t->mode = "runs";
	area_clear();
	status = run_base(t, o);
	if (status >= 0)
		return status;
	list = points_choose(o, t->points, &nr);
	if (!list) {
		complain("torture: out of memory");
		return EXIT_RUN;
	}
	area->mode = KMEM_TORTURE_NTH;
	progress.total = nr;
	for (i = 0; i < nr && status < 0 && !interrupted; i++) {
		if (until && torture_now_ns() >= until) {
			t->timed_out = true;
			break;
		}
		progress.done = i;
		status = run_one(t, o, list[i]);
	}
	progress_end();
	free(list);
	return status;
}

/* --- the command ---------------------------------------------------------- */

static bool number(const char *option, const char *text, uint64_t *to)
{
	char *end;

	errno = 0;
	*to = strtoull(text, &end, 10);
	if (!errno && end != text && !*end && *text != '-')
		return true;
	complain("torture: --%s %s: give a whole number", option, text);
	return false;
}

static bool seconds(const char *option, const char *text, uint64_t *ns)
{
	char *end;
	double s = strtod(text, &end);

	if (end != text && !*end && s > 0 && s < 1e7) {
		*ns = (uint64_t)(s * 1e9);
		return true;
	}
	complain("torture: --%s %s: give seconds", option, text);
	return false;
}

static bool word(const char *option, const char *text, const char *a,
		 const char *b, bool *is_b)
{
	*is_b = !strcmp(text, b);
	if (*is_b || !strcmp(text, a))
		return true;
	complain("torture: --%s %s: it is '%s' or '%s'", option, text, a, b);
	return false;
}

enum {
	MODE = 256,
	ONCE,
	FROM,
	ARMED,
	STRICT,
	EVERY,
	MAX,
	PER_SITE,
	TIME,
	LIMIT,
	DEPTH,
	JSON,
	HTML,
	KEEP,
	SETUP,
	STDIN,
	ONLY,
	HELP
};

static const struct option long_options[] = {
	{ "mode", required_argument, NULL, MODE },
	{ "once", no_argument, NULL, ONCE },
	{ "from-then-on", no_argument, NULL, FROM },
	{ "armed", required_argument, NULL, ARMED },
	{ "strict", no_argument, NULL, STRICT },
	{ "every", required_argument, NULL, EVERY },
	{ "max", required_argument, NULL, MAX },
	{ "per-site", required_argument, NULL, PER_SITE },
	{ "depth", required_argument, NULL, DEPTH },
	{ "only", required_argument, NULL, ONLY },
	{ "time", required_argument, NULL, TIME },
	{ "limit", required_argument, NULL, LIMIT },
	{ "json", no_argument, NULL, JSON },
	{ "html", required_argument, NULL, HTML },
	{ "keep-output", required_argument, NULL, KEEP },
	{ "setup", required_argument, NULL, SETUP },
	{ "stdin", required_argument, NULL, STDIN },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

/* What to fail; false after a complaint. */
static bool option_fail(int c, struct options *o)
{
	uint64_t depth;
	bool second;

	switch (c) {
	case MODE:
		if (!word("mode", optarg, "fork", "runs", &second))
			return false;
		o->how = second ? BY_RUNS : BY_FORK;
		return true;
	case ARMED:
		if (!word("armed", optarg, "start", "call", &second))
			return false;
		area->armed_by_call = second;
		return true;
	case DEPTH:
		if (!number("depth", optarg, &depth))
			return false;
		area->depth = (uint32_t)depth;
		if (depth && depth <= KMEM_TORTURE_FRAMES)
			return true;
		complain("torture: --depth %s: 1 to %d", optarg,
			 KMEM_TORTURE_FRAMES);
		return false;
	case ONCE:
	case FROM:
		area->from_then_on = c == FROM;
		return true;
	case STRICT:
		area->strict = 1;
		return true;
	case EVERY:
		return number("every", optarg, &o->every);
	case MAX:
		return number("max", optarg, &o->max);
	case PER_SITE:
		return number("per-site", optarg, &o->per_site);
	case ONLY:
		return number("only", optarg, &o->only);
	default:
		return false;
	}
}

static bool option_take(int c, struct options *o)
{
	switch (c) {
	case TIME:
		return seconds("time", optarg, &o->time_ns);
	case LIMIT:
		return seconds("limit", optarg, &o->limit_ns);
	case JSON:
		o->json = true;
		return true;
	case HTML:
		o->html = optarg;
		return true;
	case KEEP:
		o->keep = optarg;
		return true;
	case SETUP:
		o->setup = optarg;
		return true;
	case STDIN:
		o->input = optarg;
		return true;
	default:
		return option_fail(c, o);
	}
}

static bool html_write(const char *path, const struct torture *t)
{
	FILE *to = fopen(path, "we");

	if (to)
		torture_html(to, t);
	if (to && !ferror(to) && !fclose(to))
		return true;
	complain("torture: --html %s: %s", path, strerror(errno));
	return false;
}

/* No failure, no finding: is that because there was nothing to fail? */
static bool nothing_tried(const struct torture *t, const struct options *o)
{
	if (t->nr || t->interrupted || t->timed_out)
		return false;
	if (!t->points)
		complain("torture: nothing was tried: %s made no allocation "
			 "that libkmem or its malloc front serves%s",
			 t->argv[0],
			 area->armed_by_call ?
				 " after kmem_torture_begin(); without "
				 "--armed=call they count from the start" :
				 ": one that brings an allocator of its own "
				 "must be built without it, or be linked with "
				 "libkmem.so and not libkmem.a");
	else if (t->not_forked)
		complain("torture: nothing was tried: no fork succeeded; try "
			 "--mode=runs");
	else if (o->only || o->every)
		complain("torture: nothing was tried: of %" PRIu64
			 " allocations --only or --every chose none",
			 t->points);
	else
		complain("torture: nothing was tried: of %" PRIu64
			 " allocations none was reached again",
			 t->points);
	return true;
}

static int report(const struct torture *t, const struct options *o)
{
	bool good = true;

	if (o->html)
		good = html_write(o->html, t);
	if (o->json)
		good &= torture_json(stdout, t);
	else
		torture_text(stdout, t);
	if (finish_output() != EXIT_OK || !good)
		return EXIT_RUN;
	if (nothing_tried(t, o))
		return EXIT_NOTHING;
	return torture_bad(t) ? EXIT_BAD : EXIT_OK;
}

static int torture(struct torture *t, struct options *o)
{
	const struct sigaction stop = { .sa_handler = on_interrupt };
	uint64_t begin = torture_now_ns();
	int status;

	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	progress.begin = begin;
	progress.on = isatty(STDERR_FILENO);
	area->every = o->every;
	area->max = o->max;
	area->per_site = o->per_site;
	area->limit_ns = o->limit_ns;
	t->area = area;
	t->from_then_on = area->from_then_on;
	t->strict = area->strict;
	if (o->only)
		o->how = BY_RUNS;
	if (o->how == BY_RUNS) {
		status = by_runs(t, o);
	} else {
		status = by_fork(t, o);
		if (status < 0 && area->threads && o->how == AUTO) {
			fputs("kmem: torture: the program has threads, which "
			      "a fork would lose: going on by runs\n",
			      stderr);
			status = by_runs(t, o);
		} else if (status < 0 && !results_of_forks(t)) {
			status = EXIT_RUN;
		}
	}
	t->interrupted |= interrupted;
	t->elapsed_ns = torture_now_ns() - begin;
	return status < 0 ? report(t, o) : status;
}

static int run(int argc, char **argv)
{
	struct options o = { .per_site = 3, .limit_ns = 10 * SECOND };
	struct torture t = { 0 };
	int c;

	argv[0] = (char[]){ "kmem: torture" };
	if (!torture_area_make())
		return EXIT_RUN;
	area->depth = 4;
	while ((c = getopt_long(argc, argv, "+h", long_options, NULL)) != -1) {
		if (c == 'h') {
			fputs(cmd_torture.help, stdout);
			return finish_output();
		}
		if (!option_take(c, &o))
			goto usage;
	}
	if (optind == argc) {
		complain("torture: no command to run; for example: "
			 "kmem torture -- sqlite3 :memory: 'select 1'");
		goto usage;
	}
	t.argv = argv + optind;
	if (!torture_keep_prepare(o.keep) || !torture_input_open(o.input) ||
	    !front_preload())
		return EXIT_RUN;
	return torture(&t, &o);

usage:
	fputs("Try 'kmem help torture'.\n", stderr);
	return EXIT_RUN;
}

const struct command cmd_torture = {
	.name = "torture",
	.summary = "let every allocation of a program fail once",
	.help = "Usage: kmem torture [OPTION...] [--] COMMAND [ARGUMENT...]\n"
		"Runs COMMAND so that each of its allocations fails once, and\n"
		"shows what it then did, call site by call site.\n"
		"\n"
		"How:\n"
		"  --mode=fork      fork at each allocation; the child gets NULL\n"
		"                   (the default for programs without threads)\n"
		"  --mode=runs      run COMMAND again for each; for threads, and\n"
		"                   for programs that change files or talk to\n"
		"                   others\n"
		"  --once           the allocations after it succeed (default)\n"
		"  --from-then-on   they fail too\n"
		"  --armed=WHEN     from the 'start' or by a 'call' of the program\n"
		"                   to kmem_torture_begin(), <kmem/torture.h>\n"
		"  --strict         complain of any allocation after the failure\n"
		"\n"
		"Which:\n"
		"  --per-site=N     N for each call site, 3 if not said; 0: all\n"
		"  --depth=N        how many callers tell sites apart, 4; up to 8\n"
		"  --every=N        each N-th\n"
		"  --max=N          at most N\n"
		"  --only=N         allocation N alone, by runs\n"
		"  --time=SEC       no new one after SEC seconds\n"
		"  --limit=SEC      one that takes longer hangs; 10\n"
		"\n"
		"Around it:\n"
		"  --setup=COMMAND  a shell command before each run of COMMAND\n"
		"  --stdin=FILE     the standard input of each run; else that of\n"
		"                   kmem, if it is a file or a pipe\n"
		"  --keep-output=DIR  DIR/N.out has what COMMAND wrote when\n"
		"                   allocation N failed; else it is discarded\n"
		"  --json           the result as JSON\n"
		"  --html=FILE      and as a page\n"
		"  --help           this page\n"
		"\n"
		"The exit status is 1 when a failure led to a signal or a hang\n"
		"(with --strict, or to an allocation), 3 when nothing was tried,\n"
		"else 0; 125: kmem failed.\n"
		"\n"
		"Examples:\n"
		"  kmem torture -- sqlite3 :memory: 'select 1'\n"
		"  kmem torture --mode=runs --time=60 --setup='rm -rf /tmp/r' -- \\\n"
		"      git init /tmp/r\n",
	.run = run,
};
