/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The rest of the bare port: what the kernel provides under the names of
 * port.h, and what a machine does not have.
 */
#include "port/bare/own.h"

#include "lib/errno.h"
#include "lib/mem.h"
#include "lib/text.h"

_Static_assert(sizeof(struct port_task) <= BARE_TASK_BYTES,
	       "a kernel's record of a thread has room for it");

/* A small kernel may have pages alone. */
#pragma weak core_start

int bare_start(const struct bare_map *map)
{
	int err;

	bare_machine = *map;
	err = bare_memory_start();
	if (!err && core_start)
		core_start();
	return err;
}

int port_init(void)
{
	return bare_machine.nr_cpus ? 0 : -ENOMEM;
}

/* What is purged comes back as zeros that someone has to write. */
const char *port_options(void)
{
	return bare_machine.options ? bare_machine.options : "decay_ms=-1";
}

/* --- CPUs, threads and time ----------------------------------------------- */

unsigned int port_cpu(void)
{
	return bare_cpu();
}

unsigned int port_nr_cpus(void)
{
	return bare_machine.nr_cpus;
}

struct port_task *port_task(void)
{
	return bare_task();
}

unsigned int port_pid(void)
{
	return 1;
}

unsigned int port_tid(void)
{
	return port_pid();
}

unsigned int port_cpus_online(uint64_t *map, size_t words)
{
	(void)map;
	(void)words;
	return 0;
}

void port_comm(char *buf, size_t n)
{
	text_format(buf, n, "kernel");
}

void __attribute__((weak))
bare_wait(uint32_t *word, uint32_t val, int64_t timeout_ns)
{
	uint64_t start = bare_clock_ns();

	/* Spins: until the word changes or the time is over. */
	while (__atomic_load_n(word, __ATOMIC_ACQUIRE) == val &&
	       (timeout_ns < 0 ||
		bare_clock_ns() - start < (uint64_t)timeout_ns))
		bare_pause();
}

void __attribute__((weak)) bare_wake(uint32_t *word, int n)
{
	(void)word;
	(void)n;
}

int __attribute__((weak)) bare_thread(void (*fn)(void))
{
	(void)fn;
	return -ENOSYS;
}

void port_wait(uint32_t *word, uint32_t val, int64_t timeout_ns)
{
	bare_wait(word, val, timeout_ns);
}

void port_wake(uint32_t *word, int n)
{
	bare_wake(word, n);
}

int port_thread(void (*fn)(void))
{
	return bare_thread(fn);
}

uint64_t port_clock_ns(void)
{
	return bare_clock_ns();
}

/* --- reports -------------------------------------------------------------- */

void port_write(const char *text, size_t n)
{
	bare_console(text, n);
}

void port_die(void)
{
	bare_halt();
}

unsigned int port_stack(void **pc, unsigned int n)
{
	(void)pc;
	(void)n;
	return 0;
}

void port_symbol(const void *addr, char *buf, size_t n)
{
	text_format(buf, n, "0x%lx", (unsigned long)addr);
}

/* --- read-copy-update ----------------------------------------------------- */

static struct port_rcu *waiting;

_Static_assert(sizeof(struct bare_rcu) == sizeof(struct port_rcu),
	       "the kernel's record is the core's");

void __attribute__((weak))
bare_rcu_call(struct bare_rcu *head, void (*fn)(struct bare_rcu *head))
{
	struct port_rcu *h = (void *)head;

	h->fn = (void (*)(struct port_rcu *))fn;
	h->next = __atomic_load_n(&waiting, __ATOMIC_RELAXED);
	/* Bound: the CPUs that push at the same time. */
	while (!__atomic_compare_exchange_n(&waiting, &h->next, h, true,
					    __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		;
}

void __attribute__((weak)) bare_rcu_wait(void)
{
}

void port_rcu_call(struct port_rcu *head, void (*fn)(struct port_rcu *head))
{
	bare_rcu_call((void *)head, (void (*)(struct bare_rcu *))fn);
}

bool port_rcu_poll(void)
{
	struct port_rcu *h, *next;

	h = __atomic_exchange_n(&waiting, NULL, __ATOMIC_ACQUIRE);
	for (; h; h = next) {
		next = h->next;
		h->fn(h);
	}
	return true;
}

bool port_rcu_synchronize(void)
{
	bare_rcu_wait();
	return true;
}

/* A kernel runs its functions in the order in which it was given them. */
static void flag(struct bare_rcu *head)
{
	__atomic_store_n((uint32_t *)(head + 1), 1, __ATOMIC_RELEASE);
	bare_wake((uint32_t *)(head + 1), 1);
}

void port_rcu_barrier(void)
{
	struct {
		struct bare_rcu head;
		uint32_t done;
	} b = { .done = 0 };

	bare_rcu_call(&b.head, flag);
	/* Sleeps: until the grace period is over. */
	while (!__atomic_load_n(&b.done, __ATOMIC_ACQUIRE)) {
		port_rcu_poll();
		bare_wait(&b.done, 0, 1000000);
	}
}

/* --- what a machine does not have ----------------------------------------- */

bool port_alone(void)
{
	return false;
}

void port_on_fork(void (*prepare)(void), void (*parent)(void),
		  void (*child)(void))
{
	(void)prepare;
	(void)parent;
	(void)child;
}

uint32_t *port_wiped(void)
{
	return NULL;
}

bool port_publish_more(void *area, size_t usable, size_t wanted)
{
	(void)area;
	(void)usable;
	(void)wanted;
	return false;
}

bool port_publish_again(void *area, size_t n, size_t used)
{
	(void)area;
	(void)n;
	(void)used;
	return false;
}

unsigned int port_publish_number(void)
{
	return 0;
}

int port_pressure_open(unsigned int wanted)
{
	(void)wanted;
	return 0;
}

bool port_pressure_wait(int64_t timeout_ns)
{
	(void)timeout_ns;
	return false;
}

void port_rseq_disown(void)
{
}

const struct port_watch *port_watch(void)
{
	return NULL;
}

fail_fn *port_failing(void)
{
	return NULL;
}

section_fn *port_other_copy(void)
{
	return NULL;
}

void port_confine(void)
{
}

void port_stay(const void *address)
{
	(void)address;
}
