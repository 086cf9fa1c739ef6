/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Time in ticks, of which there are 1000 a second.
 */
#ifndef KMEM_KERNEL_JIFFIES_H
#define KMEM_KERNEL_JIFFIES_H

#include <kmem/names.h>
#include <linux/types.h>

#undef HZ
#define HZ 1000
#define MAX_SCHEDULE_TIMEOUT ((long)(~0UL >> 1))

KMEM_EXTERN_C_BEGIN

unsigned long kmem_jiffies(void);

KMEM_EXTERN_C_END

#define jiffies kmem_jiffies()
#define get_jiffies_64() ((u64)kmem_jiffies())

/* Right across the end of the type. */
#define time_after(a, b) ((long)((b) - (a)) < 0)
#define time_before(a, b) time_after(b, a)
#define time_after_eq(a, b) ((long)((a) - (b)) >= 0)
#define time_before_eq(a, b) time_after_eq(b, a)
#define time_is_before_jiffies(a) time_after(jiffies, a)
#define time_is_after_jiffies(a) time_before(jiffies, a)

static inline unsigned long msecs_to_jiffies(unsigned int ms)
{
	return ms;
}

static inline unsigned long usecs_to_jiffies(unsigned int us)
{
	return ((unsigned long)us + 999) / 1000;
}

static inline unsigned int jiffies_to_msecs(unsigned long ticks)
{
	return (unsigned int)ticks;
}

static inline unsigned int jiffies_to_usecs(unsigned long ticks)
{
	return (unsigned int)(ticks * 1000);
}

#endif
