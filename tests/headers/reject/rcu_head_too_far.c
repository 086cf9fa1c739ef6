/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* expect: rcu_head beyond the first 4096 bytes */
#include <linux/slab.h>

struct entry {
	char room[4096];
	struct rcu_head rcu;
};

void drop(struct entry *e);

void drop(struct entry *e)
{
	kfree_rcu(e, rcu);
}
