/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Nothing of this is misuse: operators new and delete with and without sizes
 * and alignments.  With OWN the program has some of its own, whose blocks are
 * no blocks of malloc(); test_misuse.py runs both.
 */
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <memory_resource>
#include <new>
#include <string>
#include <thread>
#include <vector>

#if defined(OWN)
static const std::size_t HEAD = 32;

void *operator new(std::size_t n)
{
	char *p = static_cast<char *>(std::malloc(n + HEAD));

	if (!p)
		throw std::bad_alloc();
	return p + HEAD;
}

void operator delete(void *p) noexcept
{
	if (p)
		std::free(static_cast<char *>(p) - HEAD);
}
#endif

struct alignas(64) wide {
	char bytes[192];
};

struct base {
	virtual ~base() = default;
	int a = 1;
};

struct derived : base {
	std::string text = std::string(100, 'x');
	wide w;
};

static std::size_t work(unsigned int seed)
{
	std::map<int, std::vector<std::string>> m;
	std::size_t sum = 0;

	for (unsigned int i = 0; i < 2000; i++) {
		seed = seed * 1103515245 + 12345;
		m[seed >> 24].push_back(std::string(seed >> 20 & 255, 'a'));
		std::unique_ptr<base> b(new derived);
		std::vector<wide> v(1 + (i & 7));
		wide *array = new wide[i & 3];
		char *bytes = new char[seed >> 16 & 4095];
		sum += v.size();
		delete[] array;
		delete[] bytes;
		delete new (std::nothrow) wide;
		::operator delete(::operator new(0), std::size_t(0));
	}
	std::vector<char> large;
	for (unsigned int i = 0; i < 300000; i++)
		large.push_back(char(i));
	for (auto &each : m)
		sum += each.second.size();
	return sum + large.size();
}

/* Sizes that are no multiples of the alignment, in both directions. */
static void resources()
{
	std::pmr::memory_resource *r = std::pmr::new_delete_resource();

	for (std::size_t n = 0; n < 3000; n += 7) {
		void *p = r->allocate(n, 128);
		void *q = r->allocate(n, 8);
		r->deallocate(p, n, 128);
		r->deallocate(q, n, 8);
	}
}

int main()
{
	std::vector<std::thread> threads;
	std::size_t sums[4];

	for (unsigned int i = 0; i < 4; i++)
		threads.emplace_back([i, &sums] { sums[i] = work(i); });
	for (auto &t : threads)
		t.join();
	resources();
	volatile std::size_t most = ~std::size_t(0) / 4;
	try {
		delete[] new (std::align_val_t(64)) char[most];
	} catch (const std::bad_alloc &) {
		std::puts("no memory");
	}
	for (std::size_t sum : sums)
		std::printf("%zu\n", sum);
	return 0;
}
