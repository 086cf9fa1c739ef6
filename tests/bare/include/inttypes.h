/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#ifndef KERNEL_INTTYPES_H
#define KERNEL_INTTYPES_H

#include <stdint.h>

#define PRIx64 "lx"
#define PRIu32 "u"
#define SCNu32 "u"

#endif
