/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Sampled guard pages: which objects have them.  KMEM_OPTIONS=
 * kfence.sample_interval=MS turns them on.
 */
#ifndef _LINUX_KFENCE_H
#define _LINUX_KFENCE_H

#include <kmem/abi.h>
#include <linux/types.h>

KMEM_EXTERN_C_BEGIN

/* Does the address lie in the pool of guarded objects? */
KMEM_API bool is_kfence_address(const void *addr) KMEM_ABI(is_kfence_address);

KMEM_EXTERN_C_END

#endif
