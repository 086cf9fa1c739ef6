/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Time in nanoseconds.
 */
#ifndef KMEM_KERNEL_KTIME_H
#define KMEM_KERNEL_KTIME_H

#include <kmem/names.h>
#include <linux/types.h>

typedef s64 ktime_t;

KMEM_EXTERN_C_BEGIN

/* Of a clock that only goes forward. */
u64 ktime_get_ns(void) KMEM_KERNEL(ktime_get_ns);

KMEM_EXTERN_C_END

#define ktime_get() ((ktime_t)ktime_get_ns())
#define ktime_sub(a, b) ((a) - (b))
#define ktime_add(a, b) ((a) + (b))
#define ktime_us_delta(later, earlier) ktime_to_us(ktime_sub(later, earlier))
#define ktime_ms_delta(later, earlier) ktime_to_ms(ktime_sub(later, earlier))
#define ktime_to_ns(t) ((s64)(t))
#define ktime_to_us(t) ((s64)(t) / 1000)
#define ktime_to_ms(t) ((s64)(t) / 1000000)
#define NSEC_PER_SEC 1000000000L
#define NSEC_PER_MSEC 1000000L
#define NSEC_PER_USEC 1000L
#define USEC_PER_SEC 1000000L
#define MSEC_PER_SEC 1000L

#endif
