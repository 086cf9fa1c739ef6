/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What the commands that look at a running process have in common: their
 * options, and showing a view of the statistics once or repeatedly.
 */
#ifndef KMEM_TOOL_LIVE_H
#define KMEM_TOOL_LIVE_H

#include <stdio.h>

#include <getopt.h>
#include <jansson.h>

#include "published.h"

struct live_options {
	bool json, batch;
	double interval; /* seconds */
	long count;      /* readings; 0: until the process ends */
	unsigned int area;
};

#define LIVE_DEFAULTS                      \
	{                                  \
		.interval = 1.0, .area = 1 \
	}

/* Entries of a getopt_long() table; values above any letter. */
enum { LIVE_JSON = 512, LIVE_BATCH, LIVE_INTERVAL, LIVE_COUNT, LIVE_AREA };
#define LIVE_LONG                                                       \
	{ "json", no_argument, NULL, LIVE_JSON },                       \
		{ "batch", no_argument, NULL, LIVE_BATCH },             \
		{ "interval", required_argument, NULL, LIVE_INTERVAL }, \
		{ "count", required_argument, NULL, LIVE_COUNT },       \
	{                                                               \
		"area", required_argument, NULL, LIVE_AREA              \
	}

#define LIVE_HELP                                                          \
	"  --json          as JSON, sizes in bytes; one document a line\n" \
	"                  with --batch\n"                                 \
	"  --batch         text, over and over, until PID ends\n"          \
	"  --interval SEC  how often, and what rates are taken over:\n"    \
	"                  1 second if not said, 0.01 at least\n"          \
	"  --count N       stop after N times; implies --batch\n"          \
	"  --area N        the Nth allocator, in a process that has\n"     \
	"                  several\n"                                      \
	"  --help          this page\n"

/* Of the commands that take them. */
#define LIVE_FILES_HELP                                                    \
	"\n"                                                               \
	"CORE is the core file of a process, shown once, as the process\n" \
	"would have been; DUMP is the memory of a machine on libkmem.\n"

/*
 * Takes an option of LIVE_LONG: 1 taken, 0 not one of these, -1 after a
 * complaint.
 */
int live_option(const char *command, int c, const char *value,
		struct live_options *o);

/* Is the word a process's number? Digits and nothing else. */
bool live_is_pid(const char *word);
/* 0 after a complaint. */
pid_t live_pid(const char *command, const char *word);

struct live_view {
	const char *command;
	/* needs a reading one interval before the one it shows */
	bool rates;
	/* reads /proc/PID/smaps too */
	bool maps;
	/* on a terminal repeatedly, full screen, unless --batch */
	bool screen;
	/* before is NULL when there was none, or no rates are wanted */
	void (*text)(FILE *to, const struct books *now,
		     const struct books *before, void *ctx);
	json_t *(*json)(const struct books *now, const struct books *before,
			void *ctx);
	void *ctx;
};

/* Shows a view as the options say; an exit status. */
int live_show(const struct live_view *v, const struct live_options *o,
	      pid_t pid);

/*
 * The same of memory in a file, a core or a dump, once and as text or JSON:
 * nothing moves in it.
 */
int live_show_file(const struct live_view *v, const struct live_options *o,
		   const char *path);

/*
 * What a word of the command line names, by number or by file.  NULL after a
 * complaint; *status is then for the command to end with.
 */
struct published *live_open(const char *command, const char *word,
			    unsigned int area, int *status);

/*
 * The whole command line of a command without options of its own: an exit
 * status. help is printed for --help.
 */
int live_command(const struct live_view *v, const char *help, int argc,
		 char **argv);

/* Events a second between two readings of a counter. */
double live_rate(uint64_t now, uint64_t before, const struct books *b_now,
		 const struct books *b_before);

/* The time of day, "12:34:56". */
void live_clock(char *to, size_t size);

/* "12.3M": at most 6 characters for anything below 8 EiB. */
const char *live_bytes(char *to, size_t size, double bytes);

#endif
