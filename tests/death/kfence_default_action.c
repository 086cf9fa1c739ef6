/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A fault that is none of ours ends the program as ever.
 *
 * Expect: nothing
 *
 * Exit: SIGSEGV
 * Options: kfence.sample_interval=1
 */
#include "death/guarded.h"

int main(void)
{
	kfree(guarded(NULL, 64, false));
	store((char *)16);
	return 0;
}
