/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The four functions every freestanding compiler may call by itself, helpers
 * for alignment, and the assertion of debug builds.
 */
#ifndef LIB_MEM_H
#define LIB_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *restrict dst, const void *restrict src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);

_Static_assert(sizeof(void *) == 8,
	       "libkmem wants addresses of 64 bits: 32 have no room for the "
	       "records of all pages, and words of sheaves have 64");

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define ALIGN_UP(x, a) (((x) + ((a)-1)) & ~((typeof(x))(a)-1))
#define ALIGN_DOWN(x, a) ((x) & ~((typeof(x))(a)-1))
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define CACHE_LINE 64

/*
 * 1: a build for a small kernel, without fork and without what looks for faults
 * or is looked at: compilers and linkers drop what nothing calls then.
 */
#ifndef KMEM_SMALL
#define KMEM_SMALL 0
#endif

/*
 * Bit nr of a word, a constant; where x86 would test with a mask of four
 * bytes, this is shorter by two, which is what keeps a call on its line.
 */
static inline bool has_bit(uint32_t word, unsigned int nr)
{
#if defined(__x86_64__)
	bool set;

	__asm__("btl %2, %1" : "=@ccc"(set) : "r"(word), "i"(nr));
	return set;
#else
	return word >> nr & 1;
#endif
}

/*
 * A fast path begins on a cache line of its own and so covers one line less:
 * two short calls spend their time on fetching lines of code.
 */
#define FAST_PATH __attribute__((aligned(CACHE_LINE)))

/*
 * A variable of some KiB of zeros, most of which a process never touches: the
 * linker puts it behind all others, which then share few pages.  That takes a
 * name that is not static, so it gets one of its own.
 */
#define BULKY(name) \
	__asm__("kmem_bulk_" name) __attribute__((common, visibility("hidden")))

static inline size_t text_len(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

static inline bool text_equal(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

#endif
