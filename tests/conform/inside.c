/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The side of the conformance tests that looks into the library, where the
 * kernel's own test module would look into struct kmem_cache: for a process and
 * for a machine alike.
 */
#include <kmem/kmem.h>
#include <linux/mm.h>

#include "conform/oracle.h"
#include "kunit/test.h"
#include "model/in_use.h"
#include "page/page.h"
#include "slab/slab.h"

void oracle_cache(struct kmem_cache *s, struct oracle_cache *c)
{
	c->name = s->name;
	c->size = s->size;
	c->object_size = s->object_size;
	c->align = s->align;
	c->order = s->order;
	c->objs_per_slab = s->objects;
	c->min_partial = s->min_partial;
	c->refcount = s->refcount;
	c->flags = (unsigned int)s->flags;
}

void oracle_cache_text(struct kmem_cache *s, char *buf, size_t n)
{
	unsigned long bytes = PAGE_SIZE << s->order;

	snprintf(buf, n,
		 "kmem_cache_size:%u object_size:%u size:%u align:%u "
		 "objs_per_slab:%u order:%u slab_bytes:%lu "
		 "waste_per_slab:%lu min_partial:%u refcount:%d name:%s "
		 "flags:0x%x",
		 kmem_cache_size(s), s->object_size, s->size, s->align,
		 s->objects, s->order, bytes,
		 bytes - (unsigned long)s->objects * s->size, s->min_partial,
		 s->refcount, s->name, (unsigned int)s->flags);
}

void oracle_counts(struct kmem_cache *s, struct oracle_counts *c)
{
	struct slab_counts n;

	slab_counts(s, &n);
	c->active = n.active_objs;
	c->total = n.num_objs;
	c->slabs = n.num_slabs;
	c->parked = n.free_in_sheaves;
}

struct kmem_cache *oracle_owner(const void *p)
{
	return page_cache(virt_to_page(p));
}

/* kmalloc() makes a compound block of every order above 0. */
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
	return kmem_validate();
}

phys_addr_t oracle_dma_end(void)
{
	return window.dma_end;
}

unsigned long oracle_in_use(void)
{
	return in_use_bytes();
}

static unsigned long in_use_before;

int oracle_init(struct kunit *test)
{
	(void)test;
	in_use_before = oracle_in_use();
	return 0;
}

/* Every case ends with what it began with, and with all invariants true. */
void oracle_exit(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, oracle_in_use(), in_use_before);
	KUNIT_EXPECT_TRUE(test, oracle_valid());
}
