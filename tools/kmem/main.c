/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kmem: the command line of libkmem.  A table of sub-commands, each a file.
 */
#include "cmd.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <kmem/kmem.h>

static const struct command *const commands[] = {
	&cmd_run,         &cmd_slabinfo, &cmd_buddyinfo, &cmd_meminfo,
	&cmd_flow,        &cmd_top,      &cmd_torture,   &cmd_trim,
	&cmd_vmallocinfo, &cmd_debug,    &cmd_whatis,    &cmd_allocinfo,
	&cmd_test,        &cmd_leaks,
};

#define COMMANDS (sizeof(commands) / sizeof(*commands))

void complain(const char *fmt, ...)
{
	va_list ap;

	fputs("kmem: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

int finish_output(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return EXIT_OK;
	complain("cannot write to the standard output: %s", strerror(errno));
	return EXIT_BAD;
}

static void print_overview(FILE *to)
{
	size_t i;

	fputs("Usage: kmem COMMAND [ARGUMENT...]\n"
	      "Runs programs on the kernel's allocator, and looks at it.\n"
	      "\n"
	      "Commands:\n",
	      to);
	for (i = 0; i < COMMANDS; i++)
		fprintf(to, "  %-11s %s\n", commands[i]->name,
			commands[i]->summary);
	fputs("  help        explain a command: kmem help run; or the options of\n"
	      "              the library: kmem help options\n"
	      "\n"
	      "Options:\n"
	      "  --help      this page\n"
	      "  --version   the version of kmem\n"
	      "\n"
	      "A first look:\n"
	      "  kmem run --slabinfo /tmp/slabs -- python3 -c 'print(1)'\n"
	      "  kmem slabinfo /tmp/slabs\n",
	      to);
}

static const struct command *find_command(const char *name)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

static int unknown(const char *name)
{
	size_t i;

	fprintf(stderr, "kmem: there is no command '%s'; there are:", name);
	for (i = 0; i < COMMANDS; i++)
		fprintf(stderr, " %s", commands[i]->name);
	fputs(" help\n", stderr);
	return EXIT_USAGE;
}

static int help(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2) {
		print_overview(stdout);
		return finish_output();
	}
	if (argc > 2) {
		complain("help: one command at a time; try: kmem help %s",
			 argv[1]);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "options"))
		return options_list();
	command = find_command(argv[1]);
	if (!command)
		return unknown(argv[1]);
	fputs(command->help, stdout);
	return finish_output();
}

static int version(void)
{
	puts("kmem " KMEM_VERSION_STRING);
	return finish_output();
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	const struct command *command;
	int c;

	/* getopt begins its messages with this */
	argv[0] = (char[]){ "kmem" };
	c = getopt_long(argc, argv, "+hV", options, NULL);
	if (c == 'h') {
		print_overview(stdout);
		return finish_output();
	}
	if (c == 'V')
		return version();
	if (c != -1) {
		fputs("Try 'kmem --help'.\n", stderr);
		return EXIT_USAGE;
	}
	if (optind == argc) {
		print_overview(stderr);
		return EXIT_USAGE;
	}
	argc -= optind;
	argv += optind;
	optind = 0; /* the next getopt starts again */
	if (!strcmp(argv[0], "help"))
		return help(argc, argv);
	command = find_command(argv[0]);
	return command ? command->run(argc, argv) : unknown(argv[0]);
}
