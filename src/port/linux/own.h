/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What the files of the Linux port share.
 */
#ifndef PORT_LINUX_OWN_H
#define PORT_LINUX_OWN_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

/* errno is the caller's, and is left as it was. */
#define KEEP_ERRNO(call)                    \
	({                                  \
		int saved_errno_ = errno;   \
		typeof(call) ret_ = (call); \
		errno = saved_errno_;       \
		ret_;                       \
	})

/* The same for the function that begins with it. */
#define KEEPS_ERRNO() \
	__attribute__((cleanup(linux_errno), unused)) int kept_errno_ = errno

static inline void linux_errno(const int *kept)
{
	errno = *kept;
}

/* memory.c: where the claim begins, and its bytes. */
const char *linux_claim_start(void);
size_t linux_claim_bytes(void);

/* memory.c: before any other call of it. */
void linux_memory_start(void);

/* leaks.c: when the process ends; the status to end with, 0: as it is. */
int linux_leaks_end(void);

/* watch.c */
bool linux_watched_by_memcheck(void);

/* Is there ThreadSanitizer in the program?  It may not have begun. */
bool linux_built_with_tsan(void);

/*
 * n bytes of addresses behind the claim, for what grows in place; NULL if there
 * is no claim.
 */
void *linux_claim_more(size_t n);

/*
 * A number that every CPU's id is below for ever, as sysfs itself says: which
 * CPUs there can be is settled when the kernel starts.  0: it is not known.
 */
unsigned int linux_cpu_ids(void);

#endif
