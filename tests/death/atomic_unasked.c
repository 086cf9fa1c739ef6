/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The same mistakes without the option: nothing is said, and nothing breaks.
 *
 * Expect: nothing
 */
#include <linux/kernel.h>
#include <linux/preempt.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

int main(void)
{
	preempt_disable();
	kfree(kmalloc(64, GFP_KERNEL));
	might_sleep();
	kvfree(kvmalloc(8u << 20, GFP_KERNEL));
	preempt_enable();
	cant_sleep();
	fs_reclaim_acquire(GFP_KERNEL);
	kfree(kmalloc(64, GFP_KERNEL));
	fs_reclaim_release(GFP_KERNEL);
	return preempt_count();
}
