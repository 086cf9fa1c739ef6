/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#ifndef KMEM_KERNEL_SPRINTF_H
#define KMEM_KERNEL_SPRINTF_H

#include <kmem/names.h>
#include <stdarg.h>
#include <stddef.h>

/* <stdio.h> has more names than a driver may expect, remove() among them. */
#if defined(__cplusplus)
#include <stdio.h>
#else
int sprintf(char *buf, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int snprintf(char *buf, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
	__attribute__((format(printf, 3, 0)));
#endif

KMEM_EXTERN_C_BEGIN

/* The bytes written, never more than fit. */
int scnprintf(char *buf, size_t size, const char *fmt, ...)
	KMEM_KERNEL(scnprintf) __attribute__((format(printf, 3, 4)));
int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
	KMEM_KERNEL(vscnprintf) __attribute__((format(printf, 3, 0)));

KMEM_EXTERN_C_END

#endif
