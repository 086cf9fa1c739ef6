/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Areas where a process is special: guards that fault, memory at two addresses,
 * children of fork, pages that lie nowhere side by side, handlers of signals.
 */
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include <kmem/kmem.h>

#include "context/guard.h"
#include "kunit/test.h"

#define SECONDS 100
#define NR 7

/* Does a child that touches it die by a signal? */
static bool faults(volatile char *p)
{
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		signal(SIGSEGV, SIG_DFL);
		setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
		*p = 1;
		_exit(0);
	}
	waitpid(pid, &status, 0);
	/* sanitizers turn it into a status */
	return status != 0;
}

static void guards(void)
{
	char *p = vmalloc(3 * PAGE_SIZE), *q;

	if (!faults(p - 1) || !faults(p + 3 * PAGE_SIZE) || faults(p) ||
	    faults(p + 3 * PAGE_SIZE - 1))
		world_wrong("the guards of an area");
	p = vrealloc(p, PAGE_SIZE, GFP_KERNEL);
	if (!p || !faults(p + PAGE_SIZE) || faults(p + PAGE_SIZE - 1))
		world_wrong("the guard of an area that shrank");
	p = vrealloc(p, 9 * PAGE_SIZE, GFP_KERNEL);
	if (!p || !faults(p + 9 * PAGE_SIZE) || faults(p + 9 * PAGE_SIZE - 1))
		world_wrong("the guard of an area that grew");
	q = (char *)page_address(vmalloc_to_page(p)) - PAGE_SIZE;
	vfree(p);
	/* what was a guard is a page like others */
	memset(q, 1, PAGE_SIZE);
	world_balanced(0);
}

static void guards_fault(struct kunit *test)
{
	world_run(test, "", SECONDS, guards);
}

/* --- two addresses -------------------------------------------------------- */

static struct page *pages[NR];

/* Four of a block, in no order, and three single ones: 3, 5, 6. */
static void get_pages(void)
{
	struct page *block = alloc_pages(GFP_KERNEL, 2);

	memset(pages, 0, sizeof(pages));
	pages[0] = block;
	pages[1] = block + 3;
	pages[2] = block + 1;
	pages[4] = block + 2;
	for (int i = 0; i < NR; i++) {
		if (!pages[i])
			pages[i] = alloc_page(GFP_KERNEL);
		memset(page_address(pages[i]), i + 1, PAGE_SIZE);
	}
}

static void put_pages(void)
{
	__free_pages(pages[0], 2);
	__free_page(pages[3]);
	__free_page(pages[5]);
	__free_page(pages[6]);
}

static bool same(const char *at)
{
	for (int i = 0; i < NR; i++)
		if (memcmp(at + i * PAGE_SIZE, page_address(pages[i]),
			   PAGE_SIZE))
			return false;
	return true;
}

static void two_addresses(void)
{
	char *at, *again;

	get_pages();
	at = vmap(pages, NR, VM_MAP, PAGE_KERNEL);
	if (!at)
		world_skip("no memory can have two addresses here");
	for (int i = 0; i < NR; i++)
		if (at[i * PAGE_SIZE] != i + 1 ||
		    vmalloc_to_page(at + i * PAGE_SIZE + 5) != pages[i])
			world_wrong("page %d is elsewhere", i);
	memset(at + 3 * PAGE_SIZE - 8, 0x55, 16);
	memset(page_address(pages[6]), 0x66, PAGE_SIZE);
	again = vm_map_ram(pages, NR, NUMA_NO_NODE);
	if (!again || !same(at) || !same(again))
		world_wrong("two addresses, two contents");
	if (!is_vmalloc_addr(at) || is_vmalloc_addr(at - 1) ||
	    !faults(at - 1) || !faults(at + NR * PAGE_SIZE))
		world_wrong("the ends of a mapping");
	vm_unmap_ram(again, NR);
	vunmap(at);
	if (is_vmalloc_addr(at))
		world_wrong("it is there still");
	if (*(char *)page_address(pages[6]) != 0x66)
		world_wrong("vunmap() lost what was stored");
	put_pages();
	/* the pages put by vfree() */
	get_pages();
	for (int i = 3; i < NR; i++) {
		struct page **one = kmalloc(sizeof(*one), GFP_KERNEL);

		*one = pages[i == 4 ? 3 : i];
		get_page(*one);
		at = vmap(one, 1, VM_MAP | VM_MAP_PUT_PAGES, PAGE_KERNEL);
		if (!at)
			world_wrong("no mapping");
		vfree(at);
		if (page_count(pages[i == 4 ? 3 : i]) != 1)
			world_wrong("a page was not put");
	}
	put_pages();
	if (vmap(pages, 0, VM_MAP, PAGE_KERNEL))
		world_wrong("a mapping of nothing");
	vunmap(NULL);
	vm_unmap_aliases();
	kmem_trim();
	world_balanced(0);
}

