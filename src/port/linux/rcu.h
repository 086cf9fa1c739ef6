/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What RCU shares with other files of the Linux port.
 */
#ifndef PORT_PORT_LINUX_RCU_H
#define PORT_PORT_LINUX_RCU_H

/* In a child of fork, by its only thread. */
void linux_rcu_forked(void);

#endif
