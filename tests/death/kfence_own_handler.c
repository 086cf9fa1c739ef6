/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A program's own handler gets what is not ours, and passes on the rest.
 *
 * Expect:
 *	==================================================================
 *	BUG: KFENCE: use-after-free write in store+<hex>/<hex>
 *	
 *	Use-after-free write at 0x<hex> (in kfence-#<n>):
 *	 store+<hex>/<hex>
 *	 main+<hex>/<hex>
 *	<frames>
 *	
 *	kfence-#<n>: 0x<hex>-0x<hex>, size=64, cache=kmalloc-64
 *	
 *	allocated by task <pid> on cpu <n> at <n>.<n>s (<n>.<n>s ago):
 *	<frames>
 *	 main+<hex>/<hex>
 *	<frames>
 *	
 *	freed by task <pid> on cpu <n> at <n>.<n>s (<n>.<n>s ago):
 *	<frames>
 *	 main+<hex>/<hex>
 *	<frames>
 *	
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	==================================================================
 *
 * Options: kfence.sample_interval=1
 */
#include "death/guarded.h"
#include <kmem/kmem.h>
#include <signal.h>
#include <unistd.h>

#define LOST ((char *)16)

static struct sigaction before;

static void own(int sig, siginfo_t *info, void *ctx)
{
	if (info->si_addr == LOST)
		_exit(0);
	before.sa_sigaction(sig, info, ctx);
}

int main(void)
{
	struct sigaction act = { .sa_sigaction = own, .sa_flags = SA_SIGINFO };
	char *p;

	kmem_init();
	sigaction(SIGSEGV, &act, &before);
	p = guarded(NULL, 64, false);
	kfree(p);
	store(p);
	store(LOST);
	return 1;
}
