/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * check=strict: small blocks, and those of no bytes.  THEORY.
 *
 * 1. What it is for.  Whoever misuses malloc() is found at the call, or at the
 *    access where a page can see it, at the price of time and memory.
 *
 * 2. Small blocks are objects of debugged caches (slab/debug_object.c), with
 *    red zones at the size that was asked for, and with a bit that says that
 *    the program has them (slab/given.c).  A free clears the bit, looks at the
 *    red zones, overwrites the block and puts it into the quarantine, a ring: a
 *    second free does not find the bit, however late it comes, as long as the
 *    block is not given out again.  What leaves the ring is looked at: what
 *    was written to it since then was written after its free.  Then it goes to
 *    its slab, where it is poisoned, and looked at when it is taken.
 *
 * 3. Blocks of no bytes have addresses, 16 bytes apart, in pages that fault,
 *    and a byte of state each.  The one after the last that was given is tried
 *    next, so an address comes again late.
 *
 * 4. When the process ends all that is left is looked at.
 *
 * 5. Locking.  strict_lock guards the ring, and the tree of fenced.c; nothing
 *    else is done while it is held.
 */
#include "front/strict.h"

#include "debug/atomic.h"
#include "debug/report.h"
#include "debug/stack.h"
#include "debug/view.h"
#include "lib/atomic.h"
#include "lib/errno.h"
#include "lib/options.h"
#include "page/reclaim.h"
#include "port/port.h"
#include "slab/given.h"
#include "slab/sites.h"
#include "sync/fork.h"

struct lock strict_lock;

/* --- quarantine ----------------------------------------------------------- */

#define HELD_MOST 32768u
/* Blocks that leave the ring under one hold of the lock. */
#define LEAVE_MOST 16u

static struct {
	void *at[HELD_MOST]; /* from first on, oldest first */
	unsigned int first, nr;
	size_t bytes, most;
} held;

static size_t held_size(const void *obj)
{
	return page_cache(addr_page(obj))->size;
}

static void __held_note(void)
{
	debug_view.held = held.nr;
	debug_view.held_bytes = held.bytes;
}

static void *__held_pop(void)
{
	void *obj = held.at[held.first];

	held.first = (held.first + 1) % HELD_MOST;
	held.nr--;
	held.bytes -= held_size(obj);
	return obj;
}

/* Takes out what is too much, up to LEAVE_MOST blocks; their number. */
static unsigned int __held_trim(void **out)
{
	unsigned int n = 0;

	while (n < LEAVE_MOST && held.nr > 1 && held.bytes > held.most)
		out[n++] = __held_pop();
	return n;
}

static void held_push(void *obj)
{
	void *out[LEAVE_MOST + 1];
	unsigned int i, n = 0;

	lock_take(&strict_lock, LOCK_CHECK);
	if (held.nr == HELD_MOST)
		out[n++] = __held_pop();
	held.at[(held.first + held.nr++) % HELD_MOST] = obj;
	held.bytes += held_size(obj);
	n += __held_trim(out + n);
	__held_note();
	lock_drop(&strict_lock, LOCK_CHECK);
	/* Progress: n less; other threads may bring more. */
	while (n) {
		for (i = 0; i < n; i++)
			debug_release(page_owner(out[i]), out[i]);
		if (n < LEAVE_MOST)
			break;
		lock_take(&strict_lock, LOCK_CHECK);
		n = __held_trim(out);
		__held_note();
		lock_drop(&strict_lock, LOCK_CHECK);
	}
}

static void held_end(void)
{
	void *obj;

	/* Progress: one less; other threads may bring more. */
	for (;;) {
		lock_take(&strict_lock, LOCK_CHECK);
		obj = held.nr ? __held_pop() : NULL;
		__held_note();
		lock_drop(&strict_lock, LOCK_CHECK);
		if (!obj)
			return;
		debug_release(page_owner(obj), obj);
	}
}

