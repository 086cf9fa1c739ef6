/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Out of memory: before a request fails, registered notifiers are asked to free
 * what they can, in the order of their priority.  Nothing is killed.
 *
 * One thread at a time asks.  Others wait for it a short time only, because the
 * callback may need a lock that one of them holds, and then try again.  A
 * callback runs without a lock of ours, with PF_MEMALLOC set.
 */
#include <linux/oom.h>

#include "debug/report.h"
#include "lib/errno.h"
#include "lib/list.h"
#include "page/page.h"
#include "page/reclaim.h"
#include "port/port.h"

#define PATIENCE_NS 10000000

static uint32_t asking; /* 1: a thread is */

static unsigned long ask_all(void)
{
	unsigned long freed = 0;
	struct kmem_hook *hook;
	struct hook_walk w;

	hook = hook_first(&w, HOOK_OOM);
	/* Bound: the notifiers on the list. */
	while (hook) {
		struct notifier_block *nb =
			list_entry_of(hook, struct notifier_block, hook);

		if (nb->notifier_call(nb, 0, &freed) & NOTIFY_STOP_MASK) {
			hook_stop(&w);
			break;
		}
		hook = hook_next(&w);
	}
	return freed;
}

bool oom_run(void)
{
	unsigned long freed;
	uint32_t none = 0;

	if (!hooks_any(HOOK_OOM) || !reclaim_begin())
		return false;
	if (!__atomic_compare_exchange_n(&asking, &none, 1, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
		reclaim_end();
		port_wait(&asking, 1, PATIENCE_NS);
		return true;
	}
	freed = ask_all();
	reclaim_end();
	total_add(&page_totals()->oom_runs, 1);
	total_add(&page_totals()->oom_pages, (long)freed);
	__atomic_store_n(&asking, 0, __ATOMIC_RELEASE);
	port_wake(&asking, INT32_MAX);
	return freed != 0;
}

/* The thread that asked is not in the child, unless it forked. */
void oom_forked(void)
{
	__atomic_store_n(&asking, 0, __ATOMIC_RELAXED);
}

/**
 * register_oom_notifier() - a callback for when memory is out
 * @nb: notifier_call and priority are set; not to be moved or freed until it
 *	is unregistered
 *
 * notifier_call(nb, 0, data) adds the pages that it freed to the unsigned
 * long at data and returns NOTIFY_OK, or NOTIFY_STOP to have no further ones
 * called.  If the sum is not 0 the request is tried once more.  It may
 * allocate, from the reserves; such a request fails rather than reclaim.
 *
 * It is called for requests with __GFP_DIRECT_RECLAIM and __GFP_FS, up to
 * order 3, without __GFP_NORETRY, __GFP_RETRY_MAYFAIL and __GFP_THISNODE.
 *
 * Context: Any that may wait for a lock, callbacks included.
 * Return: 0; -EEXIST if it is registered; -EINVAL after a warning if @nb is
 * NULL or has no callback.
 * Source: <linux/oom.h>.
 */
int register_oom_notifier(struct notifier_block *nb)
{
	if (warn_if(!nb || !nb->notifier_call,
		    "register_oom_notifier(%p): no callback", (void *)nb))
		return -EINVAL;
	return hook_add(HOOK_OOM, &nb->hook, nb->priority) ? 0 : -EEXIST;
}

/**
 * unregister_oom_notifier() - ends that
 * @nb: as given to register_oom_notifier()
 *
 * Waits until no other thread is in the callback.  From the callback itself
 * @nb must stay until that has returned.
 *
 * Context: May sleep.
 * Return: 0; -ENOENT if it is not registered.
 * Source: <linux/oom.h>.
 */
int unregister_oom_notifier(struct notifier_block *nb)
{
	return nb && hook_remove(HOOK_OOM, &nb->hook, NULL) ? 0 : -ENOENT;
}
