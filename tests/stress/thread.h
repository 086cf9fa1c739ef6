/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* What a thread can do to itself to make life hard for per-CPU sequences. */
#ifndef STRESS_THREAD_H
#define STRESS_THREAD_H

#include <stdbool.h>
#include <stdint.h>

/* The CPUs that the process may run on: how many, and the n-th one's number. */
unsigned int thread_cpus(void);
unsigned int thread_cpu(unsigned int n);
/* Runs the calling thread on one CPU; on all of them again. */
void thread_pin(unsigned int cpu);
void thread_unpin(void);

/* The area that libc registers for restartable sequences. */
struct thread_area {
	uint32_t cpu_id_start, cpu_id;
	uint64_t rseq_cs;
};

struct thread_area *thread_area(void);
/* Takes the thread's area from the kernel, and gives it back. */
bool thread_unregister(void);
bool thread_register(void);

/*
 * Turns of an empty loop at every point inside a sequence; nothing in builds
 * without KMEM_INJECT.
 */
void thread_inject(uint32_t spins);

/*
 * A signal to the calling thread every so often, until thread_calm().  Its
 * number is SIGRTMIN.
 */
bool thread_alarm(unsigned int us);
void thread_calm(void);

#endif
