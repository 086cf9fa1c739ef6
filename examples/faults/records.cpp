// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
//
// Records are read into a buffer.  One that is broken is an error: the function
// that finds it frees the buffer, and so does its caller, which frees it in any
// case.  Between the two frees the memory may have become another's.
#include <cstdio>
#include <cstring>
#include <new>

struct buffer {
	char *bytes;
	std::size_t n;
};

static bool check(buffer &b)
{
	for (std::size_t i = 0; i < b.n; i++) {
		if (b.bytes[i] < ' ') {
			delete[] b.bytes; // the first free
			return false;
		}
	}
	return true;
}

static bool load(const char *text, std::size_t n)
{
	buffer b = { new char[n], n };

	std::memcpy(b.bytes, text, n);
	bool good = check(b);
	delete[] b.bytes; // the fault: it may be free
	return good;
}

int main()
{
	static const char good[] = "a record of thirty-two characters";
	static const char bad[] = "a record\x01of thirty-two characters";
	int loaded = 0;

	for (int i = 0; i < 100; i++)
		loaded += load(good, sizeof(good) - 1);
	loaded += load(bad, sizeof(bad) - 1);
	for (int i = 0; i < 100; i++)
		loaded += load(good, sizeof(good) - 1);
	std::printf("%d records\n", loaded);
	return 0;
}
