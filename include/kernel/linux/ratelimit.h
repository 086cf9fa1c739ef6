/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#ifndef KMEM_KERNEL_RATELIMIT_H
#define KMEM_KERNEL_RATELIMIT_H

#include <linux/printk.h>
#include <linux/ratelimit_types.h>

static inline void ratelimit_state_init(struct ratelimit_state *rs,
					int interval, int burst)
{
	DEFINE_RATELIMIT_STATE(fresh, interval, burst);

	*rs = fresh;
}

#endif
