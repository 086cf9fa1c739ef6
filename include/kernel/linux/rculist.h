/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Lists that are read under RCU while one writer changes them.
 */
#ifndef KMEM_KERNEL_RCULIST_H
#define KMEM_KERNEL_RCULIST_H

#include <linux/list.h>
#include <linux/rcupdate.h>

static inline void list_add_rcu(struct list_head *entry, struct list_head *head)
{
	struct list_head *next = head->next;

	entry->prev = head;
	entry->next = next;
	rcu_assign_pointer(head->next, entry);
	next->prev = entry;
}

static inline void list_add_tail_rcu(struct list_head *entry,
				     struct list_head *head)
{
	struct list_head *prev = head->prev;

	entry->prev = prev;
	entry->next = head;
	rcu_assign_pointer(prev->next, entry);
	head->prev = entry;
}

/* Readers that stand on it go on from there. */
static inline void list_del_rcu(struct list_head *entry)
{
	__list_del_entry(entry);
	entry->prev = (struct list_head *)LIST_POISON2;
}

#define list_entry_rcu(ptr, type, member) \
	container_of(rcu_dereference(ptr), type, member)
#define list_for_each_entry_rcu(pos, head, member, ...)                        \
	for ((pos) = list_entry_rcu((head)->next, __typeof__(*(pos)), member); \
	     !list_entry_is_head(pos, head, member);                           \
	     (pos) = list_entry_rcu((pos)->member.next, __typeof__(*(pos)),    \
				    member))

static inline void hlist_add_head_rcu(struct hlist_node *n,
				      struct hlist_head *h)
{
	n->next = h->first;
	n->pprev = &h->first;
	if (n->next)
		n->next->pprev = &n->next;
	rcu_assign_pointer(h->first, n);
}

static inline void hlist_del_rcu(struct hlist_node *n)
{
	__hlist_del(n);
	n->pprev = (struct hlist_node **)LIST_POISON2;
}

#define hlist_for_each_entry_rcu(pos, head, member, ...)                   \
	for ((pos) = hlist_entry_safe(rcu_dereference((head)->first),      \
				      __typeof__(*(pos)), member);         \
	     (pos);                                                        \
	     (pos) = hlist_entry_safe(rcu_dereference((pos)->member.next), \
				      __typeof__(*(pos)), member))

#endif
