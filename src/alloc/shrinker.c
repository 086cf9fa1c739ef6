/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Shrinkers.  THEORY.
 *
 * 1. What it is for.  Much of what a program keeps only saves work, and could
 *    be made again.  When memory is short such caches give some of it up, each
 *    as much as it can spare, before a request fails.
 *
 * 2. One call.  With f objects that could be freed and a priority p, a shrinker
 *    must scan
 *
 *	(f >> p) * 4 / seeks	objects, or f / 2 if they cost nothing (seeks 0)
 *
 *    and part of what it still owes.  The sum, at most 2 * f, is worked off in
 *    batches; what is less than a batch waits, unless it is all there is.  What
 *    was not done, because it was less than a batch or the callback stopped, is
 *    owed: also at most 2 * f.  So a shrinker that may do nothing for GFP_NOFS
 *    does more at the next GFP_KERNEL.
 *
 * 3. Priorities come from page/reclaim.c: 12 first, then lower until enough
 *    pages are free.  A callback returns a count of objects of its own.
 *    Reclaim needs pages: after callbacks that freed anything the sheaves and
 *    empty slabs are given back, and so are mappings kept for reuse, and the
 *    pages that this thread has freed are the result.
 *
 * 4. Locks.  None is held in a callback (page/hook.c).  The thread has
 *    PF_MEMALLOC set: what a callback allocates may come from the reserves
 *    and starts no reclaim.  Two threads may be in a callback at a time.
 *
 * 5. Differences from the kernel.  One node, no control groups: nid is 0,
 *    memcg NULL.  A callback that frees its own shrinker is warned of: its
 *    memory goes when it returns; there it hangs.
 */
#include "alloc/shrinker.h"

#include <kmem/stats.h>
#include <linux/gfp.h>
#include <linux/shrinker.h>
#include <linux/slab.h>

#include "alloc/alloc.h"
#include "alloc/map_cache.h"
#include "debug/report.h"
#include "lib/atomic.h"
#include "lib/errno.h"
#include "lib/list.h"
#include "page/page.h"
#include "page/reclaim.h"
#include "port/port.h"
#include "slab/slab.h"

#define BATCH 128
/* kmem_trim() asks again while there is more, but not for ever. */
#define TRIM_ROUNDS 8

#define ADD(x, n) ((void)__atomic_fetch_add(&(x), n, __ATOMIC_RELAXED))

static struct shrinker *shrinker_of(struct kmem_hook *hook)
{
	return list_entry_of(hook, struct shrinker, hook);
}

/* --- one shrinker --------------------------------------------------------- */

static unsigned long freeable(struct shrinker *s, gfp_t gfp)
{
	struct shrink_control sc = { .gfp_mask = gfp };
	unsigned long n = s->count_objects(s, &sc);

	return n >= SHRINK_EMPTY ? 0 : n;
}

static unsigned long share(const struct shrinker *s, unsigned long have,
			   unsigned int priority)
{
	if (s->seeks <= 0)
		return have / 2;
	return (have >> priority) * 4 / (unsigned long)s->seeks;
}

static unsigned long least(unsigned long a, unsigned long b)
{
	return a < b ? a : b;
}

/* One batch of at most want; *looked: objects it went through, 0: it stops. */
static unsigned long scan(struct shrinker *s, gfp_t gfp, unsigned long want,
			  unsigned long *looked)
{
	struct shrink_control sc = {
		.gfp_mask = gfp,
		.nr_to_scan = want,
		.nr_scanned = want,
	};
	unsigned long freed = s->scan_objects(s, &sc);

	*looked = 0;
	if (freed >= SHRINK_EMPTY)
		return 0;
	*looked = sc.nr_scanned;
	ADD(s->calls, 1);
	ADD(s->scanned, sc.nr_scanned);
	ADD(s->freed, freed);
	return freed;
}

/* Returns the objects freed. */
static unsigned long shrink_one(struct shrinker *s, gfp_t gfp,
				unsigned int priority)
{
	unsigned long batch = s->batch > 0 ? (unsigned long)s->batch : BATCH;
	unsigned long have = freeable(s, gfp), most, owed, todo, left, looked;
	unsigned long freed = 0;

	if (!have || !s->scan_objects)
		return 0;
	most = have > ~0ul / 2 ? ~0ul : 2 * have;
	owed = __atomic_exchange_n(&s->deferred, 0, __ATOMIC_RELAXED);
	todo = share(s, have, priority);
	left = least((owed >> priority) + todo, most);
	owed += todo;
	while (left && (left >= batch || left >= have)) {
		freed += scan(s, gfp, least(batch, left), &looked);
		if (!looked || hook_is_going(&s->hook))
			break;
		left -= least(looked, left);
		owed -= least(looked, owed);
	}
	ADD(s->deferred, least(owed, most));
	return freed;
}

