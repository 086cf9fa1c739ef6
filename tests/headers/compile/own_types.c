/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* A client with types of its own for what the kernel has beside us. */
#define KMEM_OWN_TYPES 1
#include <linux/slab.h>

#include <linux/gfp.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/shrinker.h>

/* Empty words may be said again. */
#define __user
#define __percpu
#define __bitwise
#define __force
#define __iomem
#define likely(x) (x)

struct list_head {
	struct list_head *next, *prev;
};
struct hlist_node {
	struct hlist_node *next;
};
struct hlist_head {
	struct hlist_node *first;
};
typedef struct {
	volatile int value;
} atomic_t;
typedef struct {
	volatile long value;
} atomic_long_t;
struct rcu_head {
	void *a, *b;
};

#define MAX_ERRNO 4095

static inline void *ERR_PTR(long error)
{
	return (void *)error;
}

static inline bool IS_ERR(const void *p)
{
	return (unsigned long)p >= -4095UL;
}

static inline int get_order(unsigned long size)
{
	return size > 4096;
}

/* A class of a scope, which is a struct. */
struct memalloc_flags {
	unsigned int flags;
};
#if defined(DEFINE_CLASS)
DEFINE_CLASS(memalloc_flags, struct memalloc_flags,
	     memalloc_flags_restore(_T.flags),
	     ((struct memalloc_flags){ memalloc_flags_save(flags) }),
	     unsigned int flags)
#endif

struct list_head *own_use(struct page *page, struct list_head *head);

struct list_head *own_use(struct page *page, struct list_head *head)
{
	struct list_head *p = kmalloc(sizeof(*p), GFP_KERNEL);

	p->next = head;
	p->prev = (struct list_head *)&page->lru;
	return IS_ERR(ERR_PTR(-1)) ? p : head + get_order(1);
}
