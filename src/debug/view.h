/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Where the private memory of the process has what the checks know, for the
 * commands of kmem that explain it.
 *
 * Nothing of this is copied for them: it costs nothing while nobody looks.
 * They read the records themselves, whose layout is that of these headers, so
 * layout must be what they compute (slab/view.h).
 */
#ifndef DEBUG_VIEW_H
#define DEBUG_VIEW_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of reports that are kept, the last ones. */
#define VIEW_TEXT 8192u

/* Fields are written once, by the layer that they belong to, or are counts. */
struct debug_view {
	uint64_t layout;        /* 0: do not look */
	unsigned long errors;   /* reports and fixes so far */
	unsigned long text_end; /* bytes of reports so far */

	const void *window, *zones; /* struct window, struct zone[] */
	const char *stacks;         /* debug/stack.h; NULL: none kept */
	unsigned long nr_stacks, lost_stacks;
	const void *kfence, *kfence_meta; /* struct kfence_pool and its slots */
	const void *kfence_counts;
	unsigned long kfence_slots, kfence_page;
	const void *percpu;              /* struct chunk *[] */
	const unsigned int *nr_percpu;   /* of these, and .. */
	const unsigned int *percpu_cpus; /* units of each */
	const void *regions;   /* root of the tree of alloc/region.h */
	const uint64_t *areas; /* address of the first record of vmalloc() */
	const void *fenced;    /* root of the tree of front/fenced.h */
	const void *kept;      /* struct kept_block[] of alloc/map_cache.h */
	const unsigned int *nr_kept;
	uint64_t *const *site_words; /* page/sites.h */
	const uint64_t *sites_epoch;
	/* calls of <linux/kmemleak.h> without effect; epoch of the last with */
	unsigned long marks_lost;
	uint64_t marks_epoch;

	/* check=strict: what was freed and is held back; large blocks last */
	unsigned long strict; /* it is on */
	unsigned long held, held_bytes, held_most;
	unsigned long large_held, large_bytes;

	char text[VIEW_TEXT]; /* text_end % VIEW_TEXT is written next */
};

extern struct debug_view debug_view __attribute__((visibility("hidden")));

#endif
