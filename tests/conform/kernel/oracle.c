/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The side of the conformance tests that looks into the allocator, in a real
 * kernel: the answers were given by a kernel too, so a case that agrees here
 * and on the library means the same of both.
 *
 * Without counterpart: oracle_valid() (always true), and the balance of the
 * whole memory around a case (a kernel has other things to do with it).
 */
#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmstat.h>

#include "../mm/slab.h"

#include "conform/oracle.h"
#include "kunit/test.h"

#define ANSWERS "answers.txt"
#include "conform/embedded.h"

static void note(const char *key, const char *field)
{
}

static long oracle_number(const char *text)
{
	return simple_strtol(text, NULL, 0);
}

#define ORACLE_THREAD
#include "conform/compare.h"

static unsigned int order_of(struct kmem_cache *s)
{
	return s->oo.x >> 16;
}

static unsigned int objects_of(struct kmem_cache *s)
{
	return s->oo.x & 0xffff;
}

/* Bits that the kernel keeps for itself, and that no caller ever sees. */
static unsigned int flags_of(struct kmem_cache *s)
{
	return (__force unsigned int)s->flags;
}

void oracle_cache(struct kmem_cache *s, struct oracle_cache *c)
{
	c->name = s->name;
	c->size = s->size;
	c->object_size = s->object_size;
	c->align = s->align;
	c->order = order_of(s);
	c->objs_per_slab = objects_of(s);
	c->min_partial = s->min_partial;
	c->refcount = s->refcount;
	c->flags = flags_of(s);
}

void oracle_cache_text(struct kmem_cache *s, char *buf, size_t n)
{
	unsigned long bytes = PAGE_SIZE << order_of(s);

	snprintf(buf, n,
		 "kmem_cache_size:%u object_size:%u size:%u align:%u "
		 "objs_per_slab:%u order:%u slab_bytes:%lu "
		 "waste_per_slab:%lu min_partial:%lu refcount:%d name:%s "
		 "flags:0x%x",
		 kmem_cache_size(s), s->object_size, s->size, s->align,
		 objects_of(s), order_of(s), bytes,
		 bytes - (unsigned long)objects_of(s) * s->size, s->min_partial,
		 s->refcount, s->name, flags_of(s));
}

/*
 * What lies free in the CPU's slab counts as active, as what lies in a sheaf
 * does in the library.
 */
static unsigned long parked(struct kmem_cache *s)
{
	struct kmem_cache_cpu *c = raw_cpu_ptr(s->cpu_slab);
	unsigned long n = 0;
	char *p;

	if (!c->slab)
		return 0;
	for (p = (char *)c->freelist; p; p = *(char **)(p + s->offset))
		n++;
	return n + c->slab->objects - c->slab->inuse;
}

void oracle_counts(struct kmem_cache *s, struct oracle_counts *c)
{
	struct slabinfo info = {};

	get_slabinfo(s, &info);
	c->active = info.active_objs;
	c->total = info.num_objs;
	c->slabs = info.num_slabs;
	c->parked = parked(s);
}

struct kmem_cache *oracle_owner(const void *p)
{
	struct slab *slab = virt_to_slab(p);

	return slab ? slab->slab_cache : NULL;
}

unsigned int oracle_order(const void *p)
{
	return compound_order(virt_to_head_page(p));
}

void *oracle_block(const void *p)
{
	return page_address(virt_to_head_page(p));
}

bool oracle_valid(void)
{
	return true;
}

phys_addr_t oracle_dma_end(void)
{
	return 16ul << 20;
}

unsigned long oracle_in_use(void)
{
	drain_all_pages(NULL);
	return (totalram_pages() - global_zone_page_state(NR_FREE_PAGES))
	       << PAGE_SHIFT;
}

static struct {
	struct completion done;
	unsigned int ms;
	void (*fn)(void *arg);
	void *arg;
} later;

static int later_run(void *unused)
{
	msleep(later.ms);
	later.fn(later.arg);
	kthread_complete_and_exit(&later.done, 0);
}

void oracle_later(unsigned int ms, void (*fn)(void *arg), void *arg)
{
	init_completion(&later.done);
	later.ms = ms;
	later.fn = fn;
	later.arg = arg;
	BUG_ON(IS_ERR(kthread_run(later_run, NULL, "later")));
}

void oracle_later_end(void)
{
	wait_for_completion(&later.done);
}

unsigned long oracle_clock_ms(void)
{
	return ktime_to_ms(ktime_get());
}

int oracle_init(struct kunit *test)
{
	return 0;
}

void oracle_exit(struct kunit *test)
{
}
