/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Objects of which it is known whether something refers to them.  Each is told
 * in a line, "lost NAME ADDRESS" or "kept NAME ADDRESS"; then "ready", and the
 * program waits for the end of its input.
 *
 * Nothing of this file may keep an address where it does not mean to: what it
 * makes it makes below the frame that it waits in, and tells at once.  With
 * FRONT the objects are malloc()'s, else those of the kernel's calls.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(FRONT)

#define KIND(name, n)                    \
	static void *name##_make(void)   \
	{                                \
		return calloc(1, n);     \
	}                                \
	static void name##_free(void *p) \
	{                                \
		free(p);                 \
	}
KIND(small, 40)
KIND(medium, 1000)
KIND(large, 5000)
KIND(pages, 100000)
KIND(region, 6 << 20)

#else

#include <linux/alloc_tag.h>
#include <linux/kfence.h>
#include <linux/kmemleak.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

static struct kmem_cache *cache;

static void *small_make(void)
{
	return kzalloc(40, GFP_KERNEL);
}

static void *medium_make(void)
{
	return kzalloc(1000, GFP_KERNEL);
}

static void *large_make(void)
{
	return kzalloc(20000, GFP_KERNEL);
}

static void *typed_make(void)
{
	return kmem_cache_zalloc(cache, GFP_KERNEL);
}

static void typed_free(void *p)
{
	kmem_cache_free(cache, p);
}

static void *page_make(void)
{
	return (void *)get_zeroed_page(GFP_KERNEL);
}

static void page_free(void *p)
{
	free_page((unsigned long)p);
}

static void *pages_make(void)
{
	return (void *)__get_free_pages(GFP_KERNEL | __GFP_ZERO | __GFP_COMP,
					3);
}

static void pages_free(void *p)
{
	free_pages((unsigned long)p, 3);
}

static void *area_make(void)
{
	return vzalloc(30000);
}

static void *region_make(void)
{
	return kvzalloc(6 << 20, GFP_KERNEL);
}

#define FREE(name, call)                 \
	static void name##_free(void *p) \
	{                                \
		call(p);                 \
	}
FREE(small, kfree)
FREE(medium, kfree)
FREE(large, kfree)
FREE(area, vfree)
FREE(region, kvfree)

#endif

struct kind {
	const char *name;
	void *(*make)(void);
	void (*free)(void *p);
	size_t size;
};

static const struct kind kinds[] = {
	{ "small", small_make, small_free, 40 },
	{ "medium", medium_make, medium_free, 1000 },
#if defined(FRONT)
	{ "large", large_make, large_free, 5000 },
	{ "pages", pages_make, pages_free, 100000 },
#else
	{ "large", large_make, large_free, 20000 },
	{ "typed", typed_make, typed_free, 200 },
	{ "page", page_make, page_free, 4096 },
	{ "pages", pages_make, pages_free, 32768 },
	{ "area", area_make, area_free, 30000 },
#endif
	{ "region", region_make, region_free, 6 << 20 },
};
#define NR (sizeof(kinds) / sizeof(*kinds))

#define HIDDEN __attribute__((noinline))

static void *volatile held[NR], *volatile inside[NR], *volatile chain[NR];
static volatile uintptr_t inverted[NR];
static __thread void *volatile own[NR];

static void tell(const char *what, const char *how, const struct kind *k,
		 void *p)
{
	printf("%s %s-%s 0x%lx %zu\n", what, k->name, how, (unsigned long)p,
	       k->size);
}

static HIDDEN void make(size_t i)
{
	const struct kind *k = &kinds[i];
	void **a, **b;

	tell("lost", "dropped", k, k->make());
	tell("kept", "static", k, held[i] = k->make());
	inside[i] = (char *)k->make() + k->size / 2;
	tell("kept", "inside", k, (char *)inside[i] - k->size / 2);
	a = k->make();
	tell("lost", "inverted", k, a);
	inverted[i] = ~(uintptr_t)a;
	chain[i] = a = k->make();
	tell("kept", "first", k, a);
	a[k->size / 16] = b = k->make();
	tell("kept", "second", k, b);
	b[0] = a = k->make();
	tell("kept", "third", k, a);
	a = k->make();
	b = k->make();
	a[1] = b;
	b[1] = a;
	tell("lost", "cycle-a", k, a);
	tell("lost", "cycle-b", k, b);
	a = k->make();
	tell("lost", "itself", k, a);
	a[2] = a;
	a = k->make();
	b = k->make();
	a[3] = b;
	tell("lost", "freed", k, b);
	k->free(a);
	own[i] = a = k->make();
	tell("kept", "tls", k, a);
	/* one that another takes the place of */
	k->free(k->make());
}

