/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Numbers from texts: 0, -EINVAL or -ERANGE.  One newline may end the text.
 */
#ifndef KMEM_KERNEL_KSTRTOX_H
#define KMEM_KERNEL_KSTRTOX_H

#include <kmem/names.h>
#include <linux/types.h>

KMEM_EXTERN_C_BEGIN

int kstrtoull(const char *s, unsigned int base, unsigned long long *res)
	KMEM_KERNEL(kstrtoull);
int kstrtoll(const char *s, unsigned int base, long long *res)
	KMEM_KERNEL(kstrtoll);
int kstrtoul(const char *s, unsigned int base, unsigned long *res)
	KMEM_KERNEL(kstrtoul);
int kstrtol(const char *s, unsigned int base, long *res) KMEM_KERNEL(kstrtol);
int kstrtouint(const char *s, unsigned int base, unsigned int *res)
	KMEM_KERNEL(kstrtouint);
int kstrtoint(const char *s, unsigned int base, int *res)
	KMEM_KERNEL(kstrtoint);
int kstrtobool(const char *s, bool *res) KMEM_KERNEL(kstrtobool);

KMEM_EXTERN_C_END

#endif
