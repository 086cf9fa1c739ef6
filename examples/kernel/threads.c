// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * Threads, and the calls that the allocator's port wants of a kernel.
 *
 * A thread stays on its CPU.  A tick gives the next one its turn.  One lock
 * guards who waits for what; it is held with interrupts off.
 */
#include "kernel.h"

#include <linux/gfp.h>

struct cpu cpus[CPUS];
char boot_stacks[CPUS][STACK_BYTES] __attribute__((aligned(4096)));

static uint32_t wait_lock;

static unsigned long lock(uint32_t *word)
{
	unsigned long state = bare_irq_save();

	while (__atomic_exchange_n(word, 1, __ATOMIC_ACQUIRE))
		bare_pause();
	return state;
}

static void unlock(uint32_t *word, unsigned long state)
{
	__atomic_store_n(word, 0, __ATOMIC_RELEASE);
	bare_irq_restore(state);
}

/* --- turns ---------------------------------------------------------------- */

void threads_cpu_init(unsigned int cpu)
{
	struct cpu *c = &cpus[cpu];

	c->nr = cpu;
	c->boot.next = &c->boot;
	c->current = &c->boot;
}

static bool can_run(struct thread *t)
{
	if (t->ended)
		return false;
	if (!__atomic_load_n(&t->waits_for, __ATOMIC_ACQUIRE))
		return true;
	return t->until && bare_clock_ns() >= t->until;
}

/* On the stack of the thread whose turn it is now. */
static void switched(void)
{
	struct cpu *c = arch_this_cpu();

	__atomic_store_n(&c->before->away, true, __ATOMIC_RELEASE);
	__atomic_store_n(&c->quiet, c->quiet + 1, __ATOMIC_RELEASE);
}

/* Interrupts are off.  Returns when this thread's turn has come again. */
static void schedule(void)
{
	struct cpu *c = arch_this_cpu();
	struct thread *old = c->current, *t = old->next;

	__atomic_store_n(&c->quiet, c->quiet + 1, __ATOMIC_RELEASE);
	while (!can_run(t)) {
		if (t == old && old->ended) {
			t = &c->boot; /* off a stack that goes; it waits on */
			break;
		}
		if (t == old) {
			c->idle = true;
			arch_idle();
			c->idle = false;
		}
		t = __atomic_load_n(&t->next, __ATOMIC_ACQUIRE);
	}
	if (t == old)
		return;
	c->current = t;
	c->before = old;
	t->away = false;
	arch_switch(&old->sp, t->sp);
	switched();
}

void thread_preempt(void)
{
	if (!arch_this_cpu()->idle)
		schedule();
}

void thread_yield(void)
{
	unsigned long state = bare_irq_save();

	schedule();
	bare_irq_restore(state);
}

void thread_begin(void)
{
	struct thread *t = arch_this_cpu()->current;

	switched();
	arch_irq_on();
	t->fn(t->arg);
	thread_exit();
}

static uint32_t ends;

void thread_exit(void)
{
	struct thread *t = arch_this_cpu()->current;

	bare_irq_save();
	__atomic_store_n(&t->ended, true, __ATOMIC_RELEASE);
	__atomic_fetch_add(&ends, 1, __ATOMIC_RELEASE);
	bare_wake(&ends, INT32_MAX);
	schedule();
	__builtin_unreachable();
}

/* The thread's record and its stack lie in one block. */
#define THREAD_ORDER 3

struct thread *thread_start(unsigned int cpu, void (*fn)(void *), void *arg)
{
	struct cpu *c = &cpus[cpu];
	unsigned long block, state;
	struct thread *t;

	block = __get_free_pages(GFP_KERNEL | __GFP_ZERO, THREAD_ORDER);
	if (!block)
		return NULL;
	t = (struct thread *)block;
	t->fn = fn;
	t->arg = arg;
	t->sp = arch_first_sp((char *)block + (4096 << THREAD_ORDER));
	state = lock(&wait_lock);
	t->next = c->boot.next;
	__atomic_store_n(&c->boot.next, t, __ATOMIC_RELEASE);
	unlock(&wait_lock, state);
	return t;
}

