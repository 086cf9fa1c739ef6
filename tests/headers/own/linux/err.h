/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* A client's own. */
#ifndef _LINUX_ERR_H
#define _LINUX_ERR_H

#define MAX_ERRNO (4095)
#define IS_ERR_VALUE(x) ((unsigned long)(x) > -4096UL)

static inline void *ERR_PTR(long error)
{
	return (void *)error;
}

static inline bool IS_ERR(const void *p)
{
	return IS_ERR_VALUE(p);
}

#endif
