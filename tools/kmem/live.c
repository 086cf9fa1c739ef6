/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Options and loops of the commands that look at a running process.
 */
#include "live.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "packed.h"
#include "screen.h"

#define INTERVAL_MIN 0.01
#define INTERVAL_MAX 86400.0

/* --- options -------------------------------------------------------------- */

static bool parse_long(const char *text, long least, long most, long *n)
{
	char *end;

	errno = 0;
	*n = strtol(text, &end, 10);
	return !errno && end != text && !*end && *n >= least && *n <= most;
}

int live_option(const char *command, int c, const char *value,
		struct live_options *o)
{
	char *end;
	long n;

	switch (c) {
	case LIVE_JSON:
		o->json = true;
		return 1;
	case LIVE_BATCH:
		o->batch = true;
		return 1;
	case LIVE_INTERVAL:
		o->interval = strtod(value, &end);
		if (end != value && !*end && o->interval >= INTERVAL_MIN &&
		    o->interval <= INTERVAL_MAX)
			return 1;
		complain("%s: --interval %s: give seconds, %g to %g", command,
			 value, INTERVAL_MIN, INTERVAL_MAX);
		return -1;
	case LIVE_COUNT:
		o->batch = true;
		if (parse_long(value, 1, LONG_MAX, &o->count))
			return 1;
		complain("%s: --count %s: give a number, 1 or more", command,
			 value);
		return -1;
	case LIVE_AREA:
		if (parse_long(value, 1, 64, &n)) {
			o->area = (unsigned int)n;
			return 1;
		}
		complain("%s: --area %s: give a number, 1 to 64", command,
			 value);
		return -1;
	}
	return 0;
}

bool live_is_pid(const char *word)
{
	size_t n = strspn(word, "0123456789");

	return n && !word[n];
}

pid_t live_pid(const char *command, const char *word)
{
	long n;

	if (live_is_pid(word) && parse_long(word, 1, INT_MAX, &n))
		return (pid_t)n;
	if (!live_is_pid(word) && packed_is_memory(word)) {
		complain("%s: %s is a file, and this needs a process that "
			 "runs",
			 command, word);
		return 0;
	}
	complain("%s: %s: not the number of a process; 'pgrep -l NAME' finds "
		 "it",
		 command, word);
	return 0;
}

struct published *live_open(const char *command, const char *word,
			    unsigned int area, int *status)
{
	pid_t pid;

	*status = EXIT_BAD;
	if (!live_is_pid(word) && packed_is_memory(word))
		return published_open_file(command, word, area);
	pid = live_pid(command, word);
	if (pid)
		return published_open(command, pid, area);
	*status = EXIT_USAGE;
	return NULL;
}

/* --- showing -------------------------------------------------------------- */

static bool show_json(const struct live_view *v, const struct live_options *o,
		      const struct books *now, const struct books *before)
{
	json_t *all = v->json(now, before, v->ctx);

	if (!all) {
		complain("%s: no JSON of this: a name in it is not UTF-8, or "
			 "memory is out",
			 v->command);
		return false;
	}
	json_dumpf(all, stdout, o->batch ? JSON_COMPACT : JSON_INDENT(2));
	putchar('\n');
	json_decref(all);
	return true;
}

static bool show_once(const struct live_view *v, const struct live_options *o,
		      const struct books *now, const struct books *before)
{
	if (o->json)
		return show_json(v, o, now, before);
	v->text(stdout, now, before, v->ctx);
	if (o->batch)
		putchar('\n');
	return true;
}

int live_show_file(const struct live_view *v, const struct live_options *o,
		   const char *path)
{
	struct published *p = published_open_file(v->command, path, o->area);
	struct books b = { 0 };
	int status = EXIT_BAD;

	if (p && published_read(p, &b) &&
	    show_once(v, o, &b, v->rates ? &b : NULL))
		status = finish_output();
	books_free(&b);
	published_close(p);
	return status;
}

/* q, or the end of the process, ends it. */
static int show_screen(const struct live_view *v, const struct live_options *o,
		       struct published *p, struct books *now,
		       struct books *before)
{
	bool alive = true;
	char *text = NULL;
	size_t size;
	FILE *to;
	int key;

