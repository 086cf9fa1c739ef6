/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* What ordinary programs that misuse malloc() share. */
#ifndef DEATH_FRONT_H
#define DEATH_FRONT_H

#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 4096
#define LARGE (256 * 1024)

static void *volatile last_hidden;
static volatile char last_loaded;

/* The compiler knows malloc() and free(), and what may come after them. */
static __attribute__((unused)) char *hidden(void *p)
{
	last_hidden = p;
	return last_hidden;
}

static __attribute__((unused)) char *get(size_t n)
{
	return hidden(malloc(n));
}

static __attribute__((noinline, unused)) void load(const volatile char *p)
{
	last_loaded = *p;
}

static __attribute__((noinline, unused)) void store(volatile char *p)
{
	*p = 42;
}

/*
 * A block of 100 bytes between guard pages, at the end of its page that is
 * wanted; as long as it takes.  No other block has just the size asked for.
 */
static __attribute__((unused)) char *guarded(bool right)
{
	for (;;) {
		char *p = get(100);

		if (malloc_usable_size(p) == 100 &&
		    ((uintptr_t)p % PAGE != 0) == right)
			return p;
		free(p);
	}
}

#endif