/* --- all of them ---------------------------------------------------------- */

static unsigned long shrink_all(gfp_t gfp, unsigned int priority)
{
	struct kmem_hook *hook;
	unsigned long freed = 0;
	struct hook_walk w;

	for (hook = hook_first(&w, HOOK_SHRINKER); hook; hook = hook_next(&w))
		freed += shrink_one(shrinker_of(hook), gfp, priority);
	if (freed)
		total_add(&page_totals()->shrunk, (long)freed);
	return freed;
}

static unsigned long client_shrink(gfp_t gfp, unsigned int priority)
{
	int32_t before = port_task()->given;

	if (!hooks_any(HOOK_SHRINKER) || !shrink_all(gfp, priority))
		return 0;
	slab_shrink(gfp, priority);
	kept_shrink(gfp, priority);
	return pages_given_since(before);
}

void shrinkers_trim(void)
{
	gfp_t gfp = page_gfp_context(GFP_KERNEL);
	unsigned int round = 0;

	if (!hooks_any(HOOK_SHRINKER) || !reclaim_begin())
		return;
	/*
	 * Another round only for what the last one missed.  Bound: TRIM_ROUNDS.
	 */
	while (round < TRIM_ROUNDS && shrink_all(gfp, 0) >> round)
		round++;
	reclaim_end();
}

/**
 * kmem_for_each_shrinker - calls a function for every registered shrinker
 * @fn: gets the counts of one shrinker and @data; may allocate, register and
 *	free
 * @data: handed on
 *
 * Each is asked for what it could free: its count_objects() runs.
 *
 * Context: may sleep; no lock is held around @fn.
 * Source: ours.
 */
void kmem_for_each_shrinker(void (*fn)(const struct kmem_shrinker_stats *st,
				       void *data),
			    void *data)
{
	struct kmem_hook *hook;
	struct hook_walk w;

	for (hook = hook_first(&w, HOOK_SHRINKER); hook; hook = hook_next(&w)) {
		struct shrinker *s = shrinker_of(hook);
		struct kmem_shrinker_stats st = {
			.name = s->name ? s->name : "shrinker",
			.freeable = freeable(s, page_gfp_context(GFP_KERNEL)),
			.deferred = READ_ONCE(s->deferred),
			.calls = READ_ONCE(s->calls),
			.scanned = READ_ONCE(s->scanned),
			.freed = READ_ONCE(s->freed),
			.seeks = s->seeks,
			.batch = s->batch > 0 ? s->batch : BATCH,
		};

		fn(&st, data);
	}
}

/* --- coming and going ----------------------------------------------------- */

static int register_client(void)
{
	static struct page_client client = { .in_use = true,
					     .shrink = client_shrink };

	page_register(&client);
	return 0;
}

static bool enlist(struct shrinker *s)
{
	static struct once registered;

	if (!once_done(&registered))
		once_run(&registered, register_client);
	return hook_add(HOOK_SHRINKER, &s->hook, 0);
}

static char *name_of(const char *fmt, va_list ap)
{
	return kmalloc_boot() ? NULL : kvasprintf(GFP_KERNEL, fmt, ap);
}

static void clear(struct shrinker *s)
{
	s->self = NULL;
	s->name = NULL;
	s->deferred = s->calls = s->scanned = s->freed = 0;
}

static void free_name(struct kmem_hook *hook)
{
	struct shrinker *s = shrinker_of(hook);

	kfree(s->name);
	s->name = NULL;
}

static void free_all(struct kmem_hook *hook)
{
	free_name(hook);
	kfree(shrinker_of(hook));
}

/**
 * shrinker_alloc - a shrinker, not yet registered
 * @flags: SHRINKER_*; none of them changes anything here
 * @fmt: a name for the statistics, as for kasprintf()
 *
 * Between this and shrinker_register() the caller sets count_objects,
 * scan_objects, and what else it wishes.
 *
 * Return: the shrinker, or NULL without memory.
 * Context: may sleep.
 * Source: Linux 6.7 and later.
 */
struct shrinker *shrinker_alloc(unsigned int flags, const char *fmt, ...)
{
	struct shrinker *s;
	va_list ap;

	if (kmalloc_boot())
		return NULL;
	s = kzalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		return NULL;
	va_start(ap, fmt);
	s->name = name_of(fmt, ap);
	va_end(ap);
	if (!s->name) {
		kfree(s);
		return NULL;
	}
	s->flags = flags;
	s->seeks = DEFAULT_SEEKS;
	s->self = s;
	return s;
}

