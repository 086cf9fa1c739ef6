/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Callbacks that are told of an event: as much of it as <linux/oom.h> takes.
 */
#ifndef KMEM_LINUX_NOTIFIER_H
#define KMEM_LINUX_NOTIFIER_H

#include <kmem/hook.h>
#include <kmem/types.h>

struct notifier_block;

typedef int (*notifier_fn_t)(struct notifier_block *nb, unsigned long action,
			     void *data);

/* The caller's; the first three are set before it is registered. */
struct notifier_block {
	notifier_fn_t notifier_call;
	struct notifier_block *next; /* not used */
	int priority;                /* larger ones are called first */
	struct kmem_hook hook;       /* the library's */
};

/* clang-format off */

/* What a callback answers. */
#define NOTIFY_DONE		0x0000 /* nothing to say */
#define NOTIFY_OK		0x0001
#define NOTIFY_STOP_MASK	0x8000 /* call no further ones */
#define NOTIFY_BAD		(NOTIFY_STOP_MASK | 0x0002)
#define NOTIFY_STOP		(NOTIFY_STOP_MASK | NOTIFY_OK)

/* clang-format on */

#endif
