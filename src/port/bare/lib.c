// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * What a compiler calls by itself, for kernels that have none of it: each is
 * weak, so a kernel's own is taken before it.
 */
#include "lib/mem.h"

#define WEAK __attribute__((weak))

void *WEAK memcpy(void *restrict to, const void *restrict from, size_t n)
{
	const char *f = from;
	char *t = to;

	if (!(((uintptr_t)t | (uintptr_t)f) % 8))
		for (; n >= 8; n -= 8, t += 8, f += 8)
			*(uint64_t *)(void *)t =
				*(const uint64_t *)(const void *)f;
	while (n--)
		*t++ = *f++;
	return to;
}

void *WEAK memmove(void *to, const void *from, size_t n)
{
	const char *f = from;
	char *t = to;

	if (t <= f || t >= f + n)
		return memcpy(to, from, n);
	while (n--)
		t[n] = f[n];
	return to;
}

void *WEAK memset(void *to, int c, size_t n)
{
	uint64_t word = (unsigned char)c * 0x0101010101010101ull;
	char *t = to;

	for (; n && (uintptr_t)t % 8; n--)
		*t++ = (char)c;
	for (; n >= 8; n -= 8, t += 8)
		*(uint64_t *)(void *)t = word;
	while (n--)
		*t++ = (char)c;
	return to;
}

int WEAK memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;

	for (; n; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

/* --- of a CPU without such instructions ----------------------------------- */

int __ctzdi2(uint64_t x);
int __clzdi2(uint64_t x);
int __popcountdi2(uint64_t x);

int WEAK __ctzdi2(uint64_t x)
{
	int n = 0;

	for (int step = 32; step; step /= 2)
		if (!(x << (64 - step))) {
			x >>= step;
			n += step;
		}
	return n;
}

int WEAK __clzdi2(uint64_t x)
{
	int n = 0;

	for (int step = 32; step; step /= 2)
		if (!(x >> (64 - step))) {
			x <<= step;
			n += step;
		}
	return n;
}

int WEAK __popcountdi2(uint64_t x)
{
	int n = 0;

	for (; x; x &= x - 1)
		n++;
	return n;
}

/*
 * Atomic accesses of one and two bytes, of a CPU that has words alone: they
 * change the aligned word around them.
 */
#if defined(__riscv)
enum op { EXCHANGE, ADD, AND, OR };

static uint32_t change(void *p, uint32_t mask, enum op op, uint32_t v)
{
	uint32_t *word = (uint32_t *)((uintptr_t)p & ~3ul), old, at, new;
	unsigned int shift = ((uintptr_t)p & 3) * 8;

	old = __atomic_load_n(word, __ATOMIC_RELAXED);
	do {
		at = old >> shift & mask;
		new = op == ADD ? at + v :
		      op == AND ? at &v :
		      op == OR  ? at | v :
				  v;
		new = (old & ~(mask << shift)) | (new &mask) << shift;
	} while (!__atomic_compare_exchange_n(
		word, &old, new, true, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
	return at;
}

static bool compare(void *p, uint32_t mask, uint32_t *expected, uint32_t v)
{
	uint32_t *word = (uint32_t *)((uintptr_t)p & ~3ul), old, at, new;
	unsigned int shift = ((uintptr_t)p & 3) * 8;

	old = __atomic_load_n(word, __ATOMIC_RELAXED);
	do {
		at = old >> shift & mask;
		if (at != *expected) {
			*expected = at;
			return false;
		}
		new = (old & ~(mask << shift)) | (v & mask) << shift;
	} while (!__atomic_compare_exchange_n(
		word, &old, new, true, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
	return true;
}

#define NAMED(name, type, symbol, op)                               \
	type WEAK name(void *p, type v, int order) __asm__(symbol); \
	type name(void *p, type v, int order)                       \
	{                                                           \
		(void)order;                                        \
		return (type)change(p, (type)-1, op, v);            \
	}
#define SIZE(type, n)                                                          \
	NAMED(exchange_##n, type, "__atomic_exchange_" #n, EXCHANGE)           \
	NAMED(add_##n, type, "__atomic_fetch_add_" #n, ADD)                    \
	NAMED(and_##n, type, "__atomic_fetch_and_" #n, AND)                    \
	NAMED(or_##n, type, "__atomic_fetch_or_" #n, OR)                       \
	bool WEAK compare_##n(void *p, void *expected, type v, int s,          \
			      int f) __asm__("__atomic_compare_exchange_" #n); \
	bool compare_##n(void *p, void *expected, type v, int s, int f)        \
	{                                                                      \
		uint32_t seen = *(type *)expected;                             \
		bool done = compare(p, (type)-1, &seen, v);                    \
		(void)s;                                                       \
		(void)f;                                                       \
		*(type *)expected = (type)seen;                                \
		return done;                                                   \
	}

SIZE(uint8_t, 1)
SIZE(uint16_t, 2)
#endif
