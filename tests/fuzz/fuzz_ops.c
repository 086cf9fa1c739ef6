/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * libFuzzer on the machine of operations: eight bytes are one operation, any
 * input is a sequence.  `make fuzz` builds and runs it.
 *
 * With FUZZ_MEM=SIZE in the environment that is all the memory there is, and
 * every request may fail.
 */
#include <stdlib.h>

#include "model/ops.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *mem = getenv("FUZZ_MEM");
	char options[64];

	(void)argc;
	(void)argv;
	if (!mem)
		return 0;
	ops_scarce = true;
	snprintf(options, sizeof(options), "mem=%s", mem);
	setenv("KMEM_OPTIONS", options, 1);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return ops_fuzz(data, size);
}
