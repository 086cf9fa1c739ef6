/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What a compiler that checks sizes (_FORTIFY_SOURCE) knows of the blocks that
 * these calls return: as much as of malloc()'s.
 */
#include <linux/slab.h>

#include <stdio.h>
#include <string.h>

#if defined(__has_builtin)
#if __has_builtin(__builtin_dynamic_object_size)
#define DYNAMIC(p) __builtin_dynamic_object_size(p, 0)
#endif
#endif
#if !defined(DYNAMIC)
#define DYNAMIC(p) bytes
#endif

static int bad;
static volatile size_t any_size = 77;

#define KNOWN(call, size)                                                   \
	do {                                                                \
		size_t bytes = (size);                                      \
		void *p_ = (call);                                          \
		size_t whole_ = __builtin_object_size(p_, 0);               \
		size_t part_ = __builtin_object_size(p_, 1);                \
		size_t run_ = DYNAMIC(p_);                                  \
		if (whole_ != bytes || part_ != bytes || run_ != bytes) {   \
			printf("%s: %zd %zd %zd\n", #call, (ssize_t)whole_, \
			       (ssize_t)part_, (ssize_t)run_);              \
			bad = 1;                                            \
		}                                                           \
		kfree(p_);                                                  \
	} while (0)

#define KNOWN_WHEN_IT_RUNS(call, size)                             \
	do {                                                       \
		size_t bytes = (size);                             \
		void *p_ = (call);                                 \
		size_t run_ = DYNAMIC(p_);                         \
		if (run_ != bytes) {                               \
			printf("%s: %zd\n", #call, (ssize_t)run_); \
			bad = 1;                                   \
		}                                                  \
		kfree(p_);                                         \
	} while (0)

int main(void)
{
	size_t n = any_size;

	KNOWN(kmalloc(128, GFP_KERNEL), 128);
	KNOWN(kmalloc(100, GFP_ATOMIC), 100);
	KNOWN(kmalloc(9000, GFP_KERNEL), 9000);
	KNOWN(kzalloc(128, GFP_KERNEL), 128);
	KNOWN(kcalloc(4, 32, GFP_KERNEL), 128);
	KNOWN(kmalloc_array(4, 32, GFP_KERNEL), 128);
	KNOWN(kmalloc_node(128, GFP_KERNEL, NUMA_NO_NODE), 128);
	KNOWN(krealloc(NULL, 128, GFP_KERNEL), 128);
	KNOWN_WHEN_IT_RUNS(kmalloc(n, GFP_KERNEL), n);
	KNOWN_WHEN_IT_RUNS(kzalloc(n, GFP_KERNEL), n);
	KNOWN_WHEN_IT_RUNS(kcalloc(n, 2, GFP_KERNEL), 2 * n);
	return bad;
}
