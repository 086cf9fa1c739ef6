/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Doubly linked rings over struct list_head of <linux/types.h>.  A head that
 * points to itself is empty.
 */
#ifndef LIB_LIST_H
#define LIB_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

#define list_entry_of(ptr, type, member) \
	((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#define ring_for_each(pos, head) \
	for ((pos) = (head)->next; (pos) != (head); (pos) = (pos)->next)

#define ring_for_each_safe(pos, n, head)                               \
	for ((pos) = (head)->next, (n) = (pos)->next; (pos) != (head); \
	     (pos) = (n), (n) = (pos)->next)

static inline void ring_init(struct list_head *h)
{
	h->next = h;
	h->prev = h;
}

static inline bool ring_empty(const struct list_head *h)
{
	return h->next == h;
}

static inline void ring_insert(struct list_head *prev, struct list_head *e)
{
	e->prev = prev;
	e->next = prev->next;
	prev->next->prev = e;
	prev->next = e;
}

static inline void ring_push_front(struct list_head *h, struct list_head *e)
{
	ring_insert(h, e);
}

static inline void ring_push_back(struct list_head *h, struct list_head *e)
{
	ring_insert(h->prev, e);
}

static inline void ring_remove(struct list_head *e)
{
	e->prev->next = e->next;
	e->next->prev = e->prev;
	e->next = e;
	e->prev = e;
}

#endif
