/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* The kernel's other names in C++, beside its own library's. */
#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <algorithm>
#include <string>

struct item {
	int n;
	struct list_head list;
	struct work_struct work;
};

static atomic_t runs = ATOMIC_INIT(0);

static void run(struct work_struct *work)
{
	atomic_add(container_of(work, struct item, work)->n, &runs);
}

int main()
{
	LIST_HEAD(items);
	struct item *p, *n;
	int sum = 0;

	for (int i = 1; i <= 3; i++) {
		p = static_cast<item *>(kmalloc(sizeof(*p), GFP_KERNEL));
		p->n = i;
		list_add(&p->list, &items);
		INIT_WORK(&p->work, run);
		schedule_work(&p->work);
		flush_work(&p->work);
	}
	list_for_each_entry_safe(p, n, &items, list) {
		sum = std::max(sum, p->n) + 1;
		kfree(p);
	}
	return sum != 6 || atomic_read(&runs) != 6;
}
