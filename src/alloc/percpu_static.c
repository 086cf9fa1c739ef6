/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Per-CPU variables: the templates of executables and shared objects, and where
 * their instances are.
 *
 * An object of the loader that has such variables names their section in a
 * record of its own, kmem_percpu_own of <kmem/percpu.h>, which its constructor
 * hands over.  For each object there is one range here; one more for each
 * exported variable whose template the linker copied into an executable, since
 * every user of its name then sees the address of the copy.
 *
 * A pointer is looked up without a lock, by any thread and in any context.  A
 * range is changed under percpu_lock, with version odd meanwhile; whoever finds
 * it changing goes on to the next, as a pointer into it is not valid now.  So
 * ranges are reused and never freed.
 */
#include "alloc/percpu.h"

#include <linux/slab.h>

#include "alloc/alloc.h"
#include "debug/report.h"
#include "lib/mem.h"
#include "page/page.h"
#include "sync/lock.h"

struct range {
	uint32_t version;
	bool copy; /* of one variable */
	uintptr_t start, size, far;
	uintptr_t cookie; /* of start: for who looks for references to it */
	struct kmem_percpu_object *own; /* NULL: unused; under the lock */
	struct range *next;
};

static struct range first[4] = {
	{ .next = &first[1] },
	{ .next = &first[2] },
	{ .next = &first[3] },
};
static struct range *ranges = first;

static struct range *range_first(void)
{
	return __atomic_load_n(&ranges, __ATOMIC_ACQUIRE);
}

/* Does it cover p, and nobody changes it?  Then far is its own. */
static bool range_covers(const struct range *r, uintptr_t p, uintptr_t *far)
{
	uint32_t version = __atomic_load_n(&r->version, __ATOMIC_ACQUIRE);
	uintptr_t start = __atomic_load_n(&r->start, __ATOMIC_RELAXED);
	uintptr_t size = __atomic_load_n(&r->size, __ATOMIC_RELAXED);

	*far = __atomic_load_n(&r->far, __ATOMIC_RELAXED);
	/* pairs with the fence in __range_set() */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return p - start < size && !(version & 1) &&
	       __atomic_load_n(&r->version, __ATOMIC_RELAXED) == version;
}

static bool look_up(uintptr_t p, uintptr_t *far)
{
	struct range *r;

	for (r = range_first(); r; r = r->next)
		if (range_covers(r, p, far))
			return true;
	return false;
}

