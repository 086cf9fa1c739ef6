/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Restartable sequences of a Linux process, on glibc's registration.
 *
 * No version is trusted: two calls that change nothing tell whether the kernel
 * knows a thread's area.  A kernel that knows it at this address and with this
 * length refuses to unregister it under a signature that is not ours, with
 * EPERM; and to register it again, with EBUSY, if the signature is the one that
 * our abort handlers carry.  An area that is not known is never registered, not
 * for a moment: where a thread has no libc to set up its memory, something else
 * may lie there.
 *
 * The length is the one that glibc used; it has changed once, so both are
 * tried.
 */
#define _GNU_SOURCE 1

#include "port/port.h"

#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "port/linux/confine.h"
#include "port/linux/fork.h"
#include "port/linux/own.h"
#include "port/rseq.h"

#if KMEM_RSEQ

#if defined(__x86_64__)
#define SIGNATURE 0x53053053u
#else
#define SIGNATURE 0xd428bc00u
#endif

/* The kernel's ABI; newer than some headers. */
#if !defined(SYS_rseq) && defined(__x86_64__)
#define SYS_rseq 334
#elif !defined(SYS_rseq)
#define SYS_rseq 293
#endif
#if !defined(AT_RSEQ_FEATURE_SIZE)
#define AT_RSEQ_FEATURE_SIZE 27
#define AT_RSEQ_ALIGN 28
#endif
#define RSEQ_UNREGISTER 1
#define RSEQ_FIRST_LENGTH 32u
#define MEMBARRIER_FENCE (1 << 7)    /* PRIVATE_EXPEDITED_RSEQ */
#define MEMBARRIER_REGISTER (1 << 8) /* REGISTER_PRIVATE_EXPEDITED_RSEQ */
#define CPUS_MOST 8192u

/* What the kernel writes, as far as we read it. */
struct area {
	uint32_t cpu_id_start;
	int32_t cpu_id;
	uint64_t rseq_cs;
	uint32_t flags, pad[3];
};

_Static_assert(offsetof(struct area, cpu_id) == 4, "KMEM_SEQ_CPU_ID");
_Static_assert(offsetof(struct area, rseq_cs) == 8, "KMEM_SEQ_CS");

/* glibc 2.35 and later. */
extern const ptrdiff_t __rseq_offset __attribute__((weak));
extern const unsigned int __rseq_size __attribute__((weak));

/* No kernel writes here: the area of a thread that has none. */
static __thread struct area idle
	__attribute__((tls_model("initial-exec"))) = { .cpu_id = -1 };

static bool fence_ready;
static unsigned int known_length; /* of areas, as the kernel was told */

static struct area *glibc_area(void)
{
	return (struct area *)((char *)__builtin_thread_pointer() +
			       __rseq_offset);
}

static bool known_with_length(struct area *area, unsigned int length)
{
	bool known =
		syscall(SYS_rseq, area, length, RSEQ_UNREGISTER, ~SIGNATURE) &&
		errno == EPERM &&
		syscall(SYS_rseq, area, length, 0, SIGNATURE) && errno == EBUSY;

	if (known)
		known_length = length;
	return known;
}

static bool kernel_knows(struct area *area)
{
	unsigned long feature = getauxval(AT_RSEQ_FEATURE_SIZE);
	unsigned long align = getauxval(AT_RSEQ_ALIGN);
	unsigned int length = RSEQ_FIRST_LENGTH;

	if (area->cpu_id < 0)
		return false;
	if (known_with_length(area, length))
		return true;
	if (!align || feature <= length)
		return false;
	length = (unsigned int)((feature + align - 1) / align * align);
	return known_with_length(area, length);
}

static bool membarrier(int command)
{
	return !syscall(SYS_membarrier, command, 0, 0);
}

/*
 * Without sysfs the kernel's own bound: the mask that it copies has a bit for
 * every id, rounded up to whole words.
 */
static unsigned int count_ids(void)
{
	unsigned long mask[CPUS_MOST / 8 / sizeof(long)];
	long bytes;

	if (linux_cpu_ids())
		return linux_cpu_ids();
	bytes = syscall(SYS_sched_getaffinity, 0, sizeof(mask), mask);
	return bytes > 0 ? (unsigned int)bytes * 8 : 0;
}

static int64_t from_thread(const struct area *area)
{
	return (const char *)area - (const char *)__builtin_thread_pointer();
}

unsigned int port_rseq_start(bool wanted, int64_t *area)
{
	KEEPS_ERRNO();
	unsigned int n = 0;

	*area = from_thread(&idle);
	if (wanted && &__rseq_offset && &__rseq_size && __rseq_size &&
	    kernel_knows(glibc_area()) && membarrier(MEMBARRIER_REGISTER) &&
	    membarrier(MEMBARRIER_FENCE)) {
		fence_ready = true;
		n = count_ids();
		if (n)
			*area = from_thread(glibc_area());
	}
	return n;
}

void port_rseq_disown(void)
{
	KEEPS_ERRNO();

	__atomic_store_n(&linux_raw_threads, true, __ATOMIC_RELAXED);

	if (&__rseq_offset && &__rseq_size && __rseq_size &&
	    !kernel_knows(glibc_area()))
		glibc_area()->cpu_id = -1;
}

bool linux_rseq_leave(void)
{
	KEEPS_ERRNO();

	return fence_ready && glibc_area()->cpu_id >= 0 &&
	       !syscall(SYS_rseq, glibc_area(), known_length, RSEQ_UNREGISTER,
			SIGNATURE);
}

void linux_rseq_enter(void)
{
	KEEPS_ERRNO();

	syscall(SYS_rseq, glibc_area(), known_length, 0, SIGNATURE);
}

/* A child of fork may have to register again for the fence. */
bool port_rseq_fence(void)
{
	KEEPS_ERRNO();

	return fence_ready && !confined() &&
	       (membarrier(MEMBARRIER_FENCE) ||
		(errno == EPERM && membarrier(MEMBARRIER_REGISTER) &&
		 membarrier(MEMBARRIER_FENCE)));
}

#else

void port_rseq_disown(void)
{
	__atomic_store_n(&linux_raw_threads, true, __ATOMIC_RELAXED);
}

bool linux_rseq_leave(void)
{
	return false;
}

void linux_rseq_enter(void)
{
}

#endif
