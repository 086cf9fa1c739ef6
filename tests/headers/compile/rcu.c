/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Freeing after a grace period: compiled, not run. */
#include <linux/slab.h>

struct entry {
	int key;
	struct rcu_head rcu;
};

void drop(struct entry *e);
void drop_old(struct entry *e);

void drop(struct entry *e)
{
	kfree_rcu(e, rcu);
	kvfree_rcu(e, rcu);
}

void drop_old(struct entry *e)
{
	kfree_rcu_mightsleep(e);
	kvfree_rcu_mightsleep(e);
}
