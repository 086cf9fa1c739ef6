/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#ifndef LIB_TIME_H
#define LIB_TIME_H

/* Nanoseconds are what the port counts in. */
#define NS_PER_MS 1000000ll

#endif
