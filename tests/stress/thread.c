/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "stress/thread.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "port/rseq.h"

#if !defined(sigev_notify_thread_id)
#define sigev_notify_thread_id _sigev_un._tid
#endif
#if !defined(AT_RSEQ_FEATURE_SIZE)
#define AT_RSEQ_FEATURE_SIZE 27
#define AT_RSEQ_ALIGN 28
#endif
#define UNREGISTER 1
#if defined(__aarch64__)
#define SIGNATURE 0xd428bc00u
#else
#define SIGNATURE 0x53053053u
#endif

/* glibc 2.35 and later. */
extern const ptrdiff_t __rseq_offset __attribute__((weak));
extern const unsigned int __rseq_size __attribute__((weak));

static cpu_set_t all;
static pthread_once_t all_once = PTHREAD_ONCE_INIT;

static void find_cpus(void)
{
	if (sched_getaffinity(0, sizeof(all), &all))
		CPU_SET(0, &all);
}

unsigned int thread_cpus(void)
{
	pthread_once(&all_once, find_cpus);
	return (unsigned int)CPU_COUNT(&all);
}

unsigned int thread_cpu(unsigned int n)
{
	unsigned int cpu;

	pthread_once(&all_once, find_cpus);
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &all) && !n--)
			return cpu;
	return 0;
}

void thread_pin(unsigned int cpu)
{
	cpu_set_t one;

	pthread_once(&all_once, find_cpus);
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	sched_setaffinity(0, sizeof(one), &one);
}

void thread_unpin(void)
{
	pthread_once(&all_once, find_cpus);
	sched_setaffinity(0, sizeof(all), &all);
}

struct thread_area *thread_area(void)
{
	if (!&__rseq_offset || !&__rseq_size || !__rseq_size)
		return NULL;
	return (struct thread_area *)(void *)((char *)__builtin_thread_pointer() +
					      __rseq_offset);
}

/* libc's length is one of these. */
static bool with_each_length(int flags)
{
	unsigned long feature = getauxval(AT_RSEQ_FEATURE_SIZE);
	unsigned long align = getauxval(AT_RSEQ_ALIGN);
	struct thread_area *area = thread_area();

	if (!area)
		return false;
#if defined(SYS_rseq)
	if (!syscall(SYS_rseq, area, 32u, flags, SIGNATURE))
		return true;
	if (align && feature > 32)
		return !syscall(
			SYS_rseq, area,
			(unsigned int)((feature + align - 1) / align * align),
			flags, SIGNATURE);
#endif
	return false;
}

bool thread_unregister(void)
{
	return with_each_length(UNREGISTER);
}

bool thread_register(void)
{
	return with_each_length(0);
}

void thread_inject(uint32_t spins)
{
#if KMEM_RSEQ && KMEM_INJECT
	pcs_inject_spins = spins;
#else
	(void)spins;
#endif
}

static __thread timer_t timer;

bool thread_alarm(unsigned int us)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID,
				  .sigev_signo = SIGRTMIN };
	struct itimerspec spec = { .it_interval.tv_nsec = us * 1000l,
				   .it_value.tv_nsec = us * 1000l };

	event.sigev_notify_thread_id = (int)syscall(SYS_gettid);
	return !timer_create(CLOCK_MONOTONIC, &event, &timer) &&
	       !timer_settime(timer, 0, &spec, NULL);
}

void thread_calm(void)
{
	timer_delete(timer);
}
