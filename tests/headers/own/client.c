/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A program of a client whose include path begins with headers of its own:
 * scripts/check-headers.sh compiles it, as C and as C++, with each of our
 * <linux/...> headers in turn replaced by the one beside this file, or by an
 * empty one, and with all of those here at once.
 */
#include <linux/slab.h>

#include <linux/bootmem.h>
#include <linux/cleanup.h>
#include <linux/compiler.h>
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/dmapool.h>
#include <linux/err.h>
#include <linux/genalloc.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/kernel.h>
#include <linux/memblock.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/numa.h>
#include <linux/oom.h>
#include <linux/overflow.h>
#include <linux/page_frag_cache.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/shrinker.h>
#include <linux/types.h>
#include <linux/vmalloc.h>
#include <kmem/mixed.h>

struct thing {
	unsigned int n;
	int room[];
};

int own_client(void);

int own_client(void)
{
	struct thing *t = (struct thing *)kmalloc(sizeof(*t), GFP_KERNEL);
	struct thing *u = kzalloc_obj(*u);
	struct thing *v = kmalloc_objs(*v, 3, GFP_NOWAIT);
	struct thing *w = kmalloc_flex(*w, room, 3);
	int bad = !t || !u || !v || !w || !kmem_owns(t);

	kfree(t);
	kfree(u);
	kfree(v);
	kfree(w);
	return bad;
}
