/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Sizes of constants are constants, in C and in C++: bounds of arrays,
 * enumerators, initialisers, assertions.
 */
#ifndef HEADERS_CONSTANT_SIZES_H
#define HEADERS_CONSTANT_SIZES_H

#include <linux/overflow.h>

struct constant_sizes_item {
	int n;
	int v[];
};

static struct constant_sizes_item *const constant_sizes_item
	__attribute__((unused)) = 0;

struct constant_sizes {
	char whole[struct_size_t(struct constant_sizes_item, v, 4)];
	char same[struct_size(constant_sizes_item, v, 4)];
	char tail[flex_array_size(constant_sizes_item, v, 4)];
	char array[array_size(3, 4)];
	char array3[array3_size(3, 4, 5)];
	char product[size_mul(7, 1)];
	char sum[size_add(7, sizeof(int))];
	char difference[size_sub(7, 2)];
};

enum {
	CONSTANT_SIZES_ENUMERATOR =
		(int)struct_size_t(struct constant_sizes_item, v, 4)
};

static const size_t constant_sizes_table[] __attribute__((unused)) = {
	size_mul(0, 5),        size_mul(5, 0), size_mul(SIZE_MAX, 1),
	size_add(SIZE_MAX, 0), size_sub(5, 5),
};

#define CONSTANT_SIZES_IS(what, value) \
	KMEM_STATIC_ASSERT((what) == (value), #what)
#define CONSTANT_SIZES_OF(member, value) \
	CONSTANT_SIZES_IS(sizeof(((struct constant_sizes *)0)->member), value)

CONSTANT_SIZES_OF(whole, 20);
CONSTANT_SIZES_OF(same, 20);
CONSTANT_SIZES_OF(tail, 16);
CONSTANT_SIZES_OF(array, 12);
CONSTANT_SIZES_OF(array3, 60);
CONSTANT_SIZES_OF(product, 7);
CONSTANT_SIZES_OF(sum, 11);
CONSTANT_SIZES_OF(difference, 5);
CONSTANT_SIZES_IS(CONSTANT_SIZES_ENUMERATOR, 20);
/* saturated, and staying so */
CONSTANT_SIZES_IS(size_mul(SIZE_MAX / 2, 3), SIZE_MAX);
CONSTANT_SIZES_IS(size_mul(SIZE_MAX, 2), SIZE_MAX);
CONSTANT_SIZES_IS(size_add(SIZE_MAX, 1), SIZE_MAX);
CONSTANT_SIZES_IS(size_sub(SIZE_MAX, 1), SIZE_MAX);
CONSTANT_SIZES_IS(size_sub(1, 2), SIZE_MAX);
CONSTANT_SIZES_IS(array3_size(SIZE_MAX / 2, 3, 1), SIZE_MAX);
CONSTANT_SIZES_IS(array3_size(SIZE_MAX, 0, 2), 0u);
CONSTANT_SIZES_IS(struct_size_t(struct constant_sizes_item, v, SIZE_MAX / 4),
		  SIZE_MAX);
CONSTANT_SIZES_IS(struct_size_t(struct constant_sizes_item, v, SIZE_MAX / 2),
		  SIZE_MAX);

#endif
