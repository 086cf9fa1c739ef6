/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kmem test: kmem run, with limits.  The library keeps them and gives the
 * process another exit status when one is broken, so nothing waits for it here.
 */
#include "cmd.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPTIONS_MOST 512

/* Appends ",key=value" to what is there. */
static bool add(char *to, const char *key, const char *value)
{
	size_t n = strlen(to);

	if (strchr(value, ',') || n + strlen(value) + 64 > OPTIONS_MOST) {
		complain("test: --%s: %s: give a number", key, value);
		return false;
	}
	snprintf(to + n, OPTIONS_MOST - n, ",test_case.%s=%s", key, value);
	return true;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "leaks", required_argument, NULL, 'l' },
		{ "peak", required_argument, NULL, 'p' },
		{ "allocations", required_argument, NULL, 'a' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	char mine[OPTIONS_MOST] = "test_case=1";
	char **words;
	int c, i, n = 0;

	while ((c = getopt_long(argc, argv, "+h", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(cmd_test.help, stdout);
			return finish_output();
		}
		if (c == '?' || !add(mine,
				     c == 'l' ? "leaks" :
				     c == 'p' ? "peak" :
						"allocations",
				     optarg))
			goto usage;
	}
	if (optind == argc) {
		complain("test: no command to run; for example: "
			 "kmem test --peak 64M -- ls -l");
		goto usage;
	}
	if (!options_set("test", mine))
		goto usage;
	words = calloc((size_t)argc + 3, sizeof(*words));
	if (!words)
		return EXIT_RUN;
	words[n++] = argv[0];
	words[n++] = (char[]){ "--" };
	for (i = optind; i < argc; i++)
		words[n++] = argv[i];
	optind = 0; /* the next getopt starts again */
	return cmd_run.run(n, words);

usage:
	fputs("Try 'kmem help test'.\n", stderr);
	return EXIT_RUN;
}

const struct command cmd_test = {
	.name = "test",
	.summary = "run a program as a test case with limits",
	.help = "Usage: kmem test [OPTION...] [--] COMMAND [ARGUMENT...]\n"
		"Runs COMMAND as 'kmem run' does, as a test case: at its end a\n"
		"line on stderr says how much it allocated, and when it broke\n"
		"a limit its exit status is 99, and a report says what is left,\n"
		"by cache and call site.\n"
		"\n"
		"Options:\n"
		"  --leaks N        blocks that it may leave at its end, also\n"
		"                   where something still points to them\n"
		"  --peak SIZE      bytes that it may have in use at once\n"
		"  --allocations N  allocations that it may make\n"
		"  --help           this page\n"
		"\n"
		"The limits are for malloc() and, in a program that is linked\n"
		"with libkmem, for its calls as well, each for itself; and for\n"
		"each program that COMMAND starts.  What ends by a signal or by\n"
		"_exit(), and children of fork, are not judged.  Limits of parts\n"
		"of a program are in <kmem/test.h>.\n"
		"\n"
		"The exit status is COMMAND's own; 99: a limit was broken; 125 to\n"
		"127: as of kmem run.\n"
		"\n"
		"Examples:\n"
		"  kmem test --peak 16M --allocations 20000 -- ./parser big.txt\n"
		"  add_test(NAME x COMMAND kmem test --leaks 0 -- $<TARGET_FILE:x>)\n",
	.run = run,
};
