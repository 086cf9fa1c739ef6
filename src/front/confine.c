/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Programs that confine themselves.
 *
 * A filter on system calls (seccomp) that was written beside glibc's malloc may
 * end the process for membarrier, getpid or memfd_create.  Whether there is one
 * cannot be asked without a system call; but it is set by prctl() or by
 * syscall(), which a program calls in libc.  The front interposes both, so it
 * acts before the filter is set.  A filter that was there when the program
 * began has allowed what was tried then.
 */
#include "front/front.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "port/port.h"

#define PUBLIC __attribute__((visibility("default")))

#if defined(__x86_64__)
static long enter(long nr, const long *a)
{
	register long r10 __asm__("r10") = a[3];
	register long r8 __asm__("r8") = a[4];
	register long r9 __asm__("r9") = a[5];
	long got;

	__asm__ volatile("syscall"
			 : "=a"(got)
			 : "a"(nr), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10),
			   "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return got;
}
#elif defined(__aarch64__)
static long enter(long nr, const long *a)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a[0];
	register long x1 __asm__("x1") = a[1];
	register long x2 __asm__("x2") = a[2];
	register long x3 __asm__("x3") = a[3];
	register long x4 __asm__("x4") = a[4];
	register long x5 __asm__("x5") = a[5];

	__asm__ volatile("svc 0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return x0;
}
#endif

#if defined(__x86_64__) || defined(__aarch64__)
static long call(long nr, const long *a)
{
	long got;

	if (nr == SYS_seccomp ||
	    (nr == SYS_prctl && (int)a[0] == PR_SET_SECCOMP)) {
		/* it needs calls that may not be made later */
		front_start();
		port_confine();
	}
	got = enter(nr, a);
	if (got < 0 && got > -4096) {
		errno = (int)-got;
		return -1;
	}
	return got;
}

PUBLIC long syscall(long nr, ...)
{
	va_list args;
	long a[6];

	va_start(args, nr);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	return call(nr, a);
}

PUBLIC int prctl(int op, ...)
{
	long a[6] = { op };
	va_list args;

	va_start(args, op);
	for (int i = 1; i < 5; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	return (int)call(SYS_prctl, a);
}
#endif
