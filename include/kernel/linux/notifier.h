/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Ours, and chains of a program's own.
 *
 * A chain is a list of callbacks by priority, the earlier first among equals.
 * An atomic one is called without sleeping, a blocking one may sleep, and of a
 * raw one the caller has the lock.  While one of the first two is called nobody
 * joins or leaves, so a callback does neither; it may call its chain again.
 */
#include_next <linux/notifier.h>

#ifndef KMEM_KERNEL_NOTIFIER_H
#define KMEM_KERNEL_NOTIFIER_H

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>

struct raw_notifier_head {
	struct notifier_block *head;
};

struct atomic_notifier_head {
	unsigned int word;
	struct raw_notifier_head chain;
};

struct blocking_notifier_head {
	struct rw_semaphore rwsem;
	struct raw_notifier_head chain;
};

/* clang-format off */
#define RAW_NOTIFIER_HEAD(name)	struct raw_notifier_head name = { NULL }
#define ATOMIC_NOTIFIER_HEAD(name) \
	struct atomic_notifier_head name = { 0, { NULL } }
#define BLOCKING_NOTIFIER_HEAD(name) \
	struct blocking_notifier_head name = { { 0 }, { NULL } }
#define RAW_INIT_NOTIFIER_HEAD(name)	((name)->head = NULL)
#define ATOMIC_INIT_NOTIFIER_HEAD(name) \
	((name)->word = 0, (name)->chain.head = NULL)
#define BLOCKING_INIT_NOTIFIER_HEAD(name) \
	(init_rwsem(&(name)->rwsem), (name)->chain.head = NULL)
/* clang-format on */

/* Where a callback of this priority goes; NULL: it is there already. */
static inline struct notifier_block **
kmem_notifier_place(struct raw_notifier_head *nh, struct notifier_block *nb)
{
	struct notifier_block **at = &nh->head, **place = NULL;

	for (; *at; at = &(*at)->next) {
		if (*at == nb)
			return NULL;
		if (!place && (*at)->priority < nb->priority)
			place = at;
	}
	return place ? place : at;
}

/* 0, or -EEXIST. */
static inline int raw_notifier_chain_register(struct raw_notifier_head *nh,
					      struct notifier_block *nb)
{
	struct notifier_block **place = kmem_notifier_place(nh, nb);

	if (!place)
		return -EEXIST;
	nb->next = *place;
	*place = nb;
	return 0;
}

/* 0, or -ENOENT. */
static inline int raw_notifier_chain_unregister(struct raw_notifier_head *nh,
						struct notifier_block *nb)
{
	struct notifier_block **at = &nh->head;

	while (*at && *at != nb)
		at = &(*at)->next;
	if (!*at)
		return -ENOENT;
	*at = nb->next;
	return 0;
}

/* What the last that was called answered; NOTIFY_DONE when there is none. */
static inline int raw_notifier_call_chain(struct raw_notifier_head *nh,
					  unsigned long action, void *data)
{
	struct notifier_block *nb = nh->head, *next;
	int answer = NOTIFY_DONE;

	for (; nb && !(answer & NOTIFY_STOP_MASK); nb = next) {
		next = nb->next;
		answer = nb->notifier_call(nb, action, data);
	}
	return answer;
}

static inline int
atomic_notifier_chain_register(struct atomic_notifier_head *nh,
			       struct notifier_block *nb)
{
	int err;

	kmem_rw_write_lock(&nh->word);
	err = raw_notifier_chain_register(&nh->chain, nb);
	kmem_rw_write_unlock(&nh->word);
	return err;
}

static inline int
atomic_notifier_chain_unregister(struct atomic_notifier_head *nh,
				 struct notifier_block *nb)
{
	int err;

	kmem_rw_write_lock(&nh->word);
	err = raw_notifier_chain_unregister(&nh->chain, nb);
	kmem_rw_write_unlock(&nh->word);
	return err;
}

static inline int atomic_notifier_call_chain(struct atomic_notifier_head *nh,
					     unsigned long action, void *data)
{
	int answer;

	kmem_rw_read_lock(&nh->word);
	preempt_disable();
	answer = raw_notifier_call_chain(&nh->chain, action, data);
	preempt_enable();
	kmem_rw_read_unlock(&nh->word);
	return answer;
}

static inline int
blocking_notifier_chain_register(struct blocking_notifier_head *nh,
				 struct notifier_block *nb)
{
	int err;

	down_write(&nh->rwsem);
	err = raw_notifier_chain_register(&nh->chain, nb);
	up_write(&nh->rwsem);
	return err;
}

static inline int
blocking_notifier_chain_unregister(struct blocking_notifier_head *nh,
				   struct notifier_block *nb)
{
	int err;

	down_write(&nh->rwsem);
	err = raw_notifier_chain_unregister(&nh->chain, nb);
	up_write(&nh->rwsem);
	return err;
}

static inline int
blocking_notifier_call_chain(struct blocking_notifier_head *nh,
			     unsigned long action, void *data)
{
	int answer;

	down_read(&nh->rwsem);
	answer = raw_notifier_call_chain(&nh->chain, action, data);
	up_read(&nh->rwsem);
	return answer;
}

/* A negative error, or 0, as an answer; and the way back. */
static inline int notifier_from_errno(int err)
{
	return err ? NOTIFY_STOP_MASK | (NOTIFY_OK - err) : NOTIFY_OK;
}

static inline int notifier_to_errno(int answer)
{
	answer &= ~NOTIFY_STOP_MASK;
	return answer > NOTIFY_OK ? NOTIFY_OK - answer : 0;
}

#endif
