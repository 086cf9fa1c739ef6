/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A kernel to stand the allocator on: what its files share.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "port/bare/bare.h"

#define CPUS 4
#define STACK_BYTES 32768
#define TICK_HZ 250

/* --- what an architecture provides (<arch>/arch.c) ------------------------ */

struct machine {
	struct bare_range ram[16], reserved[8]; /* two are main.c's */
	unsigned int nr_ram, nr_reserved;
	char *direct;
	struct bare_range later; /* kept for bare_add_memory() */
	const char *command_line;
};

/* Finds memory; from the loader's pointer that boot.S kept. */
void arch_machine(struct machine *m);
void arch_putc(char c);
void arch_exit(int status) __attribute__((noreturn));
/* This CPU's traps and ticks, with interrupts off. */
void arch_cpu_init(unsigned int cpu);
/* Others begin in kernel_secondary(), on boot_stacks. */
void arch_start_others(void);
/* Interrupts, or NMIs where there are such, for all other CPUs. */
void arch_kick_others(void);
/* A handler after each instruction; false: this machine has no such thing. */
bool arch_step(bool on);
/* Waits for an interrupt, with interrupts off before and after. */
void arch_idle(void);
void arch_irq_on(void);
/* Saves what a call keeps on the stack, and goes on with the other one. */
void arch_switch(void **old_sp, void *new_sp);
/* The stack of a thread that begins in thread_begin(). */
void *arch_first_sp(void *top);
struct cpu *arch_this_cpu(void);

extern char boot_stacks[CPUS][STACK_BYTES];
extern char kernel_start[], kernel_end[];
void kernel_main(void);
void kernel_secondary(unsigned int cpu);
/* Called by the architecture's handlers. */
void kernel_tick(void);
void kernel_kick(void);

/* --- threads.c ------------------------------------------------------------ */

struct thread {
	uint64_t task[BARE_TASK_BYTES / 8];
	void *sp;
	struct thread *next; /* of this CPU, a ring */
	uint32_t *waits_for; /* NULL: it can run */
	uint64_t until;      /* or from that time on; 0: no limit */
	bool ended, away;    /* away: no CPU stands on its stack */
	void (*fn)(void *arg);
	void *arg;
};

struct cpu {
	struct thread *current, *before;
	unsigned int nr;
	bool idle;
	unsigned long ticks, kicks;
	uint32_t quiet; /* how often its turn changed */
	struct thread boot;
};

extern struct cpu cpus[CPUS];

void threads_cpu_init(unsigned int cpu);
void thread_begin(void) __attribute__((noreturn));
/* A thread of that CPU, on a stack of its own; both go when it was joined. */
struct thread *thread_start(unsigned int cpu, void (*fn)(void *), void *arg);
void thread_wait(struct thread *t); /* until it has ended */
void thread_join(struct thread *t);
void thread_exit(void) __attribute__((noreturn));
void thread_yield(void);
void thread_sleep_ms(unsigned int ms);
/* From a tick: another thread's turn. */
void thread_preempt(void);

/* --- main.c --------------------------------------------------------------- */

extern struct machine machine;

int kprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The others come up; false: not all did. */
bool start_others(void);
/* The first lines of one of the library's tables. */
void show(size_t (*text)(char *buf, size_t size), unsigned int lines);
void show_buddyinfo(void);

/* fdt.c: the device tree of two of the machines */
void fdt_machine(const void *fdt, struct machine *m);

/* --- weak, for what runs on this kernel ----------------------------------- */

/* What the command line asks for; how much of it failed. */
unsigned int kernel_run(const char *line);

enum handler { HANDLER_TICK, HANDLER_KICK, HANDLER_NMI };

/* In a handler of an interrupt, or of an NMI. */
void kernel_handler(enum handler from);

#endif