static void pages_have_two_addresses(struct kunit *test)
{
	world_run(test, "", SECONDS, two_addresses);
}

/* --- fork ----------------------------------------------------------------- */

static void *idle(void *unused)
{
	pause();
	return unused;
}

/* Parent and child each see what they stored, at both addresses. */
static void fork_with(char *area, char *at)
{
	int ready[2], done[2], status = 1;
	char c = 0;
	pid_t pid;

	if (pipe(ready) || pipe(done))
		return;
	strcpy(area, "before");
	strcpy(at, "before");
	pid = fork();
	if (!pid) {
		bool ok = read(ready[0], &c, 1) == 1;

		ok = ok && !strcmp(area, "before") && !strcmp(at, "before") &&
		     same(at);
		strcpy(area, "child");
		strcpy(at, "child");
		ok = ok && same(at) && write(done[1], &c, 1) == 1;
		ok = ok && read(ready[0], &c, 1) == 1 &&
		     !strcmp(area, "child") && !strcmp(at, "child");
		vunmap(at);
		vfree(area);
		_exit(ok && kmem_validate() ? 0 : 1);
	}
	strcpy(area, "parent");
	strcpy(page_address(pages[0]), "parent");
	if (write(ready[1], &c, 1) != 1 || read(done[0], &c, 1) != 1 ||
	    strcmp(area, "parent") || strcmp(at, "parent") || !same(at))
		world_wrong("the child stored into its parent");
	strcpy(at, "again");
	if (write(ready[1], &c, 1) != 1)
		world_wrong("write");
	waitpid(pid, &status, 0);
	if (status)
		world_wrong("a child saw %#x", (unsigned int)status);
	for (int i = 0; i < 2; i++) {
		close(ready[i]);
		close(done[i]);
	}
}

static void forks(void)
{
	char *area = vmalloc(100000), *at;
	pthread_t thread;

	get_pages();
	at = vmap(pages, NR, VM_MAP, PAGE_KERNEL);
	if (!area || !at)
		world_skip("no memory can have two addresses here");
	fork_with(area, at);
	/* and with a second thread, when locks are taken */
	pthread_create(&thread, NULL, idle, NULL);
	fork_with(area, at);
	vunmap(at);
	vfree(area);
	put_pages();
}

static void children_have_their_own(struct kunit *test)
{
	world_run(test, "", SECONDS, forks);
}

/* --- nothing side by side ------------------------------------------------- */

static void scattered(void)
{
	gfp_t quiet = GFP_KERNEL | __GFP_NOWARN | __GFP_NORETRY;
	void **head = NULL, **odd = NULL, **p;
	char *big;

	while ((p = (void **)__get_free_page(quiet))) {
		void ***list = virt_to_pfn(p) & 1 ? &odd : &head;

		*p = *list;
		*list = p;
	}
	while ((p = odd)) {
		odd = *p;
		free_page((unsigned long)p);
	}
	big = vzalloc(512 << 10);
	if (!big)
		world_skip("no memory can have two addresses here");
	for (unsigned long i = 0; i < 512 << 10; i += 8)
		if (*(unsigned long *)(big + i))
			world_wrong("not zero at %#lx", i);
	memset(big, 7, 512 << 10);
	if (!find_vm_area(big)->pages || !is_vmalloc_addr(big + 5000) ||
	    page_address(vmalloc_to_page(big + 5000)) == NULL ||
	    *(char *)page_address(vmalloc_to_page(big + 5000)) != 7)
		world_wrong("its pages");
	big = vrealloc(big, 600 << 10, GFP_KERNEL);
	if (!big || big[(512 << 10) - 1] != 7)
		world_wrong("vrealloc");
	preempt_disable();
	vfree(big);
	preempt_enable();
	vm_unmap_aliases();
	big = kvmalloc(300 << 10, GFP_KERNEL);
	if (!big)
		world_wrong("kvmalloc");
	kvfree(big);
	while ((p = head)) {
		head = *p;
		free_page((unsigned long)p);
	}
	kmem_trim();
	world_balanced(0);
}