void *strict_take(struct kmem_cache *s, size_t n, gfp_t gfp)
{
	void *obj = n ? NULL : nothing_alloc();

	if (obj)
		return obj;
	debug_take(s, gfp, n ? n : 1, &obj);
	if (!obj)
		return NULL;
	slab_give_out(s, obj);
	page_pass();
	return sites_charged(s, obj, gfp);
}

void strict_give(struct kmem_cache *s, void *obj)
{
	if (!debug_hold(s, obj))
		return;
	if (held.most)
		held_push(obj);
	else
		debug_release(s, obj);
	page_pass();
}

/* --- blocks of no bytes --------------------------------------------------- */

#define NOTHINGS (1u << 18)
#define NOTHING_TRIES 64u

enum { NEVER_GIVEN, GIVEN, GIVEN_BACK };

static char *nothings;
static unsigned char nothing_state[NOTHINGS];
static unsigned int nothing_next;

bool nothing_holds(const void *p)
{
	return nothings &&
	       (uintptr_t)p - (uintptr_t)nothings < NOTHINGS * FRONT_ALIGN;
}

/* Of an address that nothing_holds(); NULL: no block can start there. */
static unsigned char *nothing_state_of(const void *p)
{
	size_t off = (uintptr_t)p - (uintptr_t)nothings;

	return off % FRONT_ALIGN ? NULL : &nothing_state[off / FRONT_ALIGN];
}

static bool nothing_change(unsigned char *state, unsigned char from,
			   unsigned char to)
{
	return __atomic_compare_exchange_n(state, &from, to, false,
					   __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

void *nothing_alloc(void)
{
	unsigned int i, tries;

	for (tries = 0; nothings && tries < NOTHING_TRIES; tries++) {
		i = __atomic_fetch_add(&nothing_next, 1, __ATOMIC_RELAXED) %
		    NOTHINGS;
		if (nothing_change(&nothing_state[i], NEVER_GIVEN, GIVEN) ||
		    nothing_change(&nothing_state[i], GIVEN_BACK, GIVEN))
			return nothings + i * FRONT_ALIGN;
	}
	return NULL;
}

bool nothing_in_use(const void *p)
{
	unsigned char *state = nothing_state_of(p);

	return state && __atomic_load_n(state, __ATOMIC_RELAXED) == GIVEN;
}

bool nothing_free(void *p)
{
	unsigned char *state = nothing_state_of(p);

	return state && nothing_change(state, GIVEN, GIVEN_BACK);
}

static void nothing_boot(void)
{
	size_t bytes = NOTHINGS * FRONT_ALIGN;
	char *p = port_map(bytes, port_page_size(), false);

	if (p && port_guard(p, bytes, true))
		nothings = p;
	else if (p)
		port_unmap(p, bytes, false);
}

/* --- start, fork, end ----------------------------------------------------- */

static void strict_prepare(void)
{
	lock_take(&strict_lock, LOCK_CHECK);
}

static void strict_parent(void)
{
	lock_drop(&strict_lock, LOCK_CHECK);
}

static void strict_child(void)
{
	lock_drop(&strict_lock, LOCK_CHECK);
	lock_reset(&strict_lock);
}

static const struct fork_ops strict_fork = {
	.prepare = strict_prepare,
	.parent = strict_parent,
	.child = strict_child,
};

int strict_boot(void)
{
	stack_boot();
	held.most = (size_t)option_value(OPT_QUARANTINE);
	debug_view.held_most = held.most;
	debug_view.strict = 1;
	fork_register(FORK_CHECK, &strict_fork);
	nothing_boot();
	if (!port_on_fault(fenced_fault))
		report("kmem: check=strict: faults are not reported on this "
		       "system");
	return 0;
}

void strict_end(void)
{
	unsigned int cls;

	if (!check_is_strict())
		return;
	held_end();
	for (cls = 0; cls < CLASSES; cls++)
		if (class_made[cls])
			debug_look_at_all(class_made[cls]);
	fenced_end();
}
