/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A free of a local variable.
 *
 * Expect:
 *	------------[ cut here ]------------
 *	WARNING: CPU: <n> PID: <pid> at <file>:<line> <sym>
 *	free(): object pointer: <hex>: no block starts here
 *
 * Options: check=cheap
 */
#include "death/front.h"

int main(void)
{
	char buf[64];

	free(hidden(buf + 16));
	return 0;
}
