/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Registers of a device that is memory of the program.
 */
#ifndef KMEM_KERNEL_IO_H
#define KMEM_KERNEL_IO_H

#include <linux/mm.h>
#include <linux/types.h>

#define readb(p) (*(const volatile u8 *)(p))
#define readw(p) (*(const volatile u16 *)(p))
#define readl(p) (*(const volatile u32 *)(p))
#define readq(p) (*(const volatile u64 *)(p))
#define writeb(v, p) ((void)(*(volatile u8 *)(p) = (v)))
#define writew(v, p) ((void)(*(volatile u16 *)(p) = (v)))
#define writel(v, p) ((void)(*(volatile u32 *)(p) = (v)))
#define writeq(v, p) ((void)(*(volatile u64 *)(p) = (v)))

#endif
