/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Caches: their creation, their list, their end.
 *
 * The record of a cache is itself an object of the cache "kmem_cache", whose
 * own record is static: that is how the first cache comes to be.  The list
 * of caches and all that changes a cache as a whole (its column, its end) is
 * under slab_mutex; allocation and free never take it.
 */
#include "slab/debug.h"

#include "debug/atomic.h"
#include "debug/fail.h"
#include "debug/report.h"
#include "debug/stack.h"
#include "lib/errno.h"
#include "lib/options.h"
#include "lib/text.h"
#include "page/reclaim.h"
#include "sync/boot.h"
#include "sync/fork.h"

#define SLAB_USER_FLAGS                                                        \
	(SLAB_CONSISTENCY_CHECKS | SLAB_RED_ZONE | SLAB_POISON |               \
	 SLAB_STORE_USER | SLAB_TRACE | SLAB_HWCACHE_ALIGN | SLAB_CACHE_DMA |  \
	 SLAB_CACHE_DMA32 | SLAB_PANIC | SLAB_RECLAIM_ACCOUNT | SLAB_ACCOUNT | \
	 SLAB_TYPESAFE_BY_RCU | SLAB_NO_MERGE | SLAB_NOLEAKTRACE |             \
	 SLAB_NO_USER_FLAGS | SLAB_DEBUG_OBJECTS | SLAB_KMALLOC |              \
	 SLAB_SKIP_KFENCE)

struct list_head slab_caches = { &slab_caches, &slab_caches };
struct lock slab_mutex;
unsigned int slab_nr_slots;

/* Caches destroyed with live objects; late frees still find them. */
struct list_head slab_dead_caches = { &slab_dead_caches, &slab_dead_caches };

static struct kmem_cache cache_of_caches;
static struct once slab_once;

static int params_check(const struct slab_params *p)
{
	size_t align = p->align;

	if (!p->name || !p->name[0] || !p->size || p->size > KMALLOC_MAX_SIZE)
		return -EINVAL;
	if (align > KMALLOC_MAX_SIZE)
		return -EINVAL;
	if (p->flags & ~SLAB_USER_FLAGS)
		return -EINVAL;
	align = slab_align(p);
	if (ALIGN_UP(ALIGN_UP(p->size, sizeof(void *)), align) >
	    KMALLOC_MAX_SIZE)
		return -EINVAL;
	return 0;
}

static void name_copy(char *to, const char *from)
{
	size_t n = 0;

	for (; from[n] && n < SLAB_NAME_MAX - 1; n++)
		to[n] = from[n];
	to[n] = 0;
}

static gfp_t zone_flags(slab_flags_t flags)
{
	gfp_t gfp = 0;

	if (flags & SLAB_CACHE_DMA)
		gfp |= __GFP_DMA;
	else if (flags & SLAB_CACHE_DMA32)
		gfp |= __GFP_DMA32;
	if (flags & SLAB_RECLAIM_ACCOUNT)
		gfp |= __GFP_RECLAIMABLE;
	return gfp;
}

static void cache_setup(struct kmem_cache *s, const struct slab_params *p)
{
	struct debug_wish wish = debug_wish(p);
	unsigned int capacity;

	memset(s, 0, sizeof(*s));
	name_copy(s->name, p->name);
	s->flags = wish.flags;
	/* not when an object is freed where the OS must not be called */
	if (s->flags & SLAB_STORE_USER)
		stack_boot();
	s->fails = wish.fails;
	s->ctor = p->ctor;
	s->ctor3 = p->ctor3;
	s->dtor3 = p->dtor3;
	s->useroffset = p->useroffset;
	s->usersize = p->usersize;
	s->allocflags = zone_flags(p->flags);
	s->refcount = 1;
	s->node = &s->node0;
	ring_init(&s->node0.partial);
	ring_init(&s->node0.leaving);
	slab_geometry(s, p);
	pcs_init(&s->pcs, PCS_SHEAF_MAX_BYTES, NULL, 0);
	if (!(p->flags & SLAB_NOLEAKTRACE) && !slab_debugged(s) && !wish.slow) {
		capacity = slab_capacity(s->size);
		if (capacity < p->sheaf_capacity)
			capacity = p->sheaf_capacity;
		if (capacity)
			slab_sheaf_enable(s, capacity);
	}
}

