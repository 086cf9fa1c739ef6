/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Which CPU a thread is on, as sequences see it. */
#ifndef SYNC_CPU_H
#define SYNC_CPU_H

/* The CPU as the kernel's area has it; below 0: it knows none. [nb] */
int pcs_this_cpu(void);

#endif
