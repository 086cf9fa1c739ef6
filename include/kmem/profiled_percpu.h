/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Calls for per-CPU memory, each charged to its own call site.
 * <linux/percpu.h> includes this at its end
 * where CONFIG_MEM_ALLOC_PROFILING asks for it.
 */
#ifndef KMEM_PROFILED_PERCPU_H
#define KMEM_PROFILED_PERCPU_H

#include <linux/alloc_tag.h>

#include "../linux/percpu.h"

#if defined(CONFIG_MEM_ALLOC_PROFILING) && !defined(__cplusplus)
/* clang-format off */

#define __alloc_percpu(...) alloc_hooks((__alloc_percpu)(__VA_ARGS__))
#define __alloc_percpu_gfp(...) alloc_hooks((__alloc_percpu_gfp)(__VA_ARGS__))

/* clang-format on */
#endif

#endif
