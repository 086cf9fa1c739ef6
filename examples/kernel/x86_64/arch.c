// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * A PC as QEMU makes it: the serial line, the local APIC, the HPET.
 */
#include "kernel.h"

#include "lib/mem.h"

#define DIRECT 0xffff800000000000ul
#define TRAMPOLINE 0x8000
#define HPET 0xfed00000ul
#define APIC 0xfee00000ul
#define APIC_EOI 0xb0
#define APIC_SPURIOUS 0xf0
#define APIC_COMMAND 0x300
#define APIC_TIMER 0x320
#define APIC_COUNT 0x380
#define APIC_DIVIDE 0x3e0
/* Of the command: to all but this CPU. */
#define OTHERS 0xc0000
#define NMI 0x400
#define INIT 0x4500
#define STARTUP 0x4600
#define VECTOR_TICK 32
#define VECTOR_KICK 33
#define MSR_GS_BASE 0xc0000101

extern uint32_t pvh_info;
extern char trampoline[], trampoline_end[], vectors[];

static inline void out8(uint16_t port, uint8_t v)
{
	__asm__ volatile("outb %0, %1" ::"a"(v), "Nd"(port));
}

static volatile uint32_t *apic(unsigned int reg)
{
	return (volatile uint32_t *)(APIC + reg);
}

void arch_putc(char c)
{
	out8(0x3f8, (uint8_t)c);
}

/* QEMU's isa-debug-exit: its status is 2 * what is written + 1. */
void arch_exit(int status)
{
	out8(0xf4, (uint8_t)(status ? status : 16));
	for (;;)
		__asm__ volatile("cli; hlt");
}

/* --- memory --------------------------------------------------------------- */

struct pvh {
	uint32_t magic, version, flags, nr_modules;
	uint64_t modules, command_line, rsdp, map;
	uint32_t map_entries, reserved;
};

struct pvh_range {
	uint64_t start, bytes;
	uint32_t type, reserved;
};

void arch_machine(struct machine *m)
{
	const struct pvh *info = (const void *)(uintptr_t)pvh_info;
	const struct pvh_range *r = (const void *)info->map;

	for (; r < (const struct pvh_range *)info->map + info->map_entries; r++)
		if (r->type == 1 && m->nr_ram < 16)
			m->ram[m->nr_ram++] =
				(struct bare_range){ r->start,
						     r->start + r->bytes };
	m->direct = (char *)DIRECT;
	m->command_line = (const char *)info->command_line;
	/* the BIOS's words, the trampoline, and what the loader left */
	m->reserved[m->nr_reserved++] = (struct bare_range){ 0, 0x9000 };
	m->reserved[m->nr_reserved++] =
		(struct bare_range){ (uintptr_t)info & ~0xffful,
				     (uintptr_t)info + 4096 };
}

/* --- CPUs ----------------------------------------------------------------- */

struct cpu *arch_this_cpu(void)
{
	struct cpu *c;

	__asm__ volatile("movq %%gs:0, %0" : "=r"(c));
	return c;
}

unsigned long bare_irq_save(void)
{
	unsigned long flags;

	__asm__ volatile("pushfq; popq %0; cli" : "=r"(flags)::"memory");
	return flags;
}

void bare_irq_restore(unsigned long flags)
{
	if (flags & 0x200)
		__asm__ volatile("sti" ::: "memory");
}

void bare_pause(void)
{
	__builtin_ia32_pause();
}

/* The main counter of QEMU's HPET: 100 MHz, one for all CPUs. */
uint64_t bare_clock_ns(void)
{
	return *(volatile uint64_t *)(HPET + 0xf0) * 10;
}

void arch_irq_on(void)
{
	__asm__ volatile("sti" ::: "memory");
}

void arch_idle(void)
{
	__asm__ volatile("sti; hlt; cli" ::: "memory");
}

void *arch_first_sp(void *top)
{
	uint64_t *sp = top;

	*--sp = 0; /* as if thread_begin() had been called */
	*--sp = (uintptr_t)thread_begin;
	return sp - 6;
}

