/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Call sites of a process by name. */
#ifndef KMEM_TOOL_SITE_NAME_H
#define KMEM_TOOL_SITE_NAME_H

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "code.h"

#define SITE_TEXT 192
#define SITE_ADDR ((1ull << 48) - 1)

struct site_name {
	unsigned int line;
	/* "": none */
	char file[SITE_TEXT], function[SITE_TEXT], module[SITE_TEXT];
};

/* site as struct kmem_pub_site has it. */
void site_name(struct site_name *n, pid_t pid, const struct code *c,
	       uint64_t site);

/* As a line of allocinfo names it. */
void site_text(FILE *to, const struct site_name *n,
	       void (*put)(FILE *to, const char *text));

#endif
