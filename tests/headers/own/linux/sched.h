/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* A client's own. */
#ifndef _LINUX_SCHED_H
#define _LINUX_SCHED_H

#define PF_MEMALLOC 0x00000800 /* as the kernel has it */
#define PF_MEMALLOC_NOFS 0x00040000
#define TASK_RUNNING 0

struct task_struct {
	unsigned int flags;
};

#endif
