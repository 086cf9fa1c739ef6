/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * From the PVH entry (32 bits, no paging) to C, the other CPUs' way there, and
 * the entries of interrupts.  All memory is mapped twice, at 0 and at DIRECT.
 */
#define CODE32 0x08
#define DATA 0x10
#define CODE64 0x18
#define TRAMPOLINE 0x8000
#define STACK_BYTES 32768

	.section .note.pvh, "a", @note
	.long 4, 4, 18			/* XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz "Xen"
	.long start32

	.section .head, "ax"
	.code32
	.globl start32
start32:
	cli
	cld
	movl %ebx, pvh_info
	/* 64 entries of 1 GiB each, and what points to them */
	movl $pdpt, %edi
	movl $0x183, %eax
	xorl %edx, %edx
	movl $64, %ecx
1:	movl %eax, (%edi)
	movl %edx, 4(%edi)
	addl $8, %edi
	addl $0x40000000, %eax
	adcl $0, %edx
	loop 1b
	movl $pdpt + 3, pml4
	movl $pdpt + 3, pml4 + 256 * 8
	lgdt gdtr
	xorl %ebp, %ebp			/* the first CPU is 0 */
	ljmp $CODE32, $paging

/* Each CPU, its number in ebp. */
paging:
	movl $DATA, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	movl $pml4, %eax
	movl %eax, %cr3
	movl $0x6a0, %eax		/* PAE, PGE, OSFXSR, OSXMMEXCPT */
	movl %eax, %cr4
	movl $0xc0000080, %ecx
	rdmsr
	orl $0x100, %eax		/* EFER.LME */
	wrmsr
	movl $0x80010033, %eax		/* PG, WP, NE, ET, MP, PE */
	movl %eax, %cr0
	ljmp $CODE64, $long_mode

	.code64
long_mode:
	movl %ebp, %edi
	leal 1(%rdi), %eax
	imull $STACK_BYTES, %eax
	leaq boot_stacks(%rax), %rsp
	xorl %ebp, %ebp
	testl %edi, %edi
	jnz 1f
	call kernel_main
1:	call kernel_secondary
2:	hlt
	jmp 2b

/* Copied to TRAMPOLINE, where the other CPUs begin in 16 bits. */
	.globl trampoline, trampoline_end
	.code16
trampoline:
	cli
	xorw %ax, %ax
	movw %ax, %ds
	lgdtl TRAMPOLINE + (low_gdtr - trampoline)
	movl %cr0, %eax
	orl $1, %eax
	movl %eax, %cr0
	ljmpl $CODE32, $others
low_gdtr:
	.word gdt_end - gdt - 1
	.long gdt
trampoline_end:

	.code32
others:
	movl $DATA, %eax
	movl %eax, %ds
	movl $1, %ebp
	lock xaddl %ebp, next_cpu
	jmp paging

	.balign 8
gdt:
	.quad 0
	.quad 0x00cf9b000000ffff
	.quad 0x00cf93000000ffff
	.quad 0x00af9b000000ffff
gdt_end:
gdtr:
	.word gdt_end - gdt - 1
	.long gdt
next_cpu:
	.long 1
	.globl pvh_info
pvh_info:
	.long 0

	.code64
	.text
/* Vector i: an error code, or 0, and i are on the stack of the trap. */
	.balign 16
	.globl vectors
vectors:
	.set i, 0
	.rept 64
	.balign 16
	.if i != 8 && (i < 10 || i > 14) && i != 17
	pushq $0
	.endif
	pushq $i
	jmp trap
	.set i, i + 1
	.endr

	.macro each op, regs:vararg
	.irp reg, \regs
	\op %\reg
	.endr
	.endm

trap:	each pushq, rax, rcx, rdx, rbx, rbp, rsi, rdi, r8, r9, r10, r11
	each pushq, r12, r13, r14, r15
	cld
	movq %rsp, %rdi
	movq %rsp, %rbp
	andq $-16, %rsp
	call x86_trap
	movq %rbp, %rsp
	each popq, r15, r14, r13, r12
	each popq, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax
	addq $16, %rsp
	iretq

	.globl arch_switch
arch_switch:
	each pushq, rbx, rbp, r12, r13, r14, r15
	movq %rsp, (%rdi)
	movq %rsi, %rsp
	each popq, r15, r14, r13, r12, rbp, rbx
	ret

	.bss
	.balign 4096
	.globl pml4
pml4:	.skip 4096
pdpt:	.skip 4096

	.section .note.GNU-stack, "", @progbits
