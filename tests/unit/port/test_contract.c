// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/* The contract of port.h, asked of the fake port. */
#include "port/hosted.h"
