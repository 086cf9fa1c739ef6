/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The fake port publishes into an array of its own, which tests read.
 */
#include "port/fake/fake.h"

static char area[4 << 20] __attribute__((aligned(4096)));

static bool again_refused;

void fake_publish_refuse(bool refuse)
{
	again_refused = refuse;
}

void *port_publish(const char *name, size_t n, size_t *usable)
{
	(void)name;
	*usable = n / 2;
	return n <= sizeof(area) ? area : NULL;
}

bool port_publish_more(void *p, size_t usable, size_t wanted)
{
	(void)p;
	return usable < wanted && wanted <= sizeof(area);
}

bool port_publish_again(void *p, size_t n, size_t used)
{
	(void)p;
	(void)n;
	(void)used;
	return !again_refused;
}

unsigned int port_publish_number(void)
{
	return 0;
}
