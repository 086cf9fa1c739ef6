/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Libraries that are opened with RTLD_DEEPBIND.
 *
 * Such a library finds malloc() in the libc that it depends on before it finds
 * the front's, while the program has the front's: each then frees blocks of the
 * other.  So dlopen() and dlmopen() are interposed, the flag is cleared, and
 * the library is loaded as any other.
 *
 * libc takes the return address for the caller, which decides where it looks
 * for the library (RUNPATH, $ORIGIN) and in which namespace: so these jump to
 * libc and do not call it, with all registers as they were.
 */
#include "front/front.h"

#include <dlfcn.h>

#if RTLD_DEEPBIND != 8
#error "the assembler below"
#endif

#if defined(__x86_64__) || defined(__aarch64__)

/* libc's, by which of the two; NULL until the first call. */
void *dlopen_next[2] __attribute__((visibility("hidden")));
void *dlopen_find(unsigned int which) __attribute__((visibility("hidden")));

/* Threads that come at once find the same. */
void *dlopen_find(unsigned int which)
{
	void *fn = dlsym(RTLD_NEXT, which ? "dlmopen" : "dlopen");

	__atomic_store_n(&dlopen_next[which], fn, __ATOMIC_RELAXED);
	return fn;
}

/* Without a libc's dlopen() the result is NULL. */
/* clang-format off */
#if defined(__x86_64__)
#define GO_ON(name, which, mode)                                          \
	__asm__(".pushsection .text." name ", \"ax\", @progbits\n\t"      \
		".globl " name "\n\t"                                     \
		".type " name ", @function\n"                             \
		name ":\n\t"                                              \
		".cfi_startproc\n\t"                                      \
		"endbr64\n\t"                                             \
		"andl $~8, %" mode "\n\t"                                 \
		"movq dlopen_next+8*" which "(%rip), %rax\n\t"            \
		"testq %rax, %rax\n\t"                                    \
		"jne 1f\n\t"                                              \
		"pushq %rdi\n\t"                                          \
		".cfi_adjust_cfa_offset 8\n\t"                            \
		"pushq %rsi\n\t"                                          \
		".cfi_adjust_cfa_offset 8\n\t"                            \
		"pushq %rdx\n\t"                                          \
		".cfi_adjust_cfa_offset 8\n\t"                            \
		"movl $" which ", %edi\n\t"                               \
		"call dlopen_find\n\t"                                    \
		"popq %rdx\n\t"                                           \
		".cfi_adjust_cfa_offset -8\n\t"                           \
		"popq %rsi\n\t"                                           \
		".cfi_adjust_cfa_offset -8\n\t"                           \
		"popq %rdi\n\t"                                           \
		".cfi_adjust_cfa_offset -8\n\t"                           \
		"testq %rax, %rax\n\t"                                    \
		"je 2f\n"                                                 \
		"1:\tjmp *%rax\n"                                         \
		"2:\tret\n\t"                                             \
		".cfi_endproc\n\t"                                        \
		".size " name ", .-" name "\n\t"                          \
		".popsection")

GO_ON("dlopen", "0", "esi");
GO_ON("dlmopen", "1", "edx");
#else
#define GO_ON(name, which, mode)                                          \
	__asm__(".pushsection .text." name ", \"ax\", @progbits\n\t"      \
		".globl " name "\n\t"                                     \
		".type " name ", @function\n"                             \
		name ":\n\t"                                              \
		".cfi_startproc\n\t"                                      \
		"hint #34\n\t"                                            \
		"and " mode ", " mode ", #~8\n\t"                         \
		"adrp x16, dlopen_next+8*" which "\n\t"                   \
		"ldr x16, [x16, :lo12:dlopen_next+8*" which "]\n\t"       \
		"cbnz x16, 1f\n\t"                                        \
		"stp x29, x30, [sp, #-48]!\n\t"                           \
		".cfi_def_cfa_offset 48\n\t"                              \
		".cfi_offset x29, -48\n\t"                                \
		".cfi_offset x30, -40\n\t"                                \
		"stp x0, x1, [sp, #16]\n\t"                               \
		"str x2, [sp, #32]\n\t"                                   \
		"mov w0, #" which "\n\t"                                  \
		"bl dlopen_find\n\t"                                      \
		"mov x16, x0\n\t"                                         \
		"ldp x0, x1, [sp, #16]\n\t"                               \
		"ldr x2, [sp, #32]\n\t"                                   \
		"ldp x29, x30, [sp], #48\n\t"                             \
		".cfi_restore x29\n\t"                                    \
		".cfi_restore x30\n\t"                                    \
		".cfi_def_cfa_offset 0\n\t"                               \
		"cbz x16, 2f\n"                                           \
		"1:\tbr x16\n"                                            \
		"2:\tmov x0, #0\n\t"                                      \
		"ret\n\t"                                                 \
		".cfi_endproc\n\t"                                        \
		".size " name ", .-" name "\n\t"                          \
		".popsection")

GO_ON("dlopen", "0", "w1");
GO_ON("dlmopen", "1", "w2");
#endif
/* clang-format on */

#endif
