/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * vfork() whose child may allocate.
 *
 * The child runs in its parent's memory and on its thread pointer, while the
 * parent's other threads go on; and it is another task, for which the kernel
 * has no rseq registration: it does not update the CPU number in the area that
 * parent and child share, and restarts nothing.  So the parent's registration
 * is ended before, when the kernel itself writes "no CPU", and renewed when the
 * parent is back.  The child then finds an area without a CPU, and its requests
 * are served as those of any thread that the kernel does not know.
 *
 * The child returns to the caller first, and what it does there may overwrite
 * the stack below the caller's frame: so nothing is kept on it.  The return
 * address and the result of linux_vfork_begin() stay in registers, which parent
 * and child do not share.  The child jumps back: a shadow stack, where there is
 * one, is shared.
 *
 * Nothing else is changed: posix_spawn(), system() and popen() clone by
 * themselves, and their child allocates nothing.
 */
#define _GNU_SOURCE 1

#include <errno.h>
#include <stdbool.h>

#include "lib/sanitized.h"
#include "port/linux/fork.h"
#include "port/port.h"

/* Sanitizers have a vfork() of their own. */
#if !SANITIZED && (defined(__x86_64__) || defined(__aarch64__))

long linux_vfork_begin(void) __attribute__((used));
int linux_vfork_end(long result, long left) __attribute__((used));

long linux_vfork_begin(void)
{
	/* once the child is there it could not tell itself from its parent */
	linux_core_start();
	port_pid();
	return linux_rseq_leave();
}

/* In the parent alone. */
int linux_vfork_end(long result, long left)
{
	if (left)
		linux_rseq_enter();
	if (result >= 0)
		return (int)result;
	errno = (int)-result;
	return -1;
}

/* clang-format off */
#if defined(__x86_64__)
__asm__(
"	.text\n"
"	.p2align 4\n"
"	.weak	vfork\n"
"	.type	vfork, @function\n"
"vfork:\n"
"	.cfi_startproc\n"
"	endbr64\n"
"	subq	$8, %rsp\n"
"	.cfi_adjust_cfa_offset 8\n"
"	call	linux_vfork_begin\n"
"	addq	$8, %rsp\n"
"	.cfi_adjust_cfa_offset -8\n"
"	movq	%rax, %rsi\n"
"	popq	%rdi\n"
"	.cfi_adjust_cfa_offset -8\n"
"	.cfi_register %rip, %rdi\n"
"	movl	$58, %eax\n"	/* SYS_vfork */
"	syscall\n"
"	testq	%rax, %rax\n"
"	jz	1f\n"
"	pushq	%rdi\n"
"	.cfi_adjust_cfa_offset 8\n"
"	.cfi_offset %rip, -8\n"
"	movq	%rax, %rdi\n"
"	subq	$8, %rsp\n"
"	.cfi_adjust_cfa_offset 8\n"
"	call	linux_vfork_end\n"
"	addq	$8, %rsp\n"
"	.cfi_adjust_cfa_offset -8\n"
"	ret\n"
"1:	jmp	*%rdi\n"
"	.cfi_endproc\n"
"	.size	vfork, . - vfork\n");
#else
__asm__(
"	.text\n"
"	.p2align 4\n"
"	.weak	vfork\n"
"	.type	vfork, %function\n"
"vfork:\n"
"	.cfi_startproc\n"
"	hint	#34\n"			/* bti c */
"	stp	x29, x30, [sp, #-16]!\n"
"	.cfi_adjust_cfa_offset 16\n"
"	.cfi_offset x30, -8\n"
"	bl	linux_vfork_begin\n"
"	ldp	x29, x30, [sp], #16\n"
"	.cfi_adjust_cfa_offset -16\n"
"	.cfi_restore x30\n"
"	mov	x9, x0\n"
"	mov	x0, #0x4111\n"		/* CLONE_VFORK | CLONE_VM | SIGCHLD */
"	mov	x1, #0\n"
"	mov	x8, #220\n"		/* SYS_clone */
"	svc	#0\n"
"	cbz	x0, 1f\n"
"	stp	x29, x30, [sp, #-16]!\n"
"	.cfi_adjust_cfa_offset 16\n"
"	.cfi_offset x30, -8\n"
"	mov	x1, x9\n"
"	bl	linux_vfork_end\n"
"	ldp	x29, x30, [sp], #16\n"
"	.cfi_adjust_cfa_offset -16\n"
"	.cfi_restore x30\n"
"1:	ret\n"
"	.cfi_endproc\n"
"	.size	vfork, . - vfork\n");
#endif
/* clang-format on */

#endif
