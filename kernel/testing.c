/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What is known of each cache that a test looks at: a list, since a test has
 * few, and one lock for all of it.
 */
#include <kmem/testing.h>
#include <kmem/wait.h>
#include <linux/list.h>
#include <stdlib.h>

struct watched {
	struct list_head list;
	struct kmem_cache *cache;
	unsigned int non_kernel; /* requests that may be served */
	void (*call)(void *data);
	void *data;
	gfp_t fail_on;
	unsigned int after;
	unsigned int out;
	unsigned int served;
};

static unsigned int lock;
static LIST_HEAD(caches);

/* With the lock held. Without memory there is no test. */
static struct watched *watched(struct kmem_cache *s)
{
	struct watched *w;

	list_for_each_entry(w, &caches, list)
		if (w->cache == s)
			return w;
	w = calloc(1, sizeof(*w));
	if (!w)
		abort();
	w->cache = s;
	list_add(&w->list, &caches);
	return w;
}

static struct watched *begin(struct kmem_cache *s)
{
	kmem_word_lock(&lock);
	return watched(s);
}

static void end(void)
{
	kmem_word_unlock(&lock);
}

void kmem_cache_set_non_kernel(struct kmem_cache *s, unsigned int n)
{
	begin(s)->non_kernel = n;
	end();
}

void kmem_cache_set_callback(struct kmem_cache *s, void (*call)(void *data))
{
	begin(s)->call = call;
	end();
}

void kmem_cache_set_private(struct kmem_cache *s, void *data)
{
	begin(s)->data = data;
	end();
}

void kmem_cache_fail_on(struct kmem_cache *s, gfp_t bits, unsigned int after)
{
	struct watched *w = begin(s);

	w->fail_on = bits;
	w->after = after;
	end();
}

unsigned int kmem_cache_nr_allocated(struct kmem_cache *s)
{
	unsigned int n = begin(s)->out;

	end();
	return n;
}

unsigned long kmem_cache_get_alloc(struct kmem_cache *s)
{
	return (unsigned long)kmem_cache_nr_allocated(s) * kmem_cache_size(s);
}

unsigned int kmem_cache_nr_tallocated(struct kmem_cache *s)
{
	unsigned int n = begin(s)->served;

	end();
	return n;
}

void kmem_cache_zero_nr_tallocated(struct kmem_cache *s)
{
	begin(s)->served = 0;
	end();
}

/* With the lock held: does a request for n objects go through? */
static bool passes(struct watched *w, gfp_t gfp, size_t n)
{
	if (gfp & w->fail_on) {
		if (w->after < n)
			return false;
		w->after -= (unsigned int)n;
	}
	if (gfp & __GFP_DIRECT_RECLAIM)
		return true;
	if (w->non_kernel < n)
		return false;
	w->non_kernel -= (unsigned int)n;
	return true;
}

/* The callback may use the cache, and comes after the lock. */
static bool admit(struct kmem_cache *s, gfp_t gfp, size_t n)
{
	struct watched *w = begin(s);
	bool yes = passes(w, gfp, n);
	void (*call)(void *data) = w->call;
	void *data = w->data;

	end();
	if (!yes && call)
		call(data);
	return yes;
}

static void count(struct kmem_cache *s, long n)
{
	struct watched *w = begin(s);

	w->out += (unsigned int)n;
	if (n > 0)
		w->served += (unsigned int)n;
	end();
}

void *kmem_test_alloc(struct kmem_cache *s, gfp_t gfp)
{
	void *obj;

	if (!admit(s, gfp, 1))
		return NULL;
	obj = kmem_cache_alloc(s, gfp);
	if (obj)
		count(s, 1);
	return obj;
}

int kmem_test_alloc_bulk(struct kmem_cache *s, gfp_t gfp, size_t n, void **p)
{
	int got;

	if (!admit(s, gfp, n))
		return 0;
	got = (int)kmem_cache_alloc_bulk(s, gfp, n, p);
	if (got)
		count(s, (long)n);
	return got;
}

void kmem_test_free(struct kmem_cache *s, const void *obj)
{
	kmem_cache_free(s, obj);
	count(s, -1);
}

void kmem_test_free_bulk(struct kmem_cache *s, size_t n, void **p)
{
	kmem_cache_free_bulk(s, n, p);
	count(s, -(long)n);
}

int kmem_test_destroy(struct kmem_cache *s)
{
	struct watched *w;

	kmem_word_lock(&lock);
	w = watched(s);
	list_del(&w->list);
	kmem_word_unlock(&lock);
	free(w);
	return kmem_cache_destroy(s);
}
