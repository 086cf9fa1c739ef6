/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Prints "name address" of each thing it has, then waits.  With an argument it
 * has guarded objects, as any object may become one.
 */
#include <linux/gfp.h>
#include <linux/kfence.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <stdio.h>

#define FULL                                                     \
	(SLAB_CONSISTENCY_CHECKS | SLAB_RED_ZONE | SLAB_POISON | \
	 SLAB_STORE_USER)
#define CHECKED (FULL | SLAB_NO_USER_FLAGS)

static void say(const char *name, const volatile void *p)
{
	printf("%s %lx\n", name, (unsigned long)p);
}

__attribute__((noinline)) static void *taker(struct kmem_cache *s)
{
	void *p = kmem_cache_alloc(s, GFP_KERNEL);

	__asm__("" : "+r"(p));
	return p;
}

__attribute__((noinline)) static void giver(struct kmem_cache *s, void *p)
{
	kmem_cache_free(s, p);
	__asm__("" ::: "memory");
}

static void objects(void)
{
	struct kmem_cache *plain =
		kmem_cache_create("plain", 64, 0, SLAB_NO_USER_FLAGS, NULL);
	struct kmem_cache *many =
		kmem_cache_create("many", 8, 0, SLAB_NO_USER_FLAGS, NULL);
	struct kmem_cache *checked =
		kmem_cache_create("checked", 60, 0, CHECKED, NULL);
	struct kmem_cache *broken =
		kmem_cache_create("broken", 60, 0, CHECKED, NULL);
	char *p[8];
	int i;

	for (i = 0; i < 8; i++)
		p[i] = kmem_cache_alloc(plain, GFP_KERNEL);
	say("plain", p[2]);
	kmem_cache_free(plain, p[3]);
	say("sheaf", p[3]);
	for (i = 0; i < 3000; i++)
		p[0] = kmem_cache_alloc(many, GFP_KERNEL);
	say("many", p[0]);
	for (i = 0; i < 4; i++)
		p[i] = taker(checked);
	giver(checked, p[1]);
	say("used", p[0]);
	say("freed", p[1]);
	p[0] = taker(broken);
	giver(broken, p[0]);
	__asm__("" : "+r"(p[0]));
	p[0][7] = 1;
	taker(broken);
	say("retired", p[0]);
}

static void blocks(void)
{
	char *p = kmalloc(20000, GFP_KERNEL), *q;
	int *c = alloc_percpu(int);

	say("large", p);
	p = (char *)__get_free_pages(GFP_KERNEL, 2);
	say("pages", p);
	q = (char *)__get_free_pages(GFP_KERNEL, 3);
	free_pages((unsigned long)q, 3);
	say("free", q);
	p = vmalloc(5000);
	say("vmalloc", p);
	say("percpu", c);
	say("on0", per_cpu_ptr(c, 0));
	say("record", virt_to_page(p));
}

static char *guarded_block(void)
{
	char *p = kmalloc(100, GFP_KERNEL);

	/* one of them, when its time has come */
	while (!is_kfence_address(p)) {
		kfree(p);
		p = kmalloc(100, GFP_KERNEL);
	}
	return p;
}

static void guarded(void)
{
	char *p = guarded_block(), *q = guarded_block();

	say("kfence", p);
	kfree(q);
	say("kfence_freed", q);
	say("guard", (void *)(((unsigned long)p & ~4095ul) + 4096));
}

int main(int argc, char **argv)
{
	if (argc > 1) {
		guarded();
	} else {
		objects();
		blocks();
	}
	say("stack", &argc);
	say("code", (void *)main);
	say("nothing", (void *)16);
	puts("end 0");
	fflush(stdout);
	return getchar() != EOF;
}
