/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A request that may enter a file system where none may be entered.
 *
 * Expect:
 *	BUG: request may enter a file system where none may be entered, at <file>:<line>
 *	request: mode:0xcc0(GFP_KERNEL)
 *	fs_reclaim acquired at:
 *	<frames>
 *	Call Trace:
 *	<frames>
 *
 * Options: atomic_checks=1
 */
#include <linux/sched/mm.h>
#include <linux/slab.h>

int main(void)
{
	unsigned int was;

	fs_reclaim_acquire(GFP_KERNEL);
	kfree(kmalloc(64, GFP_NOFS));
	was = memalloc_nofs_save();
	kfree(kmalloc(64, GFP_KERNEL));
	memalloc_nofs_restore(was);
	kfree(kmalloc(64, GFP_KERNEL));
	fs_reclaim_release(GFP_KERNEL);
	kfree(kmalloc(64, GFP_KERNEL));
	return 0;
}