static struct {
	uint16_t low, code;
	uint8_t stack, type;
	uint16_t middle;
	uint32_t high, zero;
} idt[64];

static struct cpu *this_cpu_word[CPUS];

void arch_cpu_init(unsigned int cpu)
{
	struct __attribute__((packed)) {
		uint16_t limit;
		uint64_t base;
	} idtr = { sizeof(idt) - 1, (uintptr_t)idt };
	uintptr_t word = (uintptr_t)&this_cpu_word[cpu];

	this_cpu_word[cpu] = &cpus[cpu];
	__asm__ volatile("wrmsr" ::"c"(MSR_GS_BASE), "a"((uint32_t)word),
			 "d"((uint32_t)(word >> 32)));
	for (unsigned int i = 0; i < 64 && !cpu; i++) {
		uintptr_t at = (uintptr_t)vectors + i * 16;

		idt[i].low = (uint16_t)at;
		idt[i].code = 0x18;
		idt[i].type = 0x8e;
		idt[i].middle = (uint16_t)(at >> 16);
		idt[i].high = (uint32_t)(at >> 32);
	}
	if (!cpu) {
		*(volatile uint64_t *)(HPET + 0x10) = 1;
		out8(0x21, 0xff); /* not by the old controllers */
		out8(0xa1, 0xff);
	}
	__asm__ volatile("lidt %0" ::"m"(idtr));
	*apic(APIC_SPURIOUS) = 0x13f;
	*apic(APIC_DIVIDE) = 3; /* QEMU's 1 GHz by 16 */
	*apic(APIC_TIMER) = 0x20000 | VECTOR_TICK;
	*apic(APIC_COUNT) = 1000000000 / 16 / TICK_HZ;
}

static void send(uint32_t command)
{
	*apic(APIC_COMMAND) = command;
	while (*apic(APIC_COMMAND) & 0x1000)
		bare_pause();
}

static void wait_us(unsigned int us)
{
	uint64_t end = bare_clock_ns() + us * 1000ull;

	while (bare_clock_ns() < end)
		bare_pause();
}

void arch_start_others(void)
{
	memcpy((void *)TRAMPOLINE, trampoline,
	       (size_t)(trampoline_end - trampoline));
	send(OTHERS | INIT);
	wait_us(10000);
	send(OTHERS | STARTUP | TRAMPOLINE >> 12);
}

/* An NMI for all other CPUs, and then an interrupt. */
void arch_kick_others(void)
{
	send(OTHERS | NMI);
	send(OTHERS | 0x4000 | VECTOR_KICK);
}

bool arch_step(bool on)
{
	if (on)
		__asm__ volatile("pushfq; orq $0x100, (%%rsp); popfq" ::
					 : "cc", "memory");
	else
		__asm__ volatile("pushfq; andq $~0x100, (%%rsp); popfq" ::
					 : "cc", "memory");
	return true;
}

struct trap {
	uint64_t registers[15], vector, error, rip, cs, flags, rsp, ss;
};

void x86_trap(struct trap *t);

void x86_trap(struct trap *t)
{
	uint64_t cr2;

	switch (t->vector) {
	case 1: /* a step: an interrupt if one could come, else an NMI */
		kernel_handler(t->flags & 0x200 ? HANDLER_KICK : HANDLER_NMI);
		return;
	case 2:
		kernel_handler(HANDLER_NMI);
		return;
	case VECTOR_TICK:
		*apic(APIC_EOI) = 0;
		kernel_tick();
		return;
	case VECTOR_KICK:
		*apic(APIC_EOI) = 0;
		kernel_kick();
		return;
	case 63:
		return;
	}
	__asm__ volatile("movq %%cr2, %0" : "=r"(cr2));
	kprintf("trap %lu error %#lx at %#lx, address %#lx\n", t->vector,
		t->error, t->rip, cr2);
	arch_exit(3);
}
