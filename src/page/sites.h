/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Where memory in use was allocated.  THEORY.
 *
 * 1. What it is for.  The kernel's memory allocation profiling: how many bytes
 *    of how many blocks each call site holds.
 *
 * 2. One word for each block, written by whoever allocates it, and nothing
 *    else: no counter, and no work for a free.  A reader walks over what is in
 *    use and adds up; so the sum over all sites is what is in use.  A free
 *    leaves the word behind; the next allocation of the block overwrites it,
 *    and no reader looks at the word of a block that is free.
 *
 *	site	bits 0-47	address of a struct alloc_tag, or of code
 *		bits 48-59	epoch in which it was written
 *		bits 60-62	what <linux/kmemleak.h> said of the block since
 *		bit 63		it is a tag
 *
 *    Each time accounting is turned on is an epoch of its own, so that what
 *    was written before is as if it were not there.  (After 4095 of them the
 *    numbers begin again.)  Blocks without a site of this epoch, and what the
 *    library keeps for itself, are unaccounted.
 *
 * 3. Where the words are.  There is one for each page of the window, used for
 *    the first page of a block.  Of a slab it is the address of an array with a
 *    word for each object, which has no epoch (slab/sites.c).  The words are
 *    a mapping that costs memory where it was written, made when accounting is
 *    turned on for the first time.
 *
 * 4. Every allocation must pass here while accounting is on.  So the gates of
 *    all caches stay shut (sync/gate.h): a pop misses, and the slow path takes
 *    from behind the gate.  Off, the fast paths are as if this were not there.
 *
 * 5. Whose site.  A thread that is in alloc_hooks() has it in
 *    port_task()->site; else it is the code that called the API,
 *    port_task()->caller.
 */
#ifndef PAGE_SITES_H
#define PAGE_SITES_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/mem.h"
#include "page/page.h"
#include "port/port.h"

#define SITE_ADDRESS ((1ull << 48) - 1)
#define SITE_EPOCH_SHIFT 48
#define SITE_EPOCHS 0xfffull
#define SITE_GREY (1ull << 60)
#define SITE_BLACK (1ull << 61)
#define SITE_NO_SCAN (1ull << 62)
#define SITE_MARKS (SITE_GREY | SITE_BLACK | SITE_NO_SCAN)
#define SITE_TAG (1ull << 63)

/* 0: accounting is off. */
extern uint64_t sites_epoch __attribute__((visibility("hidden")));
/* A word for each page of the window; NULL: it was never on. */
extern uint64_t *sites_words __attribute__((visibility("hidden")));

static inline uint64_t sites_now(void)
{
	return __atomic_load_n(&sites_epoch, __ATOMIC_RELAXED);
}

static inline bool sites_on(void)
{
	return !KMEM_SMALL && unlikely(sites_now());
}

/* Begins an epoch, or ends the present one: 0 or -ENOMEM.  slab_mutex. */
int sites_begin(void);
void sites_end(void);

/* The word to write for what the running thread allocates. */
uint64_t site_of_call(void);

/* Is it of this epoch? */
static inline bool site_is_new(uint64_t word)
{
	return word >> SITE_EPOCH_SHIFT & SITE_EPOCHS &&
	       (word >> SITE_EPOCH_SHIFT & SITE_EPOCHS) == sites_now();
}

/* The word of a page, given that there are words. */
static inline uint64_t *site_word(const struct page *page)
{
	return sites_words + page_pfn(page);
}

/*
 * Takes and sets bits of the word of a block in use; one that is not of this
 * epoch becomes one without a site.  False: accounting is off.
 */
bool site_mark(uint64_t *word, uint64_t take, uint64_t set);

/* Pages were allocated as a block, or each for itself. */
void site_block(const struct page *page);
void site_run(const struct page *page, unsigned long nr);

#endif
