// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * The contract of port.h that a port can be asked about while it works: no more
 * is needed than the port itself and a second thread.
 */
#include "port/contract.h"

#include "lib/mem.h"
#include "page/page.h"
#include "port/port.h"

#define PAGES 8
#define HANDS 200

/* --- memory --------------------------------------------------------------- */

static bool all_are(const char *p, size_t n, char byte)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != byte)
			return false;
	return true;
}

static const char *mapped(void)
{
	size_t page = port_page_size(), n = PAGES * page;
	char *p = port_map(n, 4 * page, false), *q, *r;

	if (!p)
		return "port_map() without a guard must give a few pages";
	if ((uintptr_t)p % (4 * page))
		return "port_map() is not aligned as asked";
	if (!all_are(p, n, 0))
		return "port_map() gave bytes that are not zero";
	memset(p, 0x55, n);
	q = port_map(n, page, false);
	if (!q || (q < p + n && p < q + n))
		return "port_map() gave one range twice";
	memset(q, 0x66, n);
	r = port_remap(p, n, 2 * n, false);
	if (r && (!all_are(r, n, 0x55) || !all_are(r + n, n, 0)))
		return "port_remap() lost bytes, or gave some that are not 0";
	if (!all_are(q, n, 0x66))
		return "port_remap() wrote into another range";
	port_unmap(r ? r : p, r ? 2 * n : n, false);
	port_unmap(q, n, false);
	p = port_map(n, page, false);
	if (!p || !all_are(p, n, 0))
		return "port_map() gave a range again, and not as zeros";
	port_unmap(p, n, false);
	return NULL;
}

/* A block of pages stands for any usable range: its owner may purge it. */
static const char *purged(void)
{
	struct page *head = page_alloc(GFP_KERNEL, 4);
	size_t n = PG_BYTES << 4;
	const char *why = NULL;
	char *p;

	if (!head)
		return "no memory for the test";
	p = page_addr(head);
	memset(p, 0x55, n);
	if (n % port_page_size() == 0) {
		port_purge(p, n);
		if (!all_are(p, n, 0))
			why = "a purged range does not read as zero";
		memset(p, 0x55, n);
		port_clear(p, n);
		if (!all_are(p, n, 0))
			why = "a cleared range does not read as zero";
	}
	page_free(head, 4);
	return why;
}

/* --- threads -------------------------------------------------------------- */

static uint32_t hand, other_done;
static struct port_task *other_task;
static bool other_was_zero;

static void other(void)
{
	struct port_task *t = port_task();

	other_task = t;
	other_was_zero = !t->flags && !t->held && !t->walk && !t->boots;
	/* a hand at a time goes over and back; without a limit of time */
	for (uint32_t i = 0; i < HANDS; i++) {
		while (__atomic_load_n(&hand, __ATOMIC_ACQUIRE) != 2 * i + 1)
			port_wait(&hand, 2 * i, -1);
		__atomic_store_n(&hand, 2 * i + 2, __ATOMIC_RELEASE);
		port_wake(&hand, 1);
	}
	__atomic_store_n(&other_done, 1, __ATOMIC_RELEASE);
	port_wake(&other_done, 1);
}

static const char *threads(void)
{
	struct port_task *t = port_task();

	if (contract_thread(other))
		return NULL; /* a port of one thread */
	for (uint32_t i = 0; i < HANDS; i++) {
		__atomic_store_n(&hand, 2 * i + 1, __ATOMIC_RELEASE);
		port_wake(&hand, 1);
		while (__atomic_load_n(&hand, __ATOMIC_ACQUIRE) != 2 * i + 2)
			port_wait(&hand, 2 * i + 1, -1);
	}
	while (!__atomic_load_n(&other_done, __ATOMIC_ACQUIRE))
		port_wait(&other_done, 0, -1);
	contract_join();
	if (t != port_task())
		return "port_task() is not the same for a thread's life";
	if (other_task == t)
		return "port_task() is the same for two threads";
	if (!other_was_zero)
		return "port_task() of a new thread is not zero";
	return NULL;
}

static const char *waits(void)
{
	uint64_t start = port_clock_ns();
	uint32_t word = 1;

	port_wait(&word, 0, -1); /* another value: returns at once */
	/* returns early as often as it likes, and late by no more than it is */
	for (unsigned int i = 0; port_clock_ns() - start < 20000000; i++)
		port_wait(&word, 1, 1000000);
	return NULL;
}

static const char *clock_and_cpu(void)
{
	uint64_t before = port_clock_ns(), now;

	for (unsigned int i = 0; i < 10000; i++, before = now) {
		now = port_clock_ns();
		if (now < before)
			return "port_clock_ns() went back";
		if (port_cpu() >= port_nr_cpus())
			return "port_cpu() is not below port_nr_cpus()";
	}
	return NULL;
}

/* --- read-copy-update ----------------------------------------------------- */

static struct port_rcu head;
static uint32_t ran;

static void run(struct port_rcu *h)
{
	__atomic_store_n(&ran, h == &head ? 1 : 2, __ATOMIC_RELEASE);
}

static const char *rcu(void)
{
	ran = 0;
	port_rcu_call(&head, run);
	while (!port_rcu_poll())
		;
	port_rcu_barrier();
	if (__atomic_load_n(&ran, __ATOMIC_ACQUIRE) != 1)
		return "port_rcu_barrier() returned before the function ran";
	return port_rcu_synchronize() ? NULL : "port_rcu_synchronize() failed";
}

const char *port_contract(void)
{
	static const char *(*const part[])(void) = {
		clock_and_cpu, mapped, purged, waits, threads, rcu,
	};
	const char *why = NULL;

	for (unsigned int i = 0; i < ARRAY_LEN(part) && !why; i++)
		why = part[i]();
	return why;
}
