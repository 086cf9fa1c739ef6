/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The sequences for x86-64; <kmem/sequence.h> includes it.
 *
 * Labels: 771 the descriptor, 772 the first instruction inside, 773 the one
 * after the commit, 774 the abort handler, 775 where everything starts again.
 * Between 772 and 773 nothing may be called and no system call made; what is
 * written there before the commit must be junk to all others.
 *
 * The commit stores what a register holds.  Adding to memory would save an
 * instruction, but a word that is loaded, and loaded again to be added to,
 * reaches the next sequence after four cycles on Intel, and one that is loaded
 * once and stored after one: a pair of calls took half as long again.
 *
 * The signature in front of the abort handler is what glibc registers, dressed
 * as an instruction that no program executes.
 */
#ifndef _KMEM_SEQUENCE_H
#include <kmem/sequence.h>
#endif

#if KMEM_RSEQ && defined(__x86_64__) && !defined(_KMEM_SEQUENCE_MACHINE_H)
#define _KMEM_SEQUENCE_MACHINE_H

/* clang-format off */

/*
 * struct rseq_cs: version, flags, start, length to the commit, abort.
 * "?": it goes where its function goes, when a linker keeps one of many copies
 * of an inline function of C++.
 */
#define KMEM_SEQ_TABLE                                                  \
	".pushsection __rseq_cs, \"aw?\"\n\t"                            \
	".balign 32\n"                                                   \
	"771:\t.long 0, 0\n\t"                                           \
	".quad 772f, 773f - 772f, 774f\n\t"                              \
	".popsection\n\t"                                                \
	".pushsection .text.kmem_abort, \"ax?\"\n\t"                     \
	".byte 0x0f, 0xb9, 0x3d\n\t"                                     \
	".long 0x53053053\n"                                             \
	"774:\tjmp 775f\n\t"                                             \
	".popsection\n"

/*
 * The library has its own copy of kmem_rseq_1, without a detour, and knows
 * the address of the sentinel: loads are what a sequence's time goes into.
 */
#if defined(KMEM_SEQ_AREA)
#define KMEM_SEQ_AT [at] "m"(KMEM_SEQ_AREA)
#define KMEM_SEQ_STANDIN "leaq " KMEM_SEQ_STANDIN_SYMBOL "(%%rip), %[area]\n\t"
#else
#define KMEM_SEQ_AT [at] "m"(kmem_rseq_1)
#define KMEM_SEQ_STANDIN "movq %[standin], %[area]\n\t"
#endif

/* area: from the thread pointer to the kernel's area; tells it of the table */
#define KMEM_SEQ_BEGIN                                                  \
	KMEM_SEQ_TABLE                                                   \
	"775:\tmovq %[at], %[area]\n\t"                                 \
	"leaq 771b(%%rip), %[slot]\n\t"                                  \
	"movq %[slot], %%fs:" KMEM_SEQ_CS "(%[area])\n"                  \
	"772:\n\t"                                                       \
	KMEM_SEQ_INJECT

/* slot: this CPU's slot of the column */
#define KMEM_SEQ_SLOT                                                   \
	"movslq %%fs:" KMEM_SEQ_CPU_ID "(%[area]), %[slot]\n\t"          \
	KMEM_SEQ_INJECT                                                  \
	"shlq $16, %[slot]\n\t"                                          \
	"addq %[column], %[slot]\n\t"                                    \
	KMEM_SEQ_INJECT

/* clang-format on */

#if KMEM_SEQ_SHIFT != 16
#error "KMEM_SEQ_SLOT"
#endif

/* An object off main; NULL: there is none, or no sheaf. */
KMEM_SEQ_FN void *kmem_seq_pop(const struct kmem_seq *p)
{
	uintptr_t area, slot, top, obj;

	__asm__ volatile goto(
		KMEM_SEQ_BEGIN KMEM_SEQ_SLOT
		"movq (%[slot]), %[top]\n\t" KMEM_SEQ_INJECT KMEM_SEQ_STANDIN
		"subq $8, %[top]\n\t"
		"movq (%[area], %[top]), %[obj]\n\t" KMEM_SEQ_INJECT
		"testq %[obj], %[obj]\n\t"
		"je %l[none]\n\t"
		"movq %[top], (%[slot])\n"
		"773:\n"
		: [area] "=&r"(area), [slot] "=&r"(slot), [top] "=&r"(top),
		  [obj] "=&a"(obj)
		: KMEM_SEQ_AT, [column] "m"(p->column), [standin] "m"(p->standin)
		: "memory", "cc" KMEM_SEQ_INJECT_CLOBBER
		: none);
	if (!obj)
		__builtin_unreachable();
	return (void *)obj;
none:
	return NULL;
}

/* Puts an object onto main; false: it is full, or there is no sheaf. */
KMEM_SEQ_FN bool kmem_seq_push(const struct kmem_seq *p, void *obj)
{
	uintptr_t area, slot, top;

	__asm__ volatile goto(
		KMEM_SEQ_BEGIN KMEM_SEQ_SLOT
		"movq (%[slot]), %[top]\n\t" KMEM_SEQ_INJECT
		"testl %k[top], %[mask]\n\t"
		"je %l[full]\n\t" KMEM_SEQ_STANDIN
		"movq %[obj], (%[area], %[top])\n\t" KMEM_SEQ_INJECT
		"addq $8, %[top]\n\t"
		"movq %[top], (%[slot])\n"
		"773:\n"
		: [area] "=&r"(area), [slot] "=&r"(slot), [top] "=&r"(top)
		: KMEM_SEQ_AT, [column] "m"(p->column),
		  [standin] "m"(p->standin), [mask] "m"(p->mask), [obj] "r"(obj)
		: "memory", "cc" KMEM_SEQ_INJECT_CLOBBER
		: full);
	return true;
full:
	return false;
}

#endif
