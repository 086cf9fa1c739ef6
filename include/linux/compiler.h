/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#ifndef _LINUX_COMPILER_H
#define _LINUX_COMPILER_H

#include <kmem/compiler.h>

#endif
