/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Which CPU the running thread is on. */
#ifndef KMEM_LINUX_SMP_H
#define KMEM_LINUX_SMP_H

#include <kmem/cpu.h>
#include "cpumask.h"
#include <linux/preempt.h>

/* It may be another one by the time that it is looked at. */
#define raw_smp_processor_id() ((int)kmem_percpu_cpu())
#define smp_processor_id() raw_smp_processor_id()
#define __smp_processor_id() raw_smp_processor_id()

/* An atomic section, which the thread may be moved in all the same. */
#define get_cpu()                   \
	(__extension__({            \
		preempt_disable();  \
		smp_processor_id(); \
	}))
#define put_cpu() preempt_enable()

#endif
