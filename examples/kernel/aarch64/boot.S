/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * From the loader (EL1, no MMU) to C, the other CPUs' way there, and the
 * vectors.  Memory is mapped where it is.
 */
#define STACK_BYTES 32768

	.section .head, "ax"
	.globl start32, secondary
start32:
	/* the first GiB is devices, the next ones are memory */
	adrp x1, table
	mov x2, #0x401			/* block, access flag, device */
	movk x2, #0x60, lsl #48		/* never executed */
	str x2, [x1]
	mov x2, #0x705			/* block, shared, normal memory */
	mov x3, #1
1:	orr x4, x2, x3, lsl #30
	str x4, [x1, x3, lsl #3]
	add x3, x3, #1
	cmp x3, #64
	b.ne 1b
	mov x0, #0
	/* each CPU, its number in x0 */
secondary:
	mov x1, #0xff00			/* attributes: 0 device, 1 normal */
	msr mair_el1, x1
	ldr x1, =0x500803519		/* 39 bits, 4 KiB, cached walks */
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

irq:	sub sp, sp, #272
	stp x0, x1, [sp]
	stp x2, x3, [sp, #16]
	stp x4, x5, [sp, #32]
	stp x6, x7, [sp, #48]
	stp x8, x9, [sp, #64]
	stp x10, x11, [sp, #80]
	stp x12, x13, [sp, #96]
	stp x14, x15, [sp, #112]
	stp x16, x17, [sp, #128]
	stp x18, x19, [sp, #144]
	stp x29, x30, [sp, #160]
	mrs x0, elr_el1
	mrs x1, spsr_el1
	stp x0, x1, [sp, #176]
	bl arm_irq
	ldp x0, x1, [sp, #176]
	msr elr_el1, x0
	msr spsr_el1, x1
	ldp x0, x1, [sp]
	ldp x2, x3, [sp, #16]
	ldp x4, x5, [sp, #32]
	ldp x6, x7, [sp, #48]
	ldp x8, x9, [sp, #64]
	ldp x10, x11, [sp, #80]
	ldp x12, x13, [sp, #96]
	ldp x14, x15, [sp, #112]
	ldp x16, x17, [sp, #128]
	ldp x18, x19, [sp, #144]
	ldp x29, x30, [sp, #160]
	add sp, sp, #272
	eret

	.globl arch_switch, first_turn
arch_switch:
	sub sp, sp, #96
	stp x19, x20, [sp]
	stp x21, x22, [sp, #16]
	stp x23, x24, [sp, #32]
	stp x25, x26, [sp, #48]
	stp x27, x28, [sp, #64]
	stp x29, x30, [sp, #80]
	mov x2, sp
	str x2, [x0]
	mov sp, x1
	ldp x19, x20, [sp]
	ldp x21, x22, [sp, #16]
	ldp x23, x24, [sp, #32]
	ldp x25, x26, [sp, #48]
	ldp x27, x28, [sp, #64]
	ldp x29, x30, [sp, #80]
	add sp, sp, #96
	ret

	.bss
	.balign 4096
table:	.skip 4096

	.section .note.GNU-stack, "", @progbits
