/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * From the loader (EL1, no MMU) to C, the other CPUs' way there, and the
 * vectors.  Memory is mapped where it is.
 */
#define STACK_BYTES 32768

/*
 * Pages of GRANULE KiB: 64 GiB in one table of blocks of 2^BLOCK bytes, of which
 * the last level of tables would be the next one.
 */
#ifndef GRANULE
#define GRANULE 4
#endif
#if GRANULE == 4
#define BLOCK 30
#define TCR 0x50080351c			/* 36 bits, cached walks, granule */
#elif GRANULE == 16
#define BLOCK 25
#define TCR 0x50080b51c
#else
#define BLOCK 29
#define TCR 0x50080751c
#endif
#define BLOCKS (1 << (36 - BLOCK))
#define DEVICES (1 << (30 - BLOCK))

	.section .head, "ax"
	.globl start32, secondary
start32:
	/* the first GiB is devices, the next ones are memory */
	adrp x1, table
	mov x2, #0x401			/* block, access flag, device */
	movk x2, #0x60, lsl #48		/* never executed */
	mov x3, #0
1:	cmp x3, #DEVICES
	b.ne 2f
	mov x2, #0x705			/* block, shared, normal memory */
2:	orr x4, x2, x3, lsl #BLOCK
	str x4, [x1, x3, lsl #3]
	add x3, x3, #1
	cmp x3, #BLOCKS
	b.ne 1b
	mov x0, #0
	/* each CPU, its number in x0 */
secondary:
	mov x1, #0xff00			/* attributes: 0 device, 1 normal */
	msr mair_el1, x1
	ldr x1, =TCR
	msr tcr_el1, x1
	adrp x1, table
	msr ttbr0_el1, x1
	tlbi vmalle1
	dsb sy
	isb
	mrs x1, sctlr_el1
	mov x2, #0x1005			/* I, C, M */
	orr x1, x1, x2
	msr sctlr_el1, x1
	isb
	adrp x1, vectors
	add x1, x1, :lo12:vectors
	msr vbar_el1, x1
	adrp x1, boot_stacks
	add x1, x1, :lo12:boot_stacks
	add x2, x0, #1
	mov x3, #STACK_BYTES
	madd x1, x2, x3, x1
	mov sp, x1
	mov x29, #0
	cbnz x0, 2f
	bl kernel_main
2:	bl kernel_secondary
3:	wfi
	b 3b

	.text
	.balign 2048
vectors:
	.rept 4				/* stack of EL0: never */
	.balign 128
	b sync
	.endr
	.balign 128
	b sync
	.balign 128
	b irq
	.rept 10
	.balign 128
	b sync
	.endr

sync:	mrs x0, esr_el1
	mrs x1, elr_el1
	mrs x2, far_el1
	bl arm_fault

/* Pairs of registers from x<first> on, at the stack. */
	.altmacro
	.macro pair op, n, m, at
	\op x\n, x\m, [sp, #\at]
	.endm
	.macro pairs op, first, nr
	.set i, 0
	.rept \nr
	pair \op, %(\first + i), %(\first + i + 1), %(i * 8)
	.set i, i + 2
	.endr
	.endm

irq:	sub sp, sp, #192
	pairs stp, 0, 10
	stp x29, x30, [sp, #160]
	mrs x0, elr_el1
	mrs x1, spsr_el1
	stp x0, x1, [sp, #176]
	bl arm_irq
	ldp x0, x1, [sp, #176]
	msr elr_el1, x0
	msr spsr_el1, x1
	pairs ldp, 0, 10
	ldp x29, x30, [sp, #160]
	add sp, sp, #192
	eret

	.globl arch_switch
arch_switch:
	sub sp, sp, #96
	pairs stp, 19, 6
	mov x2, sp
	str x2, [x0]
	mov sp, x1
	pairs ldp, 19, 6
	add sp, sp, #96
	ret

	.bss
	.balign 16384
table:	.skip 8 * BLOCKS

	.section .note.GNU-stack, "", @progbits
