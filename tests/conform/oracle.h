/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What a real kernel answered, and what a test needs to ask the same here.
 *
 * oracle/linux-6.1-slub.txt has one answer a line, KEY=value.  A value is
 * words; a word "name:value" is a field, the others together are the bare
 * part.  A test states what it got in the same words.  What it leaves out is
 * not compared, and scripts/check-oracle.py wants a line in docs/compat.md
 * for it.
 *
 * The tests that use this are written in kernel C.  Everything hosted is
 * behind these calls, so a module can bring its own oracle.c, which prints
 * what it is given and compares nothing.
 */
#ifndef CONFORM_ORACLE_H
#define CONFORM_ORACLE_H

#include <linux/slab.h>
#include <linux/types.h>

struct kunit;

/* snprintf() of the hosted side and of the kernel alike. */
int snprintf(char *buf, size_t n, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Compares the words of the printf-like value with the answer to key, or to
 * nomerge.key where the kernel was asked both with and without merging of
 * caches: caches never merge here.
 */
void oracle_expect(struct kunit *test, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * The same for a number of objects that the kernel counted in whole slabs:
 * got / per_slab is compared with answer / kernel_per_slab, as fractions.
 */
void oracle_expect_slabs(struct kunit *test, const char *key, long got,
			 long per_slab, long kernel_per_slab);

/* Formats a key in a static buffer of the calling thread. */
const char *oracle_key(const char *fmt, ...)
	__attribute__((format(printf, 1, 2)));

struct oracle_cache {
	const char *name;
	unsigned int size, object_size, align, order, objs_per_slab;
	unsigned int min_partial, flags;
	int refcount;
};
void oracle_cache(struct kmem_cache *s, struct oracle_cache *c);

/* "kmem_cache_size:64 object_size:64 size:64 ..." of a cache. */
void oracle_cache_text(struct kmem_cache *s, char *buf, size_t n);

struct oracle_counts {
	unsigned long active, total, slabs;
	unsigned long parked; /* of active: free, but held in front */
};
void oracle_counts(struct kmem_cache *s, struct oracle_counts *c);

/* The cache that an object is from; NULL for a block of pages. */
struct kmem_cache *oracle_owner(const void *p);
/* The order of the block of pages that p lies in. */
unsigned int oracle_order(const void *p);
/* The first byte of that block. */
void *oracle_block(const void *p);

/* Every invariant of the allocator; false after a report. */
bool oracle_valid(void);

/* Bytes in use by all caches and by blocks of pages. */
unsigned long oracle_in_use(void);

/* The physical address at which ZONE_DMA ends: 16 MiB, if the machine can. */
phys_addr_t oracle_dma_end(void);

/* Runs fn(arg) in ms milliseconds on another thread; one at a time. */
void oracle_later(unsigned int ms, void (*fn)(void *arg), void *arg);
/* Returns when it has run. */
void oracle_later_end(void);
unsigned long oracle_clock_ms(void);

/*
 * A test that needs a short memory defines this: the text goes into the
 * allocator's options before the first allocation.
 */
extern const char oracle_options[] __attribute__((weak));

/* Common to all suites; the .init and .exit of each. */
int oracle_init(struct kunit *test);
void oracle_exit(struct kunit *test);

/* The largest power of two that divides the address. */
static inline unsigned long oracle_align(const void *p)
{
	unsigned long a = (unsigned long)p;

	return a & -a;
}

/*
 * The same pointer, of which the compiler has forgotten how many bytes were
 * asked for: a test may look at all of a class.
 */
static inline void *oracle_hide(void *p)
{
	__asm__ volatile("" : "+r"(p));
	return p;
}

#endif
