/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What the sub-commands of kmem share.
 */
#ifndef KMEM_CMD_H
#define KMEM_CMD_H

#include <stdbool.h>

/* Exit statuses of kmem itself. */
enum {
	EXIT_OK = 0,
	EXIT_BAD = 1,     /* what was asked for could not be done */
	EXIT_USAGE = 2,   /* the command line is wrong */
	EXIT_NOTHING = 3, /* kmem torture: nothing was tried */
	EXIT_FOUND = 4,   /* kmem leaks: something is lost */
	EXIT_RUN = 125,   /* kmem run: failed before the program ran */
	EXIT_CANNOT_EXEC = 126,
	EXIT_NOT_FOUND = 127,
};

struct command {
	const char *name;
	const char *summary; /* a line of kmem --help */
	const char *help;    /* the page of kmem help NAME */
	/* argv[0] is the name; returns the exit status */
	int (*run)(int argc, char **argv);
};

extern const struct command cmd_run;
extern const struct command cmd_slabinfo;
extern const struct command cmd_buddyinfo;
extern const struct command cmd_meminfo;
extern const struct command cmd_flow;
extern const struct command cmd_top;
extern const struct command cmd_torture;
extern const struct command cmd_trim;
extern const struct command cmd_vmallocinfo;
extern const struct command cmd_debug;
extern const struct command cmd_whatis;
extern const struct command cmd_allocinfo;
extern const struct command cmd_test;
extern const struct command cmd_leaks;

/* "kmem: " and a line, on stderr. */
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Flushes stdout; EXIT_OK, or EXIT_BAD after a complaint. */
int finish_output(void);

/*
 * Puts libkmem-malloc.so into LD_PRELOAD; 0 after a complaint, when it was
 * not found.
 */
int front_preload(void);

/*
 * Adds items to KMEM_OPTIONS, in place of those of the same keys; false after a
 * complaint of the command named, when the library would refuse one.
 */
bool options_set(const char *command, const char *mine);

/* Prints what options there are; an exit status. */
int options_list(void);

#endif
