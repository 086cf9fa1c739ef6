/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The fake port has no sequences: its CPUs are numbers, and its threads are
 * moved in the middle of anything.
 */
#include "port/port.h"
#include "port/rseq.h"

#if KMEM_RSEQ
__thread struct kmem_rseq kmem_rseq_1 = {
	.area = offsetof(struct kmem_rseq, idle),
	.idle = { .cpu_id = -1 },
};
#endif

unsigned int port_rseq_start(void)
{
	return 0;
}

bool port_rseq_join(void)
{
	return false;
}

int port_rseq_cpu(void)
{
	return -1;
}

bool port_rseq_fence(void)
{
	return false;
}
