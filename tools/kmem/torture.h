/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* kmem torture, between the parts that run, decide and report. */
#ifndef KMEM_TORTURE_RESULT_H
#define KMEM_TORTURE_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <signal.h>
#include <sys/types.h>

#include <kmem/torture_area.h>

enum outcome { SAME, OTHER, SIGNALLED, HUNG, OUTCOMES };

extern const char *const outcome_name[OUTCOMES];

struct result {
	uint64_t point, bytes, after, elapsed_ns;
	uint32_t site, after_site;
	enum outcome outcome;
	int status; /* as wait() gives it */
};

struct torture {
	char *const *argv;
	const char *mode; /* "fork" or "runs" */
	bool from_then_on, strict;
	const struct kmem_torture_area *area;
	int base_status;
	uint64_t points; /* allocations without a failure */
	uint64_t elapsed_ns;
	uint64_t not_reached; /* runs that made fewer allocations */
	uint64_t not_forked;
	bool interrupted, timed_out;
	struct result *result;
	size_t nr, room;
};

/* torture_run.c */

/* What this process and the programs share. */
extern struct kmem_torture_area *area;
extern volatile sig_atomic_t interrupted;

uint64_t torture_now_ns(void);
/* False after a complaint. */
bool torture_area_make(void);
/* What the programs read; NULL: standard input. */
bool torture_input_open(const char *name);
/* A folder for what they write; NULL: it is thrown away. */
bool torture_keep_prepare(const char *dir);
/* A command before each run. */
bool torture_setup_run(const char *command);
/* Starts the program; its number, or -1 with *status to exit with. */
pid_t torture_start(char *const *argv, const char *name, int *status);
/* Waits until then (0: for ever); false: the program had to be killed. */
bool torture_finish(pid_t pid, uint64_t until, int *status, void (*tick)(void));

/* torture_report.c */

/* Findings: by a signal or hung; in strict mode, what allocated afterwards. */
size_t torture_bad(const struct torture *t);

void torture_text(FILE *to, const struct torture *t);
/* false: out of memory or not written */
bool torture_json(FILE *to, const struct torture *t);
void torture_html(FILE *to, const struct torture *t);

#endif
