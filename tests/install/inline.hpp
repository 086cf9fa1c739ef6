// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
// What every file of a program in C++ has a copy of, and one is kept.
#ifndef INLINE_HPP
#define INLINE_HPP

#include <linux/slab.h>

#include <cstddef>

template <typename T> struct from_cache {
	static struct kmem_cache *cache()
	{
		static struct kmem_cache *one = kmem_cache_create(
			"node", sizeof(T), alignof(T), 0, nullptr);
		return one;
	}

	static void *operator new(std::size_t)
	{
		return kmem_cache_alloc(cache(), GFP_KERNEL);
	}

	static void operator delete(void *p)
	{
		kmem_cache_free(cache(), p);
	}
};

struct node : from_cache<node> {
	node *next = nullptr;
	long number = 0;
};

inline node *push(node *head, long number)
{
	node *n = new node;

	n->next = head;
	n->number = number;
	return n;
}

inline char *buffer()
{
	return static_cast<char *>(kmalloc(100, GFP_KERNEL));
}

long drop_all(node *head);

#endif