/* Of shrinker_alloc(), and not freed?  Any pointer may be asked. */
static bool is_ours(const struct shrinker *s)
{
	return slab_owner(s) && s->self == s;
}

/* Can it be called?  NULL is not; any other pointer is the caller's struct. */
static bool is_callable(const struct shrinker *s, const char *call,
			const void *caller)
{
	if (likely(s && s->count_objects))
		return true;
	report_warn(__FILE__, __LINE__, caller,
		    "%s(%p): count_objects must be set", call, (const void *)s);
	return false;
}

/**
 * shrinker_register - lets a shrinker be called from now on
 * @shrinker: of shrinker_alloc(), count_objects set; any other is warned of
 *	and ignored
 *
 * Shrinkers are called in the order of their registration.
 *
 * Context: any that may wait for a lock, callbacks included.
 * Source: Linux 6.7 and later.
 */
void shrinker_register(struct shrinker *shrinker)
{
	if (!warn_if(!is_ours(shrinker),
		     "shrinker_register() of what shrinker_alloc() did not "
		     "make") &&
	    is_callable(shrinker, "shrinker_register", WARN_CALLER()))
		enlist(shrinker);
}

/**
 * shrinker_free - the end of a shrinker
 * @shrinker: of shrinker_alloc(), registered or not; or NULL
 *
 * Waits until no other thread is in one of its callbacks.  Called from its
 * own it warns, and the shrinker goes when that returns.
 *
 * Context: may sleep.
 * Source: Linux 6.7 and later.
 */
void shrinker_free(struct shrinker *shrinker)
{
	if (!shrinker ||
	    warn_if(!is_ours(shrinker),
		    "shrinker_free() of what shrinker_alloc() did not make"))
		return;
	warn_if(hook_in_call(&shrinker->hook),
		"shrinker_free() of %s by itself", shrinker->name);
	shrinker->self = NULL;
	if (!hook_remove(HOOK_SHRINKER, &shrinker->hook, free_all))
		free_all(&shrinker->hook);
}

static int shrinkers_prepare(struct shrinker *s, const char *fmt, va_list ap)
{
	clear(s);
	s->name = name_of(fmt, ap);
	return s->name ? 0 : -ENOMEM;
}

/* May a call make this struct a shrinker?  0, or an error after a warning. */
static int refusal(const struct shrinker *s, const char *call,
		   const void *caller)
{
	const char *what = NULL;

	if (!s)
		what = "no shrinker";
	else if (hook_listed(HOOK_SHRINKER, &s->hook))
		what = "a shrinker is registered twice";
	if (likely(!what))
		return 0;
	report_warn(__FILE__, __LINE__, caller, "%s(%p): %s", call,
		    (const void *)s, what);
	return s ? -EEXIST : -EINVAL;
}

/**
 * prealloc_shrinker - makes ready what register_shrinker_prepared() needs
 * @shrinker: the caller's
 * @fmt: a name for the statistics, as for kasprintf()
 *
 * Return: 0; -ENOMEM; after a warning -EEXIST if it is registered, -EINVAL if
 * it is NULL.
 * Context: may sleep.
 * Source: Linux 6.0 to 6.6.
 */
#undef prealloc_shrinker
int prealloc_shrinker(struct shrinker *shrinker, const char *fmt, ...)
{
	int err = refusal(shrinker, "prealloc_shrinker", WARN_CALLER());
	va_list ap;

	if (err)
		return err;
	va_start(ap, fmt);
	err = shrinkers_prepare(shrinker, fmt, ap);
	va_end(ap);
	return err;
}

/**
 * kmem_prealloc_shrinker_unnamed - prealloc_shrinker() with one argument
 * @shrinker: the caller's
 *
 * Return: 0; after a warning -EEXIST if it is registered, -EINVAL if it is
 * NULL.
 * Context: any that may wait for a lock.
 * Source: Linux 4.17 to 5.19.
 */
int kmem_prealloc_shrinker_unnamed(struct shrinker *shrinker)
{
	int err = refusal(shrinker, "prealloc_shrinker", WARN_CALLER());

	if (!err)
		clear(shrinker);
	return err;
}

/**
 * register_shrinker_prepared - register_shrinker() for what was made ready
 * @shrinker: as given to prealloc_shrinker()
 *
 * Context: any that may wait for a lock.
 * Source: Linux 4.17 to 6.6.
 */
void register_shrinker_prepared(struct shrinker *shrinker)
{
	if (is_callable(shrinker, "register_shrinker_prepared", WARN_CALLER()))
		enlist(shrinker);
}

/**
 * free_prealloced_shrinker - undoes prealloc_shrinker()
 * @shrinker: as given there, and not registered since; or NULL
 *
 * Context: any.
 * Source: Linux 4.17 to 6.6.
 */
