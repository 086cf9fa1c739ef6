/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Bits of arrays of words.
 */
#ifndef KMEM_KERNEL_BITOPS_H
#define KMEM_KERNEL_BITOPS_H

#include <linux/bits.h>
#include <linux/types.h>

/* The atomic ones are full barriers where they return what was there. */
static inline bool test_bit(unsigned long n, const volatile unsigned long *p)
{
	return __atomic_load_n(p + BIT_WORD(n), __ATOMIC_RELAXED) & BIT_MASK(n);
}

static inline void set_bit(unsigned long n, volatile unsigned long *p)
{
	__atomic_fetch_or(p + BIT_WORD(n), BIT_MASK(n), __ATOMIC_RELAXED);
}

static inline void clear_bit(unsigned long n, volatile unsigned long *p)
{
	__atomic_fetch_and(p + BIT_WORD(n), ~BIT_MASK(n), __ATOMIC_RELAXED);
}

static inline void change_bit(unsigned long n, volatile unsigned long *p)
{
	__atomic_fetch_xor(p + BIT_WORD(n), BIT_MASK(n), __ATOMIC_RELAXED);
}

static inline bool test_and_set_bit(unsigned long n, volatile unsigned long *p)
{
	return __atomic_fetch_or(p + BIT_WORD(n), BIT_MASK(n),
				 __ATOMIC_SEQ_CST) &
	       BIT_MASK(n);
}

static inline bool test_and_clear_bit(unsigned long n,
				      volatile unsigned long *p)
{
	return __atomic_fetch_and(p + BIT_WORD(n), ~BIT_MASK(n),
				  __ATOMIC_SEQ_CST) &
	       BIT_MASK(n);
}

static inline void clear_bit_unlock(unsigned long n, volatile unsigned long *p)
{
	__atomic_fetch_and(p + BIT_WORD(n), ~BIT_MASK(n), __ATOMIC_RELEASE);
}

static inline bool test_and_set_bit_lock(unsigned long n,
					 volatile unsigned long *p)
{
	return __atomic_fetch_or(p + BIT_WORD(n), BIT_MASK(n),
				 __ATOMIC_ACQUIRE) &
	       BIT_MASK(n);
}

/* For callers that are alone with the array. */
static inline void __set_bit(unsigned long n, volatile unsigned long *p)
{
	p[BIT_WORD(n)] = p[BIT_WORD(n)] | BIT_MASK(n);
}

static inline void __clear_bit(unsigned long n, volatile unsigned long *p)
{
	p[BIT_WORD(n)] = p[BIT_WORD(n)] & ~BIT_MASK(n);
}

static inline bool __test_and_set_bit(unsigned long n,
				      volatile unsigned long *p)
{
	bool was = (p[BIT_WORD(n)] & BIT_MASK(n)) != 0;

	__set_bit(n, p);
	return was;
}

static inline bool __test_and_clear_bit(unsigned long n,
					volatile unsigned long *p)
{
	bool was = (p[BIT_WORD(n)] & BIT_MASK(n)) != 0;

	__clear_bit(n, p);
	return was;
}

/* Numbers of bits in a word from 0; undefined for a word that has none. */
static inline unsigned long __ffs(unsigned long word)
{
	return (unsigned long)__builtin_ctzl(word);
}

static inline unsigned long __fls(unsigned long word)
{
	return 63ul - (unsigned long)__builtin_clzl(word);
}

#define ffz(word) __ffs(~(word))

/* From 1, and 0 for none. */
static inline int fls(unsigned int word)
{
	return word ? 32 - __builtin_clz(word) : 0;
}

static inline int fls64(u64 word)
{
	return word ? 64 - __builtin_clzll(word) : 0;
}

#define hweight8(w) ((unsigned int)__builtin_popcount((u8)(w)))
#define hweight16(w) ((unsigned int)__builtin_popcount((u16)(w)))
#define hweight32(w) ((unsigned int)__builtin_popcount((u32)(w)))
#define hweight64(w) ((unsigned long)__builtin_popcountll((u64)(w)))
#define hweight_long(w) ((unsigned long)__builtin_popcountl(w))

/* From here on the first bit that is flip ? 0 : 1; size for none. */
static inline unsigned long kmem_find_bit(const unsigned long *p,
					  unsigned long size,
					  unsigned long from,
					  unsigned long flip)
{
	while (from < size) {
		unsigned long word = (p[BIT_WORD(from)] ^ flip) >>
				     (from % BITS_PER_LONG);

		if (word) {
			from += __ffs(word);
			return from < size ? from : size;
		}
		from = (BIT_WORD(from) + 1) * BITS_PER_LONG;
	}
	return size;
}

#define find_next_bit(p, size, from) kmem_find_bit(p, size, from, 0ul)
#define find_next_zero_bit(p, size, from) kmem_find_bit(p, size, from, ~0ul)
#define find_first_bit(p, size) find_next_bit(p, size, 0ul)
#define find_first_zero_bit(p, size) find_next_zero_bit(p, size, 0ul)

static inline unsigned long find_last_bit(const unsigned long *p,
					  unsigned long size)
{
	for (unsigned long n = size; n--;)
		if (test_bit(n, p))
			return n;
	return size;
}

#define for_each_set_bit(n, p, size)                      \
	for ((n) = find_first_bit(p, size); (n) < (size); \
	     (n) = find_next_bit(p, size, (n) + 1ul))
#define for_each_clear_bit(n, p, size)                         \
	for ((n) = find_first_zero_bit(p, size); (n) < (size); \
	     (n) = find_next_zero_bit(p, size, (n) + 1ul))

#endif
