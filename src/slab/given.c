/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Which objects a program has, of caches whose frees are checked at the call.
 *
 * A bit for each object, set while the program has it.  A free that does not
 * find it set is a second one, or of no object's start, and nothing comes of
 * it: so no sheaf ever holds what was not given.  The pages of such a cache do
 * not tell its column, so every free comes this way.
 *
 * Invariant: a slab's bits are clear when it is made and when it leaves.  They
 * are the upper half of what the window's slab maps have for its pages: objects
 * of 16 bytes and more, as these are, leave it alone.
 */
#include "slab/given.h"

#include "debug/report.h"
#include "debug/watch.h"
#include "slab/debug.h"

#define GIVEN_BITS 64u
/* Of a page: half of its share, and as many bits as it can have objects. */
#define GIVEN_BYTES (CACHE_LINE / 2)

_Static_assert(GIVEN_BYTES * 8 >= PG_BYTES / SLAB_CHECKED_MIN, "they fit");

static unsigned long *given_map(const struct page *slab)
{
	return (unsigned long *)(void *)(window.slab_map +
					 page_pfn(slab) * CACHE_LINE +
					 ((size_t)GIVEN_BYTES << slab->order));
}

void slab_given_clear(const struct page *slab)
{
	memset(given_map(slab), 0, (size_t)GIVEN_BYTES << slab->order);
}

/* The word of an object's bit, or NULL: there is no object. */
static unsigned long *given_word(const struct kmem_cache *s, const void *obj,
				 unsigned long *bit)
{
	struct page *slab = slub_of(obj);
	int index = slab && page_cache(slab) == s ? slub_index(s, slab, obj) :
						    -1;

	if (index < 0)
		return NULL;
	*bit = 1ul << (unsigned int)index % GIVEN_BITS;
	return given_map(slab) + (unsigned int)index / GIVEN_BITS;
}

void slab_give_out(const struct kmem_cache *s, const void *obj)
{
	unsigned long bit, *word = given_word(s, obj, &bit);

	if (word)
		__atomic_fetch_or(word, bit, __ATOMIC_RELAXED);
}

bool slab_is_given(const struct kmem_cache *s, const void *obj)
{
	unsigned long bit, *word = given_word(s, obj, &bit);

	return word && __atomic_load_n(word, __ATOMIC_RELAXED) & bit;
}

/* Why an address in a slab of the cache is no object of the program's. */
static const char *not_given_why(const struct kmem_cache *s, const void *obj)
{
	return slub_index(s, slub_of(obj), obj) < 0 ? "Invalid object pointer" :
						      "Object already free";
}

static void refuse_free(struct kmem_cache *s, void *obj, const char *why)
{
	slab_report_bad_free(s, slub_of(obj), obj, why);
	watch_accuse(obj);
}

bool slab_may_use(const struct kmem_cache *s, const void *obj)
{
	struct page *slab = slub_of(obj);
	int index;

	if (unlikely(!slab || page_cache(slab) != s))
		return false;
	index = slub_index(s, slab, obj);
	return index >= 0 && !slub_is_free(slab, (unsigned int)index);
}

bool slab_may_free(struct kmem_cache *s, const void *obj)
{
	struct page *slab;

	if (likely(slab_may_use(s, obj)))
		return true;
	slab = slub_of(obj);
	/* what is not a slab any more is reported by who looks under a lock */
	if (!slab || page_cache(slab) != s)
		return true;
	refuse_free(s, (void *)(uintptr_t)obj, not_given_why(s, obj));
	return false;
}

void slab_report_not_given(struct kmem_cache *s, const void *obj)
{
	slab_report_bad(s, slub_of(obj), (void *)(uintptr_t)obj,
			not_given_why(s, obj));
}

bool slab_take_back(struct kmem_cache *s, void *obj)
{
	unsigned long bit, *word = given_word(s, obj, &bit);

	if (word && __atomic_fetch_and(word, ~bit, __ATOMIC_RELAXED) & bit)
		return true;
	refuse_free(s, obj,
		    word ? "Object already free" : "Invalid object pointer");
	return false;
}
