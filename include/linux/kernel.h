/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What code says of itself: that it may sleep, that it cannot, that it must
 * not.  Nothing else of the kernel's file of this name is here; the system's
 * <linux/kernel.h>, which <sys/sysinfo.h> needs, comes first.
 *
 * All of it is silent unless KMEM_OPTIONS=atomic_checks=1 (docs/debugging.md).
 */
#if defined(__STDC_HOSTED__) && __STDC_HOSTED__ && defined(__has_include_next)
#if __has_include_next(<linux/kernel.h>)
#include_next <linux/kernel.h>
#endif
#endif

#ifndef KMEM_LINUX_KERNEL_H
#define KMEM_LINUX_KERNEL_H

#include <kmem/abi.h>

KMEM_EXTERN_C_BEGIN

KMEM_API void __might_sleep(const char *file, int line) KMEM_ABI(__might_sleep);
KMEM_API void __cant_sleep(const char *file, int line, int preempt_offset)
	KMEM_ABI(__cant_sleep);

/* Between these a thread must not sleep although it could; they nest. */
KMEM_API void non_block_start(void) KMEM_ABI(non_block_start);
KMEM_API void non_block_end(void) KMEM_ABI(non_block_end);

KMEM_EXTERN_C_END

/* A program that brings its own keeps it. */
#if !defined(might_sleep)
#define might_sleep() __might_sleep(__FILE__, __LINE__)
#endif
#if !defined(might_sleep_if)
#define might_sleep_if(cond)           \
	do {                           \
		if (cond)              \
			might_sleep(); \
	} while (0)
#endif
#if !defined(cant_sleep)
#define cant_sleep() __cant_sleep(__FILE__, __LINE__, 0)
#endif

#endif
