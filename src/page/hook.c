/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Hooks: callbacks of users that give memory back.
 *
 * A callback may take as long as it likes, allocate, free, and take locks of
 * its user's, so it is called without a lock of ours.  Meanwhile other threads
 * may add and remove hooks.  A hook counts the calls under way.  To remove it
 * is to mark it gone, so that no new call begins, and to wait for the count to
 * fall to 0; only then does it leave the list, so a walk that is at it finds
 * its successor.
 *
 * A callback that removes its own hook cannot wait for itself: it waits for
 * the others, and the hook leaves the list when it returns.
 *
 * Each walk is known to its thread (port_task.walk), walks inside a callback
 * of another one too.  In the child of a fork there is one thread: the
 * calls under way are those of its walks, all others never end.
 *
 * hook_lock guards the lists and all of a hook but its callback.
 */
#include "page/page.h"
#include "page/reclaim.h"

#include "debug/report.h"
#include "lib/list.h"
#include "port/port.h"

/* Written under the lock, and read by calls under way without it. */
enum hook_state {
	LISTED,
	GONE, /* no new calls; its remover waits for the last to end */
	LEFT, /* no new calls; the last call unlinks it */
};

static struct lock hook_lock;
static struct list_head lists[HOOK_LISTS] = {
	{ &lists[0], &lists[0] },
	{ &lists[1], &lists[1] },
};
/* Of each list, those that may be called: looked at without the lock. */
static unsigned int listed[HOOK_LISTS];

static struct kmem_hook *hook_of(struct list_head *e)
{
	return list_entry_of(e, struct kmem_hook, link);
}

static void __count(enum hook_list list, int n)
{
	__atomic_store_n(&listed[list], listed[list] + (unsigned int)n,
			 __ATOMIC_RELAXED);
}

bool hooks_any(enum hook_list list)
{
	return __atomic_load_n(&listed[list], __ATOMIC_RELAXED) != 0;
}

static void __set_state(struct kmem_hook *hook, enum hook_state state)
{
	__atomic_store_n(&hook->state, state, __ATOMIC_RELAXED);
}

bool hook_is_going(const struct kmem_hook *hook)
{
	return __atomic_load_n(&hook->state, __ATOMIC_RELAXED) != LISTED;
}

/* The hook's own links are not trusted: it may never have been added. */
static bool __is_linked(enum hook_list list, const struct kmem_hook *hook)
{
	struct list_head *e;

	ring_for_each(e, &lists[list])
	{
		if (hook_of(e) == hook)
			return true;
	}
	return false;
}

bool hook_add(enum hook_list list, struct kmem_hook *hook, int priority)
{
	struct list_head *e;
	bool added;

	lock_take(&hook_lock, LOCK_HOOK);
	added = !__is_linked(list, hook);
	if (added) {
		*hook = (struct kmem_hook){ .priority = priority };
		e = lists[list].next;
		while (e != &lists[list] && hook_of(e)->priority >= priority)
			e = e->next;
		ring_insert(e->prev, &hook->link);
		__count(list, 1);
	}
	lock_drop(&hook_lock, LOCK_HOOK);
	return added;
}

/* Calls of the hook that this thread is in. */
static unsigned int own_calls(const struct kmem_hook *hook)
{
	const struct hook_walk *w = port_task()->walk;
	unsigned int n = 0;

	for (; w; w = w->outer)
		n += w->at == hook;
	return n;
}

bool hook_in_call(const struct kmem_hook *hook)
{
	return own_calls(hook) != 0;
}

bool hook_listed(enum hook_list list, const struct kmem_hook *hook)
{
	bool is;

	lock_take(&hook_lock, LOCK_HOOK);
	is = __is_linked(list, hook);
	lock_drop(&hook_lock, LOCK_HOOK);
	return is;
}

bool hook_remove(enum hook_list list, struct kmem_hook *hook,
		 void (*release)(struct kmem_hook *hook))
{
	unsigned int own = own_calls(hook), users = 0;
	bool found;

	lock_take(&hook_lock, LOCK_HOOK);
	found = __is_linked(list, hook) && hook->state == LISTED;
	if (found) {
		__set_state(hook, GONE);
		hook->release = release;
		__count(list, -1);
	}
	/* Sleeps: until the calls under way have ended. */
	while (found && (users = hook->users) > own) {
		lock_drop(&hook_lock, LOCK_HOOK);
		port_wait(&hook->users, users, -1);
		lock_take(&hook_lock, LOCK_HOOK);
	}
	if (users)
		__set_state(hook, LEFT);
	else if (found)
		ring_remove(&hook->link);
	lock_drop(&hook_lock, LOCK_HOOK);
	if (found && !users && release)
		release(hook);
	return found;
}

/* The first from e on that may be called, with one call more. */
static struct kmem_hook *__begin(enum hook_list list, struct list_head *e)
{
	/* Bound: the hooks on the list. */
	while (e != &lists[list] && hook_is_going(hook_of(e)))
		e = e->next;
	if (e == &lists[list])
		return NULL;
	hook_of(e)->users++;
	return hook_of(e);
}

struct kmem_hook *hook_first(struct hook_walk *w, enum hook_list list)
{
	struct port_task *task = port_task();

	w->list = list;
	lock_take(&hook_lock, LOCK_HOOK);
	w->at = __begin(list, lists[list].next);
	lock_drop(&hook_lock, LOCK_HOOK);
	w->outer = task->walk;
	if (w->at)
		task->walk = w;
	return w->at;
}

/*
 * When a hook is GONE and its last call ends, it may be freed as soon as the
 * lock is free: to wake a word that is gone is without effect.
 */
static struct kmem_hook *move_on(struct hook_walk *w, bool further)
{
	struct kmem_hook *was = w->at;
	bool awaited, left;

	lock_take(&hook_lock, LOCK_HOOK);
	w->at = further ? __begin(w->list, was->link.next) : NULL;
	was->users--;
	awaited = was->state == GONE;
	left = was->state == LEFT && !was->users;
	if (left)
		ring_remove(&was->link);
	lock_drop(&hook_lock, LOCK_HOOK);
	if (awaited)
		port_wake(&was->users, INT32_MAX);
	if (left && was->release)
		was->release(was);
	if (!w->at)
		port_task()->walk = w->outer;
	return w->at;
}

struct kmem_hook *hook_next(struct hook_walk *w)
{
	return move_on(w, true);
}

void hook_stop(struct hook_walk *w)
{
	move_on(w, false);
}

void hooks_lock(void)
{
	lock_take_nested(&hook_lock, LOCK_HOOK);
}

/* In the child: calls of other threads will never end. */
static void __forget_others(enum hook_list list)
{
	struct list_head *e, *next;

	ring_for_each_safe(e, next, &lists[list])
	{
		struct kmem_hook *hook = hook_of(e);

		hook->users = own_calls(hook);
		if (hook->state != LISTED && !hook->users)
			ring_remove(e);
	}
}

void hooks_unlock(bool child)
{
	for (unsigned int i = 0; i < HOOK_LISTS && child; i++)
		__forget_others(i);
	if (child)
		lock_reset(&hook_lock);
	lock_drop_nested(&hook_lock, LOCK_HOOK);
}
