/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* kmem top by call site. */
#ifndef KMEM_TOOL_TOP_H
#define KMEM_TOOL_TOP_H

#include "live.h"

/* bytes, blocks, growth, since or site; false after a complaint. */
bool top_sites_sort(const char *name);

/* Once or repeatedly, as the options say: an exit status. */
int top_sites(const struct live_options *o, pid_t pid);

/* On the screen, which is open: 'q', 'c', or 0: it could not go on. */
int top_sites_screen(const struct live_options *o, struct published *p);

/* Can it be looked at so?  False after a complaint. */
bool top_sites_can(struct published *p);

#endif