/* Calls that leave nothing of theirs in registers. */
static HIDDEN void wipe(void)
{
	volatile char room[65536];

	memset((char *)room, 0, sizeof(room));
#if defined(__x86_64__)
	__asm__ volatile("xor %%ebx, %%ebx; xor %%r12d, %%r12d\n"
			 "xor %%r13d, %%r13d; xor %%r14d, %%r14d\n"
			 "xor %%r15d, %%r15d\n"
			 "pxor %%xmm0, %%xmm0; pxor %%xmm1, %%xmm1\n"
			 "pxor %%xmm2, %%xmm2; pxor %%xmm3, %%xmm3\n"
			 "pxor %%xmm4, %%xmm4; pxor %%xmm5, %%xmm5\n"
			 "pxor %%xmm6, %%xmm6; pxor %%xmm7, %%xmm7\n"
			 "pxor %%xmm8, %%xmm8; pxor %%xmm9, %%xmm9\n"
			 "pxor %%xmm10, %%xmm10; pxor %%xmm11, %%xmm11\n"
			 "pxor %%xmm12, %%xmm12; pxor %%xmm13, %%xmm13\n"
			 "pxor %%xmm14, %%xmm14; pxor %%xmm15, %%xmm15\n" ::
				 : "rbx", "r12", "r13", "r14", "r15", "xmm0",
				   "xmm1", "xmm2", "xmm3", "xmm4", "xmm5",
				   "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",
				   "xmm11", "xmm12", "xmm13", "xmm14", "xmm15",
				   "memory");
#endif
}

static pthread_barrier_t made;

/* One object in a thread's frame, and one in a register alone. */
static HIDDEN void *in_thread(void *arg)
{
	void *volatile mine[2];

	mine[0] = kinds[0].make();
	mine[1] = NULL;
	tell("kept", "thread-stack", &kinds[0], mine[0]);
	fflush(stdout);
	pthread_barrier_wait(&made);
	for (;;)
		pause();
	(void)mine;
	return arg;
}

#if defined(__x86_64__)
static HIDDEN void *register_object(void)
{
	void *p = kinds[0].make();

	tell("kept", "register", &kinds[0], p);
	fflush(stdout);
	return p;
}

static void *in_register(void *arg)
{
	uintptr_t p;

	/* not on the stack: no call is made while it is there */
	p = (uintptr_t)register_object();
	pthread_barrier_wait(&made);
	__asm__ volatile("mov %0, %%r12; xor %0, %0\n"
			 "1: mov $34, %%eax; syscall; jmp 1b" /* pause() */
			 : "+r"(p)
			 :
			 : "rax", "rcx", "r11", "r12", "memory");
	return arg;
}
#endif

static HIDDEN void threads(void)
{
	unsigned int n = 2;
	pthread_t t;

#if defined(__x86_64__)
	n++;
#endif
	pthread_barrier_init(&made, NULL, n);
	pthread_create(&t, NULL, in_thread, NULL);
#if defined(__x86_64__)
	pthread_create(&t, NULL, in_register, NULL);
#endif
	pthread_barrier_wait(&made);
}

#if !defined(FRONT)

static struct page *volatile page;
static struct vm_struct *volatile vm;
static mempool_t *volatile pool;
static void __percpu *volatile cookie;
static DEFINE_PER_CPU(long, counter);

/* What has other names than its address. */
static HIDDEN void named(void)
{
	static const struct kind pages = { .name = "page", .size = 16384 },
				 area = { .name = "area", .size = 5000 },
				 percpu = { .name = "percpu", .size = 64 },
				 element = { .name = "element", .size = 40 };
	void __percpu *gone;
	void *p;

	page = alloc_pages(GFP_KERNEL, 2);
	tell("kept", "struct", &pages, page_address(page));
	p = vmalloc(5000);
	vm = find_vm_area(p);
	tell("kept", "struct", &area, p);
	cookie = __alloc_percpu(64, 8);
	tell("kept", "cookie", &percpu,
	     per_cpu_ptr((char __percpu *)cookie, 0));
	p = kinds[0].make();
	*per_cpu_ptr((void *__percpu *)cookie, 0) = p;
	tell("kept", "percpu", &kinds[0], p);
	gone = __alloc_percpu(64, 8);
	tell("lost", "dropped", &percpu, per_cpu_ptr((char __percpu *)gone, 0));
	this_cpu_inc(counter);
	pool = mempool_create_kmalloc_pool(4, 40);
	p = mempool_alloc(pool, GFP_KERNEL);
	tell("lost", "dropped", &element, p);
}

#endif

#if !defined(FRONT)

