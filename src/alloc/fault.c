/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* <kmem/fault.h>: debug/fail.c by calls. */
#include <kmem/fault.h>

#include "alloc/alloc.h"
#include "debug/atomic.h"
#include "debug/fail.h"
#include "debug/report.h"
#include "lib/errno.h"
#include "slab/slab.h"

/*
 * Sheaves serve requests without a question, so none may be left.  Objects that
 * others free or take while they are flushed are not asked about.
 */
int fault_begin(void)
{
	int err = KMEM_SMALL ? -ENOSYS : kmalloc_boot();

	if (err || __atomic_load_n(&fail_on, __ATOMIC_RELAXED))
		return err;
	__atomic_store_n(&fail_on, true, __ATOMIC_RELEASE);
	slab_give_back_all(true);
	return 0;
}

static bool is_kind(enum kmem_fault kind)
{
	return !warn_if((unsigned int)kind >= FAIL_KINDS,
			"kmem_fault: there is no kind %u", (unsigned int)kind);
}

/**
 * kmem_fault_get - how requests of a kind are made to fail
 * @kind: KMEM_FAILSLAB or KMEM_FAIL_PAGE_ALLOC
 * @attr: where the attributes go; space and times are what is left of them
 *
 * Another @kind is warned of, and @attr is all zero then.
 *
 * Context: may sleep the first time.
 * Source: ours; the kernel's files in debugfs.
 */
void kmem_fault_get(enum kmem_fault kind, struct kmem_fault_attr *attr)
{
	check_sleeping();
	*attr = (struct kmem_fault_attr){ 0 };
	if (is_kind(kind) && !kmalloc_boot())
		fail_attr_read((enum fail_kind)kind, attr);
}

/**
 * kmem_fault_set - has requests of a kind fail
 * @kind: KMEM_FAILSLAB or KMEM_FAIL_PAGE_ALLOC
 * @attr: what kmem_fault_get() gave, with changes
 *
 * Requests that other threads make meanwhile may see some of the new
 * attributes and some of the old.
 *
 * Return: 0; -EINVAL after a warning for another @kind, or for a probability
 * above 100; -ENOMEM when the library cannot start; -ENOSYS in a build with
 * KMEM_SMALL=1.
 * Context: may sleep.
 * Source: ours; the kernel's files in debugfs.
 */
int kmem_fault_set(enum kmem_fault kind, const struct kmem_fault_attr *attr)
{
	int err;

	check_sleeping();
	if (!is_kind(kind) ||
	    warn_if(attr->probability > 100, "kmem_fault: a probability of %u",
		    attr->probability))
		return -EINVAL;
	err = fault_begin();
	if (!err)
		fail_attr_write((enum fail_kind)kind, attr);
	return err;
}

/**
 * kmem_fault_hook - has a function of the program say which requests fail
 * @hook: the function and what it gets; NULL: none any more.  It must stay as
 *	it is, until another was set and the requests that began before are over
 *
 * It is called for each request of any thread that kmem_fail_nth() would count,
 * but for a pool's whole, in the context of its caller: with GFP_ATOMIC it must
 * not sleep.  It may allocate; of what it allocates it is not asked.  A request
 * that it lets through may still fail by kmem_fault_set().
 *
 * Return: 0; -ENOMEM when the library cannot start; -ENOSYS in a build with
 * KMEM_SMALL=1.
 * Context: may sleep.
 * Source: ours; in the kernel BPF programs override the answer.
 */
int kmem_fault_hook(const struct kmem_fault_filter *hook)
{
	int err;

	check_sleeping();
	err = fault_begin();
	/* pairs with the acquire in hook_fails() */
	if (!err)
		__atomic_store_n(&fail_hook, hook, __ATOMIC_RELEASE);
	return err;
}

/**
 * kmem_fail_nth - has one request of this thread fail
 * @n: which, from here on, 1 is the next; 0: none
 *
 * Requests of all kinds count, but those with __GFP_NOFAIL and those from any
 * context.  While it counts, nothing else makes a request of this thread fail.
 * A child of fork goes on with what is left.
 *
 * Return: 0; -ENOMEM when the library cannot start; -ENOSYS in a build with
 * KMEM_SMALL=1.
 * Context: may sleep the first time.
 * Source: ours; a write to the kernel's /proc/self/fail-nth.
 */
int kmem_fail_nth(unsigned int n)
{
	int err;

	check_sleeping();
	err = fault_begin();
	if (!err)
		port_task()->fail_nth = n;
	return err;
}

/**
 * kmem_fail_nth_left - how far kmem_fail_nth() has counted
 *
 * Return: what is left of @n; 0: the request has failed, or none was to.
 * Context: any.
 * Source: ours; a read of the kernel's /proc/self/fail-nth.
 */
unsigned int kmem_fail_nth_left(void)
{
	return port_task()->fail_nth;
}

/**
 * kmem_make_it_fail - does task_filter let this thread through?
 * @on: yes or no; no is the standard
 *
 * Context: any.
 * Source: ours; the kernel's /proc/self/make-it-fail.
 */
void kmem_make_it_fail(bool on)
{
	port_task()->make_it_fail = on;
}
