/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Prints "name value" of each thing it has had, and ends in last_of_all(),
 * where a debugger stops it.  With an argument it has guarded objects only.
 */
#include <linux/gfp.h>
#include <linux/kfence.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <stdio.h>

#define MANY 300
#define BLOCKS 3000 /* more than sheaves keep */

struct entry {
	long key, value[6];
};

static struct kmem_cache *entries;
static struct entry *entry[MANY];

static void say(const char *name, unsigned long value)
{
	printf("%s %lx\n", name, value);
}

__attribute__((noinline)) static struct entry *read_index(void)
{
	struct entry *e = kmem_cache_alloc(entries, GFP_KERNEL);

	__asm__("" : "+r"(e));
	return e;
}

__attribute__((noinline)) static void forget(struct entry *e)
{
	kmem_cache_free(entries, e);
	__asm__("" ::: "memory");
}

__attribute__((noinline)) static void last_of_all(struct entry *used,
						  struct entry *gone)
{
	__asm__("" : "+r"(used), "+r"(gone));
	fflush(stdout);
}

static void blocks(void)
{
	static void *block[BLOCKS];
	struct page *page;
	void *large;

	for (int i = 0; i < BLOCKS; i++) {
		block[i] = kmalloc(100, GFP_KERNEL);
		say("block", (unsigned long)block[i]);
	}
	for (int i = 0; i < BLOCKS; i++)
		kfree(block[i]);
	large = kmalloc(20000, GFP_KERNEL);
	say("large", (unsigned long)large);
	kfree(large);
	page = alloc_pages(GFP_KERNEL, 4);
	say("pages", page_to_pfn(page));
	__free_pages(page, 4);
}

static void guarded(void)
{
	for (int found = 0; found < 3;) {
		void *p = kmalloc(100, GFP_KERNEL);

		if (is_kfence_address(p)) {
			say("guarded", (unsigned long)p);
			kfree(p);
			found++;
		}
	}
}

int main(int argc, char **argv)
{
	(void)argv;
	/* a debugger writes to the same place */
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 1) {
		guarded();
		last_of_all(NULL, NULL);
		return 0;
	}
	blocks();
	entries = KMEM_CACHE(entry, SLAB_STORE_USER | SLAB_NO_USER_FLAGS);
	for (int i = 0; i < MANY; i++) {
		entry[i] = read_index();
		say("entry", (unsigned long)entry[i]);
	}
	forget(entry[7]);
	last_of_all(entry[8], entry[7]);
	entries = KMEM_CACHE(entry, SLAB_NO_USER_FLAGS);
	for (int i = 0; i < MANY; i++) {
		entry[i] = read_index();
		say("plain", (unsigned long)entry[i]);
	}
	for (int i = 0; i < MANY; i++)
		forget(entry[i]);
	fflush(stdout);
	return 0;
}
