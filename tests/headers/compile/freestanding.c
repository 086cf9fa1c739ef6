/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Everything at once where there is no libc; si_meminfo() on our own struct. */
#include <linux/cleanup.h>
#include <linux/highmem.h>
#include <linux/kernel.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/oom.h>
#include <linux/preempt.h>
#include <linux/sched/mm.h>
#include <linux/shrinker.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include <kmem/kmem.h>
#include <kmem/stats.h>

struct sysinfo {
	unsigned long totalram, freeram, sharedram, bufferram;
	unsigned long totalhigh, freehigh;
	unsigned int mem_unit;
};

unsigned long look(struct sysinfo *si);

unsigned long look(struct sysinfo *si)
{
	u8 *byte __free(kfree) = kmalloc(1, GFP_KERNEL);
	ssize_t size = (ssize_t)sizeof(u64);
	__be32 wire = 0;

	guard(memalloc_flags)(PF_MEMALLOC_NOFS);
	scoped_guard(preempt) might_sleep_if(in_atomic());

	si_meminfo(si);
	return si->totalram + (byte ? (unsigned long)size : wire);
}
