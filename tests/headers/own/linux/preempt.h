/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* A client's own. */
#ifndef _LINUX_PREEMPT_H
#define _LINUX_PREEMPT_H

#define preempt_disable() ((void)0)
#define preempt_enable() ((void)0)

#endif
