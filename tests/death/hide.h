/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#ifndef DEATH_HIDE_H
#define DEATH_HIDE_H

/* The same address, of which the compiler does not know whose it is. */
static inline char *hide(void *p)
{
	__asm__ volatile("" : "+r"(p) : : "memory");
	return p;
}

#endif
