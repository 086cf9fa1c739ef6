/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Functions that run later, in a thread that may sleep: one for each queue, so
 * the works of a queue run one after the other.
 */
#ifndef KMEM_KERNEL_WORKQUEUE_H
#define KMEM_KERNEL_WORKQUEUE_H

#include <kmem/names.h>
#include <linux/jiffies.h>
#include <linux/list.h>

struct work_struct;
struct workqueue_struct;

typedef void (*work_func_t)(struct work_struct *work);

/* All but func is the library's. */
struct work_struct {
	struct list_head entry;
	work_func_t func;
	struct workqueue_struct *queue; /* whose list it is on */
	unsigned long expires;
};

struct delayed_work {
	struct work_struct work;
};

#define KMEM_WORK(name, function)                              \
	{                                                      \
		LIST_HEAD_INIT((name).entry), (function), 0, 0 \
	}
#define DECLARE_WORK(name, function) \
	struct work_struct name = KMEM_WORK(name, function)
#define DECLARE_DELAYED_WORK(name, function) \
	struct delayed_work name = { KMEM_WORK((name).work, function) }
#define INIT_WORK(w, function)               \
	do {                                 \
		INIT_LIST_HEAD(&(w)->entry); \
		(w)->func = (function);      \
		(w)->queue = 0;              \
	} while (0)
#define INIT_DELAYED_WORK(w, function) INIT_WORK(&(w)->work, function)
#define to_delayed_work(w) container_of(w, struct delayed_work, work)

#define WQ_UNBOUND (1u << 1)
#define WQ_FREEZABLE (1u << 2)
#define WQ_MEM_RECLAIM (1u << 3)
#define WQ_HIGHPRI (1u << 4)

KMEM_EXTERN_C_BEGIN

extern struct workqueue_struct *system_wq KMEM_KERNEL(system_wq);

struct workqueue_struct *alloc_workqueue(const char *fmt, unsigned int flags,
					 int max_active, ...)
	KMEM_KERNEL(alloc_workqueue) __attribute__((format(printf, 1, 4)));
/* Runs what is there, ends the thread. */
void destroy_workqueue(struct workqueue_struct *wq)
	KMEM_KERNEL(destroy_workqueue);
/* False: it is on a queue already.  With again, true says that it was. */
bool kmem_queue_work(struct workqueue_struct *wq, struct work_struct *work,
		     unsigned long delay, bool again);
/* True: it had to be waited for. */
bool flush_work(struct work_struct *work) KMEM_KERNEL(flush_work);
void flush_workqueue(struct workqueue_struct *wq) KMEM_KERNEL(flush_workqueue);
/* Not queued and not running afterwards. True: it was queued. */
bool cancel_work_sync(struct work_struct *work) KMEM_KERNEL(cancel_work_sync);
bool work_pending(struct work_struct *work) KMEM_KERNEL(work_pending);

KMEM_EXTERN_C_END

#define alloc_ordered_workqueue(fmt, flags, ...) \
	alloc_workqueue(fmt, flags, 1, ##__VA_ARGS__)
#define create_singlethread_workqueue(name) alloc_workqueue("%s", 0, 1, name)
#define create_workqueue(name) alloc_workqueue("%s", 0, 1, name)
#define queue_work(wq, work) kmem_queue_work(wq, work, 0, false)
#define queue_delayed_work(wq, dwork, delay) \
	kmem_queue_work(wq, &(dwork)->work, delay, false)
#define mod_delayed_work(wq, dwork, delay) \
	kmem_queue_work(wq, &(dwork)->work, delay, true)
#define schedule_work(work) queue_work(system_wq, work)
#define schedule_delayed_work(dwork, delay) \
	queue_delayed_work(system_wq, dwork, delay)
#define flush_delayed_work(dwork) flush_work(&(dwork)->work)
#define cancel_delayed_work_sync(dwork) cancel_work_sync(&(dwork)->work)
#define flush_scheduled_work() flush_workqueue(system_wq)

#endif
