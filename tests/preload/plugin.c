/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A library that api.c opens and closes: allocates in its constructor and in
 * thread-local storage, frees in its destructor.
 */
#include <stdlib.h>
#include <string.h>

static __thread char scratch[4096];
static void *kept;
static char *block;

__attribute__((visibility("default"))) char *plugin_block(void)
{
	scratch[0]++;
	return block;
}

static __attribute__((constructor)) void begin(void)
{
	kept = malloc(10000);
	block = strdup("from the constructor");
}

static __attribute__((destructor)) void end(void)
{
	free(kept);
}
