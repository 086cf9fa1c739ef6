/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Symbols that other modules may use: in a program all may.
 */
#ifndef KMEM_KERNEL_EXPORT_H
#define KMEM_KERNEL_EXPORT_H

#include <kmem/compiler.h>

#define EXPORT_SYMBOL(name) KMEM_STATIC_ASSERT(1, "")
#define EXPORT_SYMBOL_GPL(name) KMEM_STATIC_ASSERT(1, "")
#define EXPORT_SYMBOL_NS_GPL(name, space) KMEM_STATIC_ASSERT(1, "")

#endif
