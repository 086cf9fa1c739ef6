/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The fake port has no sequences: its CPUs are numbers, and its threads are
 * moved in the middle of anything.
 */
#include "port/port.h"

static __thread struct {
	uint32_t cpu_id_start;
	int32_t cpu_id;
	uint64_t rseq_cs, rest[2];
} idle = { .cpu_id = -1 };

unsigned int port_rseq_start(bool wanted, int64_t *area)
{
	(void)wanted;
	*area = (char *)&idle - (char *)__builtin_thread_pointer();
	return 0;
}

void port_rseq_disown(void)
{
}

bool port_rseq_fence(void)
{
	return false;
}