/*
 * The record is an object in use of the cache of caches.  That one keeps no
 * sheaves, so an object that is not in use has its bit set.
 */
bool slab_is_cache(const struct kmem_cache *s)
{
	struct page *slab;
	int index;

	if (s == &cache_of_caches)
		return s->refcount;
	slab = slub_of(s);
	if (!slab || page_cache(slab) != &cache_of_caches)
		return false;
	index = slub_index(&cache_of_caches, slab, s);
	return index >= 0 && !slub_is_free(slab, (unsigned int)index);
}

const char *slab_name(const struct kmem_cache *s)
{
	if (!s)
		return "(null)";
	return slab_is_cache(s) ? s->name : "(not a cache)";
}

bool slab_expect_cache(const struct kmem_cache *s, const char *call,
		       const void *caller)
{
	if (likely(slab_is_cache(s)))
		return true;
	report_warn(__FILE__, __LINE__, caller, "%s(%p): not a cache", call,
		    (const void *)s);
	return false;
}

/* Caches on the list by name; a chain ends in NULL. Under slab_mutex. */
#define NAME_CHAINS 1024
struct kmem_cache *names[NAME_CHAINS] BULKY("cache_names");

static struct kmem_cache **name_chain(const char *name)
{
	uint32_t h = 2166136261u;

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 16777619u;
	return &names[h % NAME_CHAINS];
}

static void name_add(struct kmem_cache *s)
{
	struct kmem_cache **chain = name_chain(s->name);

	s->next_name = *chain;
	*chain = s;
}

static void name_remove(struct kmem_cache *s)
{
	struct kmem_cache **at = name_chain(s->name);

	while (*at && *at != s)
		at = &(*at)->next_name;
	if (*at)
		*at = s->next_name;
}

static void warn_about_name(const char *name)
{
	struct kmem_cache *other = *name_chain(name);
	const char *c;

	while (other && !text_equal(other->name, name))
		other = other->next_name;
	warn_if(other, "kmem_cache of name '%s' already exists", name);
	for (c = name; *c; c++) {
		if (*c == ' ') {
			warn_if(true,
				"kmem_cache name '%s' has a space: "
				"readers of slabinfo will fail on it",
				name);
			break;
		}
	}
}

/*
 * Blanks split a line of slabinfo, and readers reject the whole table for
 * one bad line: the name is listed with '_' instead.
 */
static void name_mend(char *name)
{
	for (; *name; name++)
		if (*name <= ' ')
			*name = '_';
}

struct kmem_cache *slab_create(const struct slab_params *p, int *err)
{
	struct kmem_cache *s, *made;

	*err = params_check(p);
	if (*err)
		return NULL;
	s = slab_alloc_inner(&cache_of_caches, p->gfp ? p->gfp : GFP_KERNEL);
	if (!s) {
		*err = -ENOMEM;
		return NULL;
	}
	cache_setup(s, p);
	lock_take(&slab_mutex, LOCK_CACHES);
	made = p->place ? READ_ONCE(*p->place) : NULL;
	if (made) {
		lock_drop(&slab_mutex, LOCK_CACHES);
		slab_free(&cache_of_caches, s, LOCK_SLEEP);
		return made;
	}
	warn_about_name(s->name);
	name_mend(s->name);
	name_add(s);
	if (s->barn)
		pcs_open(&s->pcs);
	slab_publish(s);
	ring_push_back(&slab_caches, &s->list);
	/* pairs with the acquire of those who look there without the mutex */
	if (p->place)
		__atomic_store_n(p->place, s, __ATOMIC_RELEASE);
	lock_drop(&slab_mutex, LOCK_CACHES);
	return s;
}

