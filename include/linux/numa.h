/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* The node argument that means "no preference". */
#ifndef KMEM_LINUX_NUMA_H
#define KMEM_LINUX_NUMA_H

#include <kmem/types.h>

#endif
