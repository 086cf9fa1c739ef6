/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The part of a shrinker or notifier that belongs to the library: its place
 * on a list, and who is calling it.  Nothing in it is set or read by users.
 */
#ifndef KMEM_HOOK_H
#define KMEM_HOOK_H

#include <kmem/types.h>

struct kmem_hook {
	struct kmem_list_head link;
	void (*release)(struct kmem_hook *hook);
	int priority;
	unsigned int users; /* calls under way */
	unsigned int state;
};

#endif
