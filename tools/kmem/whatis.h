/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What an address is to the allocator of a process.
 */
#ifndef KMEM_TOOL_WHATIS_H
#define KMEM_TOOL_WHATIS_H

#include "view.h"

/* The object beside the one that was asked for. */
struct beside {
	bool there;
	uint64_t start;
	char state[48];
};

struct whatis {
	uint64_t address;
	const char *kind; /* "object", "page", ..: the page of the command */
	char state[64];   /* "allocated", "free", .. ; "" has none */
	uint64_t start, size;
	int64_t offset; /* of the address from start */
	const char *zone;
	char detail[256]; /* the name of what it is part of, or "" */

	/* an object, in a slab or guarded */
	char cache[SLAB_NAME_MAX];
	unsigned long cache_errors;
	long index; /* -1: none */
	uint64_t asked;
	uint64_t slab;
	unsigned int objects, in_use;
	struct beside before, after;
	struct call alloc, free;
};

/* False after a complaint: the memory cannot be read. */
bool whatis(struct view *v, uint64_t address, struct whatis *a);

/* whatis_slab.c: an address in a slab whose head is this page. */
bool whatis_slab(struct view *v, const struct kmem_cache *owner,
		 const struct page *head, unsigned long head_pfn,
		 struct whatis *a);
void whatis_set_cache(struct whatis *a, const struct kmem_cache *s);

#endif
