/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * free_sized() with a size above the class of the block; done all the same.
 *
 * Expect:
 *	------------[ cut here ]------------
 *	WARNING: CPU: <n> PID: <pid> at <file>:<line> <sym>
 *	free_sized(): object pointer: <hex>: 256 bytes aligned to 1 were freed, the block has 64
 *
 * Options: check=cheap
 */
#include <dlfcn.h>

#include "death/front.h"

int main(void)
{
	void (*sized)(void *, size_t) =
		(void (*)(void *, size_t))dlsym(RTLD_DEFAULT, "free_sized");

	sized(get(64), 256);
	return 0;
}
