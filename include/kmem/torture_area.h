/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What kmem torture and the malloc front tell each other: a file that both
 * map, given to the front as KMEM_OPTIONS=torture=FILE.
 *
 * kmem writes the first part before the program starts, and pid just before
 * it becomes the program; the process with that number fills in the rest.
 * nr_modules, nr_sites and nr_tries are written after the entry they count,
 * so a reader finds entries below them whole.
 */
#ifndef KMEM_TORTURE_AREA_H
#define KMEM_TORTURE_AREA_H

#include <stdint.h>

#define KMEM_TORTURE_MAGIC 0x3152545230306d6bull

#define KMEM_TORTURE_FRAMES 8
#define KMEM_TORTURE_MODULES 256
#define KMEM_TORTURE_SITES 32768 /* a power of two */
#define KMEM_TORTURE_TRIES 131072
#define KMEM_TORTURE_POINTS (4u << 20) /* whose call site is kept */
#define KMEM_TORTURE_PATH 256
#define KMEM_TORTURE_NO_SITE 0xffffffffu

enum kmem_torture_mode {
	KMEM_TORTURE_FORK,  /* fork at allocations; the child gets NULL */
	KMEM_TORTURE_COUNT, /* write down the call site of each allocation */
	KMEM_TORTURE_NTH,   /* fail allocation nth */
};

enum kmem_torture_outcome {
	KMEM_TORTURE_RUNNING,
	KMEM_TORTURE_ENDED, /* status is what wait() said */
	KMEM_TORTURE_HANG,  /* killed after limit_ns */
	KMEM_TORTURE_NO_FORK,
};

/* Code is told by module and offset; an offset is the call's last byte. */
struct kmem_torture_frame {
	uint64_t offset; /* what the module's symbol table counts in */
	uint32_t module;
	uint32_t spare;
};

struct kmem_torture_site {
	uint64_t hash;
	uint64_t hits;
	uint32_t tried;
	uint32_t nr_frames;
	struct kmem_torture_frame frame[KMEM_TORTURE_FRAMES];
};

struct kmem_torture_try {
	uint64_t point; /* which allocation since arming, from 1 */
	uint64_t bytes;
	uint32_t site;
	uint32_t outcome;
	int32_t status;
	uint32_t after_site; /* strict: of the first allocation after it */
	uint64_t after;      /* allocations after the failure */
	uint64_t elapsed_ns;
};

struct kmem_torture_area {
	/* by kmem */
	uint64_t magic, size;
	uint32_t mode;
	uint32_t from_then_on, armed_by_call, strict;
	uint32_t depth; /* frames that tell one call site from another */
	int32_t pid;
	uint64_t every, max, per_site; /* 0: no limit */
	uint64_t nth;
	uint64_t deadline_ns; /* of CLOCK_MONOTONIC; no try after it; 0: none */
	uint64_t limit_ns;    /* for each child */
	uint32_t stop;
	char keep[KMEM_TORTURE_PATH]; /* folder for children's output, or "" */

	/* by the process */
	uint32_t started; /* the front has found this area */
	uint32_t threads; /* no forks any more: there is a second thread */
	uint64_t points;
	uint32_t armed, lost; /* lost: tables were full */
	uint32_t nr_modules, nr_sites, nr_tries;
	uint32_t lock;
	char module[KMEM_TORTURE_MODULES][KMEM_TORTURE_PATH];
	uint32_t hash[2 * KMEM_TORTURE_SITES]; /* site + 1, or 0 */
	struct kmem_torture_site site[KMEM_TORTURE_SITES];
	struct kmem_torture_try tries[KMEM_TORTURE_TRIES];
	uint32_t point_site[KMEM_TORTURE_POINTS];
};

#endif
