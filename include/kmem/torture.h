/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * For programs that kmem torture runs with --armed=call: from where to where
 * allocations are made to fail.
 *
 * Both calls do nothing unless the program runs on libkmem-malloc.so under kmem
 * torture; nothing must be linked for them.
 */
#ifndef KMEM_TORTURE_H
#define KMEM_TORTURE_H

#include <kmem/abi.h>

KMEM_EXTERN_C_BEGIN

/* Defined by libkmem-malloc.so; call the two below. */
void kmem_torture_arm(void) __attribute__((weak));
void kmem_torture_disarm(void) __attribute__((weak));

/* From here on allocations are made to fail, one after the other. */
static inline void kmem_torture_begin(void)
{
	if (kmem_torture_arm)
		kmem_torture_arm();
}

/* From here on they are not; a failure that went before stays in force. */
static inline void kmem_torture_end(void)
{
	if (kmem_torture_disarm)
		kmem_torture_disarm();
}

KMEM_EXTERN_C_END

#endif
