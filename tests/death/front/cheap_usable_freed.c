/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A freed block has no size.
 *
 * Expect:
 *	------------[ cut here ]------------
 *	WARNING: CPU: <n> PID: <pid> at <file>:<line> <sym>
 *	malloc_usable_size(): object pointer: <hex>: no block starts here
 *
 * Options: check=cheap
 */
#include "death/front.h"

int main(void)
{
	char *p = get(64);

	free(p);
	return malloc_usable_size(hidden(p)) != 0;
}
