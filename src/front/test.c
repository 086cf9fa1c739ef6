/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* <kmem/test.h> for malloc(), under names that are not the library's. */
#include <kmem/test.h>

#include "front/front.h"

#define PUBLIC __attribute__((visibility("default")))

PUBLIC int kmem_malloc_test_begin(const char *name,
				  const struct kmem_test_limits *limits)
{
	return front_start() ? kmem_test_begin(name, limits) : -1;
}

PUBLIC int kmem_malloc_test_end(struct kmem_test_result *result)
{
	return kmem_test_end(result);
}
