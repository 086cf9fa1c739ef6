/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The C library's words: those of the system's header of this name meet them.
 */
#ifndef KMEM_KERNEL_FCNTL_H
#define KMEM_KERNEL_FCNTL_H

#include <fcntl.h>

#endif
