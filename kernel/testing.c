/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What is known of each cache that a test looks at: a list, since a test has
 * few, and one lock for all of it.  kmalloc() is the entry without a cache; its
 * blocks are known one by one, since others than those that kmalloc() gave are
 * freed by kfree().
 */
#include <kmem/test.h>
#include <kmem/wait.h>
#include <linux/errno.h>
#include <linux/hashtable.h>
#include <linux/list.h>
#include <stdlib.h>

struct watched {
	struct list_head list;
	struct kmem_cache *cache;
	unsigned int non_kernel; /* requests that may be served */
	void (*call)(void *data);
	void *data;
	bool failed; /* since call was made */
	gfp_t fail_on;
	unsigned int after;
	unsigned int out;
	unsigned int served;
	unsigned long bytes; /* of those that are out */
};

struct block {
	struct hlist_node node;
	const void *start;
	size_t size;
};

static unsigned int lock;
static LIST_HEAD(caches);
static DEFINE_HASHTABLE(blocks, 12);

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
	unsigned long n = begin(s)->bytes;

	end();
	return n;
}

int kmem_test_nr_allocated(void)
{
	unsigned int n = 0;
	struct watched *w;

	kmem_word_lock(&lock);
	list_for_each_entry(w, &caches, list)
		n += w->cache ? w->out : 0;
	kmem_word_unlock(&lock);
	return (int)n;
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

/* With the lock held: what is to be called before the request, if any. */
static void (*callback(struct watched *w))(void *data)
{
	void (*call)(void *data) = w->failed ? w->call : NULL;

	w->failed = false;
	return call;
}

static bool admit(struct kmem_cache *s, gfp_t gfp, size_t n)
{
	struct watched *w = begin(s);
	void (*call)(void *data) = callback(w);
	void *data = w->data;
	bool yes;

	if (call) {
		end();
		call(data);
		w = begin(s);
	}
	yes = passes(w, gfp, n);
	w->failed = !yes;
	end();
	return yes;
}

/* With the lock held. */
static void add(struct watched *w, size_t n, size_t size)
{
	w->out += (unsigned int)n;
	w->served += (unsigned int)n;
	w->bytes += n * size;
}

static void sub(struct watched *w, size_t n, size_t size)
{
	w->out -= (unsigned int)n;
	w->bytes -= n * size;
}

static void count(struct kmem_cache *s, size_t n)
{
	add(begin(s), n, kmem_cache_size(s));
	end();
}

static void uncount(struct kmem_cache *s, size_t n)
{
	sub(begin(s), n, kmem_cache_size(s));
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
		count(s, n);
	return got;
}

void kmem_test_free(struct kmem_cache *s, const void *obj)
{
	kmem_cache_free(s, obj);
	uncount(s, 1);
}

void kmem_test_free_bulk(struct kmem_cache *s, size_t n, void **p)
{
	kmem_cache_free_bulk(s, n, p);
	uncount(s, n);
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

struct slab_sheaf *kmem_test_prefill_sheaf(struct kmem_cache *s, gfp_t gfp,
					   unsigned int size)
{
	return admit(s, gfp, size) ? kmem_cache_prefill_sheaf(s, gfp, size) :
				     NULL;
}

int kmem_test_refill_sheaf(struct kmem_cache *s, gfp_t gfp,
			   struct slab_sheaf **sheafp, unsigned int size)
{
	unsigned int have = kmem_cache_sheaf_size(*sheafp);

	if (size > have && !admit(s, gfp, size - have))
		return -ENOMEM;
	return kmem_cache_refill_sheaf(s, gfp, sheafp, size);
}

/* Objects in a sheaf are out when they leave it. */
void *kmem_test_alloc_from_sheaf(struct kmem_cache *s, gfp_t gfp,
				 struct slab_sheaf *sheaf)
{
	void *obj = kmem_cache_alloc_from_sheaf(s, gfp, sheaf);

	if (obj)
		count(s, 1);
	return obj;
}

/* With the lock held. */
static struct block *block_of(const void *p)
{
	struct block *b;

	hash_for_each_possible(blocks, b, node,
			       (unsigned long)p) if (b->start == p) return b;
	return NULL;
}

/* Returns the size of what is then no longer known, or 0. */
static size_t forget(const void *p)
{
	struct watched *w = begin(NULL);
	struct block *b = block_of(p);
	size_t size = b ? b->size : 0;

	if (b) {
		hash_del(&b->node);
		sub(w, 1, size);
	}
	end();
	free(b);
	return size;
}

/* A block of that address that is known is one that left unseen. */
static void learn(const void *p, size_t size)
{
	struct block *b;

	if (ZERO_OR_NULL_PTR(p))
		return;
	forget(p);
	b = calloc(1, sizeof(*b));
	if (!b)
		abort();
	b->start = p;
	b->size = size;
	add(begin(NULL), 1, size);
	hash_add(blocks, &b->node, (unsigned long)p);
	end();
}

void *kmem_test_kmalloc(size_t size, gfp_t gfp, int node)
{
	void *p;

	if (!admit(NULL, gfp, 1))
		return NULL;
	p = kmalloc_node(size, gfp, node);
	learn(p, size);
	return p;
}

void *kmem_test_kmalloc_array(size_t n, size_t size, gfp_t gfp)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	return kmem_test_kmalloc(bytes, gfp, NUMA_NO_NODE);
}

/* The block is forgotten first: another thread may be given it again. */
void *kmem_test_krealloc(const void *p, size_t size, gfp_t gfp)
{
	size_t old;
	void *new;

	if (!admit(NULL, gfp, 1))
		return NULL;
	old = forget(p);
	new = krealloc(p, size, gfp);
	if (new) {
		learn(new, size);
	} else if (old) {
		learn(p, old);
		begin(NULL)->served--;
		end();
	}
	return new;
}

void kmem_test_kfree(const void *p)
{
	forget(p);
	kfree(p);
}
