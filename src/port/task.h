/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What the core keeps with each thread; port_task() says where.
 */
#ifndef PORT_TASK_H
#define PORT_TASK_H

#include <stdint.h>

struct debug_call;
struct hook_walk;
struct once_run;
struct page_asker;

/* The section that a thread is in; debug/atomic.c. */
enum port_section {
	PORT_ATOMIC,
	PORT_NO_BLOCK,
	PORT_FS_RECLAIM,
	PORT_SECTIONS
};

/*
 * The running thread, as the core sees it.  Zero bytes are a valid start.
 * flags holds PF_* bits of the allocation scopes; in debug builds held has a
 * bit for each lock rank held and nested counts the further locks of a rank.
 * depth and began are those of the user's sections.  given counts the pages
 * that it gave back less those it took; walk is the innermost call of a user's
 * callback that it is in (page/hook.c).  caller is the call site of the last
 * call of the API that may take a slow path, asker says what the pages are for:
 * both for reports of a failure.
 */
struct port_task {
	uint32_t flags;
	uint32_t depth[PORT_SECTIONS]; /* how many of a kind it is in */
	uint32_t began[PORT_SECTIONS]; /* stack that began the outermost */
	uint32_t held;
	uint32_t no_thread; /* not 0: port_thread() must refuse */
	int32_t given;
	struct hook_walk *walk;
	const void *caller;
	uint64_t site; /* page/sites.h; 0: caller */
	const struct page_asker *asker;
	struct debug_call *debug_call;            /* slab/debug.h */
	uint32_t no_fail, fail_nth, make_it_fail; /* debug/fail.h */
	const struct once_run *runs;
	uint32_t boots;      /* enum boot_state */
	uint32_t nested[24]; /* around fork, locks of all caches */
	unsigned long steps; /* debug builds: of bounded loops, so far */
};

#endif
