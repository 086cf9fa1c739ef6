/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Readers under test control.  Between enter and leave callbacks are kept; a
 * wait for them there would never end, so it aborts.
 */
#ifndef PORT_PORT_FAKE_RCU_H
#define PORT_PORT_FAKE_RCU_H

#include "port/port.h"

void fake_rcu_enter(void);
/* Runs what was kept; returns how many callbacks. */
unsigned int fake_rcu_leave(void);

#endif
