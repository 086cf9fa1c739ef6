/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Real time: a reserve for requests that must not block, and no page faults.
 */
#ifndef KMEM_RESERVE_H
#define KMEM_RESERVE_H

#include <kmem/abi.h>
#include <stdbool.h>
#include <stddef.h>

KMEM_EXTERN_C_BEGIN

/* So many bytes for GFP_ATOMIC; all memory faulted in: 0 or -ENOMEM. */
KMEM_API int kmem_reserve(size_t bytes) KMEM_ABI(kmem_reserve);
/* Touches what the library keeps for the calling thread. */
KMEM_API void kmem_rt_thread(void) KMEM_ABI(kmem_rt_thread);
/* Bytes of it that were taken at the worst, since the start or a reset. */
KMEM_API size_t kmem_reserve_used(bool reset) KMEM_ABI(kmem_reserve_used);

KMEM_EXTERN_C_END

#endif
