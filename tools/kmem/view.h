/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The allocator's own records, read from the memory of a process: caches,
 * pages, objects, tracks, guarded objects.  The process is not stopped, so
 * what is read may be of several moments; nothing of it is believed beyond its
 * range.
 */
#ifndef KMEM_TOOL_VIEW_H
#define KMEM_TOOL_VIEW_H

#include "slab/view.h"

#include <jansson.h>
#include <stdio.h>

#include "memory.h"
#include "published.h"

struct view {
	const char *command; /* complaints begin with it */
	struct memory mem;
	struct debug_view v;
	struct window w;
	struct zone zone[ZONES];
	uint64_t standin, areas;
	const struct books *books;
};

/* False after a complaint. */
bool view_open(struct view *v, const char *command, const struct books *b);
void view_close(struct view *v);

/* Bytes at an address, which may be one of the process's pointers. */
bool view_read(struct view *v, const void *at, void *to, size_t n);

/* The cache whose record is there; false: there is none. */
bool view_cache(struct view *v, const void *at, struct kmem_cache *s);

/* Its part of struct page, and the cache of its slab. */
bool view_page(struct view *v, unsigned long pfn, struct page *page,
	       const struct kmem_cache **owner);

/* A call that had an object. */
struct call {
	uint64_t caller; /* code address; 0: not known */
	unsigned int pid, cpu;
	uint64_t age_ms;
	bool aged;
	unsigned int nr;
	uint64_t pc[STACK_DEPTH];
};

void call_of_track(struct view *v, const struct debug_track *t, struct call *c);
void call_of_kfence(struct view *v, const struct kfence_track *t,
		    struct call *c);
void call_print(struct view *v, FILE *to, const char *did,
		const struct call *c);
/* NULL: null. */
json_t *call_json(struct view *v, const struct call *c);

/* Slot i of the guarded objects. */
bool view_guarded(struct view *v, unsigned long i, struct kfence_meta *m);
bool view_guarded_counts(struct view *v, struct kfence_counts *c);

/* The last reports, in whole lines, to be freed; NULL: none. */
char *view_text(const struct view *v);

#endif
