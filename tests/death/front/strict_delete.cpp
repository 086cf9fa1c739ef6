/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The operator delete of C++ with a size that was not asked for.
 *
 * Expect:
 *	------------[ cut here ]------------
 *	WARNING: CPU: <n> PID: <pid> at <file>:<line> <sym>
 *	operator delete(): object pointer: <hex>: 32 bytes aligned to 1 were freed, the block has 64
 *
 * Options: check=strict
 */
#include <cstddef>
#include <new>

/* clang has it with -fsized-deallocation alone */
void operator delete(void *p, std::size_t n) noexcept;

int main()
{
	void *p = operator new(64);

	operator delete(p, 32);
	return 0;
}
