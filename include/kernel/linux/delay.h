/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Pauses.
 */
#ifndef KMEM_KERNEL_DELAY_H
#define KMEM_KERNEL_DELAY_H

#include <kmem/names.h>
#include <linux/types.h>

KMEM_EXTERN_C_BEGIN

void msleep(unsigned int ms) KMEM_KERNEL(msleep);
void usleep_range(unsigned long least, unsigned long most)
	KMEM_KERNEL(usleep_range);
/* Without sleeping, for callers that must not. */
void ndelay(unsigned long ns) KMEM_KERNEL(ndelay);

KMEM_EXTERN_C_END

#define udelay(us) ndelay((unsigned long)(us)*1000)
#define mdelay(ms) ndelay((unsigned long)(ms)*1000000)
#define ssleep(s) msleep((s)*1000)
#define msleep_interruptible(ms) (msleep(ms), 0ul)
#define fsleep(us) usleep_range(us, (us)*2)

#endif