/* What the program says of objects, while call sites are accounted. */
static HIDDEN void marked(size_t i)
{
	const struct kind *k = &kinds[i];
	void **a, **b;

	a = k->make();
	b = k->make();
	a[1] = b;
	kmemleak_not_leak(a);
	tell("kept", "not-leak", k, a);
	tell("kept", "by-not-leak", k, b);
	a = k->make();
	b = k->make();
	a[1] = b;
	kmemleak_ignore(a);
	tell("kept", "ignored", k, a);
	tell("lost", "by-ignored", k, b);
	a = k->make();
	((void **)held[i])[1] = a;
	a[1] = b = k->make();
	kmemleak_no_scan(a);
	tell("kept", "no-scan", k, a);
	tell("lost", "by-no-scan", k, b);
	a = k->make();
	kmemleak_ignore(a);
	kmemleak_alloc(a, k->size, 1, GFP_KERNEL);
	tell("lost", "alloc-1", k, a);
	a = k->make();
	kmemleak_alloc_recursive(a, k->size, 0, 0, GFP_KERNEL);
	tell("kept", "alloc-0", k, a);
	a = k->make();
	kmemleak_free(a);
	tell("kept", "free", k, a);
	a = k->make();
	kmemleak_free_recursive(a, 0);
	tell("kept", "free-recursive", k, a);
	a = k->make();
	kmemleak_free_recursive(a, SLAB_NOLEAKTRACE);
	tell("lost", "free-untraced", k, a);
	/* what comes after a marked object is another one */
	a = k->make();
	kmemleak_not_leak(a);
	k->free(a);
	tell("lost", "after-marked", k, k->make());
	a = k->make();
	kmemleak_update_trace(a);
	tell("lost", "traced", k, a);
	kmemleak_erase((void **)&a);
	/* of NULL nothing is said */
	kmemleak_not_leak(a);
}

/* By another name, and what a search knows without being told. */
static HIDDEN void marked_otherwise(void)
{
	static const struct kind page = { .name = "page", .size = 4096 };
	void *p = page_make();

	kmemleak_init();
	kmemleak_ignore_phys(virt_to_phys(p));
	tell("kept", "ignored-phys", &page, p);
	p = page_make();
	kmemleak_alloc_phys(virt_to_phys(p), 4096, GFP_KERNEL);
	tell("kept", "alloc-phys", &page, p);
	p = area_make();
	kmemleak_vmalloc(find_vm_area(p), 30000, GFP_KERNEL);
	tell("lost", "told-vmalloc", &kinds[6], p);
	kmemleak_alloc_percpu(cookie, 64, GFP_KERNEL);
	p = kinds[1].make();
	*(void **)p = kinds[0].make();
	tell("kept", "beyond-scan-area", &kinds[0], *(void **)p);
	((void **)held[1])[2] = p;
	kmemleak_scan_area((char *)p + 64, 64, GFP_KERNEL);
	tell("kept", "scan-area", &kinds[1], p);
}

/* An object between guard pages, which the next due request gets. */
static HIDDEN void *guarded_make(void)
{
	for (;;) {
		void *p = kzalloc(40, GFP_KERNEL);

		if (is_kfence_address(p))
			return p;
		kfree(p);
		usleep(1000);
	}
}

static HIDDEN void marked_guarded(void)
{
	void **p = guarded_make();

	tell("lost", "guarded", &kinds[0], p);
	p = guarded_make();
	kmemleak_not_leak(p);
	tell("kept", "guarded-not-leak", &kinds[0], p);
	p[0] = guarded_make();
	tell("kept", "guarded-by-not-leak", &kinds[0], p[0]);
	p = guarded_make();
	kmemleak_ignore(p);
	tell("kept", "guarded-ignored", &kinds[0], p);
}

/* Of what cannot be marked, and while nothing can be. */
static HIDDEN void refused(void)
{
	void *p = kinds[0].make();

	tell("lost", "refused", &kinds[0], p);
	if (!strcmp(getenv("LEAKS_REFUSED"), "off")) {
		kmemleak_not_leak(p);
		kmem_mem_profiling_set(false);
	}
	kmemleak_not_leak(p);
	kmemleak_not_leak(kinds);
}

#endif

static HIDDEN void all(void)
{
#if !defined(FRONT)
	cache = kmem_cache_create("leaks-typed", 200, 0, 0, NULL);
	named();
#endif
	for (size_t i = 0; i < NR; i++)
		make(i);
#if !defined(FRONT)
	for (size_t i = 0; i < NR && getenv("LEAKS_MARKED"); i++)
		marked(i);
	if (getenv("LEAKS_MARKED"))
		marked_otherwise();
	if (getenv("LEAKS_GUARDED"))
		marked_guarded();
	if (getenv("LEAKS_REFUSED"))
		refused();
#endif
	threads();
	if (getenv("LEAKS_MANY")) {
		size_t n = strtoul(getenv("LEAKS_MANY"), NULL, 10);
		void *volatile *last = &chain[0];

		for (size_t i = 0; i < n; i++) {
			void **p = kinds[0].make();

			/* behind what make() put there */
			p[1] = *last;
			*last = p;
		}
	}
}

int main(void)
{
	void *volatile here = kinds[0].make();
	char c;

	tell("kept", "main-stack", &kinds[0], here);
	all();
	wipe();
	puts("ready");
	fflush(stdout);
	while (read(0, &c, 1) > 0)
		;
	(void)here;
	return 0;
}
