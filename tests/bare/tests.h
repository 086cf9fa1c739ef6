/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* What runs on the kernel of examples/kernel/ under make qemu. */
#ifndef BARE_TESTS_H
#define BARE_TESTS_H

#include "kernel.h"

/* conform.c: all suites whose options are that text; cases that failed */
unsigned int conform_run(const char *options, unsigned int *cases);
/* cpus.c: parts that failed */
unsigned int cpus_run(void);
/* flow.c: the picture of kmem flow */
void flow_print(void);

#endif
