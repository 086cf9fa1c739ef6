// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * QEMU's virt machine under OpenSBI: its timer, harts and interrupts between
 * them; a UART 16550, and the device that ends QEMU.
 */
#include "kernel.h"

#define UART 0x10000000ul
#define FINISHER 0x100000ul
#define CLOCK_HZ 10000000
#define SBI_TIME 0x54494d45
#define SBI_IPI 0x735049
#define SBI_HSM 0x48534d
#define INTERRUPT (1ull << 63)
#define IE_SOFTWARE 2u
#define IE_TIMER 32u

extern uint64_t boot_hart;
extern const void *device_tree;
extern char secondary[];

static long sbi(uint64_t extension, uint64_t function, uint64_t x, uint64_t y,
		uint64_t z)
{
	register uint64_t a0 __asm__("a0") = x, a1 __asm__("a1") = y;
	register uint64_t a2 __asm__("a2") = z;
	register uint64_t a6 __asm__("a6") = function;
	register uint64_t a7 __asm__("a7") = extension;

	__asm__ volatile("ecall"
			 : "+r"(a0), "+r"(a1)
			 : "r"(a2), "r"(a6), "r"(a7)
			 : "memory");
	return (long)a0;
}

void arch_putc(char c)
{
	*(volatile uint8_t *)UART = (uint8_t)c;
}

void arch_exit(int status)
{
	*(volatile uint32_t *)FINISHER =
		status ? (uint32_t)status << 16 | 0x3333 : 0x5555;
	for (;;)
		__asm__ volatile("wfi");
}

void arch_machine(struct machine *m)
{
	fdt_machine(device_tree, m);
	m->direct = NULL;
}

struct cpu *arch_this_cpu(void)
{
	struct cpu *c;

	__asm__ volatile("mv %0, tp" : "=r"(c));
	return c;
}

unsigned long bare_irq_save(void)
{
	unsigned long flags;

	__asm__ volatile("csrrci %0, sstatus, 2" : "=r"(flags)::"memory");
	return flags & 2;
}

void bare_irq_restore(unsigned long flags)
{
	__asm__ volatile("csrs sstatus, %0" ::"r"(flags) : "memory");
}

void arch_irq_on(void)
{
	bare_irq_restore(2);
}

void arch_idle(void)
{
	__asm__ volatile("wfi; csrsi sstatus, 2; nop; csrci sstatus, 2" ::
				 : "memory");
}

void bare_pause(void)
{
	__asm__ volatile("" ::: "memory");
}

static uint64_t now(void)
{
	uint64_t t;

	__asm__ volatile("rdtime %0" : "=r"(t)::"memory");
	return t;
}

uint64_t bare_clock_ns(void)
{
	return now() * (1000000000 / CLOCK_HZ);
}

void *arch_first_sp(void *top)
{
	uint64_t *sp = (uint64_t *)top - 14;

	sp[0] = (uintptr_t)thread_begin;
	sp[1] = 0;
	return sp;
}

void arch_cpu_init(unsigned int cpu)
{
	__asm__ volatile("mv tp, %0; csrs sie, %1" ::"r"(&cpus[cpu]),
			 "r"(IE_SOFTWARE | IE_TIMER));
	sbi(SBI_TIME, 0, now() + CLOCK_HZ / TICK_HZ, 0, 0);
}

/* The hart that began is number 0; others are numbered as they come. */
static uint64_t hart_of[CPUS];

void arch_start_others(void)
{
	unsigned int n = 1;

	hart_of[0] = boot_hart;
	for (uint64_t hart = 0; hart < CPUS; hart++) {
		if (hart == boot_hart)
			continue;
		hart_of[n] = hart;
		sbi(SBI_HSM, 0, hart, (uintptr_t)secondary, n++);
	}
}

void arch_kick_others(void)
{
	uint64_t mask = (1u << CPUS) - 1;

	sbi(SBI_IPI, 0, mask & ~(1ul << hart_of[bare_cpu()]), 0, 0);
}

void riscv_trap(uint64_t cause, uint64_t pc, uint64_t address);

void riscv_trap(uint64_t cause, uint64_t pc, uint64_t address)
{
	switch (cause) {
	case INTERRUPT | 1:
		__asm__ volatile("csrc sip, %0" ::"r"(IE_SOFTWARE));
		kernel_kick();
		return;
	case INTERRUPT | 5:
		sbi(SBI_TIME, 0, now() + CLOCK_HZ / TICK_HZ, 0, 0);
		kernel_tick();
		return;
	}
	kprintf("trap %#lx at %#lx, address %#lx\n", cause, pc, address);
	arch_exit(3);
}
