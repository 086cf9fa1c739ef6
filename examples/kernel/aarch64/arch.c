// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * QEMU's virt machine: PL011, GICv2, the virtual timer, PSCI, semihosting.
 */
#include "kernel.h"

#define RAM 0x40000000ul /* the loader leaves the device tree there */
#define UART 0x09000000ul
#define GICD 0x08000000ul
#define GICC 0x08010000ul
#define TIMER_IRQ 27
#define KICK_IRQ 1
#define PSCI_CPU_ON 0xc4000003ul

extern char secondary[];

static volatile uint32_t *at(uintptr_t address)
{
	return (volatile uint32_t *)address;
}

void arch_putc(char c)
{
	*at(UART) = (uint32_t)c;
}

void arch_exit(int status)
{
	uint64_t block[2] = { 0x20026, (uint64_t)status };
	register uint64_t x0 __asm__("x0") = 0x20;
	register void *x1 __asm__("x1") = block;

	__asm__ volatile("hlt #0xf000" ::"r"(x0), "r"(x1) : "memory");
	for (;;)
		__asm__ volatile("wfi");
}

void arch_machine(struct machine *m)
{
	fdt_machine((const void *)RAM, m);
	m->direct = NULL; /* memory is mapped where it is */
}

struct cpu *arch_this_cpu(void)
{
	struct cpu *c;

	__asm__ volatile("mrs %0, tpidr_el1" : "=r"(c));
	return c;
}

unsigned long bare_irq_save(void)
{
	unsigned long flags;

	__asm__ volatile("mrs %0, daif; msr daifset, #2"
			 : "=r"(flags)::"memory");
	return flags;
}

void bare_irq_restore(unsigned long flags)
{
	__asm__ volatile("msr daif, %0" ::"r"(flags) : "memory");
}

void arch_irq_on(void)
{
	__asm__ volatile("msr daifclr, #2" ::: "memory");
}

void arch_idle(void)
{
	__asm__ volatile("wfi; msr daifclr, #2; isb; msr daifset, #2" ::
				 : "memory");
}

void bare_pause(void)
{
	__asm__ volatile("yield" ::: "memory");
}

static uint64_t frequency(void)
{
	uint64_t hz;

	__asm__ volatile("mrs %0, cntfrq_el0" : "=r"(hz));
	return hz;
}

uint64_t bare_clock_ns(void)
{
	uint64_t now, hz = frequency();

	__asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(now)::"memory");
	return now / hz * 1000000000 + now % hz * 1000000000 / hz;
}

static void next_tick(void)
{
	uint64_t ticks = frequency() / TICK_HZ;

	__asm__ volatile("msr cntv_tval_el0, %0" ::"r"(ticks));
}

void *arch_first_sp(void *top)
{
	uint64_t *sp = (uint64_t *)top - 12;

	sp[10] = 0;
	sp[11] = (uintptr_t)thread_begin;
	return sp;
}

void arch_cpu_init(unsigned int cpu)
{
	uint64_t on = 1;

	__asm__ volatile("msr tpidr_el1, %0" ::"r"(&cpus[cpu]));
	*at(GICD) = 1;
	*at(GICD + 0x100) = 1u << TIMER_IRQ | 1u << KICK_IRQ;
	*at(GICC + 4) = 0xff; /* all priorities */
	*at(GICC) = 1;
	next_tick();
	__asm__ volatile("msr cntv_ctl_el0, %0" ::"r"(on));
}

void arch_start_others(void)
{
	for (uint64_t i = 1; i < CPUS; i++) {
		register uint64_t x0 __asm__("x0") = PSCI_CPU_ON;
		register uint64_t x1 __asm__("x1") = i;
		register void *x2 __asm__("x2") = secondary;
		register uint64_t x3 __asm__("x3") = i; /* its x0 */

		__asm__ volatile("hvc #0"
				 : "+r"(x0)
				 : "r"(x1), "r"(x2), "r"(x3)
				 : "memory");
	}
}

void arch_kick_others(void)
{
	*at(GICD + 0xf00) = 1u << 24 | KICK_IRQ;
}

void arm_irq(void);
void arm_fault(uint64_t esr, uint64_t elr, uint64_t far);

void arm_irq(void)
{
	uint32_t id = *at(GICC + 0xc), nr = id & 0x3ff;

	if (nr == 1023)
		return;
	if (nr == TIMER_IRQ)
		next_tick();
	*at(GICC + 0x10) = id;
	if (nr == TIMER_IRQ)
		kernel_tick();
	else
		kernel_kick();
}

void arm_fault(uint64_t esr, uint64_t elr, uint64_t far)
{
	kprintf("fault %#lx at %#lx, address %#lx\n", esr, elr, far);
	arch_exit(3);
}