static void __range_set(struct range *r, uintptr_t start, uintptr_t size,
			uintptr_t far)
{
	__atomic_store_n(&r->version, r->version + 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	__atomic_store_n(&r->start, start, __ATOMIC_RELAXED);
	__atomic_store_n(&r->size, size, __ATOMIC_RELAXED);
	__atomic_store_n(&r->far, far, __ATOMIC_RELAXED);
	r->cookie = start + far;
	__atomic_store_n(&r->version, r->version + 1, __ATOMIC_RELEASE);
}

/* Covers nothing yet. */
static struct range *range_new(struct kmem_percpu_object *own, bool copy)
{
	struct range *r;

	lock_take(&percpu_lock, LOCK_PERCPU);
	for (r = ranges; r && r->own; r = r->next)
		;
	if (r) {
		r->own = own;
		r->copy = copy;
	}
	lock_drop(&percpu_lock, LOCK_PERCPU);
	if (r)
		return r;
	r = kzalloc(sizeof(*r), GFP_KERNEL);
	if (!r)
		return NULL;
	r->own = own;
	r->copy = copy;
	lock_take(&percpu_lock, LOCK_PERCPU);
	r->next = ranges;
	__atomic_store_n(&ranges, r, __ATOMIC_RELEASE);
	lock_drop(&percpu_lock, LOCK_PERCPU);
	return r;
}

static void range_drop(struct range *r)
{
	lock_take(&percpu_lock, LOCK_PERCPU);
	r->own = NULL;
	lock_drop(&percpu_lock, LOCK_PERCPU);
}

/* --- objects -------------------------------------------------------------- */

static bool is_loaded(const struct kmem_percpu_object *own)
{
	return __atomic_load_n(&own->size, __ATOMIC_ACQUIRE);
}

static size_t bytes_of(const struct kmem_percpu_object *own)
{
	return (size_t)(own->end - own->begin);
}

/* An instance for each CPU, as the templates are. */
static uintptr_t instances(const struct kmem_percpu_object *own)
{
	uintptr_t start = (uintptr_t)own->begin, align = start & -start;
	unsigned int cpu;
	uintptr_t cookie;

	if (align > PG_BYTES)
		align = PG_BYTES;
	if (bytes_of(own) > KMEM_PERCPU_UNIT)
		report_panic("kmem: %zu bytes of per-CPU variables in one "
			     "object, the most is %lu",
			     bytes_of(own), KMEM_PERCPU_UNIT);
	cookie = percpu_take(bytes_of(own), align, GFP_KERNEL);
	/* Bound: the CPUs. */
	for (cpu = 0; cookie && cpu < percpu_nr(); cpu++)
		memcpy(percpu_on(cookie, cpu), own->begin, bytes_of(own));
	return cookie;
}

/* Another thread may do the same: one of them is first. */
static void object_load(struct kmem_percpu_object *own)
{
	struct range *r = range_new(own, false);
	uintptr_t cookie = r ? instances(own) : 0;
	uintptr_t start = (uintptr_t)own->begin;
	bool mine;

	if (!cookie)
		report_panic("kmem: no memory for per-CPU variables");
	lock_take(&percpu_lock, LOCK_PERCPU);
	mine = !is_loaded(own);
	if (mine) {
		__range_set(r, start, bytes_of(own), cookie - start);
		own->start = start;
		own->far = cookie - start;
		/* pairs with kmem_percpu_is_own() */
		__atomic_store_n(&own->size, bytes_of(own), __ATOMIC_RELEASE);
	}
	lock_drop(&percpu_lock, LOCK_PERCPU);
	if (!mine) {
		range_drop(r);
		percpu_give(cookie);
	}
}

static void copy_load(struct kmem_percpu_object *own,
		      const struct kmem_percpu_export *e)
{
	uintptr_t start = (uintptr_t)e->seen, far;
	struct range *r;

	if (look_up(start, &far))
		return;
	r = range_new(own, true);
	if (!r)
		report_panic("kmem: no memory for per-CPU variables");
	far = (uintptr_t)e->own + own->far - start;
	lock_take(&percpu_lock, LOCK_PERCPU);
	__range_set(r, start, e->size, far);
	lock_drop(&percpu_lock, LOCK_PERCPU);
}

/**
 * kmem_percpu_load_1 - an object with per-CPU variables was loaded
 * @own: the object's record
 * @exports: its exported variables, if any
 * @end: after the last of them
 *
 * Makes an instance of each variable for each CPU, and room for requests that
 * must not block; what was done before is not done again.  Without memory the
 * process ends after a report.
 *
 * Context: may sleep; constructors that <kmem/percpu.h> defines call it.
 * Source: ours.
 */
void kmem_percpu_load_1(struct kmem_percpu_object *own,
			const struct kmem_percpu_export *exports,
			const struct kmem_percpu_export *end)
{
	const struct kmem_percpu_export *e;

	if (kmalloc_boot())
		return;
	percpu_prepare();
	if (bytes_of(own) && !is_loaded(own))
		object_load(own);
	for (e = exports; e < end; e++)
		copy_load(own, e);
}

/**
 * kmem_percpu_unload_1 - an object with per-CPU variables is being unloaded
 * @own: the object's record
 *
 * The instances are gone.  One that is used nevertheless, at the end of a
 * process, begins again as its template is.
 *
 * Context: may sleep; destructors that <kmem/percpu.h> defines call it.
 * Source: ours.
 */
void kmem_percpu_unload_1(struct kmem_percpu_object *own)
{
	uintptr_t cookie = 0;
	struct range *r;

	if (!is_loaded(own))
		return;
	lock_take(&percpu_lock, LOCK_PERCPU);
	__atomic_store_n(&own->size, 0, __ATOMIC_RELEASE);
	for (r = ranges; r; r = r->next) {
		if (r->own != own)
			continue;
		if (!r->copy)
			cookie = r->start + r->far;
		__range_set(r, 0, 0, 0);
		r->own = NULL;
	}
	lock_drop(&percpu_lock, LOCK_PERCPU);
	if (cookie)
		percpu_give(cookie);
}

/**
 * kmem_percpu_find_1 - the cookie of a per-CPU object
 * @p: into a variable, or a cookie
 * @own: the record of the object that asks
 *
 * An object whose constructors have not run yet is registered here.
 *
 * Return: the cookie; of what is no such pointer, after a warning, one that
 * faults on every CPU.
 * Context: any; for variables of an object that is registered.
 * Source: ours.
 */
uintptr_t kmem_percpu_find_1(const volatile void *p,
			     struct kmem_percpu_object *own)
{
	uintptr_t a = (uintptr_t)p, far;

	if ((intptr_t)a < 0)
		return a;
	if (a - (uintptr_t)own->begin < bytes_of(own)) {
		kmem_percpu_load_1(own, NULL, NULL);
		return a + own->far;
	}
	if (look_up(a, &far))
		return a + far;
	warn_if(true, "0x%p is no per-CPU object", (const void *)a);
	return PERCPU_NOWHERE;
}

/**
 * is_kernel_percpu_address - is it in an instance of a per-CPU variable?
 * @addr: an address
 *
 * Return: true for variables of DEFINE_PER_CPU(), of any CPU; false for what
 * alloc_percpu() returned, and for templates.
 * Context: any.
 * Source: Linux 7.x.
 */
bool is_kernel_percpu_address(unsigned long addr)
{
	uintptr_t start, off;
	struct range *r;

	for (r = range_first(); r; r = r->next) {
		start = __atomic_load_n(&r->start, __ATOMIC_RELAXED) +
			__atomic_load_n(&r->far, __ATOMIC_RELAXED);
		off = addr - (uintptr_t)percpu_on(start, 0);
		if (off >> KMEM_PERCPU_SHIFT < percpu_nr() &&
		    off % KMEM_PERCPU_UNIT <
			    __atomic_load_n(&r->size, __ATOMIC_RELAXED))
			return true;
	}
	return false;
}