void free_prealloced_shrinker(struct shrinker *shrinker)
{
	if (shrinker)
		free_name(&shrinker->hook);
}

/**
 * register_shrinker - lets a shrinker of the caller's be called from now on
 * @shrinker: count_objects, scan_objects and seeks are set; not to be moved
 *	or freed until it is unregistered
 * @fmt: a name for the statistics, as for kasprintf()
 *
 * Return: 0; -ENOMEM; after a warning -EEXIST if it is registered, -EINVAL if
 * it is NULL or has no count_objects.
 * Context: may sleep.
 * Source: Linux 6.0 to 6.6.
 */
#undef register_shrinker
int register_shrinker(struct shrinker *shrinker, const char *fmt, ...)
{
	int err = refusal(shrinker, "register_shrinker", WARN_CALLER());
	va_list ap;

	if (!err && !is_callable(shrinker, "register_shrinker", WARN_CALLER()))
		err = -EINVAL;
	if (err)
		return err;
	va_start(ap, fmt);
	err = shrinkers_prepare(shrinker, fmt, ap);
	va_end(ap);
	if (!err)
		enlist(shrinker);
	return err;
}

/**
 * kmem_register_shrinker_unnamed - register_shrinker() with one argument
 * @shrinker: as there
 *
 * Return: 0; after a warning -EEXIST if it is registered, -EINVAL if it is
 * NULL or has no count_objects.
 * Context: any that may wait for a lock, callbacks included.
 * Source: Linux 2.6.23 to 5.19, the callbacks as since 3.12.
 */
int kmem_register_shrinker_unnamed(struct shrinker *shrinker)
{
	int err = refusal(shrinker, "register_shrinker", WARN_CALLER());

	if (!err && !is_callable(shrinker, "register_shrinker", WARN_CALLER()))
		err = -EINVAL;
	if (err)
		return err;
	clear(shrinker);
	enlist(shrinker);
	return 0;
}

/**
 * unregister_shrinker - ends that
 * @shrinker: the caller's again afterwards; one that is not registered is
 *	left alone
 *
 * Waits until no other thread is in one of its callbacks.  Called from its
 * own it warns, and the struct must stay until that returns.
 *
 * Context: may sleep.
 * Source: Linux 2.6.23 to 6.6.
 */
void unregister_shrinker(struct shrinker *shrinker)
{
	if (!shrinker)
		return;
	warn_if(hook_in_call(&shrinker->hook),
		"unregister_shrinker() of %s by itself",
		shrinker->name ? shrinker->name : "a shrinker");
	hook_remove(HOOK_SHRINKER, &shrinker->hook, free_name);
}

/* --- the form of 2.6 ------------------------------------------------------ */

union form_26 {
	shrinker_t fn;
	void *data;
};

static int call_26(const struct shrinker *s, unsigned long nr, gfp_t gfp)
{
	union form_26 form = { .data = s->private_data };

	return form.fn(nr > INT32_MAX ? INT32_MAX : (int)nr, gfp);
}

static unsigned long count_26(struct shrinker *s, struct shrink_control *sc)
{
	int n = call_26(s, 0, sc->gfp_mask);

	return n > 0 ? (unsigned long)n : 0;
}

/* What it freed shows in what it has before and after. */
static unsigned long scan_26(struct shrinker *s, struct shrink_control *sc)
{
	int before = call_26(s, 0, sc->gfp_mask);
	int after = call_26(s, sc->nr_to_scan, sc->gfp_mask);

	if (after < 0)
		return SHRINK_STOP;
	return before > after ? (unsigned long)(before - after) : 0;
}

/**
 * set_shrinker - a shrinker of one function
 * @seeks: what one object costs to make again; DEFAULT_SEEKS if in doubt
 * @fn: frees up to so many objects and returns how many are left, or -1 if
 *	it can do nothing now; told 0, it only counts
 *
 * Return: the shrinker, for remove_shrinker(), or NULL without memory.
 * Context: may sleep.
 * Source: Linux 2.6 up to 2.6.22.
 */
struct shrinker *set_shrinker(int seeks, shrinker_t fn)
{
	struct shrinker *s = shrinker_alloc(0, "shrinker");
	union form_26 form = { .fn = fn };

	if (!s)
		return NULL;
	s->seeks = seeks;
	s->count_objects = count_26;
	s->scan_objects = scan_26;
	s->private_data = form.data;
	shrinker_register(s);
	return s;
}

/**
 * remove_shrinker - ends a shrinker of set_shrinker()
 * @shrinker: what that returned
 *
 * Context: may sleep.
 * Source: Linux 2.6 up to 2.6.22.
 */
void remove_shrinker(struct shrinker *shrinker)
{
	shrinker_free(shrinker);
}
