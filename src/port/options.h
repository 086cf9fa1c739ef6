/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The options that the port has, parsed, and a line for each that is refused.
 */
#ifndef PORT_OPTIONS_H
#define PORT_OPTIONS_H

/* Part of port_start(). */
void options_start(void);

#endif
