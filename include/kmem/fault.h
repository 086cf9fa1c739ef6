/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Requests that are made to fail, as by the kernel's fault injection: what
 * Documentation/fault-injection calls failslab, fail_page_alloc, fail-nth and
 * make-it-fail, as calls. KMEM_OPTIONS has them too.
 *
 * From the first of these calls that changes something on, caches keep no
 * sheaves, so that each request is asked about.
 */
#ifndef KMEM_FAULT_H
#define KMEM_FAULT_H

#include <kmem/abi.h>
#include <kmem/types.h>
#include <stdbool.h>
#include <stddef.h>

enum kmem_fault {
	KMEM_FAILSLAB,        /* objects, and blocks of kmalloc() from caches */
	KMEM_FAIL_PAGE_ALLOC, /* pages, and what is made of them */
};

/* The names and meanings of the kernel's files in debugfs. */
struct kmem_fault_attr {
	unsigned long interval;   /* each so many-th; 0 and 1: each */
	unsigned int probability; /* of these, in percent; 0: none */
	long space;               /* bytes, or pages, that are served before */
	long times;               /* failures at the most; -1: no limit */
	unsigned int verbose; /* 0: silent, 1: a line of each, 2: and a stack */
	bool task_filter;     /* only threads that kmem_make_it_fail() named */
	bool ignore_gfp_wait; /* only requests that must not block */
	bool ignore_gfp_highmem; /* pages: none with __GFP_HIGHMEM */
	bool cache_filter;       /* objects: only caches of slab_debug=A */
	unsigned int min_order;  /* pages: only blocks of so many and more */
	/* A return address of the stack must, or must not, lie in these. */
	unsigned int stacktrace_depth; /* how many are looked at */
	unsigned long require_start, require_end;
	unsigned long reject_start, reject_end;
};

struct kmem_cache;

/* A request that is about to be served. */
struct kmem_fault_request {
	enum kmem_fault kind;
	struct kmem_cache *cache; /* NULL: pages, or a new cache */
	size_t bytes;             /* of all that it asks for */
	gfp_t gfp;
};

/* A function that says which requests fail: those that it is true of. */
struct kmem_fault_filter {
	bool (*fails)(const struct kmem_fault_request *request, void *data);
	void *data;
};

KMEM_EXTERN_C_BEGIN

/* How requests of a kind fail: what is in force, and something else. */
KMEM_API void kmem_fault_get(enum kmem_fault kind, struct kmem_fault_attr *attr)
	KMEM_ABI(kmem_fault_get);
KMEM_API int kmem_fault_set(enum kmem_fault kind,
			    const struct kmem_fault_attr *attr)
	KMEM_ABI(kmem_fault_set);
/* What the function says of each request comes first; NULL: no function. */
KMEM_API int kmem_fault_hook(const struct kmem_fault_filter *hook)
	KMEM_ABI(kmem_fault_hook);
/* The n-th request of this thread from here on fails; 0: none does. */
KMEM_API int kmem_fail_nth(unsigned int n) KMEM_ABI(kmem_fail_nth);
/* How many there are before it fails, and itself; 0: it has failed. */
KMEM_API unsigned int kmem_fail_nth_left(void) KMEM_ABI(kmem_fail_nth_left);
/* Is this thread one of those that task_filter lets through? */
KMEM_API void kmem_make_it_fail(bool on) KMEM_ABI(kmem_make_it_fail);

KMEM_EXTERN_C_END

#endif
