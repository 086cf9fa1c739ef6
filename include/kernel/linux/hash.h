/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Numbers spread over the first bits of a word.
 */
#ifndef KMEM_KERNEL_HASH_H
#define KMEM_KERNEL_HASH_H

#include <linux/types.h>

/* An odd number near 2^64 divided by the golden ratio. */
static inline u32 hash_64(u64 value, unsigned int bits)
{
	return (u32)(value * 11400714819323198485ull >> (64 - bits));
}

static inline u32 hash_32(u32 value, unsigned int bits)
{
	return hash_64(value, bits);
}

static inline u32 hash_long(unsigned long value, unsigned int bits)
{
	return hash_64(value, bits);
}

static inline u32 hash_ptr(const void *p, unsigned int bits)
{
	return hash_64((unsigned long)p, bits);
}

#endif
