/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#ifndef PERCPU_LIB_H
#define PERCPU_LIB_H

#include <linux/percpu.h>

/* The loader would give a plugin the library's. */
#if defined(PLUGIN)
#define lib_exported plugin_exported
#endif
DECLARE_PER_CPU(long, lib_exported);

#if defined(__cplusplus)
extern "C" {
#endif
void lib_add(long n);
long lib_sum(void);
long lib_hidden_sum(void);
#if defined(__cplusplus)
}
#endif

#endif