bool slab_give_back_all(bool wait)
{
	struct list_head *pos;

	if (wait)
		lock_take(&slab_mutex, LOCK_CACHES);
	else if (!lock_try(&slab_mutex, LOCK_CACHES))
		return false;
	slab_flush_all(&slab_caches);
	/* Last, because flushing gives sheaves back to caches before this. */
	ring_for_each(pos, &slab_caches)
		slub_shrink(list_entry_of(pos, struct kmem_cache, list));
	lock_drop(&slab_mutex, LOCK_CACHES);
	port_rcu_poll();
	return true;
}

unsigned long slab_shrink(gfp_t gfp, unsigned int priority)
{
	int32_t before = port_task()->given;

	(void)gfp;
	(void)priority;
	return slab_give_back_all(false) ? pages_given_since(before) : 0;
}

static struct page_client slab_client = {
	.shrink = slab_shrink,
	.expire = slab_expire,
};

/* Each step is done once, however often the boot is tried again. */
static int slab_setup(void)
{
	struct slab_params p = {
		.name = "kmem_cache",
		.flags = SLAB_HWCACHE_ALIGN | SLAB_NOLEAKTRACE |
			 SLAB_NO_USER_FLAGS,
	};
	int err = page_boot();

	if (!err)
		err = pcs_boot();
	if (err)
		return err;
	page_columns_set(pcs_no_column());
	if (option_value(OPT_PERCPU) == PERCPU_RSEQ &&
	    text_equal(pcs_backend(), "lock"))
		report("kmem: percpu=rseq: this system has no restartable "
		       "sequences for us; using the lock backend");
	if (ring_empty(&slab_caches)) {
		debug_option_boot();
		slab_nr_slots = pcs_slots_wanted();
		p.size = sizeof(struct kmem_cache) +
			 slab_nr_slots * sizeof(struct pcs_slot);
		cache_setup(&cache_of_caches, &p);
		name_add(&cache_of_caches);
		slab_publish_boot();
		slab_publish(&cache_of_caches);
		ring_push_back(&slab_caches, &cache_of_caches.list);
	}
	if (!slab_sheaf_boot())
		return -ENOMEM;
	page_register(&slab_client);
	fork_register(FORK_CACHES, &slab_fork);
	return 0;
}

int slab_boot(void)
{
	return once_boot(&slab_once, slab_setup);
}

/**
 * slab_is_available - can objects be allocated?
 *
 * Return: true once the first cache exists.
 * Context: any, signal handlers included.
 * Source: Linux 7.x.
 */
bool slab_is_available(void)
{
	return once_done(&slab_once);
}

static struct kmem_cache *create_or_complain(const struct slab_params *p)
{
	int err = slab_boot();
	struct kmem_cache *s = NULL;
	const char *name = p->name ? p->name : "(null)";

	if (!err && should_fail_of(sizeof(*s), GFP_KERNEL, false, NULL))
		err = -ENOMEM;
	if (!err)
		s = slab_create(p, &err);
	if (s)
		return s;
	if (p->flags & SLAB_PANIC)
		report_panic("%s: Failed to create slab '%s'. Error %d",
			     "__kmem_cache_create_args", name, err);
	report_warn(__FILE__, __LINE__, WARN_CALLER(),
		    "%s(%s) failed with error %d", "__kmem_cache_create_args",
		    name, err);
	return NULL;
}

/* An impossible window for user copies is dropped with a warning. */
static void usercopy_check(struct slab_params *p)
{
	bool bad = (!p->usersize && p->useroffset) || p->size < p->usersize ||
		   p->size - p->usersize < p->useroffset;

	if (warn_if(bad, "%s: user copy window %u+%u outside an object of %zu",
		    p->name ? p->name : "(null)", p->useroffset, p->usersize,
		    p->size))
		p->useroffset = p->usersize = 0;
}

/**
 * __kmem_cache_create_args - a cache of objects of one size
 * @name: copied; shown in slabinfo; at most 63 bytes are kept
 * @size: of an object, 1 to KMALLOC_MAX_SIZE bytes
 * @args: alignment (a power of two, 0 natural), constructor, window for user
 *	copies, capacity of the sheaves; NULL for none of them
 * @flags: SLAB_*
 *
 * The constructor runs once for each object when its slab is made, in the
 * context of the allocation that needs the slab; objects must be freed in
 * constructed state.
 *
 * Return: the cache, or NULL after a warning (bad argument, unknown flag, no
 * memory); with SLAB_PANIC failure is the end.  A second cache of a name and
 * a blank in a name are warned about only.
 * Context: may sleep; takes slab_mutex. Not from a signal handler.
 * Source: Linux 6.12 and later.
 */
