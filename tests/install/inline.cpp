// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
// A list whose nodes come from a cache, made here and dropped in dropped.cpp.
#include "inline.hpp"

#include <cstdio>

int main()
{
	node *head = nullptr;
	long sum;

	for (long i = 0; i < 1000; i++)
		head = push(head, i);
	sum = drop_all(head);
	kfree(buffer());
	if (sum != 499500 || kmem_cache_destroy(node::cache())) {
		std::fprintf(stderr, "the sum is %ld\n", sum);
		return 1;
	}
	return 0;
}
