/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A walk through the book's chapter on memory: kmalloc and its flags, a
 * lookaside cache with a constructor, a pool that lives on its reserve, and
 * the line of the cache in slabinfo.  Every step says what happens and why,
 * and ends the program if it did not happen.
 */
#include <kmem/kmem.h>
#include <kmem/stats.h>
#include <linux/gfp.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void step(const char *title)
{
	static int n;

	printf("\n%d. %s\n", ++n, title);
}

/* What the text before claimed must be so. */
static void check(bool holds, const char *claim)
{
	printf("   %s %s\n", holds ? "[ok]" : "[NO]", claim);
	if (!holds)
		exit(1);
}

static void walk_kmalloc(void)
{
	void *p, *dma;

	step("kmalloc: a size becomes a class");
	p = kmalloc(100, GFP_KERNEL);
	printf("   kmalloc(100, GFP_KERNEL) = %p, ksize %zu\n", p, ksize(p));
	check(ksize(p) == 128, "100 bytes come from the class of 128");
	check(!((unsigned long)p % 128), "a power of two is aligned to itself");
	kfree(p);

	step("Zero bytes are an address, not NULL");
	p = kmalloc(0, GFP_KERNEL);
	check(p == ZERO_SIZE_PTR, "kmalloc(0) is ZERO_SIZE_PTR");
	kfree(p);
	check(true, "and kfree() takes it");

	step("Too much is refused, an overflow too, and neither wraps");
	check(!kmalloc(KMALLOC_MAX_SIZE + 1, GFP_KERNEL | __GFP_NOWARN),
	      "one byte above KMALLOC_MAX_SIZE is NULL");
	check(!kmalloc_array((size_t)1 << 62, 8, GFP_KERNEL),
	      "2^62 elements of 8 bytes are NULL");

	step("GFP_DMA: memory that a poor device can reach");
	dma = kmalloc(512, GFP_KERNEL | GFP_DMA);
	printf("   virt_to_phys = 0x%llx\n",
	       (unsigned long long)virt_to_phys(dma));
	check(virt_to_phys(dma) < 16ul << 20, "it lies below 16 MiB");
	kfree(dma);
}

struct packet {
	unsigned int magic;
	unsigned int uses;
	char data[88];
};

static unsigned int constructed;

static void packet_init(void *obj)
{
	struct packet *p = obj;

	p->magic = 0xfeed;
	p->uses = 0;
	constructed++;
}

static void print_line(const char *name)
{
	static char table[64 * 1024];
	char *line, *end;

	kmem_slabinfo(table, sizeof(table));
	line = strstr(table, name);
	end = line ? strchr(line, '\n') : NULL;
	if (end)
		*end = 0;
	printf("   %s\n", line ? line : "(no line)");
}

static void walk_cache(void)
{
	struct kmem_cache *packets;
	struct packet *p;
	unsigned int first;

	step("A lookaside cache: objects of one type, constructed once");
	packets = kmem_cache_create("packet", sizeof(struct packet), 0,
				    SLAB_HWCACHE_ALIGN, packet_init);
	check(!constructed, "no object exists yet, none was constructed");
	p = kmem_cache_alloc(packets, GFP_KERNEL);
	first = constructed;
	printf("   the first allocation made a slab of %u objects\n", first);
	check(first > 1 && p->magic == 0xfeed,
	      "all objects of the slab are constructed at once");

	step("A freed object keeps its state");
	p->uses = 7;
	kmem_cache_free(packets, p);
	p = kmem_cache_alloc(packets, GFP_KERNEL);
	check(p->uses == 7 && constructed == first,
	      "the next user gets it as it was, the constructor did not run");

	step("The cache has a line in slabinfo");
	print_line("packet");
	kmem_cache_free(packets, p);
	check(!kmem_cache_destroy(packets), "destroyed with nothing left");
}

/* An allocator that fails when told to. */
static bool failing;
static unsigned int outstanding;

static void *element_get(gfp_t gfp, void *data)
{
	void *p = failing ? NULL : kmalloc((size_t)data, gfp);

	outstanding += !!p;
	return p;
}

static void element_put(void *elem, void *data)
{
	(void)data;
	outstanding--;
	kfree(elem);
}

static void walk_pool(void)
{
	void *held[6], *p;
	mempool_t *pool;
	int i;

	step("A memory pool sets elements aside");
	pool = mempool_create(4, element_get, element_put, (void *)256);
	check(pool->curr_nr == 4 && outstanding == 4,
	      "four elements lie in the reserve");

	step("Its allocator fails, and the pool goes on");
	failing = true;
	for (i = 0; i < 4; i++)
		held[i] = mempool_alloc(pool, GFP_KERNEL);
	check(held[3] && pool->curr_nr == 0, "four requests were served");
	p = mempool_alloc(pool, GFP_NOWAIT);
	check(!p, "a fifth that may not sleep is NULL, at once");

	step("What is freed fills the reserve first");
	mempool_free(held[3], pool);
	check(pool->curr_nr == 1, "one element is back in the reserve");
	held[3] = mempool_alloc(pool, GFP_NOWAIT);
	check(held[3], "and serves the next request");

	step("Memory is there again: the pool is resized and filled");
	failing = false;
	check(!mempool_resize(pool, 6), "the reserve may hold six now");
	for (i = 0; i < 4; i++)
		mempool_free(held[i], pool);
	printf("   reserve: %d of %d\n", pool->curr_nr, pool->min_nr);
	check(pool->curr_nr == 6, "and does");
	mempool_destroy(pool);
	check(!outstanding, "destroyed: every element went back");
}

int main(void)
{
	printf("libkmem %s, backend %s\n", kmem_version(), kmem_backend());
	walk_kmalloc();
	walk_cache();
	walk_pool();
	check(kmem_validate(), "every invariant of every layer holds");
	return 0;
}