/* Off its CPU's ring, which that CPU may be walking from a thread behind it. */
static void unlink(struct thread *t)
{
	for (unsigned int i = 0; i < CPUS; i++) {
		struct thread *at = &cpus[i].boot;

		do {
			if (at->next == t)
				__atomic_store_n(&at->next, t->next,
						 __ATOMIC_RELEASE);
			at = at->next;
		} while (at && at != &cpus[i].boot);
	}
}

void thread_wait(struct thread *t)
{
	uint32_t seen;

	for (;;) {
		seen = __atomic_load_n(&ends, __ATOMIC_ACQUIRE);
		if (__atomic_load_n(&t->ended, __ATOMIC_ACQUIRE))
			break;
		bare_wait(&ends, seen, -1);
	}
}

void thread_join(struct thread *t)
{
	unsigned long state;

	thread_wait(t);
	while (!__atomic_load_n(&t->away, __ATOMIC_ACQUIRE))
		thread_yield();
	state = lock(&wait_lock);
	unlink(t);
	unlock(&wait_lock, state);
	bare_rcu_wait();
	free_pages((unsigned long)t, THREAD_ORDER);
}

void thread_sleep_ms(unsigned int ms)
{
	uint64_t end = bare_clock_ns() + ms * 1000000ull, now;
	uint32_t word = 0;

	while ((now = bare_clock_ns()) < end)
		bare_wait(&word, 0, (int64_t)(end - now));
}

/* --- the allocator's port ------------------------------------------------- */

unsigned int bare_cpu(void)
{
	return arch_this_cpu()->nr;
}

void *bare_task(void)
{
	return arch_this_cpu()->current->task;
}

void bare_wait(uint32_t *word, uint32_t val, int64_t timeout_ns)
{
	unsigned long state = lock(&wait_lock);
	struct thread *t = arch_this_cpu()->current;

	if (__atomic_load_n(word, __ATOMIC_ACQUIRE) == val) {
		t->until = timeout_ns < 0 ? 0 : bare_clock_ns() + timeout_ns;
		__atomic_store_n(&t->waits_for, word, __ATOMIC_RELEASE);
		__atomic_store_n(&wait_lock, 0, __ATOMIC_RELEASE);
		schedule();
		__atomic_store_n(&t->waits_for, NULL, __ATOMIC_RELAXED);
		bare_irq_restore(state);
		return;
	}
	unlock(&wait_lock, state);
}

void bare_wake(uint32_t *word, int n)
{
	unsigned long state = lock(&wait_lock);

	for (unsigned int i = 0; i < CPUS; i++) {
		struct thread *t = &cpus[i].boot;

		do {
			if (t->waits_for == word && n-- > 0)
				__atomic_store_n(&t->waits_for, NULL,
						 __ATOMIC_RELEASE);
			t = t->next;
		} while (t && t != &cpus[i].boot);
	}
	unlock(&wait_lock, state);
}

static uint32_t console_lock;

void bare_console(const char *text, size_t n)
{
	unsigned long state = lock(&console_lock);

	while (n--)
		arch_putc(*text++);
	unlock(&console_lock, state);
}

void bare_halt(void)
{
	arch_exit(3);
}

/*
 * Readers are whoever does not give up the CPU: an interrupt handler, a thread
 * with interrupts off.  They have ended when each CPU had a turn.
 */
void bare_rcu_wait(void)
{
	uint32_t seen[CPUS];

	for (unsigned int i = 0; i < CPUS; i++)
		seen[i] = __atomic_load_n(&cpus[i].quiet, __ATOMIC_ACQUIRE);
	for (unsigned int i = 0; i < CPUS; i++)
		while (cpus[i].current && !cpus[i].idle &&
		       __atomic_load_n(&cpus[i].quiet, __ATOMIC_ACQUIRE) ==
			       seen[i])
			thread_yield();
}
