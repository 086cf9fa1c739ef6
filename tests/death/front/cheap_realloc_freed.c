/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * realloc() of a freed block is refused.
 *
 * Expect:
 *	------------[ cut here ]------------
 *	WARNING: CPU: <n> PID: <pid> at <file>:<line> <sym>
 *	realloc(): object pointer: <hex>: no block starts here
 *
 * Options: check=cheap
 */
#include "death/front.h"

int main(void)
{
	char *p = get(64);

	free(p);
	return realloc(hidden(p), 100) != NULL;
}
