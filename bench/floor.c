/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The floor: what two calls cost when next to nothing is done in them.
 *
 * One static stack of pointers for all sizes up to 256 bytes, for one thread;
 * everything else is cut off an arena and never comes back.  No allocator, but
 * what is left of one without sizes, threads, checks and memory: the loops of
 * one size cannot run faster than on this (docs/bench.md has figures).
 *
 *	make bench BENCH='--only=pair-64,lifo-128,fifo-128' \
 *		PEERS=build/libbench-floor.so
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SMALL 256

static _Alignas(4096) char arena[1ul << 30];
static size_t used;
static void *stack[2000000];
static void **top = stack + 1; /* below the first a NULL */

static __attribute__((noinline)) void *cut(size_t align, size_t n)
{
	size_t at = (used + align - 1) & ~(align - 1);

	n = n < SMALL ? SMALL : (n + 15) & ~(size_t)15;
	if (at > sizeof(arena) || n > sizeof(arena) - at)
		return NULL;
	used = at + n;
	return arena + at;
}

void *malloc(size_t n)
{
	void *p = top[-1];

	if (n <= SMALL && p) {
		top--;
		return p;
	}
	return cut(16, n);
}

void free(void *p)
{
	if ((uintptr_t)p - (uintptr_t)arena < sizeof(arena))
		*top++ = p;
}

void *calloc(size_t n, size_t size)
{
	/* never used before */
	return size && n > sizeof(arena) / size ? NULL : cut(16, n * size);
}

void *realloc(void *p, size_t n)
{
	size_t most = p ? (size_t)(arena + sizeof(arena) - (char *)p) : 0;
	void *q = cut(16, n);

	if (q && p)
		memcpy(q, p, n < most ? n : most);
	return q;
}

void *aligned_alloc(size_t align, size_t n)
{
	return cut(align, n);
}

int posix_memalign(void **p, size_t align, size_t n)
{
	*p = cut(align, n);
	return *p ? 0 : 12; /* ENOMEM */
}