	if (!screen_open(v->command))
		return EXIT_BAD;
	do {
		to = open_memstream(&text, &size);
		if (!to)
			break;
		v->text(to, now, before, v->ctx);
		fclose(to);
		screen_text(text, "q: quit");
		free(text);
		key = screen_key(o->interval);
		if (key == 'q')
			break;
		books_copy(before, now);
		alive = published_read(p, now);
		if (alive && v->maps)
			books_read_maps(now);
	} while (alive);
	screen_close();
	if (!alive)
		complain("%s: process %ld has ended", v->command,
			 (long)now->pid);
	return EXIT_OK;
}

static int show_batch(const struct live_view *v, const struct live_options *o,
		      struct published *p, struct books *now,
		      struct books *before)
{
	long turn;

	for (turn = 1;; turn++) {
		if (!show_once(v, o, now, v->rates ? before : NULL))
			return EXIT_BAD;
		if (finish_output())
			return EXIT_BAD;
		if (!o->batch || turn == o->count)
			return EXIT_OK;
		books_copy(before, now);
		if (!published_sleep(p, o->interval) || !published_read(p, now))
			break;
		if (v->maps)
			books_read_maps(now);
	}
	complain("%s: process %ld has ended", v->command, (long)before->pid);
	return EXIT_OK;
}

int live_show(const struct live_view *v, const struct live_options *o,
	      pid_t pid)
{
	struct books now = { 0 }, before = { 0 };
	int status = EXIT_BAD;
	struct published *p;

	p = published_open(v->command, pid, o->area);
	if (!p)
		return EXIT_BAD;
	if (!published_read(p, &now))
		goto ended;
	if (v->rates) {
		books_copy(&before, &now);
		if (!published_sleep(p, o->interval) ||
		    !published_read(p, &now))
			goto ended;
	}
	if (v->maps)
		books_read_maps(&now);
	if (v->screen && !o->batch && !o->json && isatty(STDOUT_FILENO))
		status = show_screen(v, o, p, &now, &before);
	else
		status = show_batch(v, o, p, &now, &before);
	goto out;
ended:
	complain("%s: process %ld ended before it was read", v->command,
		 (long)pid);
out:
	books_free(&now);
	books_free(&before);
	published_close(p);
	return status;
}

int live_command(const struct live_view *v, const char *help, int argc,
		 char **argv)
{
	static const struct option options[] = {
		LIVE_LONG,
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct live_options o = LIVE_DEFAULTS;
	char name[64];
	pid_t pid;
	int c, is;

	snprintf(name, sizeof(name), "kmem: %s", v->command);
	argv[0] = name;
	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(help, stdout);
			return finish_output();
		}
		is = live_option(v->command, c, optarg, &o);
		if (is < 0)
			return EXIT_USAGE;
		if (!is)
			goto usage;
	}
	if (optind + 1 == argc) {
		if (packed_is_memory(argv[optind])) {
			if (!o.batch)
				return live_show_file(v, &o, argv[optind]);
			complain("%s: --batch and --count are for a process, "
				 "and %s is a file",
				 v->command, argv[optind]);
			goto usage;
		}
		pid = live_pid(v->command, argv[optind]);
		return pid ? live_show(v, &o, pid) : EXIT_USAGE;
	}
	if (optind == argc)
		complain("%s: which process? 'pgrep -l NAME' finds its number",
			 v->command);
	else
		complain("%s: one process at a time", v->command);
usage:
	fprintf(stderr, "Try 'kmem help %s'.\n", v->command);
	return EXIT_USAGE;
}

/* --- numbers -------------------------------------------------------------- */

double live_rate(uint64_t now, uint64_t before, const struct books *b_now,
		 const struct books *b_before)
{
	double seconds = (double)(b_now->when_ns - b_before->when_ns) / 1e9;

	return seconds > 0 ? (double)(int64_t)(now - before) / seconds : 0;
}

void live_clock(char *to, size_t size)
{
	time_t now = time(NULL);
	struct tm tm;

	localtime_r(&now, &tm);
	strftime(to, size, "%H:%M:%S", &tm);
}

const char *live_bytes(char *to, size_t size, double bytes)
{
	static const char units[] = "BKMGTPE";
	const char *unit = units, *sign = "";

	if (bytes < 0) {
		bytes = -bytes;
		sign = "-";
	}
	while (bytes >= 1023.5 && unit[1]) {
		bytes /= 1024;
		unit++;
	}
	if (unit == units || bytes >= 99.95)
		snprintf(to, size, "%s%.0f%c", sign, bytes, *unit);
	else
		snprintf(to, size, "%s%.1f%c", sign, bytes, *unit);
	return to;
}
