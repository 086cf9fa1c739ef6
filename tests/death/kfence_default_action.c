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

#include <stdio.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

int main(void)
{
#if defined(SANITIZED)
	puts("the sanitizer has a handler of its own");
	return 77;
#endif
	kfree(guarded(NULL, 64, false));
	store((char *)16);
	return 0;
}
