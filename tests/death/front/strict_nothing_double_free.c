/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A block of 0 bytes is freed twice.
 *
 * Expect:
 *	------------[ cut here ]------------
 *	WARNING: CPU: <n> PID: <pid> at <file>:<line> <sym>
 *	free(): object pointer: <hex>: no block starts here
 *
 * Options: check=strict
 */
#include "death/front.h"

int main(void)
{
	char *p = get(0);

	free(p);
	free(hidden(p));
	return 0;
}
