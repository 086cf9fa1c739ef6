// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * Atomic accesses of one and two bytes, which the CPU has none of and a
 * compiler calls its library for: they change the aligned word around them.
 */
#include <stdbool.h>
#include <stdint.h>

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

#define NAMED(name, type, symbol, op)                          \
	type name(void *p, type v, int order) __asm__(symbol); \
	type name(void *p, type v, int order)                  \
	{                                                      \
		(void)order;                                   \
		return (type)change(p, (type)-1, op, v);       \
	}
#define SIZE(type, n)                                                     \
	NAMED(exchange_##n, type, "__atomic_exchange_" #n, EXCHANGE)      \
	NAMED(add_##n, type, "__atomic_fetch_add_" #n, ADD)               \
	NAMED(and_##n, type, "__atomic_fetch_and_" #n, AND)               \
	NAMED(or_##n, type, "__atomic_fetch_or_" #n, OR)                  \
	bool compare_##n(void *p, void *expected, type v, int s,          \
			 int f) __asm__("__atomic_compare_exchange_" #n); \
	bool compare_##n(void *p, void *expected, type v, int s, int f)   \
	{                                                                 \
		uint32_t seen = *(type *)expected;                        \
		bool done = compare(p, (type)-1, &seen, v);               \
		(void)s;                                                  \
		(void)f;                                                  \
		*(type *)expected = (type)seen;                           \
		return done;                                              \
	}

SIZE(uint8_t, 1)
SIZE(uint16_t, 2)
