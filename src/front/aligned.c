/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The calls of the malloc family that have an alignment; front/malloc.c has
 * the theory.
 */
#include "front/front.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

#include "port/port.h"

#define PUBLIC __attribute__((visibility("default")))
#define CALLER() __builtin_return_address(0)

static bool is_power_of_two(size_t n)
{
	return n && !(n & (n - 1));
}

static void *none(void)
{
	errno = ENOMEM;
	return NULL;
}

PUBLIC void *aligned_alloc(size_t align, size_t n)
{
	if (unlikely(!is_power_of_two(align))) {
		errno = EINVAL;
		return NULL;
	}
	return front_aligned(align, n, CALLER());
}

/* Any alignment up to half of the address space, rounded up to a power. */
PUBLIC void *memalign(size_t align, size_t n)
{
	if (unlikely(align > SIZE_MAX / 2 + 1)) {
		errno = EINVAL;
		return NULL;
	}
	if (!is_power_of_two(align))
		align = align < 2 ? 1 :
				    (size_t)2 << (63 - __builtin_clzl(align));
	return front_aligned(align, n, CALLER());
}

PUBLIC int posix_memalign(void **out, size_t align, size_t n)
{
	int saved = errno;
	void *p;

	if (!is_power_of_two(align) || align % sizeof(void *))
		return EINVAL;
	p = front_aligned(align, n, CALLER());
	/* returns the error and sets errno, as glibc's does */
	if (!p) {
		errno = ENOMEM;
		return ENOMEM;
	}
	errno = saved;
	*out = p;
	return 0;
}

PUBLIC void *valloc(size_t n)
{
	return front_start() ? front_aligned(port_page_size(), n, CALLER()) :
			       none();
}

PUBLIC void *pvalloc(size_t n)
{
	size_t page;

	if (!front_start())
		return none();
	page = port_page_size();
	if (unlikely(n > PTRDIFF_MAX - page))
		return none();
	return front_aligned(page, n ? ALIGN_UP(n, page) : page, CALLER());
}
