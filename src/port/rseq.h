/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The sequences of <kmem/sequence.h> as the core uses them, with points at
 * which a test build spends time.
 *
 * A build with KMEM_INJECT=1 runs an empty loop of pcs_inject_spins rounds at
 * each such point, so that a sequence of nanoseconds lasts as long as a time
 * slice and is cut at every step of it.  Nothing may be called there: a system
 * call inside a sequence is an error to the kernel.
 */
#ifndef PORT_RSEQ_H
#define PORT_RSEQ_H

#include <stdint.h>

#ifndef KMEM_INJECT
#define KMEM_INJECT 0
#endif

#if KMEM_INJECT
extern volatile uint32_t pcs_inject_spins __attribute__((visibility("hidden")));

#if defined(__x86_64__)
#define KMEM_SEQ_INJECT                            \
	"movl pcs_inject_spins(%%rip), %%r11d\n\t" \
	"779:\tsubl $1, %%r11d\n\t"                \
	"jns 779b\n\t"
#define KMEM_SEQ_INJECT_CLOBBER , "r11"
#elif defined(__aarch64__)
#define KMEM_SEQ_INJECT                              \
	"adrp x11, pcs_inject_spins\n\t"             \
	"ldr w11, [x11, :lo12:pcs_inject_spins]\n\t" \
	"779:\tsubs w11, w11, #1\n\t"                \
	"b.pl 779b\n\t"
#define KMEM_SEQ_INJECT_CLOBBER , "x11"
#endif
#endif

#define KMEM_SEQ_AREA pcs_rseq_area
#define KMEM_SEQ_STANDIN_SYMBOL "pcs_standin_words + 4096"
extern int64_t pcs_rseq_area __attribute__((visibility("hidden")));

#include <kmem/sequence.h>

#endif
