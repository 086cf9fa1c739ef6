/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* CPUs as numbers: what <linux/smp.h> and <linux/cpumask.h> are made of. */
#ifndef KMEM_CPU_H
#define KMEM_CPU_H

#include <kmem/abi.h>
#include <stdbool.h>

KMEM_EXTERN_C_BEGIN

/* The number of the CPU that the caller runs on, now. */
KMEM_API unsigned int kmem_percpu_cpu(void);
/* One above the largest number; it does not change. */
KMEM_API unsigned int kmem_nr_cpu_ids(void);
/* Those that are on, now; may call the OS. */
KMEM_API unsigned int kmem_cpus_online(void);
KMEM_API bool kmem_cpu_online(unsigned int cpu);

KMEM_EXTERN_C_END

#endif
