/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Numbers of devices.
 */
#include_next <linux/kdev_t.h>

#ifndef KMEM_KERNEL_KDEV_T_H
#define KMEM_KERNEL_KDEV_T_H

#include <linux/types.h>

#undef MAJOR
#undef MINOR
#undef MKDEV
#define MINORBITS 20
#define MINORMASK ((1u << MINORBITS) - 1)
#define MAJOR(dev) ((unsigned int)((dev) >> MINORBITS))
#define MINOR(dev) ((unsigned int)((dev)&MINORMASK))
#define MKDEV(major, minor) ((dev_t)(major) << MINORBITS | (dev_t)(minor))

#endif
