// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
// A stranger's C++ program: a container whose nodes live in a cache.
#include <linux/slab.h>

#include <cstdio>
#include <list>
#include <new>

namespace
{

template <typename T> struct cache_allocator {
	using value_type = T;

	cache_allocator() = default;
	template <typename U> cache_allocator(const cache_allocator<U> &)
	{
	}

	static struct kmem_cache *cache()
	{
		static struct kmem_cache *one = kmem_cache_create(
			"nodes", sizeof(T), alignof(T), 0, nullptr);
		return one;
	}

	T *allocate(std::size_t n)
	{
		void *p = n == 1 ? kmem_cache_alloc(cache(), GFP_KERNEL) :
				   kmalloc(n * sizeof(T), GFP_KERNEL);

		if (!p)
			throw std::bad_alloc();
		return static_cast<T *>(p);
	}

	void deallocate(T *p, std::size_t)
	{
		kfree(p);
	}

	template <typename U> bool operator==(const cache_allocator<U> &) const
	{
		return true;
	}

	template <typename U> bool operator!=(const cache_allocator<U> &) const
	{
		return false;
	}
};

} // namespace

int main()
{
	long sum = 0;
	{
		std::list<long, cache_allocator<long>> numbers;

		for (long i = 0; i < 1000; i++)
			numbers.push_back(i);
		for (long n : numbers)
			sum += n;
	}
	if (sum != 499500) {
		std::fprintf(stderr, "the sum is %ld\n", sum);
		return 1;
	}
	return 0;
}
