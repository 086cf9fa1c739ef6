/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The C library's, and what the kernel has beyond it.
 */
#include_next <linux/string.h>

#ifndef KMEM_KERNEL_STRING_H
#define KMEM_KERNEL_STRING_H

#include <kmem/names.h>
#include <linux/types.h>
#include <string.h>

#include_next <linux/slab.h>

KMEM_EXTERN_C_BEGIN

/* The length, or -E2BIG when it was cut. */
ssize_t strscpy(char *to, const char *from, size_t size) KMEM_KERNEL(strscpy);
/* Without white space at both ends; the text is changed. */
char *strim(char *s) KMEM_KERNEL(strim);
bool sysfs_streq(const char *a, const char *b) KMEM_KERNEL(sysfs_streq);

KMEM_EXTERN_C_END

static inline const char *kbasename(const char *path)
{
	const char *tail = strrchr(path, '/');

	return tail ? tail + 1 : path;
}

static inline bool strstarts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

static inline size_t str_has_prefix(const char *s, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(s, prefix, n) == 0 ? n : 0;
}

#endif
