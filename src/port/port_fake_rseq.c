/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The fake port has no sequences: its CPUs are numbers, and its threads are
 * moved in the middle of anything.
 */
#include "port/port.h"
#include "port/rseq.h"

#if KMEM_RSEQ
__thread struct kmem_rseq kmem_rseq_1 = { .cpu_id = -1 };
#endif

unsigned int port_rseq_start(int64_t *where)
{
	(void)where;
	return 0;
}

bool port_rseq_fence(void)
{
	return false;
}
