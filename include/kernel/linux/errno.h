/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The system's, and those that the kernel keeps to itself.
 */
#include_next <linux/errno.h>

#ifndef KMEM_KERNEL_ERRNO_H
#define KMEM_KERNEL_ERRNO_H

#define ERESTARTSYS 512
#define ERESTARTNOINTR 513
#define ENOIOCTLCMD 515
#define EPROBE_DEFER 517
#define EOPENSTALE 518
#define ENOTSUPP 524
#define EIOCBQUEUED 529

#endif
