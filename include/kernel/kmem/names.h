/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * How the names of this folder become symbols of libkmem-kernel.a: as those of
 * <kmem/abi.h>, and apart from them.
 */
#ifndef KMEM_KERNEL_KMEM_NAMES_H
#define KMEM_KERNEL_KMEM_NAMES_H

#include <kmem/abi.h>

#define KMEM_KERNEL(name) __asm__("kmem_kernel_" #name)

#endif