struct kmem_cache *__kmem_cache_create_args(const char *name, size_t size,
					    struct kmem_cache_args *args,
					    slab_flags_t flags)
{
	struct slab_params p = { .name = name, .size = size, .flags = flags };

	if (args) {
		p.align = args->align;
		p.ctor = args->ctor;
		p.useroffset = args->useroffset;
		p.usersize = args->usersize;
		p.sheaf_capacity = args->sheaf_capacity;
		if (args->use_freeptr_offset &&
		    (!(flags & SLAB_TYPESAFE_BY_RCU || args->ctor) ||
		     args->freeptr_offset >= size ||
		     args->freeptr_offset % sizeof(void *)))
			p.size = 0;
	}
	usercopy_check(&p);
	check_sleeping();
	return create_or_complain(&p);
}

/**
 * kmem_cache_create - a cache, in the form with five arguments
 * @name: as __kmem_cache_create_args()
 * @size: bytes of an object
 * @align: power of two, or 0
 * @flags: SLAB_*
 * @ctor: constructor or NULL
 *
 * Return: the cache or NULL.
 * Context: may sleep.
 * Source: Linux 2.6.24 and later.
 */
#undef kmem_cache_create
struct kmem_cache *kmem_cache_create(const char *name, size_t size,
				     size_t align, slab_flags_t flags,
				     kmem_ctor_t *ctor)
{
	struct slab_params p = {
		.name = name,
		.size = size,
		.align = align,
		.flags = flags,
		.ctor = ctor,
	};

	check_sleeping();
	return create_or_complain(&p);
}

/**
 * __kmem_cache_default_args - kmem_cache_create() with four arguments of
 * which the third has no type
 * @name: as __kmem_cache_create_args()
 * @size: bytes of an object
 * @args: NULL, for the defaults
 * @flags: SLAB_*
 *
 * Return: the cache; NULL after a warning when @args is not NULL, since
 * nothing tells what it points to.
 * Context: may sleep.
 * Source: Linux 6.12 and later.
 */
struct kmem_cache *__kmem_cache_default_args(const char *name, size_t size,
					     void *args, slab_flags_t flags)
{
	if (warn_if(args,
		    "%s: third argument of kmem_cache_create() is an "
		    "untyped pointer",
		    name ? name : "(null)"))
		return NULL;
	return __kmem_cache_create_args(name, size, NULL, flags);
}

/**
 * kmem_cache_create_ctor3_dtor - a cache with constructor and destructor of
 * the form of 2.6
 * @name: as kmem_cache_create()
 * @size: bytes of an object
 * @align: power of two, or 0; older callers called it offset
 * @flags: SLAB_*
 * @ctor: called as (object, cache, SLAB_CTOR_CONSTRUCTOR), or NULL
 * @dtor: called as (object, cache, 0) for each object of a slab that is
 *	given back, or NULL
 *
 * Return: the cache or NULL.
 * Context: may sleep.
 * Source: Linux 2.6.10.
 */
struct kmem_cache *kmem_cache_create_ctor3_dtor(const char *name, size_t size,
						size_t align,
						unsigned long flags,
						kmem_ctor3_t *ctor,
						kmem_ctor3_t *dtor)
{
	struct slab_params p = {
		.name = name,
		.size = size,
		.align = align,
		.flags = (slab_flags_t)flags,
		.ctor3 = ctor,
		.dtor3 = dtor,
	};

	check_sleeping();
	return create_or_complain(&p);
}

/**
 * kmem_cache_create_ctor3 - kmem_cache_create_ctor3_dtor() with no destructor
 * @name: as kmem_cache_create()
 * @size: bytes of an object
 * @align: power of two, or 0
 * @flags: SLAB_*
 * @ctor: called as (object, cache, SLAB_CTOR_CONSTRUCTOR), or NULL
 *
 * Return: the cache or NULL.
 * Context: may sleep.
 * Source: Linux 2.6.10.
 */
