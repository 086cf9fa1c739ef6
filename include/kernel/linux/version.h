/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The kernel whose names these are: of changes up to this version the newer
 * form is here.  Most older forms are as well; for a file that can do with
 * either, this says which it takes.
 */
#ifndef KMEM_KERNEL_VERSION_H
#define KMEM_KERNEL_VERSION_H

#define KERNEL_VERSION(a, b, c) \
	(((a) << 16) + ((b) << 8) + ((c) > 255 ? 255 : (c)))
#define LINUX_VERSION_MAJOR 6
#define LINUX_VERSION_PATCHLEVEL 18
#define LINUX_VERSION_SUBLEVEL 0
#define LINUX_VERSION_CODE KERNEL_VERSION(6, 18, 0)

#endif
