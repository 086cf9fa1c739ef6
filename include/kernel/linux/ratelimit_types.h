/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * How often something may be said.
 */
#ifndef KMEM_KERNEL_RATELIMIT_TYPES_H
#define KMEM_KERNEL_RATELIMIT_TYPES_H

#define DEFAULT_RATELIMIT_INTERVAL (5 * 1000) /* jiffies */
#define DEFAULT_RATELIMIT_BURST 10

/* burst times in each interval; all but the first three are the library's. */
struct ratelimit_state {
	int interval;
	int burst;
	int missed;
	int printed;
	unsigned long begin;
	unsigned int lock;
};

#define RATELIMIT_STATE_INIT(name, interval, burst) \
	{                                           \
		(interval), (burst), 0, 0, 0, 0     \
	}
#define DEFINE_RATELIMIT_STATE(name, interval, burst) \
	struct ratelimit_state name =                 \
		RATELIMIT_STATE_INIT(name, interval, burst)

#endif