static void areas_of_scattered_pages(struct kunit *test)
{
	world_run(test, "mem=32M", SECONDS, scattered);
}

/* --- handlers ------------------------------------------------------------- */

static void *given[64];
static unsigned int nr_given;

static void on_alarm(int signal)
{
	(void)signal;
	preempt_disable();
	if (nr_given)
		vfree(given[--nr_given]);
	preempt_enable();
}

static void handlers(void)
{
	for (int round = 0; round < 300; round++) {
		for (unsigned int i = 0; i < 8; i++)
			given[i] = (__vmalloc)(PAGE_SIZE, GFP_KERNEL);
		nr_given = 8;
		while (nr_given) {
			raise(SIGUSR1);
			vfree(vmalloc(5000));
		}
	}
	preempt_disable();
	given[0] = (__vmalloc)(9000, GFP_ATOMIC);
	if (!given[0])
		world_wrong("no area for GFP_ATOMIC");
	memset(given[0], 1, 9000);
	preempt_enable();
	vfree_atomic(given[0]);
	vm_unmap_aliases();
	world_balanced(0);
}

static void in_handlers(void)
{
	signal(SIGUSR1, on_alarm);
	handlers();
}

static void handlers_free_areas(struct kunit *test)
{
	world_run(test, "", SECONDS, in_handlers);
}

/* --- threads -------------------------------------------------------------- */

static void *come_and_go(void *number)
{
	unsigned long seed = (unsigned long)number;
	struct page *own[3];
	char *p, *at;

	for (int i = 0; i < 200; i++) {
		seed = seed * 6364136223846793005ul + 1;
		p = vmalloc((seed >> 40 & 0x1ffff) + 1);
		if (!p)
			continue;
		memset(p, (int)i, 64);
		p = vrealloc(p, (seed >> 30 & 0x3ffff) + 1, GFP_KERNEL);
		if (!p || p[0] != (char)i)
			world_wrong("an area of another");
		for (int k = 0; k < 3; k++)
			own[k] = alloc_page(GFP_KERNEL);
		at = i % 4 ? NULL : vmap(own, 3, VM_MAP, PAGE_KERNEL);
		if (at) {
			memset(at, 5, 3 * PAGE_SIZE);
			if (*(char *)page_address(own[2]) != 5)
				world_wrong("a page of another");
			vunmap(at);
		}
		for (int k = 0; k < 3; k++)
			__free_page(own[k]);
		if (i % 3)
			vfree(p);
		else
			vfree_atomic(p);
	}
	return NULL;
}

static void many(void)
{
	pthread_t thread[4];

	for (unsigned long i = 0; i < 4; i++)
		pthread_create(&thread[i], NULL, come_and_go, (void *)i);
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	vm_unmap_aliases();
	kmem_trim();
	world_balanced(0);
}

static void threads_make_areas(struct kunit *test)
{
	world_run(test, "", SECONDS, many);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(guards_fault),
	KUNIT_CASE(pages_have_two_addresses),
	KUNIT_CASE(children_have_their_own),
	KUNIT_CASE(areas_of_scattered_pages),
	KUNIT_CASE(handlers_free_areas),
	KUNIT_CASE(threads_make_areas),
	{},
};

static struct kunit_suite suite = {
	.name = "context_vmalloc",
	.test_cases = cases,
};
kunit_test_suite(suite);
