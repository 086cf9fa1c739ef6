/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What the published area shares with other files of the Linux port.
 */
#ifndef PORT_PORT_LINUX_PUBLISH_H
#define PORT_PORT_LINUX_PUBLISH_H

#include "port/port.h"

/*
 * The same file under a high number below the limit, out of the way of the
 * program and of select(); fd itself if there is none.
 */
int linux_move_high(int fd);

#endif