struct kmem_cache *kmem_cache_create_ctor3(const char *name, size_t size,
					   size_t align, unsigned long flags,
					   kmem_ctor3_t *ctor)
{
	return kmem_cache_create_ctor3_dtor(name, size, align, flags, ctor,
					    NULL);
}

/**
 * kmem_cache_destroy - the end of a cache
 * @s: the cache, or NULL for nothing
 *
 * Objects that are still in use are reported one by one; the cache then
 * leaves the lists, but its memory stays, so that a late free does no harm.
 * A pointer to no cache, or to one that was destroyed, is warned of.
 *
 * Return: 0, or 1 when objects remained or there is no such cache.
 * Context: may sleep; takes slab_mutex. No other thread may use the cache.
 * Source: Linux 7.x; the result is that of 2.6.
 */
int kmem_cache_destroy(struct kmem_cache *s)
{
	char caller[128];
	bool left;

	if (!s)
		return 0;
	check_sleeping();
	if (!slab_expect_cache(s, "kmem_cache_destroy", WARN_CALLER()))
		return 1;
	/* Objects that wait for a grace period come back first. */
	port_rcu_barrier();
	lock_take(&slab_mutex, LOCK_CACHES);
	slab_flush_last(s);
	s->barn = NULL;
	s->refcount--;
	__slab_expire_forget(s);
	ring_remove(&s->list);
	name_remove(s);
	left = !slub_shutdown(s);
	left |= !kfence_shutdown(s);
	pcs_close(&s->pcs, left);
	if (left) {
		s->dead = true;
		/* it goes on being listed, with no sheaves */
		slab_publish_slots(s);
		/* A slab goes back with the late free of its last object. */
		s->min_partial = 0;
		ring_push_back(&slab_dead_caches, &s->list);
	}
	if (!left)
		slab_unpublish(s);
	lock_drop(&slab_mutex, LOCK_CACHES);
	if (left)
		port_symbol(WARN_CALLER(), caller, sizeof(caller));
	if (warn_if(left,
		    "kmem_cache_destroy %s: Slab cache still has objects "
		    "when called from %s",
		    s->name, caller))
		return 1;
	/* Slabs that wait for a grace period still name the cache. */
	if (s->flags & SLAB_TYPESAFE_BY_RCU)
		port_rcu_barrier();
	slab_free(&cache_of_caches, s, LOCK_SLEEP);
	return 0;
}

/**
 * kmem_cache_shrink - gives back all memory a cache does not need
 * @s: the cache
 *
 * Return: 0 when no slab is left, 1 otherwise; 1 after a warning when @s is
 * no cache.
 * Context: may sleep; takes slab_mutex.
 * Source: Linux 7.x.
 */
int kmem_cache_shrink(struct kmem_cache *s)
{
	unsigned long left;

	check_sleeping();
	if (!slab_expect_cache(s, "kmem_cache_shrink", WARN_CALLER()))
		return 1;
	lock_take(&slab_mutex, LOCK_CACHES);
	slab_flush(s);
	left = slub_shrink(s);
	lock_drop(&slab_mutex, LOCK_CACHES);
	port_rcu_poll();
	return left != 0;
}

/**
 * kmem_cache_size - bytes of an object as asked for at creation
 * @s: the cache
 *
 * Return: bytes; 0 after a warning when @s is no cache.
 * Context: any.
 * Source: Linux 7.x. Caches are never merged, so it never grows.
 */
unsigned int kmem_cache_size(struct kmem_cache *s)
{
	if (!slab_expect_cache(s, "kmem_cache_size", WARN_CALLER()))
		return 0;
	return s->object_size;
}

/**
 * kmem_cache_name - what slabinfo calls a cache
 * @s: the cache
 *
 * Return: its name, for as long as the cache lives; for NULL and for what is
 * no cache a word in brackets.
 * Context: any.
 * Source: Linux 2.6.
 */
const char *kmem_cache_name(struct kmem_cache *s)
{
	return slab_name(s);
}
