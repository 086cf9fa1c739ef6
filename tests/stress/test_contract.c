// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/* The contract of port.h, asked of the port of Linux. */
#include "port/hosted.h"
