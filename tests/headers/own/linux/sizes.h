/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* A client's own. */
#ifndef _LINUX_SIZES_H
#define _LINUX_SIZES_H

#define SZ_1K 1024
#define SZ_1M (1024 * SZ_1K)

#endif
