/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What kmem torture found, between the part that runs programs and the one that
 * reports.
 */
#ifndef KMEM_TORTURE_RESULT_H
#define KMEM_TORTURE_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

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

/* Findings: by a signal or hung; in strict mode, what allocated afterwards. */
size_t torture_bad(const struct torture *t);

void torture_text(FILE *to, const struct torture *t);
/* false: out of memory or not written */
bool torture_json(FILE *to, const struct torture *t);
void torture_html(FILE *to, const struct torture *t);

#endif
