/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "port/linux/fork.h"

const bool linux_serves_stdio = true;
