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
	.balign 4
trap:	addi sp, sp, -160
	sd ra, 0(sp)
	sd t0, 8(sp)
	sd t1, 16(sp)
	sd t2, 24(sp)
	sd a0, 32(sp)
	sd a1, 40(sp)
	sd a2, 48(sp)
	sd a3, 56(sp)
	sd a4, 64(sp)
	sd a5, 72(sp)
	sd a6, 80(sp)
	sd a7, 88(sp)
	sd t3, 96(sp)
	sd t4, 104(sp)
	sd t5, 112(sp)
	sd t6, 120(sp)
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
	ld ra, 0(sp)
	ld t0, 8(sp)
	ld t1, 16(sp)
	ld t2, 24(sp)
	ld a0, 32(sp)
	ld a1, 40(sp)
	ld a2, 48(sp)
	ld a3, 56(sp)
	ld a4, 64(sp)
	ld a5, 72(sp)
	ld a6, 80(sp)
	ld a7, 88(sp)
	ld t3, 96(sp)
	ld t4, 104(sp)
	ld t5, 112(sp)
	ld t6, 120(sp)
	addi sp, sp, 160
	sret

	.globl arch_switch
arch_switch:
	addi sp, sp, -112
	sd ra, 0(sp)
	sd s0, 8(sp)
	sd s1, 16(sp)
	sd s2, 24(sp)
	sd s3, 32(sp)
	sd s4, 40(sp)
	sd s5, 48(sp)
	sd s6, 56(sp)
	sd s7, 64(sp)
	sd s8, 72(sp)
	sd s9, 80(sp)
	sd s10, 88(sp)
	sd s11, 96(sp)
	sd sp, (a0)
	mv sp, a1
	ld ra, 0(sp)
	ld s0, 8(sp)
	ld s1, 16(sp)
	ld s2, 24(sp)
	ld s3, 32(sp)
	ld s4, 40(sp)
	ld s5, 48(sp)
	ld s6, 56(sp)
	ld s7, 64(sp)
	ld s8, 72(sp)
	ld s9, 80(sp)
	ld s10, 88(sp)
	ld s11, 96(sp)
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
