/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * From OpenSBI (S mode, a0 the hart, a1 the device tree) to C, the other harts'
 * way there, and the trap.  Memory is where it is: there is no paging at all.
 */
#define STACK_BYTES 32768

	.section .head, "ax"
	.globl start32, secondary
start32:
	la t0, boot_hart
	sd a0, (t0)
	la t0, device_tree
	sd a1, (t0)
	li a0, 0
	j 1f
	/* a1: the number of the CPU */
secondary:
	mv a0, a1
1:	la sp, boot_stacks
	li t0, STACK_BYTES
	addi t1, a0, 1
	mul t0, t0, t1
	add sp, sp, t0
	la t0, trap
	csrw stvec, t0
	csrw sscratch, zero
	li s0, 0
	bnez a0, 2f
	call kernel_main
2:	call kernel_secondary
3:	wfi
	j 3b

	.text
/* All of them at the stack, one after the other. */
	.macro each op, regs:vararg
	.set at, 0
	.irp reg, \regs
	\op \reg, at(sp)
	.set at, at + 8
	.endr
	.endm
	.macro of_caller op
	each \op, ra, t0, t1, t2, a0, a1, a2, a3, a4, a5, a6, a7, t3, t4, t5, t6
	.endm
	.macro of_callee op
	each \op, ra, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
	.endm

	.balign 4
trap:	addi sp, sp, -144
	of_caller sd
	csrr t0, sepc
	csrr t1, sstatus
	sd t0, 128(sp)
	sd t1, 136(sp)
	csrr a0, scause
	csrr a1, sepc
	csrr a2, stval
	call riscv_trap
	ld t0, 128(sp)
	ld t1, 136(sp)
	csrw sepc, t0
	csrw sstatus, t1
	of_caller ld
	addi sp, sp, 144
	sret

	.globl arch_switch
arch_switch:
	addi sp, sp, -112
	of_callee sd
	sd sp, (a0)
	mv sp, a1
	of_callee ld
	addi sp, sp, 112
	ret

	.data
	.balign 8
	.globl boot_hart, device_tree
boot_hart:
	.quad 0
device_tree:
	.quad 0

	.section .note.GNU-stack, "", @progbits
