/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * There are no interrupts.  Where they are off a caller must not sleep, so that
 * is an atomic section.
 */
#ifndef KMEM_KERNEL_IRQFLAGS_H
#define KMEM_KERNEL_IRQFLAGS_H

#include <linux/preempt.h>

#define local_irq_disable() preempt_disable()
#define local_irq_enable() preempt_enable()
#define local_irq_save(flags)      \
	do {                       \
		(flags) = 0;       \
		preempt_disable(); \
	} while (0)
#define local_irq_restore(flags)  \
	do {                      \
		(void)(flags);    \
		preempt_enable(); \
	} while (0)
#define irqs_disabled() in_atomic()
#define local_bh_disable() preempt_disable()
#define local_bh_enable() preempt_enable()

#endif
