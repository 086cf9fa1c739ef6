/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The decision is made outside the core: by kmem torture, through the port.  A
 * request with __GFP_NOFAIL is not asked about, nor is one from any context,
 * which has no bit of __GFP_RECLAIM: it may be a signal handler.
 */
#include "debug/fail.h"

#include "lib/options.h"

bool fail_on;
bool fail_filtered;

static fail_fn *fails;

void fail_boot(void)
{
	size_t n;

	if (option_text(OPT_TORTURE, &n))
		fails = port_failing();
	fail_on = fails != NULL;
}

bool fail_asked(size_t bytes, gfp_t gfp)
{
	const struct port_task *task = port_task();

	if (task->no_fail || gfp & __GFP_NOFAIL || !(gfp & __GFP_RECLAIM))
		return false;
	return fails(bytes, task->caller);
}
