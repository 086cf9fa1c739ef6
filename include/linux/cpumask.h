/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Which CPUs there can be, and which there are: their numbers, not masks.
 *
 * The last number is that of threads which the kernel knows no CPU of
 * (<kmem/percpu.h>).  It is a CPU like all others here, possible and online, so
 * that a sum over all CPUs has what those threads added.
 */
#ifndef KMEM_LINUX_CPUMASK_H
#define KMEM_LINUX_CPUMASK_H

#include <kmem/cpu.h>

#define nr_cpu_ids kmem_nr_cpu_ids()
#define nr_cpumask_bits nr_cpu_ids

#define num_possible_cpus() nr_cpu_ids
#define num_present_cpus() num_online_cpus()
#define num_active_cpus() num_online_cpus()
#define num_online_cpus() kmem_cpus_online()
#define cpu_possible(cpu) ((unsigned int)(cpu) < nr_cpu_ids)
#define cpu_present(cpu) cpu_possible(cpu)
#define cpu_online(cpu) kmem_cpu_online(cpu)
#define cpu_active(cpu) cpu_online(cpu)

#define for_each_possible_cpu(cpu) for ((cpu) = 0; cpu_possible(cpu); (cpu)++)
#define for_each_present_cpu(cpu) for_each_possible_cpu(cpu)
#define for_each_online_cpu(cpu)                         \
	for_each_possible_cpu(cpu) if (!cpu_online(cpu)) \
	{                                                \
	}                                                \
	else

#endif
